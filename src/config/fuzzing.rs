//! What must hold of any text in the place of the config.

use std::path::Path;

use secrecy::ExposeSecret;

use super::{Config, Environment, Resolved};

/// The least secret that cannot stand in a message by chance.
const LEAST: usize = 12;

/// Every fault is told with a line that is there; what is right shows no secret of its own.
pub(crate) fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // Files are not looked for: which there are is the machine's business.
    if text.contains("_file") {
        return;
    }
    match Config::parse(text, Path::new("config.toml"), &Environment::new()) {
        Ok(config) => assert_silent(text, &config),
        Err(error) => {
            let lines = text.split('\n').count();
            let faults = error.faults();
            assert!(!faults.is_empty());
            for fault in faults {
                assert!((1..=lines).contains(&fault.line), "{fault} of {lines}");
                assert!(!fault.to_string().trim().is_empty());
            }
        }
    }
}

fn assert_silent(text: &str, config: &Config) {
    let shown = format!("{config:?}");
    let tokens = config.web.iter().flat_map(|web| &web.tokens).map(|token| &token.token);
    let system = config.uzhkh.iter().map(|uzhkh| &uzhkh.token);
    for secret in system.chain(tokens).filter_map(Resolved::get) {
        let secret = secret.expose_secret();
        let is_once = text.matches(secret).count() == 1;
        assert!(secret.len() < LEAST || !is_once || !shown.contains(secret), "a secret is shown");
    }
}
