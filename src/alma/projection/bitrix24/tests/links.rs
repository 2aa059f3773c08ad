//! What records name, and what a change of one touches.

use super::*;

fn links(kind: &str, body: &str) -> Vec<Pair> {
    let links = bitrix24().links(kind, "x", body);
    links.into_iter().map(|link| pair(link.to, &link.id)).collect()
}

fn touched(ledger: &Ledger, kind: &str, id: &str, links: &[Pair]) -> Vec<String> {
    let touched = bitrix24().touched(kind, id, links, ledger).unwrap();
    touched.iter().map(ToString::to_string).collect()
}

#[test]
fn records_name_what_they_belong_to() {
    let expected = [pair("unit", "22"), pair("building_name", "marina gate 1\u{1f}Marina Gate 1")];
    assert_eq!(links(APARTMENT, WHOLE), expected);
    assert_eq!(links(UNIT, OF_WHOLE), [pair("apartment", "7")]);
    let expected = [pair("contact", "51"), pair("apartment", "7")];
    assert_eq!(links(OWNER_CONTRACT, OWNS), expected);
    let expected = [pair("contact", "52"), pair("unit", "22"), pair("apartment", "22")];
    assert_eq!(links(TENANT_CONTRACT, RENTS), expected);
    assert_eq!(links(CONTACT, OWNER), []);
    for body in ["[]", "", "{}", "null"] {
        for kind in bitrix24().kinds() {
            assert_eq!(links(kind, body), [], "{kind} {body}");
        }
    }
}

#[test]
fn a_record_touches_what_is_made_of_it() {
    let mut ledger = small();
    let moved = with(WHOLE, "ufCrm6_1682232363193", "\"Marina Gate 2\"");
    let named = ledger.put(APARTMENT, "7", Some(&moved));
    assert_eq!(
        touched(&ledger, APARTMENT, "7", &named),
        [
            "building Marina Gate 1",
            "building Marina Gate 2",
            "unit 7",
            "room 22",
            "owner_contract 3",
            "tenant_contract 5"
        ]
    );
    let named = ledger.put(UNIT, "22", Some(&with(OF_WHOLE, "ufCrm8_1684429208", "8")));
    assert_eq!(
        touched(&ledger, UNIT, "22", &named),
        ["unit 7", "unit 8", "room 22", "tenant_contract 5"]
    );
    let named = ledger.put(OWNER_CONTRACT, "3", Some(&with(OWNS, "contactId", "53")));
    assert_eq!(
        touched(&ledger, OWNER_CONTRACT, "3", &named),
        ["client 51", "client 53", "owner_contract 3"]
    );
    assert_eq!(touched(&ledger, CONTACT, "52", &[]), ["client 52"]);
    assert_eq!(touched(&ledger, "deal", "52", &[]), [""; 0]);
}
