//! TLS for real: a server with a certificate of a CA of its own.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use uzhkh_ledger::config::Http;
use uzhkh_ledger::http::{Deadline, Sent, Upstream};

use super::{CERTIFICATE, PAUSE, QUERY, RETRY, calm, words};

/// Starts a server of this name that speaks this version alone; its address, and its CA as PEM.
pub(crate) async fn serve(
    version: &'static SupportedProtocolVersion,
    name: &str,
) -> (String, String) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = ca.self_signed(&ca_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = own.signed_by(&key, &Issuer::from_params(&ca, &ca_key)).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/s3cret-base/", listener.local_addr().unwrap());
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // A client that does not trust us ends the handshake.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 4096];
            assert!(stream.read(&mut request).await.unwrap() > 0);
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]";
            stream.write_all(answer).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    (url, pem)
}

fn trusting(pem: &str, base: &str) -> Upstream {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ca.pem");
    std::fs::write(&path, pem).unwrap();
    let http = Http { ca_file: Some(path), ..calm() };
    Upstream::new("uzhkh", &base.parse().unwrap(), None, &http, &Deadline::none(), PAUSE).unwrap()
}

#[tokio::test]
async fn a_server_whose_ca_is_in_the_ca_file_is_trusted() {
    for version in [&TLS12, &TLS13] {
        let (base, ca) = serve(version, "127.0.0.1").await;
        let answer = trusting(&ca, &base).get("Requests", "x", QUERY).await.unwrap();
        assert_eq!(answer.status(), 200, "{version:?}");
    }
}

#[tokio::test]
async fn a_ca_file_with_a_byte_order_mark_was_no_pem() {
    let (base, ca) = serve(&TLS13, "127.0.0.1").await;
    let ca = format!("\u{FEFF}{ca}");
    let answer = trusting(&ca, &base).get("Requests", "x", QUERY).await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn a_server_of_an_unknown_issuer_is_sent_nothing() {
    let (base, _) = serve(&TLS13, "127.0.0.1").await;
    let error = trusting(CERTIFICATE, &base).get("Requests", "x", QUERY).await.unwrap_err();
    assert_eq!((error.class(), error.sent()), (RETRY, Sent::No));
    assert!(words(&error).contains("of an unknown issuer; http.ca_file can add one"), "{error}");
}
