//! A whole portal as the simulator invents it, in every shape that values come in.

use simulator::{AlmaKind, BitrixKind, BitrixShape};

use crate::bitrix24::bench::{Bench, with};

/// Fields that hold files, which are another matter.
const FILES: [&str; 8] = [
    "UF_CRM_6_1682238498225",
    "UF_CRM_10_1709042143",
    "UF_CRM_10_1694000636731",
    "UF_CRM_10_1694000391518",
    "UF_CRM_10_1694000558852",
    "UF_CRM_10_1694000435068",
    "UF_CRM_20_CONTRACT",
    "UF_CRM_20_1696615939",
];

/// Nobody has uploaded anything.
fn without_files(bench: &Bench) {
    for kind in BitrixKind::ALL {
        for id in bench.portal().ids(kind) {
            for field in FILES {
                let is_there = bench.portal().field(kind, id, field);
                if is_there.is_some_and(|files| files != "[]") {
                    bench.portal().change(kind, id, field, "[]");
                }
            }
        }
    }
}

/// So many apartments and all that belongs to them.
fn portal(apartments: usize, shape: BitrixShape, seed: u64, same_ids: bool) -> Bench {
    let bench = with("", |options| {
        options.bitrix_apartments = apartments;
        options.bitrix_shape = shape;
        options.bitrix_same_ids = same_ids;
        options.seed = seed;
    });
    bench.fills_alma("", "");
    without_files(&bench);
    bench
}

/// All that may be said of an invented object that is not in Alma: what a person did not write.
fn is_understood(line: &str) -> bool {
    let reasons = ["which the ledger does not have", ": give it in Bitrix24", ", which is blocked"];
    line.contains(" blocked: ") && reasons.iter().any(|reason| line.contains(reason))
}

/// Everything stands as it should, or says in words why not.
#[track_caller]
fn settled(bench: &Bench) {
    let stuck = bench.stuck();
    let odd: Vec<&String> = stuck.iter().filter(|line| !is_understood(line)).collect();
    assert!(odd.is_empty(), "{odd:#?}");
    let units = bench.alma().objects(AlmaKind::Unit).len();
    assert_eq!(units, bench.portal().ids(BitrixKind::Apartment).len());
    for (kind, what) in [
        (BitrixKind::OwnerContract, "owner_contract"),
        (BitrixKind::TenantContract, "tenant_contract"),
        (BitrixKind::Apartment, "unit"),
    ] {
        let rows = format!("SELECT count(*) FROM alma_object WHERE kind = '{what}'");
        let count = bench.portal().ids(kind).len();
        assert_eq!(bench.one(&rows), count.to_string(), "{what}");
    }
    bench.rests();
}

#[test]
fn an_invented_portal_arrives_whole_in_every_shape() {
    for (shape, seed, same_ids) in [
        (BitrixShape::Documented, 1, false),
        (BitrixShape::Odd, 2, false),
        (BitrixShape::Mixed, 3, true),
    ] {
        let bench = portal(60, shape, seed, same_ids);
        bench.pass();
        settled(&bench);
        bench.verified();
    }
}

#[test]
fn what_happens_in_an_invented_portal_arrives_too() {
    let bench = portal(30, BitrixShape::Mixed, 4, true);
    bench.pass();
    for _ in 0..6 {
        bench.portal().step(10);
        without_files(&bench);
        bench.pass();
    }
    bench.forget_full_reads();
    bench.pass();
    // Contracts were thrown away: these wait for the operator.
    let is_gone = |line: &String| line.contains(" held: no longer in the ledger");
    let (gone, others): (Vec<String>, _) = bench.stuck().into_iter().partition(is_gone);
    assert!(!gone.is_empty());
    let odd: Vec<String> = others.into_iter().filter(|line| !is_understood(line)).collect();
    assert!(odd.is_empty(), "{odd:#?}");
    let units = bench.alma().objects(AlmaKind::Unit).len();
    assert_eq!(units, bench.portal().ids(BitrixKind::Apartment).len());
    bench.rests();
    bench.verified();
}
