//! `identity import`: names from a file.

use std::fs;

use crate::support::Bench;
use crate::support::entities::{counter, envelope};
use crate::support::setup;

/// A bench with this many meters that wait for their names: `--1`, `--2`, ….
fn waiting(count: usize) -> Bench {
    let bench = setup().section("[identity]\nassign = \"external\"").start();
    for n in 1..=count {
        let id = format!("--{n}");
        bench.uzhkh().push_request(envelope(&format!("g{n}"), "Counter", &counter(&id)));
    }
    bench.pass();
    bench
}

fn import(bench: &Bench, bytes: &[u8], arguments: &[&str]) -> (Option<i32>, String) {
    let file = bench.file("names");
    fs::write(&file, bytes).unwrap();
    let mut given = vec!["identity", "import"];
    given.extend(arguments);
    given.push(file.to_str().unwrap());
    let ended = bench.run(&given);
    (ended.code, ended.stdout + &ended.stderr)
}

#[test]
fn each_line_gets_its_verdict_and_none_keeps_back_another() {
    let bench = waiting(3);
    let text = "\u{FEFF}kind;temporary_id;permanent_id\ncounter;--1;ПУ-1\ncounter;--2;ПУ-1\n\
                counter;--2;\nrequest;--3;7\ncounter;3;7\ncounter;--3;--7\ncounter;--3;ok\n";
    let (code, said) = import(&bench, text.as_bytes(), &[]);
    assert_eq!(code, Some(1), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    for (line, begins) in lines.iter().zip([
        "2 counter --1 ПУ-1 named",
        "3 counter --2 ПУ-1 conflict ",
        "4 counter --2 - invalid ",
        "5 request --3 7 invalid ",
        "6 counter 3 7 invalid ",
        "7 counter --3 --7 invalid ",
        "8 counter --3 ok named",
    ]) {
        assert!(line.starts_with(begins), "{line}");
    }
    assert_eq!(lines.len(), 7, "{said}");
    assert_eq!(bench.lines("SELECT id FROM counter ORDER BY id"), ["--2", "ok", "ПУ-1"]);
    bench.verified();
}

#[test]
fn json_lines_say_the_same_in_json() {
    let bench = waiting(1);
    let text = r#"{"kind":"counter","temporary_id":"--1","permanent_id":"m1"}"#;
    let (code, said) = import(&bench, text.as_bytes(), &["--json"]);
    assert_eq!(code, Some(0), "{said}");
    let one: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&one["line"], &one["result"]), (&1.into(), &"named".into()));
    let (code, said) = import(&bench, text.as_bytes(), &[]);
    assert_eq!((code, said.as_str()), (Some(0), "1 counter --1 m1 already\n"));
}

#[test]
fn a_file_in_windows_1251_is_read() {
    let bench = waiting(1);
    // kind;temporary_id;permanent_id / counter;--1;ЛС
    let mut bytes = b"kind;temporary_id;permanent_id\r\ncounter;--1;".to_vec();
    bytes.extend([0xCB, 0xD1, b'\r', b'\n']);
    let (code, said) = import(&bench, &bytes, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(bench.one("SELECT id FROM counter"), "ЛС");
}

#[test]
fn a_line_that_cannot_be_decoded_is_refused_and_the_others_are_named() {
    let bench = waiting(3);
    let mut bytes =
        "kind,temporary_id,permanent_id\ncounter,--1,ЛС-1\ncounter,--2,".as_bytes().to_vec();
    // ЛС in Windows-1251 among lines in UTF-8.
    bytes.extend(b"\xCB\xD1-2\ncounter,--3,m3\n");
    let (code, said) = import(&bench, &bytes, &[]);
    assert_eq!(code, Some(1), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "2 counter --1 ЛС-1 named");
    assert!(lines[1].starts_with("3 ") && lines[1].contains("cannot be decoded"), "{said}");
    assert_eq!(lines[2], "4 counter --3 m3 named");
    assert_eq!(bench.lines("SELECT id FROM counter ORDER BY id"), ["--2", "m3", "ЛС-1"]);
}

#[test]
fn a_file_in_utf_16_is_read_by_its_bom() {
    let bench = waiting(1);
    let text = "\u{FEFF}kind\ttemporary_id\tpermanent_id\r\ncounter\t--1\tЛС\r\n";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (code, said) = import(&bench, &bytes, &["--delimiter", "\\t"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(bench.one("SELECT id FROM counter"), "ЛС");
}

#[test]
fn a_file_without_the_columns_is_refused_naming_the_line() {
    let bench = waiting(1);
    let (code, said) = import(&bench, b"a,b\n1,2\n", &[]);
    assert_eq!(code, Some(1));
    assert!(said.contains("line 1 has no column kind"), "{said}");
}
