//! What stands on the disk after the power has gone.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use rusqlite::{Connection, params};
use simulator::Acknowledged;

use super::disk::{Disk, repaired};
use crate::support::process;

/// Looks for every entry that was acknowledged, byte for byte; answers how many entries the ledger
/// holds.
pub(super) fn holds(disk: &Disk, dir: &Path, acknowledged: &[Acknowledged]) -> i64 {
    let copy = dir.join("copy");
    fs::copy(&disk.image, &copy).unwrap();
    // As a boot does: the journal of the file system is played back, and no more is wrong.
    let code = repaired(&copy);
    assert!(matches!(code, Some(0 | 1)), "the file system is broken: {code:?}");
    for name in ["ledger.db", "ledger.db-wal"] {
        drop(fs::remove_file(dir.join(name)));
        let request = format!("dump /{name} {}", dir.join(name).display());
        let dumped = Command::new("debugfs")
            .args(["-R", &request])
            .arg(&copy)
            .stderr(Stdio::null())
            .status();
        assert!(dumped.unwrap().success());
    }
    drop(fs::remove_file(dir.join("ledger.db-shm")));
    let ledger = Connection::open(dir.join("ledger.db")).unwrap();
    let sound: String = ledger.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    if acknowledged.is_empty() {
        return 0;
    }
    let mut held = ledger
        .prepare(
            "SELECT 1 FROM envelope WHERE queue = ?1 AND guid = ?2 AND CAST(body AS BLOB) = ?3",
        )
        .unwrap();
    for item in acknowledged {
        let is_held = held.exists(params![item.queue, item.guid, &item.body[..]]).unwrap();
        assert!(is_held, "acknowledged and lost: {} {}", item.queue, item.guid);
    }
    ledger.query_row("SELECT count(*) FROM envelope", [], |row| row.get(0)).unwrap()
}

/// `verify` finds every promise kept in the ledger that was read last.
pub(super) fn is_sound(dir: &Path) {
    let config = dir.join("verify.toml");
    let text = format!(
        "[ledger]\npath = {:?}\n[uzhkh]\nbase_url = \"http://127.0.0.1:1/\"\ntoken = \"none\"\n",
        dir.join("ledger.db")
    );
    fs::write(&config, text).unwrap();
    let ended = process::run(&config, &["verify"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
}
