//! TLS by rustls: the certificate and the key of `[web]`.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config;

/// Why TLS cannot be spoken. Holds no secret.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// `web.tls_certificate` cannot be used.
    #[error("web.tls_certificate: {}: {problem}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// `web.tls_key` cannot be used.
    #[error("web.tls_key: {}: {problem}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The two do not belong together.
    #[error(
        "web.tls_key is not the key of web.tls_certificate, or of a kind that is not known: {0}"
    )]
    Pair(#[source] rustls::Error),
}

/// Reads the two files.
///
/// # Errors
/// One cannot be read, or they do not belong together.
pub(super) fn load(tls: &config::Tls) -> Result<Arc<ServerConfig>, TlsError> {
    let certificate =
        |problem: String| TlsError::Certificate { path: tls.certificate.clone(), problem };
    let certificates = CertificateDer::pem_file_iter(&tls.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| certificate(error.to_string()))?;
    if certificates.is_empty() {
        return Err(certificate("holds no PEM certificate".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|error| TlsError::Key {
        path: tls.key.clone(),
        // Its words do not quote the file.
        problem: error.to_string(),
    })?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
