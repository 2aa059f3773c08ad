//! `[[web.user]]`: the people of the console.

use uzhkh_ledger::config::Role;

use super::{LEAST, message, parse};

pub(crate) const HASH: &str = "$argon2id$v=19$m=64,t=1,p=1$dajv5jR96UF68eC4q9iunw$k3E6NV/BmgltFAVXov2XHoDCb8AQ1PIMH1BzmlQvmtA";

fn with(users: &str) -> String {
    format!("{LEAST}[web]\n{users}")
}

fn user(name: &str, role: &str) -> String {
    format!("[[web.user]]\nname = \"{name}\"\npassword_hash = \"{HASH}\"\nrole = \"{role}\"\n")
}

#[test]
fn users_have_a_name_a_hash_and_a_role() {
    let text = with(
        &[user("anna", "operator"), user("boris", "viewer"), user("vera", "auditor")].concat(),
    );
    let users = parse(&text).unwrap().web.unwrap().users;
    let known: Vec<_> = users.iter().map(|user| (user.name.as_str(), user.role)).collect();
    assert_eq!(known, [("anna", Role::Operator), ("boris", Role::Viewer), ("vera", Role::Auditor)]);
    assert!(!format!("{users:?}").contains("dajv5j"));
    assert!(parse(&with("")).unwrap().web.unwrap().users.is_empty());
}

#[test]
fn a_faulty_user_is_refused_with_its_line_and_without_the_hash() {
    let twice = message(&with(&[user("anna", "operator"), user("anna", "viewer")].concat()));
    assert!(
        twice.contains("config.toml:10: web.user.anna.name") && twice.contains("earlier user"),
        "{twice}"
    );
    let role = message(&with(&user("anna", "boss")));
    assert!(role.contains("\"operator\"") && role.contains("role"), "{role}");
    let missing = message(&with("[[web.user]]\nname = \"anna\"\n"));
    assert!(
        missing.contains("password_hash: is missing") && missing.contains("role: is missing"),
        "{missing}"
    );
    let plain = message(&with(&user("anna", "viewer").replace(HASH, "geheim")));
    assert!(plain.contains("uzhkh-ledger web password") && !plain.contains("geheim"), "{plain}");
    let name = message(&with(&user("anna ivanova", "viewer")));
    assert!(name.contains("name: must be at most 64 letters"), "{name}");
}
