//! TLS by rustls: the certificate and the key of `[web]`. Both are looked at now and then, so
//! that a certificate that was renewed on the disk is shown without a restart.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

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

/// How often the files are looked at.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What tells one state of a file from another; `None`: it cannot be looked at.
type Stamp = Option<(u64, u64, i64, i64, u64)>;

fn stamp(path: &Path) -> Stamp {
    let file = fs::metadata(path).ok()?;
    Some((file.dev(), file.ino(), file.mtime(), file.mtime_nsec(), file.len()))
}

fn stamps(tls: &config::Tls) -> [Stamp; 2] {
    [stamp(&tls.certificate), stamp(&tls.key)]
}

/// The certificate that is shown, and the files that it is of.
pub(super) struct Certificate {
    files: config::Tls,
    acceptor: TlsAcceptor,
    /// The files as they were when they were last read.
    seen: [Stamp; 2],
}

impl Certificate {
    /// Reads the two files.
    ///
    /// # Errors
    /// As of [`load`].
    pub(super) fn read(files: &config::Tls) -> Result<Self, TlsError> {
        // Before they are read: what is written meanwhile is read again.
        let seen = stamps(files);
        let acceptor = TlsAcceptor::from(load(files)?);
        Ok(Self { files: files.clone(), acceptor, seen })
    }

    /// What agrees on TLS with the next client.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }

    /// Looks at the files, and reads them where they were replaced. Of a pair that cannot be
    /// used, as while one of them is yet to be written, the one before is kept.
    pub(super) fn renew(&mut self) {
        let now = stamps(&self.files);
        if now == self.seen {
            return;
        }
        self.seen = now;
        match load(&self.files) {
            Ok(config) => {
                self.acceptor = TlsAcceptor::from(config);
                tracing::info!("the certificate of [web] was read anew");
            }
            Err(error) => tracing::warn!(
                %error,
                "the certificate of [web] was replaced and cannot be used; the one before is kept"
            ),
        }
    }
}

/// A file without the byte order mark with which editors of Windows begin a text: a line behind one
/// begins no PEM.
fn without_mark(pem: &[u8]) -> &[u8] {
    pem.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(pem)
}

/// What is wrong with a PEM file. The library's own words quote the line that it stumbles over, and in
/// a file that has lost its line breaks that is the key.
fn words(error: &pem::Error) -> String {
    match error {
        pem::Error::MissingSectionEnd { .. } | pem::Error::IllegalSectionStart { .. } => {
            "a PEM block has no end: -----BEGIN and -----END each begin a line".to_owned()
        }
        error => error.to_string(),
    }
}

/// Reads the two files.
///
/// # Errors
/// One cannot be read, or they do not belong together.
pub(super) fn load(tls: &config::Tls) -> Result<Arc<ServerConfig>, TlsError> {
    let certificate =
        |problem: String| TlsError::Certificate { path: tls.certificate.clone(), problem };
    let key = |problem: String| TlsError::Key { path: tls.key.clone(), problem };
    let pem = fs::read(&tls.certificate).map_err(|error| certificate(error.to_string()))?;
    let certificates = CertificateDer::pem_slice_iter(without_mark(&pem))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| certificate(words(&error)))?;
    if certificates.is_empty() {
        return Err(certificate("holds no PEM certificate".to_owned()));
    }
    let pem = fs::read(&tls.key).map_err(|error| key(error.to_string()))?;
    let key =
        PrivateKeyDer::from_pem_slice(without_mark(&pem)).map_err(|error| key(words(&error)))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
