//! Bodies in other encodings than UTF-8.

use std::io::Write;
use std::net::TcpStream;

use super::unruly::{Asked, Unruly, answer};
use crate::support::setup;

/// Serves this queue once, and an empty one after its Delete.
fn with_queue(headers: &'static str, body: Vec<u8>) -> Unruly {
    Unruly::start(move |stream: &mut TcpStream, asked: &Asked| {
        let is_first = asked.path() == "To1c/Requests" && asked.count == 1;
        let (headers, body) = if is_first { (headers, &*body) } else { ("", b"[]".as_slice()) };
        stream.write_all(&answer("200 OK", headers, body)).is_ok()
    })
}

const ENTRY: &str = r#"[{"Guid":"g1","Resident":{"Id":"r1","Surname":"Щукина"}}]"#;

#[track_caller]
fn is_read(headers: &'static str, body: Vec<u8>) {
    let server = with_queue(headers, body);
    let bench = setup().start();
    bench.write_config(&server.base_url());
    bench.pass();
    assert_eq!(bench.one("SELECT surname FROM resident"), "Щукина");
    assert_eq!(bench.one("SELECT state FROM envelope"), "acknowledged");
}

#[test]
fn entries_in_windows_1251_are_not_quarantined() {
    let (body, _, _) = encoding_rs::WINDOWS_1251.encode(ENTRY);
    let headers = "Content-Type: application/json; charset=windows-1251\r\n";
    is_read(headers, body.into_owned());
}

#[test]
fn a_queue_in_utf_16_is_read_with_and_without_its_name() {
    let text = format!("\u{feff}{ENTRY}");
    let body: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    is_read("Content-Type: application/json; charset=utf-16le\r\n", body.clone());
    is_read("Content-Type: application/json\r\n", body);
}

#[test]
fn what_is_understood_is_asked_for_and_what_is_not_is_named() {
    for name in ["br", "zstd", "deflate"] {
        let headers: &str = match name {
            "br" => "Content-Encoding: br\r\n",
            "zstd" => "Content-Encoding: zstd\r\n",
            _ => "Content-Encoding: deflate\r\n",
        };
        let server = with_queue(headers, b"\x1b\x02\x00\xf8[]".to_vec());
        let bench = setup().start();
        bench.write_config(&server.base_url());
        let ended = bench.fail();
        let words = format!("the encoding of the answer is not understood: {name}");
        assert!(ended.stderr.contains(&words), "{}", ended.stderr);
        let head = server.asked("To1c/Requests")[0].head.to_lowercase();
        assert!(head.contains("\r\naccept-encoding: gzip\r\n"), "{head}");
    }
}
