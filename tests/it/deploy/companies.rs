//! A user for each company, as `docs/install.md` makes one.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::notify::unit;
use super::package::is_root;
use crate::support::tool;

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/install.md")).unwrap()
}

#[test]
fn the_page_s_command_makes_the_user_that_its_drop_in_names() {
    let page = page();
    let drop_in: Vec<&str> = page
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("User=") || line.starts_with("Group="))
        .collect();
    assert_eq!(drop_in, ["User=uzhkh-ledger-%i", "Group=uzhkh-ledger-%i"]);
    // It replaces what the unit has.
    let instance = unit("uzhkh-ledger@.service");
    assert!(instance.contains_key("User") && instance.contains_key("Group"));
    if !is_root() {
        return;
    }
    let Some(mut sysusers) = tool("systemd-sysusers") else { return };
    let line = page.lines().find(|line| line.contains("systemd-sysusers --inline")).unwrap();
    let (_, user) = line.trim_end_matches('\'').split_once('\'').unwrap();
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("etc")).unwrap();
    let made = sysusers.arg("--root").arg(root.path()).args(["--inline", user]).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    for file in ["passwd", "group"] {
        let known = fs::read_to_string(root.path().join("etc").join(file)).unwrap();
        assert!(known.starts_with("uzhkh-ledger-acme:"), "{file}: {known}");
    }
}

#[test]
fn the_page_s_drop_in_suits_the_unit() {
    let Some(_) = tool("systemd-analyze") else { return };
    let page = page();
    let (_, after) = page.split_once("for all instances").unwrap();
    let lines = after.lines().skip_while(|line| !line.starts_with("    ["));
    let lines: Vec<&str> =
        lines.take_while(|line| line.starts_with("    ")).map(str::trim).collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    let units = tempfile::tempdir().unwrap();
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/uzhkh-ledger@.service");
    let text = fs::read_to_string(deploy).unwrap().replace("/usr/bin/uzhkh-ledger", "/bin/true");
    fs::write(units.path().join("uzhkh-ledger@acme.service"), text).unwrap();
    let drop_ins = units.path().join("uzhkh-ledger@acme.service.d");
    fs::create_dir(&drop_ins).unwrap();
    fs::write(drop_ins.join("user.conf"), lines.join("\n")).unwrap();
    let verified = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .arg(units.path().join("uzhkh-ledger@acme.service"))
        .output()
        .unwrap();
    assert!(verified.status.success(), "{verified:?}");
    assert_eq!(String::from_utf8_lossy(&verified.stderr), "");
}
