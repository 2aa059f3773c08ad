//! `[backup]`, and how long things are kept.

use std::path::Path;
use std::time::Duration;

use crate::config::{LEAST, parse};

/// The problems with this text put after a config that is right.
fn faults(text: &str) -> String {
    parse(&format!("{LEAST}{text}")).unwrap_err().to_string()
}

#[test]
fn a_folder_is_all_that_a_backup_needs() {
    let config = parse(&format!("{LEAST}[backup]\ndir = \"/srv/backup\"\n")).unwrap();
    let backup = config.backup.unwrap();
    assert_eq!(backup.dir, Path::new("/srv/backup"));
    assert_eq!((backup.schedule.as_str(), backup.keep), ("0 30 2 * * *", 14));
    assert!(parse(LEAST).unwrap().backup.is_none());
}

#[test]
fn a_backup_that_cannot_be_made_is_a_fault() {
    let told = faults("[backup]\nschedule = \"nightly\"\nkeep = 0\nfolder = \"/srv\"\n");
    for fault in ["backup.dir: is missing", "backup.schedule", "backup.keep", "backup.folder"] {
        assert!(told.contains(fault), "{fault}: {told}");
    }
}

#[test]
fn things_are_kept_for_ever_or_for_a_week_at_least() {
    let ledger = parse(LEAST).unwrap().ledger;
    assert_eq!((ledger.keep_envelopes, ledger.keep_changes), (None, None));
    let with = |line: &str| parse(&format!("{LEAST}[ledger]\n{line}\n"));
    for (text, days) in [("7d", 7), ("365d", 365), ("3650days", 3650)] {
        let ledger = with(&format!("keep_changes = \"{text}\"")).unwrap().ledger;
        assert_eq!(ledger.keep_changes, Some(Duration::from_secs(days * 86_400)));
    }
    for wrong in ["\"6d\"", "\"0s\"", "\"200000d\"", "\"for ever\"", "30"] {
        let told = with(&format!("keep_envelopes = {wrong}")).unwrap_err().to_string();
        assert!(told.contains("ledger.keep_envelopes"), "{wrong}: {told}");
        assert!(told.contains("from \"7d\""), "{wrong}: {told}");
    }
}
