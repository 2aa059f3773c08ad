//! Whatever is done to the rows, the numbers are what a walk finds.

use std::sync::Arc;

use proptest::prelude::*;

use crate::clock::{SharedClock, SystemClock};
use crate::ledger::{Ledger, Reader, WhenFull};

/// What is done to one row of each table, `?1` being its number.
const DEEDS: [&str; 18] = [
    "INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at, deleted_at) \
     VALUES ('uzhkh', iif(?1 % 2, 'car', 'account'), ?1, '{}', '', '', '', NULL) ON CONFLICT DO NOTHING",
    "INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at, deleted_at) \
     VALUES ('domoplaner', 'deal', ?1, '{}', '', '', '', 'then') ON CONFLICT DO NOTHING",
    "UPDATE record SET deleted_at = 'now' WHERE id = ?1",
    "UPDATE record SET body = '[]', deleted_at = NULL WHERE id = ?1",
    "UPDATE record SET id = id || hex(randomblob(4)) WHERE id = ?1",
    "DELETE FROM record WHERE id = ?1",
    "INSERT INTO finding (at, source, kind, id, path, problem) VALUES ('', 'uzhkh', 'car', ?1, '', '') \
     ON CONFLICT DO NOTHING",
    "UPDATE finding SET id = id || hex(randomblob(4)) WHERE id = ?1",
    "DELETE FROM finding WHERE id = ?1",
    "INSERT INTO alma_object (kind, external_id, alma_id, state, reason, updated_at) \
     VALUES ('unit', ?1, iif(?1 % 2, ?1, NULL), 'held', 'r', '') \
     ON CONFLICT DO UPDATE SET state = 'archived', alma_id = coalesce(alma_id, ?1)",
    "UPDATE alma_object SET state = 'pending', alma_id = NULL WHERE external_id = ?1",
    "UPDATE alma_object SET state = 'rejected', reason = 'r' WHERE external_id <= ?1",
    "UPDATE alma_object SET external_id = external_id || hex(randomblob(4)) WHERE external_id = ?1",
    "DELETE FROM alma_object WHERE external_id = ?1",
    "INSERT INTO alma_file (file, state) VALUES (?1, 'pending') ON CONFLICT DO NOTHING",
    "UPDATE alma_file SET state = 'failed', reason = 'r' WHERE file = ?1",
    "UPDATE alma_file SET state = 'pending' WHERE file = ?1",
    "DELETE FROM alma_file WHERE file = ?1",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_numbers_are_what_a_walk_finds(
        deeds in proptest::collection::vec((0..DEEDS.len(), 0_i64..6, any::<bool>()), 1..80)
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.db");
        let clock: SharedClock = Arc::new(SystemClock);
        Ledger::open(&path, clock, WhenFull::Fail).unwrap().close().unwrap();
        let connection = rusqlite::Connection::open(&path).unwrap();
        for (deed, row, is_kept) in deeds {
            connection.execute_batch("SAVEPOINT deed").unwrap();
            // One that breaks a rule of the schema is taken back by itself.
            drop(connection.execute(DEEDS[deed], [row]));
            if !is_kept {
                connection.execute_batch("ROLLBACK TO deed").unwrap();
            }
            connection.execute_batch("RELEASE deed").unwrap();
        }
        let reader = Reader::open(&path).unwrap();
        for (name, (kept, walked)) in reader.tallies_walked().unwrap() {
            prop_assert_eq!(kept, walked, "{:?}", name);
        }
        let live = reader.tallies().unwrap().records.iter().map(|(_, count)| count).sum::<u64>();
        let walked: u64 = connection
            .query_row("SELECT count(*) FROM record WHERE deleted_at IS NULL", [], |row| row.get(0))
            .unwrap();
        prop_assert_eq!(live, walked);
    }
}
