//! Both spellings of the names of fields.

use super::*;
use crate::alma::projection::bitrix24::item::is_same;
use crate::json::{Members, quote};

/// `ufCrm20ContractStartDate` as `UF_CRM_20_CONTRACT_START_DATE`.
fn original(name: &str) -> String {
    let mut spelled = String::new();
    let mut before = None::<char>;
    for one in name.chars() {
        let is_new = before.is_some_and(|before| {
            one.is_ascii_uppercase() || before.is_ascii_digit() != one.is_ascii_digit()
        });
        if is_new && before != Some('_') && one != '_' {
            spelled.push('_');
        }
        spelled.push(one.to_ascii_uppercase());
        before = Some(one);
    }
    spelled
}

#[test]
fn original_names_are_understood_like_the_short_ones() {
    assert_eq!(original("ufCrm20ContractStartDate"), "UF_CRM_20_CONTRACT_START_DATE");
    assert_eq!(original("ufCrm6_1682232396330"), "UF_CRM_6_1682232396330");
    let short = small();
    let mut long = Ledger::default();
    for ((kind, id), body) in &short.bodies {
        let members = Members::parse(body).unwrap();
        let members =
            members.iter().map(|(name, value)| format!("{}:{value}", quote(&original(name))));
        let body = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
        long.put(kind, id, Some(&body));
    }
    for (kind, id) in [
        (AlmaKind::Building, "Marina Gate 1"),
        (AlmaKind::Unit, "7"),
        (AlmaKind::Unit, "8"),
        (AlmaKind::Room, "7"),
        (AlmaKind::Client, "51"),
        (AlmaKind::OwnerContract, "3"),
        (AlmaKind::TenantContract, "5"),
    ] {
        assert_eq!(long.wanted(kind, id), short.wanted(kind, id), "{kind} {id}");
    }
    assert_eq!(long.links, short.links);
}

#[test]
fn names_of_other_fields_are_not_understood() {
    assert!(is_same("ufCrm_1727788747", "UF_CRM_1727788747"));
    assert!(is_same("lastName", "LAST_NAME"));
    assert!(!is_same("NAME", "LAST_NAME"));
    assert!(!is_same("ufCrm6_1682232396330", "ufCrm6_1682232396331"));
    assert!(!is_same("", "x"));
}
