//! TLS for real, with a certificate of a CA of its own.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use reqwest::Certificate;
use tempfile::TempDir;

use super::served::{TOKENS, serve_with};
use crate::support::{http_client, nowhere, secrets, setup, wait_until};

/// A certificate for this machine: its files and the CA's PEM.
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
    ca: String,
}

fn pair(dir: &Path) -> Pair {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = ca.self_signed(&ca_key).unwrap().pem();
    let own = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let signed = params.signed_by(&own, &Issuer::from_params(&ca, &ca_key)).unwrap();
    let (certificate, key) = (dir.join("tls.pem"), dir.join("tls.key"));
    fs::write(&certificate, signed.pem()).unwrap();
    fs::write(&key, own.serialize_pem()).unwrap();
    Pair { certificate, key, ca: pem }
}

fn lines(certificate: &Path, key: &Path) -> String {
    format!("tls_certificate = {certificate:?}\ntls_key = {key:?}\n")
}

#[test]
fn what_is_said_is_encrypted() {
    let dir = TempDir::new().unwrap();
    let pair = pair(dir.path());
    let served = serve_with(setup(), &lines(&pair.certificate, &pair.key));
    let ca = Certificate::from_pem(pair.ca.as_bytes()).unwrap();
    // Not every machine has the name.
    let here = http_client().resolve("localhost", served.address);
    let trusting = here.tls_certs_only([ca]).build().unwrap();
    let url = format!("https://localhost:{}/api/v1/status", served.address.port());
    let asked = trusting.get(&url).bearer_auth(secrets::web_token("bi")).send();
    let answer = served.bench.runtime.block_on(asked).unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.version(), reqwest::Version::HTTP_11);
    let status: serde_json::Value =
        serde_json::from_slice(&served.bench.runtime.block_on(answer.bytes()).unwrap()).unwrap();
    assert_eq!(status["web"]["tls"], true);
    // Who speaks no TLS is told nothing, and disturbs none.
    let mut plain = served.begin_get("/api/v1/status");
    let mut told = Vec::new();
    // A connection that is reset has told nothing either.
    drop(std::io::Read::read_to_end(&mut plain, &mut told));
    assert!(!told.starts_with(b"HTTP"), "{told:?}");
    let again = trusting.get(&url).bearer_auth("none").send();
    assert_eq!(served.bench.runtime.block_on(again).unwrap().status(), 401);
    served.stop();
}

#[test]
fn a_certificate_that_cannot_be_used_is_the_configs_fault() {
    let dir = TempDir::new().unwrap();
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    fs::create_dir(&one).unwrap();
    fs::create_dir(&two).unwrap();
    let (one, two) = (pair(&one), pair(&two));
    let section = format!("[web]\nlisten = \"{}\"\n", nowhere());
    for (files, problem) in [
        (lines(&one.certificate, &two.key), "web.tls_key is not the key of web.tls_certificate"),
        (lines(&one.key, &one.key), "web.tls_certificate: "),
    ] {
        let bench = setup().section(&format!("{section}{files}{TOKENS}")).start();
        for arguments in [&["check", "--offline"][..], &["run"]] {
            let ended = bench.run(arguments);
            assert_eq!(ended.code, Some(78), "{arguments:?}: {}", ended.stderr);
            assert!(ended.stderr.contains(problem), "{}", ended.stderr);
        }
    }
}

/// As one is that was pasted: what cannot be read in it is all of it.
#[test]
fn a_key_without_its_line_breaks_is_not_quoted() {
    let dir = TempDir::new().unwrap();
    let pair = pair(dir.path());
    let key = fs::read_to_string(&pair.key).unwrap();
    fs::write(&pair.key, key.lines().collect::<String>()).unwrap();
    let secret = key.lines().nth(1).unwrap();
    let bytes: Vec<String> = secret.bytes().take(8).map(|byte| byte.to_string()).collect();
    let section = format!("[web]\nlisten = \"{}\"\n", nowhere());
    let files = lines(&pair.certificate, &pair.key);
    let bench = setup().section(&format!("{section}{files}{TOKENS}")).start();
    for arguments in [&["check", "--offline"][..], &["run"]] {
        let ended = bench.run(arguments);
        assert_eq!(ended.code, Some(78), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("web.tls_key: "), "{}", ended.stderr);
        assert!(ended.stderr.contains("a PEM block has no end"), "{}", ended.stderr);
        let is_quoted = |part: &str| ended.stderr.contains(part);
        assert!(!is_quoted(secret) && !is_quoted(&bytes.join(", ")), "{}", ended.stderr);
    }
}

#[test]
fn a_certificate_that_was_renewed_is_shown_without_a_restart() {
    let dir = TempDir::new().unwrap();
    let first = pair(dir.path());
    let served = serve_with(setup(), &lines(&first.certificate, &first.key));
    let url = format!("https://localhost:{}/api/v1/status", served.address.port());
    // Another client each time: a connection that is kept shows no certificate.
    let is_trusted = |ca: &str| {
        let ca = Certificate::from_pem(ca.as_bytes()).unwrap();
        let here = http_client().resolve("localhost", served.address);
        let client = here.tls_certs_only([ca]).build().unwrap();
        let asked = client.get(&url).bearer_auth(secrets::web_token("bi")).send();
        served.bench.runtime.block_on(asked).is_ok()
    };
    assert!(is_trusted(&first.ca));
    // A key that is not the certificate's: the pair from before is kept.
    let other = TempDir::new().unwrap();
    let second = pair(other.path());
    fs::copy(&second.key, &first.key).unwrap();
    let kept = "the certificate of [web] was replaced and cannot be used; the one before is kept";
    wait_until("the broken pair is told of", || served.daemon.log().contains(kept));
    assert!(is_trusted(&first.ca));
    let check = served.bench.run(&["check", "--offline"]);
    assert_eq!(check.code, Some(78), "{}", check.stderr);
    fs::rename(&second.certificate, &first.certificate).unwrap();
    wait_until("the new pair is shown", || is_trusted(&second.ca));
    assert!(!is_trusted(&first.ca));
    assert_eq!(served.daemon.log().matches(kept).count(), 1, "{}", served.daemon.log());
    served.stop();
}

#[test]
fn a_byte_order_mark_in_front_of_the_files_is_no_part_of_them() {
    let dir = TempDir::new().unwrap();
    let pair = pair(dir.path());
    for file in [&pair.certificate, &pair.key] {
        let text = fs::read_to_string(file).unwrap();
        fs::write(file, format!("\u{FEFF}{text}")).unwrap();
    }
    let served = serve_with(setup(), &lines(&pair.certificate, &pair.key));
    let ca = Certificate::from_pem(pair.ca.as_bytes()).unwrap();
    let here = http_client().resolve("localhost", served.address);
    let trusting = here.tls_certs_only([ca]).build().unwrap();
    let url = format!("https://localhost:{}/api/v1/status", served.address.port());
    let asked = trusting.get(&url).bearer_auth(secrets::web_token("bi")).send();
    assert_eq!(served.bench.runtime.block_on(asked).unwrap().status(), 200);
    served.stop();
}
