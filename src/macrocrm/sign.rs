//! The signature of a request: `token = md5(domain + time + app_secret)`, lower-case
//! hex («API Передача ключей»).
//!
//! The signature covers the very texts that are sent, so all three parameters are made here
//! together: the domain as it is registered, neither lower-cased nor in Punycode,
//! and the time in seconds.

use jiff::Timestamp;
use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};

use crate::ledger::hex;

/// The credentials that requests are signed with.
pub(super) struct Signer {
    pub(super) domain: SecretString,
    pub(super) app_secret: SecretString,
}

impl Signer {
    /// `time`, `domain` and `token` of a request that is sent now.
    pub(super) fn sign(&self, now: Timestamp) -> [(&'static str, String); 3] {
        let time = now.as_second().to_string();
        let mut digest = Md5::new();
        let domain = self.domain.expose_secret();
        digest.update(domain);
        digest.update(&time);
        digest.update(self.app_secret.expose_secret());
        let token = hex(&digest.finalize());
        [("time", time), ("domain", domain.to_owned()), ("token", token)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(domain: &str, time: &str) -> [(&'static str, String); 3] {
        let signer = Signer { domain: domain.into(), app_secret: "s3cret".into() };
        signer.sign(time.parse().unwrap())
    }

    // printf '%s' 'вашсайт.рф1623717393s3cret' | md5sum
    #[test]
    fn the_token_is_the_md5_of_what_is_sent() {
        assert_eq!(
            signed("вашсайт.рф", "2021-06-15T00:36:33.987Z"),
            [
                ("time", "1623717393".to_owned()),
                ("domain", "вашсайт.рф".to_owned()),
                ("token", "eb1812f745a54325bb88a387539410b5".to_owned()),
            ]
        );
        assert_eq!(
            signed("example.ru", "1970-01-01T00:00:01Z")[2].1,
            "95ec5f5702d5a1af6fd59100a3ed3976"
        );
    }
}
