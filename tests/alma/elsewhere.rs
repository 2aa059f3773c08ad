//! An address that answers, and is not Alma's: no object is to blame for that.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

use crate::bench::both;

/// The address of one that says this to everything, once a connection.
fn saying(status: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(&stream, status, body));
        }
    });
    format!("http://{address}/")
}

fn answer(mut stream: &TcpStream, status: &str, body: &str) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).ok()? > 2 {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        line.clear();
    }
    std::io::copy(
        &mut std::io::Read::take(reader, length),
        &mut std::io::sink(),
    )
    .ok()?;
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all((head + body).as_bytes()).ok()
}

#[test]
fn what_is_not_alma_rejects_nothing() {
    for (status, body) in [
        ("404 Not Found", ""),
        ("404 Not Found", r#"{"detail":"Not found."}"#),
        ("404 Not Found", "<h1>Not Found</h1>"),
        ("405 Method Not Allowed", r#"{"detail":"Not allowed."}"#),
        ("400 Bad Request", "<h1>Bad Request (400)</h1>"),
    ] {
        let bench = both().start();
        let to_alma = format!("base_url = {:?}\napi_key", bench.alma().base_url());
        let elsewhere = format!("base_url = {:?}\napi_key", saying(status, body));
        bench.rewrite_config(&to_alma, &elsewhere);
        bench.furnish();
        let ended = bench.fail();
        assert!(
            ended.stderr.contains("alma: "),
            "{status}: {}",
            ended.stderr
        );
        let stuck = bench.stuck();
        assert!(
            stuck.iter().all(|object| !object.contains("rejected")),
            "{status}: {stuck:?}"
        );
        bench.rewrite_config(&elsewhere, &to_alma);
        bench.pass();
        assert_eq!(bench.stuck(), [""; 0], "{status}");
        bench.rests();
    }
}
