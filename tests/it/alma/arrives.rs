//! What the ledger wants arrives in Alma, field by field, and once.

use uzhkh_ledger::simulator::AlmaKind;

use crate::alma::bench::both;

#[test]
fn a_flat_its_people_and_their_contracts_arrive_and_rest() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    assert_eq!(
        bench.stand(),
        [
            "building h4 synced",
            "client r1 synced",
            "client r2 synced",
            "owner_contract a1:r1 synced",
            "tenant_contract a1:r2 synced",
            "unit o1 synced",
        ]
    );
    let unit = bench.held(AlmaKind::Unit, "o1");
    assert_eq!(unit.fields["name"], "\"12\"");
    assert_eq!(unit.fields["internal_area"], "54.3");
    bench.rests();
}
