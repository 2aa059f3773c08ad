//! Every row of every table of the document, as the document has it.

use std::collections::BTreeMap;

use super::*;
use crate::config::AlmaTable;

/// What an object says in a field when its record has this choice, in each spelling.
fn chosen(
    ledger: &Ledger,
    (kind, id): (&str, &str),
    code: &str,
    choice: &str,
    of: (AlmaKind, &str, &str),
) -> String {
    let (object, object_id, field) = of;
    let spellings = [
        choice.to_owned(),
        format!("\"{choice}\""),
        format!("[{choice}]"),
        format!("[\"{choice}\",\"1\"]"),
    ];
    let found =
        spellings.map(|value| ledger.with(kind, id, code, &value).field(object, object_id, field));
    assert!(found.iter().all(|one| *one == found[0]), "{choice}: {found:?}");
    found[0].clone()
}

#[test]
fn property_types_and_bedrooms() {
    for (choice, property_type, bedrooms) in [
        ("54", "apartment", "1"),
        ("56", "apartment", "2"),
        ("58", "apartment", "3"),
        ("60", "apartment", "4"),
        ("62", "apartment", "5"),
        ("64", "apartment", "6"),
        ("52", "studio", "1"),
    ] {
        let unit = |field| {
            let of = (AlmaKind::Unit, "7", field);
            chosen(&small(), (APARTMENT, "7"), "ufCrm6_1682232863625", choice, of)
        };
        assert_eq!(unit("property_type"), format!("\"{property_type}\""));
        assert_eq!(unit("number_of_bedrooms"), bedrooms);
    }
}

#[test]
fn sharing() {
    for (choice, is_used, additional) in [("4600", "false", "\"\""), ("4598", "true", "\"22\"")] {
        let unit = |field| {
            let of = (AlmaKind::Unit, "7", field);
            chosen(&small(), (APARTMENT, "7"), "ufCrm6_1736951470242", choice, of)
        };
        assert_eq!(unit("is_used_additional_external_id"), is_used);
        assert_eq!(unit("additional_external_id"), additional);
    }
}

#[test]
fn stations() {
    for (choice, station) in [
        ("66", "\"Rashidiya\""),
        ("68", "\"Emirates\""),
        ("70", "\"Airport Terminal 3\""),
        ("72", "\"Airport Terminal 1\""),
        ("74", "\"GGICO\""),
        ("76", "\"Deira City Centre\""),
        ("78", "\"Al Rigga\""),
        ("80", "\"Union\""),
        ("82", "\"Bur Juman\""),
        ("84", "\"ADCB\""),
        ("86", "\"Al Jaffiliya\""),
        ("88", "\"World Trade Centre\""),
        ("90", "\"Emirates Towers\""),
        ("92", "\"Financial Centre\""),
        ("94", "\"Burj Khalifa / Dubai Mall\""),
        ("96", "\"Business Bay\""),
        ("98", "\"Noor Bank\""),
        ("100", "\"First Gulf Bank (FGB)\""),
        ("102", "\"Mall of the Emirates\""),
        ("104", "\"Sharaf DG\""),
        ("106", "\"Dubai Internet City\""),
        ("108", "\"Nakheel\""),
        ("110", "\"Damac Properties\""),
        ("112", "\"DMCC\""),
        ("114", "\"Nakheel Harbor and Tower\""),
        ("116", "\"Ibn Battuta\""),
        ("118", "\"Energy\""),
        ("120", "\"Danube\""),
        ("122", "\"UAE Exchange\""),
        ("124", "\"Etisalat\""),
        ("126", "\"Al Qusais\""),
        ("128", "\"Dubai Airport Free Zone\""),
        ("130", "\"Al Nahda\""),
        ("132", "\"Stadium\""),
        ("134", "\"Al Quiadah\""),
        ("136", "\"Abu Hail\""),
        ("138", "\"Abu Baker Al Siddique\""),
        ("140", "\"Salah Al Din\""),
        ("142", "\"Baniyas Square\""),
        ("144", "\"Palm Deira\""),
        ("146", "\"Al Ras\""),
        ("148", "\"Al Ghubaiba\""),
        ("150", "\"Al Fahidi\""),
        ("152", "\"Oud Metha\""),
        ("154", "\"Dubai Healthcare City\""),
        ("156", "\"Al Jadaf\""),
        ("158", "\"Creek\""),
        ("182", "\"Sobha realty\""),
        ("184", "\"Al Furjan\""),
        ("254", "\"Centrepoint\""),
        ("2762", "null"),
    ] {
        let of = (AlmaKind::Unit, "7", "subway_station");
        let record = (APARTMENT, "7");
        let found = chosen(&small(), record, "ufCrm6_1682233481671", choice, of);
        assert_eq!(found, station);
    }
}

#[test]
fn rooms() {
    for (choice, name) in [
        ("1294", "1"),
        ("1296", "2"),
        ("1298", "3"),
        ("1300", "4"),
        ("1302", "5"),
        ("5902", "Bed1"),
    ] {
        let of = (AlmaKind::Room, "7", "name");
        let found = chosen(&small(), (UNIT, "7"), "ufCrm8_1698838056004", choice, of);
        assert_eq!(found, format!("\"{name}\""));
    }
    for (choice, property_type) in [("244", "bunk"), ("242", "room")] {
        let of = (AlmaKind::Room, "7", "property_type");
        let found = chosen(&small(), (UNIT, "7"), "ufCrm8_1682957076924", choice, of);
        assert_eq!(found, format!("\"{property_type}\""));
    }
}

#[test]
fn contracts() {
    for (choice, model) in [
        ("1696", "Rent to rent"),
        ("1698", "TM 10%"),
        ("1700", "TM 15%"),
        ("1702", "TM 17%"),
        ("1704", "TM 20%"),
        ("1706", "Long term"),
        ("1730", "TM 18%"),
    ] {
        let of = (AlmaKind::OwnerContract, "3", "work_model");
        let record = (OWNER_CONTRACT, "3");
        let found = chosen(&small(), record, "ufCrm10_1708955821", choice, of);
        assert_eq!(found, format!("\"{model}\""));
    }
    for (choice, kind) in [
        ("882", "Airbnb"),
        ("884", "Short term from 1 to 3 months"),
        ("886", "Long-term 3+ months"),
        ("1304", "Booking"),
        ("1306", "Short contract up to 1 month"),
    ] {
        let of = (AlmaKind::TenantContract, "5", "type_contract");
        let record = (TENANT_CONTRACT, "5");
        let found = chosen(&small(), record, "ufCrm20_1693561495", choice, of);
        assert_eq!(found, format!("\"{kind}\""));
    }
}

fn projected(tables: &AlmaTables, key: (AlmaKind, &str), ledger: &Ledger) -> Wanted {
    let projection = Bitrix24::new(Settings { tables: Tables::new(tables), ..settings() });
    let key = AlmaKey::new(key.0, key.1);
    projection.project(&key, ledger).unwrap()
}

#[test]
fn the_config_adds_to_a_table_or_replaces_it() {
    let row = |id: &str, word: &str| BTreeMap::from([(id.to_owned(), word.to_owned())]);
    let mut tables = AlmaTables::default();
    tables.rows.insert(AlmaTable::TypeContract, row("6578", "Less than a month"));
    let contract = (AlmaKind::TenantContract, "5");
    let code = "ufCrm20_1693561495";
    let kind = |tables: &AlmaTables, choice: &str| {
        let ledger = small().with(TENANT_CONTRACT, "5", code, choice);
        match projected(tables, contract, &ledger) {
            Wanted::Yes(fields) => fields.string("type_contract"),
            _ => None,
        }
    };
    assert_eq!(kind(&tables, "6578").as_deref(), Some("Less than a month"));
    assert_eq!(kind(&tables, "882").as_deref(), Some("Airbnb"));
    tables.rows.insert(AlmaTable::TypeContract, row("882", "Daily"));
    assert_eq!(kind(&tables, "882").as_deref(), Some("Daily"));
    tables.replaced.insert(AlmaTable::TypeContract);
    assert_eq!(kind(&tables, "882").as_deref(), Some("Daily"));
    assert_eq!(kind(&tables, "886"), None);
}
