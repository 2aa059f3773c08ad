//! A handshake that fails is told once, in our words: the libraries' own quote the host.

use rustls::version::TLS13;

use crate::http::tls::serve;
use crate::support::setup;

#[test]
fn a_failed_handshake_is_no_error_of_a_library_in_the_log() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for (name, is_known, words) in [
        ("127.0.0.1", false, "of an unknown issuer"),
        ("other.test", true, "is for another host name"),
    ] {
        let (base_url, ca) = runtime.block_on(serve(&TLS13, name));
        let mut setup = setup().log("trace,rustls=trace,reqwest=trace");
        let dir = tempfile::tempdir().unwrap();
        if is_known {
            let path = dir.path().join("ca.pem");
            std::fs::write(&path, ca).unwrap();
            setup = setup.section(&format!("[http]\nca_file = {path:?}"));
        }
        let bench = setup.start();
        bench.write_config(&base_url);
        let ended = bench.fail();
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
        for quoted in ["127.0.0.1", "other.test", "s3cret", "rustls", "InvalidCertificate"] {
            assert!(!ended.stderr.contains(quoted), "{quoted}: {}", ended.stderr);
        }
    }
}
