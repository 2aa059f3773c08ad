//! `keys book`: what it takes, and what it leaves for the service.

use std::fs;

use crate::bench::{FLAT, HOUSE, bench, tamper};
use crate::support::{lines, process};

#[test]
fn a_booking_waits_for_the_service_with_its_parameters() {
    let bench = bench("categories = [\"garage\"]");
    let at = bench.at("10:30");
    let ended = bench.book(FLAT, &at, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(
        ended.stdout,
        format!(
            "books {at}:00+03:00 for garage {FLAT} at house 123; the service sends it (call 1)\n\
             note: the ledger holds no such ready flat; MACRO will say whether it has it\n"
        )
    );
    let phone = bench.phone(FLAT);
    assert_eq!(
        lines(
            &bench.ledger(),
            "SELECT target, op, params, state FROM call"
        ),
        [format!(
            "macrocrm|add|{{\"transfer_date\":\"{at}:00+03:00\",\"house_id\":\"123\",\"flat_num\":\"{FLAT}\",\
             \"phone\":\"{phone}\",\"category\":\"garage\"}}|pending"
        )]
    );
    assert_eq!(bench.added(), 0);
}

#[test]
fn a_flat_that_is_ready_needs_no_note() {
    for (category, state, is_ready) in [
        ("flat", "NULL", true),
        ("any", "NULL", true),
        ("flat", "'2026-01-01T00:00:00.000Z'", false),
        ("garage", "NULL", false),
    ] {
        let bench = bench("");
        let record = format!(
            "INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at, deleted_at) \
             VALUES ('macrocrm', 'ready_flat', '123/{category}/2', '{{}}', '', '', '', {state})"
        );
        tamper(&bench.ledger(), &record);
        let ended = bench.book("2", &bench.at("10:30"), &["--category", "flat"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(
            !ended.stdout.contains("note:"),
            is_ready,
            "{category} {state}"
        );
    }
}

#[test]
fn without_just_one_configured_category_one_must_be_given() {
    for categories in ["", "categories = [\"flat\", \"garage\"]"] {
        let bench = bench(categories);
        let ended = bench.book("2", &bench.at("10:30"), &[]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("--category is needed"),
            "{}",
            ended.stderr
        );
        // It need not be one that is mirrored.
        let ended = bench.book("2", &bench.at("10:30"), &["--category", "comm"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
}

#[test]
fn wrong_usage_books_nothing() {
    let bench = bench("");
    let right = bench.at("10:30");
    let past = format!("{}T10:30", bench.macrocrm().today().yesterday().unwrap());
    for (flag, value) in [
        ("--at", past.as_str()),
        ("--at", "2020-06-11T10:30"),
        ("--at", "2099-06-11"),
        ("--at", "2099-06-11T10:30:00"),
        ("--at", "2099-06-11 10:30"),
        ("--at", "2099-06-11T10:30+05:00"),
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
    let bench = bench("timezone = \"Europe/Berlin\"");
    let ended = bench.book("2", "2032-03-28T02:30", &["--category", "flat"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("does not exist"), "{}", ended.stderr);
}

#[test]
fn a_number_may_begin_with_a_minus() {
    let bench = bench("");
    let ended = bench.book("-1-5", &bench.at("10:30"), &["--category", "garage"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
fn what_may_have_been_booked_is_booked_again_only_on_demand() {
    let bench = bench("");
    let flat: &[&str] = &["--category", "flat"];
    let again: &[&str] = &["--category", "flat", "--again"];
    bench.books("2", &bench.at("10:30"));
    for options in [flat, again] {
        let ended = bench.book("2", &bench.at("11:00"), options);
        assert_eq!(ended.code, Some(1), "it is pending");
        assert!(
            ended.stderr.contains("is about to be booked already"),
            "{}",
            ended.stderr
        );
    }
    for (state, words) in [
        ("done", "was booked already"),
        ("unknown", "may have been booked already"),
    ] {
        tamper(
            &bench.ledger(),
            &format!("UPDATE call SET state = '{state}', finished_at = created_at"),
        );
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
    tamper(
        &bench.ledger(),
        "UPDATE call SET state = 'failed', finished_at = created_at",
    );
    let ended = bench.book("2", &bench.at("11:30"), flat);
    assert_eq!(
        ended.code,
        Some(0),
        "what failed is no hindrance: {}",
        ended.stderr
    );
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
