//! The views, as an operator meets them: through the sqlite3 shell of the system.

use std::process::Command;

use crate::support::entities::{account_of, counter, deletion, envelope, object, person, request};
use crate::support::{Bench, setup, tool};

/// Every documented field in snake_case, from the vendor's document by hand.
pub(super) const VIEWS: [(&str, &str); 12] = [
    (
        "object",
        "type_object address locality street house_number flat_number square_all square_living \
         count_rooms etazh_number podyezd_number id house_id year_of_house sip_number sip_password",
    ),
    (
        "account",
        "id account_number is_active apartment_id type_object date_time_open date_time_close \
         spelled_out_person registered_person living_person related_account_id balance persons",
    ),
    (
        "account_person",
        "account_id resident_id surname name patronymic ur_company_name email phone is_employer \
         is_owner parent_resident_id",
    ),
    (
        "resident",
        "surname name patronymic ur_company_name email phone id is_employer is_owner \
         parent_resident_id",
    ),
    (
        "counter",
        "id serial_number value1 value2 value3 date_time_for_value counter_type_identifier \
         is_publish flat_id type_object check_date commissioning_date",
    ),
    (
        "request",
        "id number title description summary creation_date finish_date account_number account_id \
         time_from time_to dispatcher_name service service_category identifier_service \
         identifier_service_category service_guid responsible_id executor_id request_type \
         work_type status is_crash is_important is_payable is_guarantee is_complaint \
         is_reasonable is_repeated resident_id flat_id type_object rating rating_comment \
         is_payment payment_sum files files_from_executor delayed_payment_date_time \
         source_comment id_counter car_brand car_model car_number date time current_phone \
         current_email provider_inn initiator_surname initiator_name initiator_patronymic",
    ),
    (
        "payment",
        "sum commission account_number account_id date_time id accrual_date service_title \
         id_request order_id order_number is_request from_web from_mobile is_insurance \
         insurance_period insurance_number insurance_id is_autopay contractor_name",
    ),
    (
        "document",
        "id type_name title text is_publish date is_for_executors is_for_responsibles \
         is_for_contractors is_for_disp is_for_parking is_for_no_parking push_text email_title \
         email_text sms_text houses_ids residents_ids resident_to_flats_ids",
    ),
    ("car", "id resident_id brand model number phone_driver is_temp"),
    ("request_to_register", "id flat_id account_number surname name patronymic email phone"),
    ("request_to_object_adding", "id flat_id resident_id"),
    // Not a kind, but the one that everybody reads.
    ("recent_change", "seq at source kind id op fields envelope_seq"),
];

/// Asks the shell; answers what it prints.
fn shell(bench: &Bench, sql: &str) -> Result<String, String> {
    let shell = Command::new("sqlite3").arg("-bail").arg(bench.ledger()).arg(sql).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    if shell.status.success() { Ok(text(&shell.stdout)) } else { Err(text(&shell.stderr)) }
}

fn sorted(words: &str) -> Vec<&str> {
    let mut words: Vec<&str> = words.split_whitespace().collect();
    words.sort_unstable();
    words
}

#[test]
fn every_view_has_the_documented_columns_and_rows() {
    let Some(_) = tool("sqlite3") else { return };
    let bench = setup()
        .options(|options| {
            options.envelopes = 600;
            options.accounts = 20;
        })
        .start();
    bench.pass();
    for (view, fields) in VIEWS {
        let columns = format!("SELECT group_concat(name, ' ') FROM pragma_table_info('{view}')");
        let columns = shell(&bench, &columns).unwrap();
        if view == "recent_change" {
            assert_eq!(columns, fields);
        } else {
            let (columns, last) = columns.rsplit_once(' ').unwrap();
            assert_eq!(last, "updated_at", "{view}");
            assert_eq!(sorted(columns), sorted(fields), "{view}");
        }
        let rows = shell(&bench, &format!("SELECT * FROM {view}")).unwrap();
        assert!(!rows.is_empty(), "{view} has no rows");
    }
    let begins = shell(
        &bench,
        "SELECT group_concat(name) FROM pragma_table_info('account_person') WHERE cid < 2",
    );
    assert_eq!(begins.unwrap(), "account_id,resident_id");
    for view in ["pending_acknowledgement", "pending_call", "temporary_id", "quarantine"] {
        shell(&bench, &format!("SELECT * FROM {view}")).unwrap();
    }
    assert_eq!(shell(&bench, "PRAGMA integrity_check").unwrap(), "ok");
}

#[test]
fn the_types_are_those_that_were_promised() {
    let Some(_) = tool("sqlite3") else { return };
    let bench = setup()
        .options(|options| {
            options.envelopes = 600;
            options.accounts = 20;
        })
        .start();
    bench.pass();
    for (view, fields) in VIEWS {
        for column in sorted(fields) {
            let types =
                format!("SELECT DISTINCT typeof({column}) FROM {view} WHERE {column} IS NOT NULL");
            let types = shell(&bench, &types).unwrap();
            let is_flag = column.starts_with("is_") || column.starts_with("from_");
            let expected = match column {
                _ if is_flag => "integer",
                "balance" | "value1" | "value2" | "value3" | "sum" | "commission" => "text",
                "square_all" | "square_living" => "real",
                "etazh_number" | "year_of_house" | "spelled_out_person" | "registered_person"
                | "living_person" | "rating" | "payment_sum" | "seq" | "envelope_seq" => "integer",
                "id" if view == "request" => "integer",
                _ => "text",
            };
            assert!(types.is_empty() || types == expected, "{view}.{column}: {types}");
            if is_flag && !types.is_empty() {
                let sql = format!("SELECT count(*) FROM {view} WHERE {column} NOT IN (0, 1)");
                assert_eq!(shell(&bench, &sql).unwrap(), "0", "{view}.{column}");
            }
        }
    }
}

#[test]
fn values_read_as_they_were_written() {
    let Some(_) = tool("sqlite3") else { return };
    let bench = setup().start();
    let meter = counter("c1")
        .replace("10.50", "00012.340".trim_start_matches('0'))
        .replace("2024-05-01T08:00:00", r"\/Date(1714550400123)\/")
        .replace(r#""CheckDate":null"#, r#""CheckDate":"/Date(-1000)/""#)
        .replace(r#""CommissioningDate":null"#, r#""CommissioningDate":"0001-01-01T00:00:00""#);
    let account = account_of("a1", &[person("r1"), person("r2")]).replace("10.50", "-1234.10");
    let object = object("o1").replace("54.3", "54");
    for (guid, member, entity) in
        [("g1", "Counter", &meter), ("g2", "Account", &account), ("g3", "Obj", &object)]
    {
        bench.uzhkh().push_request(envelope(guid, member, entity));
    }
    bench.pass();
    for (sql, expected) in [
        ("SELECT value1, value2, is_publish FROM counter", "12.340||1"),
        (
            "SELECT date_time_for_value, check_date, commissioning_date IS NULL FROM counter",
            "2024-05-01T08:00:00.123Z|1969-12-31T23:59:59.000Z|1",
        ),
        (
            "SELECT balance, is_active, date_time_open, date_time_close IS NULL, living_person FROM account",
            "-1234.10|1|2023-01-15T00:00:00|1|3",
        ),
        (
            "SELECT account_id, resident_id, is_employer, is_owner, surname FROM account_person",
            "a1|r1|0|1|Ветрова\na1|r2|0|1|Ветрова",
        ),
        ("SELECT square_all, typeof(square_all), etazh_number FROM object", "54.0|real|3"),
    ] {
        assert_eq!(shell(&bench, sql).unwrap(), expected, "{sql}");
    }
    bench.uzhkh().push_deleted(deletion("d1", "account", "a1"));
    bench.pass();
    for view in ["account", "account_person"] {
        let sql = format!("SELECT count(*) FROM {view}");
        assert_eq!(shell(&bench, &sql).unwrap(), "0");
    }
}

#[test]
fn the_empty_date_of_net_with_a_z_was_a_date() {
    let Some(_) = tool("sqlite3") else { return };
    let bench = setup().start();
    let dates = [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+03:00",
        "1899-12-30T00:00:00",
        "/Date(-62135596800000)/",
        "/Date(-62135607600000+0300)/",
        "/Date(-2209161600000)/",
        "/Date(-2209172400000+0300)/",
    ];
    for (n, date) in dates.into_iter().enumerate() {
        let account = account_of(&format!("a{n}"), &[]).replace("2023-01-15T00:00:00", date);
        bench.uzhkh().push_request(envelope(&format!("g{n}"), "Account", &account));
    }
    bench.pass();
    let sql = "SELECT count(*), count(date_time_open), count(date_time_close) FROM account";
    assert_eq!(shell(&bench, sql).unwrap(), "7|0|0");
}

#[test]
fn kopecks_of_a_request_are_text_as_written() {
    let Some(_) = tool("sqlite3") else { return };
    let bench = setup().start();
    for (id, sum) in [(1, "1500.50"), (2, "700"), (3, "0.10")] {
        let request = request(id).replace("\"PaymentSum\":0", &format!("\"PaymentSum\":{sum}"));
        bench.uzhkh().push_request(envelope(&format!("g{id}"), "Request", &request));
    }
    bench.pass();
    let sql = "SELECT payment_sum, typeof(payment_sum) FROM request ORDER BY id";
    assert_eq!(shell(&bench, sql).unwrap(), "1500.50|text\n700|integer\n0.10|text");
}

#[test]
fn areas_and_request_ids_that_came_as_text_were_null() {
    let Some(_) = tool("sqlite3") else { return };
    let bench = setup().start();
    let areas = [("30.5", "45,3"), (" 61 ", "нет"), ("1.2.3", "")];
    for (n, (all, living)) in areas.into_iter().enumerate() {
        let object = object(&format!("o{n}"))
            .replace("54.3", &format!("{all:?}"))
            .replace("31.0", &format!("{living:?}"));
        bench.uzhkh().push_request(envelope(&format!("o{n}"), "Obj", &object));
    }
    for (n, id) in ["\"A-7\"", "\"007\"", "\"12\"", "13"].into_iter().enumerate() {
        let request = request(1).replace("\"Id\":1", &format!("\"Id\":{id}"));
        bench.uzhkh().push_request(envelope(&format!("r{n}"), "Request", &request));
    }
    bench.pass();
    for (sql, expected) in [
        (
            "SELECT square_all, square_living, typeof(square_living) FROM object ORDER BY id",
            "30.5|45.3|real\n61.0||null\n||null",
        ),
        (
            "SELECT id, typeof(id) FROM request ORDER BY id",
            "12|integer\n13|integer\n007|text\nA-7|text",
        ),
        ("SELECT count(*) FROM request WHERE id = 13", "1"),
    ] {
        assert_eq!(shell(&bench, sql).unwrap(), expected, "{sql}");
    }
}

#[test]
fn the_file_defends_itself_against_the_shell() {
    let Some(_) = tool("sqlite3") else { return };
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.uzhkh().push_request("{}");
    bench.pass();
    for sql in [
        "UPDATE envelope SET body = '{}' WHERE guid = 'g1'",
        "UPDATE envelope SET guid = 'g2' WHERE guid = 'g1'",
        "DELETE FROM envelope WHERE state = 'quarantined'",
        "UPDATE envelope SET state = 'acknowledged' WHERE state = 'quarantined'",
        "UPDATE envelope SET acknowledged_at = NULL WHERE guid = 'g1'",
        "UPDATE identity SET permanent_id = 'x'",
        "DELETE FROM identity",
        "INSERT INTO change (at, source, kind, id, op) VALUES ('', 'uzhkh', 'car', '1', 'update')",
    ] {
        assert!(shell(&bench, sql).is_err(), "{sql}");
    }
    // What was acknowledged may go, but for the changes that point at it.
    bench.tamper("UPDATE change SET envelope_seq = NULL");
    shell(&bench, "DELETE FROM envelope WHERE guid = 'g1'").unwrap();
    bench.uzhkh().inject(
        simulator::Fault::new(simulator::FaultKind::Error500).at(simulator::Endpoint::Delete),
    );
    bench.uzhkh().push_request(envelope("g3", "Counter", &counter("c3")));
    bench.fail();
    let refused = shell(&bench, "DELETE FROM envelope WHERE guid = 'g3'").unwrap_err();
    assert!(refused.contains("never removed"), "{refused}");
}
