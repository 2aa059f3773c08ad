//! `keys book`: what it takes, and what it leaves for the service.

use std::fs;

use simulator::Category;

use crate::macrocrm::bench::{FLAT, HOUSE, bench, read_once};
use crate::support::process;

#[test]
fn a_booking_waits_for_the_service_with_its_parameters() {
    let bench = read_once("categories = [\"garage\"]");
    let at = bench.at("10:30");
    let ended = bench.book(FLAT, &at, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(
        ended.stdout,
        format!(
            "books {at}:00+03:00 for garage {FLAT} at house 123; the service sends it (call 1)\n"
        )
    );
    let phone = bench.phone(FLAT);
    let row = "SELECT target, op, params, envelope_seq, state, attempts, next_attempt_at, last_status, \
               last_error, finished_at FROM call";
    assert_eq!(
        bench.one(row),
        format!(
            "macrocrm|add|{{\"transfer_date\":\"{at}:00+03:00\",\"house_id\":\"123\",\"flat_num\":\"{FLAT}\",\
             \"phone\":\"{phone}\",\"category\":\"garage\"}}|NULL|pending|0|NULL|NULL|NULL|NULL"
        )
    );
    assert_eq!(bench.added(), 0);
}

#[test]
fn the_documents_own_form_of_a_time_was_refused() {
    let bench = read_once("categories = [\"flat\"]");
    for (at, sent) in [
        ("2032-06-11T11:00:00+05:00", "2032-06-11T09:00:00+03:00"),
        ("2032-06-11T11:30+03:00", "2032-06-11T11:30:00+03:00"),
        ("2032-06-11T09:00:00Z", "2032-06-11T12:00:00+03:00"),
    ] {
        let ended = bench.book(FLAT, at, &["--again"]);
        assert_eq!(ended.code, Some(0), "{at}: {}", ended.stderr);
        assert!(ended.stdout.starts_with(&format!("books {sent} ")), "{at}: {}", ended.stdout);
        bench.tamper("DELETE FROM call");
    }
    for at in ["2032-06-11", "2032-06-11 11:00+03:00", "2032-06-11T11:00+3", "2032-13-11T11:00Z"] {
        let ended = bench.book(FLAT, at, &[]);
        assert_eq!(ended.code, Some(2), "{at}: {}", ended.stdout);
    }
}

#[test]
fn a_booking_does_not_wait_for_the_first_start() {
    let bench = bench("categories = [\"flat\"]");
    assert!(!bench.ledger().exists());
    let ended = bench.book(FLAT, &bench.at("10:30"), &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    bench.pass();
    assert_eq!(bench.one("SELECT state FROM call"), "done");
    assert_eq!(bench.added(), 1);
}

#[test]
fn what_is_booked_is_taken_to_the_letter() {
    let bench = read_once("");
    let odd = [" 5 ", "1/2", "\"К\"\\", "а&б=в+г%20", "кв.№7\u{301}"];
    bench.macrocrm().set_ready("д/1", "Дом", Category::Comm, &odd);
    for flat in odd {
        let phone = bench.phone(flat);
        let at = bench.at("10:30");
        let mut arguments = vec!["keys", "book", "--house", "д/1", "--flat", flat];
        arguments.extend(["--at", &at, "--phone", &phone, "--category", "comm"]);
        let ended = bench.run(&arguments);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    let row = "SELECT params ->> '$.house_id', params ->> '$.flat_num' FROM call ORDER BY seq";
    let rows = odd.map(|flat| format!("д/1|{flat}"));
    assert_eq!(bench.lines(row), rows);
    let view = "SELECT house, flat, category, state FROM booking WHERE at GLOB '????-??-??T10:30*[+-]??:??' \
                ORDER BY call";
    let rows = odd.map(|flat| format!("д/1|{flat}|comm|pending"));
    assert_eq!(bench.lines(view), rows);
    // Only one can have the time; that the others are refused for it shows that MACRO
    // knows each of them.
    bench.fail();
    let bookings = bench.macrocrm().bookings();
    let told: Vec<_> =
        bookings.iter().map(|one| (one.flat_num.as_str(), one.refused.as_deref())).collect();
    let refused = odd.iter().skip(1).map(|flat| (*flat, Some("Время занято")));
    let expected: Vec<_> = std::iter::once((odd[0], None)).chain(refused).collect();
    assert_eq!(told, expected);
}

#[test]
fn a_flat_that_is_ready_needs_no_note() {
    for (categories, category, deleted, is_ready) in [
        ("categories = [\"flat\"]", "flat", false, true),
        ("", "flat", false, true),
        ("categories = [\"flat\"]", "flat", true, false),
        ("categories = [\"flat\"]", "garage", false, false),
        ("categories = [\"garage\"]", "flat", false, false),
    ] {
        let bench = read_once(categories);
        if deleted {
            bench.tamper("UPDATE record SET deleted_at = updated_at");
        }
        let ended = bench.book("2", &bench.at("10:30"), &["--category", category]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let note = "note: the ledger holds no such ready flat; MACRO will say whether it has it\n";
        assert_eq!(
            ended.stdout.ends_with(note),
            !is_ready,
            "{categories} {category} {deleted}: {}",
            ended.stdout
        );
    }
}

#[test]
fn without_just_one_configured_category_one_must_be_given() {
    for categories in ["", "categories = [\"flat\", \"garage\"]"] {
        let bench = read_once(categories);
        let ended = bench.book("2", &bench.at("10:30"), &[]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains("--category is needed"), "{}", ended.stderr);
        // It need not be one that is mirrored.
        let ended = bench.book("2", &bench.at("10:30"), &["--category", "comm"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
}

#[test]
fn wrong_usage_books_nothing() {
    let bench = read_once("");
    let right = bench.at("10:30");
    let past = format!("{}T10:30", bench.macrocrm().today().yesterday().unwrap());
    for (flag, value) in [
        ("--at", past.as_str()),
        ("--at", "2020-06-11T10:30"),
        ("--at", "2099-06-11"),
        ("--at", "2099-06-11T10:30:00"),
        ("--at", "2099-06-11 10:30"),
        ("--at", "2099-06-11T10:30+5"),
        ("--at", "2099-06-31T10:30"),
        ("--at", "2099-06-11T24:00"),
        ("--category", "flats"),
        ("--category", "any"),
        ("--house", ""),
        ("--flat", ""),
        ("--phone", ""),
    ] {
        let mut arguments = vec!["keys", "book"];
        for (name, default) in [
            ("--house", HOUSE),
            ("--flat", FLAT),
            ("--at", right.as_str()),
            ("--phone", "+79000000000"),
            ("--category", "flat"),
        ] {
            arguments.extend([name, if name == flag { value } else { default }]);
        }
        let ended = bench.run(&arguments);
        assert_eq!(ended.code, Some(2), "{flag} {value}: {}", ended.stderr);
        assert!(!ended.stderr.contains("9000"), "{}", ended.stderr);
    }
    assert_eq!(bench.states(), [""; 0]);
}

#[test]
fn a_time_that_the_clocks_leave_out_is_wrong_usage() {
    let bench = read_once("timezone = \"Europe/Berlin\"");
    let ended = bench.book("2", "2032-03-28T02:30", &["--category", "flat"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("does not exist"), "{}", ended.stderr);
    // The offset is that of the time, not of today.
    for (at, sent) in [
        ("2032-03-28T01:59", "2032-03-28T01:59:00+01:00"),
        ("2032-03-28T03:00", "2032-03-28T03:00:00+02:00"),
        ("2032-12-01T10:30", "2032-12-01T10:30:00+01:00"),
    ] {
        let ended = bench.book(sent, at, &["--category", "flat"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let row = format!(
            "SELECT params ->> '$.transfer_date' FROM call WHERE params ->> '$.flat_num' = '{sent}'"
        );
        assert_eq!(bench.one(&row), sent);
    }
}

#[test]
fn a_number_may_begin_with_a_minus() {
    let bench = read_once("");
    let ended = bench.book("-1-5", &bench.at("10:30"), &["--category", "garage"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(bench.one("SELECT params ->> '$.flat_num' FROM call"), "-1-5");
}

#[test]
fn what_may_have_been_booked_is_booked_again_only_on_demand() {
    let bench = read_once("");
    let flat: &[&str] = &["--category", "flat"];
    let again: &[&str] = &["--category", "flat", "--again"];
    bench.books("2", &bench.at("10:30"));
    for options in [flat, again] {
        let ended = bench.book("2", &bench.at("11:00"), options);
        assert_eq!(ended.code, Some(1), "it is pending");
        assert!(ended.stderr.contains("is about to be booked already"), "{}", ended.stderr);
    }
    for (state, words) in
        [("done", "was booked already"), ("unknown", "may have been booked already")]
    {
        bench.tamper(&format!("UPDATE call SET state = '{state}', finished_at = created_at"));
        let ended = bench.book("2", &bench.at("11:00"), flat);
        assert_eq!(ended.code, Some(1));
        assert!(
            ended.stderr.contains(words)
                && ended.stderr.contains("--again")
                && ended.stderr.contains("T10:30:00+03:00 (call 1)"),
            "{}",
            ended.stderr
        );
    }
    let other = bench.book("2", &bench.at("11:00"), &["--category", "garage"]);
    assert_eq!(other.code, Some(0), "another object: {}", other.stderr);
    let ended = bench.book("2", &bench.at("11:00"), again);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    bench.tamper("UPDATE call SET state = 'failed', finished_at = created_at");
    let ended = bench.book("2", &bench.at("11:30"), flat);
    assert_eq!(ended.code, Some(0), "what failed is no hindrance: {}", ended.stderr);
}

#[test]
fn of_several_at_once_one_books() {
    let bench = read_once("");
    let at = bench.at("10:30");
    let codes = std::thread::scope(|scope| {
        let books = || bench.book("2", &at, &["--category", "flat"]).code;
        let all: Vec<_> = (0..4).map(|_| scope.spawn(books)).collect();
        let mut codes: Vec<_> = all.into_iter().map(|one| one.join().unwrap()).collect();
        codes.sort();
        codes
    });
    assert_eq!(codes, [Some(0), Some(1), Some(1), Some(1)]);
    assert_eq!(bench.states(), ["pending|0|NULL"]);
    bench.pass();
    assert_eq!(bench.added(), 1);
}

#[test]
fn another_house_or_number_is_another_booking() {
    let bench = read_once("");
    bench.books("2", &bench.at("10:30"));
    for (house, flat) in [("124", "2"), (HOUSE, "02"), (HOUSE, "2 ")] {
        let at = bench.at("11:00");
        let mut arguments = vec!["keys", "book", "--house", house, "--flat", flat];
        arguments.extend(["--at", &at, "--phone", "+79000000000", "--category", "flat"]);
        let ended = bench.run(&arguments);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    assert_eq!(bench.states().len(), 4);
}

#[test]
fn a_config_without_the_section_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config.toml");
    let text = "[uzhkh]\nbase_url = \"https://host.example/\"\ntoken = \"t\"\n";
    fs::write(&config, text).unwrap();
    for arguments in [
        ["keys", "free-times", "--house", "1", "--date", "2099-01-01"].as_slice(),
        &[
            "keys",
            "book",
            "--house",
            "1",
            "--flat",
            "1",
            "--at",
            "2099-01-01T10:00",
            "--phone",
            "1",
        ],
    ] {
        let ended = process::run(&config, arguments);
        assert_eq!(ended.code, Some(78), "{}", ended.stderr);
        let words = "there is no section [macrocrm], which this command needs";
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
}
