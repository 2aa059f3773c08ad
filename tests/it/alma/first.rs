//! The first sync of a ledger: units go to Alma while others are still projected, and accounts are
//! looked at after the first of them have gone. Kinds go in their order all the same.

use simulator::AlmaKind;

use crate::alma::bench::{account, both, flat, owner};
use crate::alma::wire::{BUILDINGS, CLIENTS, OWNER_CONTRACTS, UNITS};

/// More than are projected in one transaction, and than are read for Alma at once.
const FLATS: usize = 560;
/// The kinds in their order.
const KINDS: [&str; 4] = [BUILDINGS, UNITS, CLIENTS, OWNER_CONTRACTS];

#[test]
fn units_that_are_projected_one_after_the_other_arrive_in_one_pass_kind_by_kind() {
    let bench = both().start();
    for n in 0..FLATS {
        bench.say("Obj", &flat(&format!("o{n}"), &n.to_string()));
        let persons = [owner(&format!("r{n}"))];
        bench.say("Account", &account(&format!("a{n}"), &format!("o{n}"), &persons));
    }
    bench.pass();
    for kind in [AlmaKind::Unit, AlmaKind::Client, AlmaKind::OwnerContract] {
        assert_eq!(bench.alma().objects(kind).len(), FLATS, "{kind:?}");
    }
    assert_eq!(bench.lines("SELECT * FROM alma_pending"), Vec::<String>::new());
    assert_eq!(bench.lines("SELECT * FROM alma_dirty"), Vec::<String>::new());
    assert_eq!(bench.lines("SELECT walked_to FROM alma_cursor"), ["NULL"]);
    let calls = bench.report().alma.into_iter().filter(|call| call.method == "POST");
    let kinds = calls.map(|call| KINDS.iter().position(|path| call.path.ends_with(path)).unwrap());
    let kinds: Vec<usize> = kinds.collect();
    assert_eq!(kinds.len(), 1 + 3 * FLATS);
    assert!(kinds.is_sorted());
    bench.rests();
}
