//! The views: readable names, either spelling, one shape.

use simulator::BitrixKind;

use crate::bitrix24::bench::{Bench, bench};

#[test]
fn an_apartment_and_its_unit_are_shown_by_readable_names() {
    let bench = bench("");
    let portal = bench.portal();
    portal.put(
        BitrixKind::Apartment,
        7,
        r#"{"title":"Marina 12","ufCrm6_1682232363193":"Marina","ufCrm6_1682232396330":"12",
            "ufCrm6_1718821717":"Marina St 1","ufCrm6_1682232312628":3,"ufCrm6_1682232863625":54,
            "ufCrm6_1682233481671":[112],"ufCrm6_1682235809295":"wifi","ufCrm6_1686728251990":"pass",
            "ufCrm6_1683299159437":"P1","ufCrm6_1715777670":"1234","ufCrm6_1720794204":"",
            "ufCrm6_1736951470242":"4600","ufCrm6_1684425402":["TA7_5"],"ufCrm6_1682232424142":70.50,
            "ufCrm6_1682232447205":12000.10,"ufCrm6_1682232465964":2,"ufCrm6_1697622591377":"Y"}"#,
    );
    portal.put(
        BitrixKind::Unit,
        5,
        r#"{"title":"Room 1","ufCrm8_1698838056004":1294,"ufCrm8_1686662655574":"12-1",
            "ufCrm8_1682957076924":"242","ufCrm8_1699620518232":5000,"ufCrm8_1686662606534":"12.5",
            "ufCrm8_1684429208":[7]}"#,
    );
    bench.pass();
    let sql = "SELECT id, title, building, apartment_number, address, floor, type, metro, wifi_name, wifi_password, \
               parking_number, lock_password, keybox_code, sharing, unit_id, area, target_rent, baths, swimming_pool \
               FROM bitrix_apartment";
    assert_eq!(
        bench.one(sql),
        "7|Marina 12|Marina|12|Marina St 1|3|54|112|wifi|pass|P1|1234|NULL|4600|5|70.50|12000.10|2|1"
    );
    let sql = "SELECT id, title, number_of_unit, number, housing_type, target_rent, area, apartment_id FROM bitrix_unit";
    assert_eq!(bench.one(sql), "5|Room 1|1294|12-1|242|5000|12.5|7");
    let original =
        "UPDATE record SET body = replace(body, 'ufCrm6_', 'UF_CRM_6_') WHERE kind = 'apartment'";
    let before = bench.one("SELECT * FROM bitrix_apartment");
    bench.tamper(original);
    assert_eq!(bench.one("SELECT * FROM bitrix_apartment"), before);
}

#[test]
fn contracts_show_days_and_whom_they_are_with() {
    let bench = bench("");
    let portal = bench.portal();
    portal.put(
        BitrixKind::OwnerContract,
        3,
        r#"{"title":"LL 3","contactId":9,"ufCrm10_1693823301":"T90_7",
            "ufCrm10_1693823247516":"2025-04-29T03:00:00+03:00","ufCrm10_1693823282826":"2026-04-28",
            "ufCrm10_1708955821":1698,"ufCrm10_1708956056":"","ufCrm10_1708955996":null}"#,
    );
    portal.put(
        BitrixKind::TenantContract,
        4,
        r#"{"title":"T 4","contactId":0,"ufCrm20_1693919019":5,"opportunity":4500.10,"currencyId":"AED",
            "ufCrm20ContractStartDate":"2025-04-29T03:00:00+03:00","ufCrm20ContractEndDate":"2025-05-29",
            "ufCrm20_1693561495":886,"ufCrm20ContractHistory":"prolonged"}"#,
    );
    bench.pass();
    let sql = "SELECT id, title, start_date, end_date, apartment_id, contact_id, work_model, pml_start_date, pml_end_date \
               FROM bitrix_owner_contract";
    assert_eq!(bench.one(sql), "3|LL 3|2025-04-29|2026-04-28|7|9|1698|NULL|NULL");
    let sql = "SELECT id, title, start_date, end_date, unit_id, contact_id, price, currency, type_contract, history \
               FROM bitrix_tenant_contract";
    assert_eq!(bench.one(sql), "4|T 4|2025-04-29|2025-05-29|5|NULL|4500.10|AED|886|prolonged");
    // A deleted one is not shown.
    bench.tamper("UPDATE record SET deleted_at = updated_at WHERE kind = 'owner_contract'");
    assert!(bench.lines("SELECT id FROM bitrix_owner_contract").is_empty());
}

/// Flats, units and contacts are numbered independently: the mark tells them apart.
#[test]
fn a_mark_of_another_kind_stays_before_the_number() {
    let shown = |bench: &Bench, tenant: &str, owner: &str, contacts: [&str; 2]| {
        for (kind, body) in [
            (
                "tenant_contract",
                format!(r#"{{"ufCrm20_1693919019":{tenant},"contactId":{}}}"#, contacts[0]),
            ),
            (
                "owner_contract",
                format!(r#"{{"ufCrm10_1693823301":{owner},"contactId":{}}}"#, contacts[1]),
            ),
            ("unit", format!(r#"{{"ufCrm8_1684429208":{owner}}}"#)),
            ("apartment", format!(r#"{{"ufCrm6_1684425402":{tenant}}}"#)),
        ] {
            bench.tamper(&format!("UPDATE record SET body = '{body}' WHERE kind = '{kind}'"));
        }
        let joined = "SELECT count(*) FROM bitrix_tenant_contract AS t JOIN bitrix_unit AS u ON u.id = t.unit_id";
        [
            bench.one("SELECT unit_id, contact_id FROM bitrix_tenant_contract"),
            bench.one("SELECT apartment_id, contact_id FROM bitrix_owner_contract"),
            bench.one("SELECT apartment_id FROM bitrix_unit"),
            bench.one("SELECT unit_id FROM bitrix_apartment"),
            bench.one(joined),
        ]
    };
    let bench = bench("");
    for kind in [
        BitrixKind::Apartment,
        BitrixKind::Unit,
        BitrixKind::OwnerContract,
        BitrixKind::TenantContract,
    ] {
        bench.portal().put(kind, 12, r#"{"title":"T"}"#);
    }
    bench.pass();
    assert_eq!(
        shown(&bench, r#""T90_12""#, r#"["Ta7_12",1]"#, [r#""CO_5""#, r#""D_5""#]),
        ["T90_12|CO_5", "Ta7_12|D_5", "Ta7_12", "T90_12", "0"]
    );
    assert_eq!(
        shown(&bench, r#"["tA7_12"]"#, r#""t90_12""#, [r#""C_5""#, r#""T3_5""#]),
        ["12|5", "12|5", "12", "12", "1"]
    );
    assert_eq!(shown(&bench, "12", "12", ["5", "0"]), ["12|5", "12|NULL", "12", "12", "1"]);
    // On another portal they are other processes. This one does not have them.
    bench.configure("apartments = 1058\nunits = 144\ncontacts = 4");
    assert_eq!(bench.run(&["run", "--once"]).code, Some(1));
    assert_eq!(
        shown(&bench, r#""T90_12""#, r#""T422_12""#, [r#""CO_5""#, r#""C_5""#]),
        ["12|5", "12|C_5", "12", "12", "1"]
    );
    assert_eq!(
        shown(&bench, r#""TA7_12""#, r#""t422_12""#, [r#""T3_5""#, r#""t4_5""#]),
        ["TA7_12|T3_5", "12|5", "12", "TA7_12", "0"]
    );
}

#[test]
fn a_contact_shows_the_telephone_of_work() {
    let bench = bench("");
    let portal = bench.portal();
    portal.put(
        BitrixKind::Contact,
        9,
        r#"{"NAME":"Анна","LAST_NAME":"Петрова","UF_CRM_1727788747":"anna@example.com",
            "BIRTHDATE":"1990-02-03T03:00:00+03:00",
            "PHONE":[{"ID":"1","VALUE_TYPE":"MOBILE","VALUE":"+7 900 000-00-01","TYPE_ID":"PHONE"},
                     {"ID":"2","VALUE_TYPE":"WORK","VALUE":"+7 900 000-00-02","TYPE_ID":"PHONE"}]}"#,
    );
    portal.put(BitrixKind::Contact, 10, r#"{"NAME":"Иван","BIRTHDATE":""}"#);
    bench.pass();
    let shown = bench.lines(
        "SELECT id, first_name, last_name, email, phone, birthdate FROM bitrix_contact ORDER BY CAST(id AS INTEGER)",
    );
    assert_eq!(
        shown,
        [
            "9|Анна|Петрова|anna@example.com|+7 900 000-00-02|1990-02-03",
            "10|Иван|NULL|NULL|NULL|NULL"
        ]
    );
    // As a list of items would have it, and shapes that nobody expects.
    for (body, phone) in [
        (
            r#"{"id":9,"fm":[{"id":1,"typeId":"EMAIL","valueType":"WORK","value":"a@example.com"},
                {"id":2,"typeId":"PHONE","valueType":"HOME","value":"+7 900 000-00-03"}]}"#,
            "+7 900 000-00-03",
        ),
        (r#"{"id":9,"PHONE":"none","fm":7}"#, "NULL"),
        (r#"{"id":9,"PHONE":["none",{"VALUE":""}],"fm":null}"#, "NULL"),
    ] {
        bench.tamper(&format!("UPDATE record SET body = '{body}' WHERE id = '9'"));
        assert_eq!(bench.one("SELECT phone FROM bitrix_contact WHERE id = '9'"), phone);
    }
}

#[test]
fn views_show_the_codes_of_the_config() {
    let bench = bench(
        "fields.apartment_building = [\"ufCrm11_1\", \"ufCrm11_2\"]\nfields.apartment_keybox = []\n\
         fields.contact_phone = \"UF_CRM_11_3\"",
    );
    let portal = bench.portal();
    portal.put(
        BitrixKind::Apartment,
        7,
        r#"{"title":"A","ufCrm11_1":"","ufCrm11_2":"Marina","ufCrm6_1720794204":"1","ufCrm6_1715777670":"2"}"#,
    );
    portal.put(BitrixKind::Contact, 9, r#"{"NAME":"Анна","UF_CRM_11_3":"+7 900 000-00-01"}"#);
    bench.pass();
    let sql = "SELECT building, keybox_code, lock_password FROM bitrix_apartment";
    assert_eq!(bench.one(sql), "Marina|NULL|2");
    assert_eq!(bench.one("SELECT phone FROM bitrix_contact"), "+7 900 000-00-01");
    // And back again.
    bench.configure("");
    bench.pass();
    assert_eq!(bench.one(sql), "NULL|1|2");
    assert_eq!(bench.one("SELECT phone FROM bitrix_contact"), "NULL");
}
