//! What lacks something waits, alone, and says what to do; it goes on when that is there.

use crate::alma::bench::{account, both, flat, owner, tenant};
use crate::alma::watch::{assert_impersonal, lets};
use crate::support::entities::{envelope, resident};

#[test]
fn what_is_missing_of_a_person_blocks_the_person_and_its_contract() {
    let bench = both().start();
    let gaps = [
        (r#""Name":"Инна""#, r#""Name":null"#, "no Name"),
        (r#""Name":"Инна""#, r#""Name":" ""#, "no Name"),
        (r#""Surname":"Ветрова""#, r#""Surname":"""#, "no Surname"),
        (r#"@example.invalid""#, r#"""#, "an Email that is not one"),
        (
            r#"@example.invalid""#,
            r#"@example.invalid, x@example.invalid""#,
            "an Email that is not one",
        ),
        (r#""Phone":"+70000000001""#, r#""Phone":null"#, "no Phone"),
        (
            r#""Phone":"+70000000001""#,
            r#""Phone":"+70000000001 доб. 2""#,
            "a Phone that is not one",
        ),
    ];
    for (number, (from, to, _)) in gaps.iter().enumerate() {
        lets(&bench, number, |text| text.replace(from, to));
    }
    lets(&bench, gaps.len(), |text| text);
    bench.traced_pass();
    for (number, (_, _, words)) in gaps.iter().enumerate() {
        let reason = bench.reason("client", &format!("r{number}"));
        assert!(
            reason.starts_with(&format!("resident r{number} has {words}"))
                && reason.ends_with("in Umnoe ZhKH"),
            "{reason}"
        );
        let contract = bench.reason("owner_contract", &format!("a{number}:r{number}"));
        assert_eq!(contract, format!("waits for client r{number}, which is blocked"));
    }
    assert_eq!(bench.stuck().len(), 2 * gaps.len(), "{:?}", bench.stuck());
    assert_impersonal(&bench.stuck().join("\n"));
    assert_impersonal(&bench.run(&["status"]).stdout);
    bench.rests();
    for number in 0..gaps.len() {
        lets(&bench, number, |text| text);
    }
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn all_that_is_missing_is_said_at_once() {
    let bench = both().start();
    lets(&bench, 1, |text| {
        text.replace(r#""Name":"Инна""#, r#""Name":null"#)
            .replace("r1@example.invalid", "")
            .replace("+70000000001", "нет")
            .replace(r#""AccountNumber":"1001""#, r#""AccountNumber":null"#)
            .replace("2023-01-15T00:00:00", "вчера")
    });
    bench.traced_pass();
    assert_eq!(
        bench.reason("client", "r1"),
        "resident r1 has no Name: give it in Umnoe ZhKH; and no Email: give it in Umnoe ZhKH; \
         and a Phone that is not one phone number, with + and the code of its country or of RU \
         (alma.phone_country): correct it in Umnoe ZhKH"
    );
    assert_eq!(
        bench.reason("owner_contract", "a1:r1"),
        "account a1 has no AccountNumber: give it in Umnoe ZhKH; and a DateTimeOpen that is no \
         date: correct it in Umnoe ZhKH"
    );
}

#[test]
fn what_is_missing_of_an_account_blocks_its_contracts_alone() {
    let bench = both().start();
    let gaps = [
        (r#""AccountNumber":"1001""#, r#""AccountNumber":"""#, "no AccountNumber"),
        (r#""2023-01-15T00:00:00""#, "null", "no DateTimeOpen"),
        ("2023-01-15T", "0001-01-01T", "no DateTimeOpen"),
        ("2023-01-15T00:00:00", "скоро", "a DateTimeOpen that is no date"),
        (
            r#""DateTimeClose":null"#,
            r#""DateTimeClose":"никогда""#,
            "a DateTimeClose that is no date",
        ),
        (
            r#""DateTimeClose":null"#,
            r#""DateTimeClose":"2023-01-15T10:00:00""#,
            "a DateTimeOpen that is not before its DateTimeClose",
        ),
        ("2023-01-15T", "2099-12-31T", "a DateTimeOpen that is not before alma.open"),
    ];
    for (number, (from, to, _)) in gaps.iter().enumerate() {
        lets(&bench, number, |text| text.replace(from, to));
    }
    bench.traced_pass();
    for (number, (_, _, words)) in gaps.iter().enumerate() {
        let reason = bench.reason("owner_contract", &format!("a{number}:r{number}"));
        let expected = format!("account a{number} has {words}");
        assert!(reason.starts_with(&expected), "{expected}: {reason}");
        assert_eq!(bench.state("client", &format!("r{number}")), "synced");
    }
    assert_eq!(bench.stuck().len(), gaps.len(), "{:?}", bench.stuck());
    bench.rests();
}

#[test]
fn who_comes_later_lets_go_on_what_waited() {
    let bench = both().start();
    bench.say("Account", &account("a1", "o1", &[owner("r1"), tenant("r2")]));
    bench.pass();
    assert_eq!(bench.stand(), [""; 0], "an account without its object is nothing to Alma");
    bench.say("Obj", &flat("o1", "12"));
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.stand().len(), 6);
    // The object goes before it ever was in Alma, and an account stays.
    bench.say("Account", &account("a3", "o3", &[owner("r3")]));
    bench.say("Obj", &flat("o3", "13").replace(r#""h4""#, "null"));
    bench.pass();
    assert_eq!(bench.state("unit", "o3"), "blocked");
    bench.say_deleted("object", "o3");
    bench.pass();
    assert_eq!(
        bench.stuck(),
        ["client r3 held: no longer in the ledger; Alma's API cannot archive it: \
        `uzhkh-ledger alma release client r3` leaves it there and asks no more"]
    );
    bench.rests();
}

#[test]
fn a_value_that_goes_missing_leaves_what_alma_has() {
    let bench = both().start();
    lets(&bench, 1, |text| text);
    bench.pass();
    lets(&bench, 1, |text| {
        text.replace("r1@example.invalid", "")
            .replace(r#""HouseId":"h4""#, r#""HouseId":null"#)
            .replace(r#""2023-01-15T00:00:00""#, "null")
    });
    let before = bench.called();
    bench.traced_pass();
    assert_eq!(bench.called(), before, "nothing is known that could be sent");
    let stuck = bench.stuck();
    assert_eq!(stuck.len(), 4, "{stuck:?}");
    assert!(stuck[0].starts_with("building h4 held: no longer in the ledger"), "{stuck:?}");
    assert!(stuck[1].starts_with("client r1 blocked: resident r1 has no Email"), "{stuck:?}");
    // A tenant who comes meanwhile is written to what Alma has.
    bench.say("Account", &account("a2", "o1", &[tenant("r2")]));
    bench.pass();
    assert_eq!(bench.state("tenant_contract", "a2:r2"), "synced");
    // All is as it was: nothing is to be sent.
    let before = bench.alma().writes();
    lets(&bench, 1, |text| text);
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.alma().writes(), before);
    bench.rests();
}

#[test]
fn a_resident_record_fills_what_the_account_lacks() {
    let bench = both().start();
    lets(&bench, 1, |text| text.replace("r1@example.invalid", ""));
    bench.pass();
    assert_eq!(bench.state("client", "r1"), "blocked");
    bench.say("Resident", &resident("r1").replace("inna@", "r1@"));
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn a_blocked_object_that_is_tried_again_stays_so_and_asks_nothing() {
    let bench = both().start();
    lets(&bench, 1, |text| text.replace("r1@example.invalid", ""));
    bench.pass();
    let stuck = bench.stuck();
    bench.orders(&["retry", "client", "r1"]);
    bench.orders(&["retry", "owner_contract", "a1:r1"]);
    bench.leaves_alma_alone();
    assert_eq!(bench.stuck(), stuck);
}

#[test]
fn of_a_thousand_members_that_are_no_text_none_stops_the_rest() {
    let bench = both().start();
    for (number, junk) in ["17", "{}", "[]", "true", r#""\u0000""#].iter().enumerate() {
        let object = format!("o{number}");
        let broken = flat(&object, "1")
            .replace(r#""Street":"Лодочная""#, &format!(r#""Street":{junk}"#))
            .replace(r#""HouseId":"h4""#, &format!(r#""HouseId":{junk}"#));
        bench.say("Obj", &broken);
        let guid = format!("junk-{number}");
        let account = account(&format!("a{number}"), &object, &[owner("r1")]);
        let junk = account.replace(r#""Persons":["#, &format!(r#""Persons":[{junk},"#));
        bench.uzhkh().push_request(envelope(&guid, "Account", &junk));
    }
    lets(&bench, 9, |text| text);
    bench.traced_pass();
    assert_eq!(bench.state("owner_contract", "a9:r9"), "synced");
    bench.rests();
}
