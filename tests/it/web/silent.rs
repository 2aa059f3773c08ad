//! Clients that take their time, or say nothing, cost nothing but themselves.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::served::{Served, read, serve, token};
use crate::support::wait_until;

fn files(served: &Served) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", served.daemon.id())).unwrap().count()
}

#[test]
fn connections_that_say_nothing_make_room_for_those_that_do() {
    let served = serve();
    let before = files(&served);
    let silent: Vec<TcpStream> =
        (0..400).map(|_| TcpStream::connect(served.address).unwrap()).collect();
    // It comes last, and is answered all the same.
    assert_eq!(served.get("/api/v1/status").status, 200);
    wait_until("room is made", || files(&served) < before + 300);
    // The first have been closed for it.
    let mut first = &silent[0];
    first.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    assert!(matches!(first.read(&mut [0]), Ok(0) | Err(_)));
    served.stop();
}

#[test]
fn a_connection_is_kept_for_the_next_request_and_closed_when_none_comes() {
    let served = serve();
    let mut stream = TcpStream::connect(served.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let request =
        format!("HEAD /api/v1/status HTTP/1.1\r\nHost: localhost\r\n{}\r\n\r\n", token("bi"));
    for _ in 0..3 {
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        assert_eq!(read(&String::from_utf8(head).unwrap()).status, 200);
    }
    let began = Instant::now();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    let took = began.elapsed();
    assert!((Duration::from_secs(5)..Duration::from_secs(40)).contains(&took), "{took:?}");
    served.stop();
}

#[test]
fn a_body_that_nobody_wants_does_not_lose_the_answer() {
    let served = serve();
    let mut stream = TcpStream::connect(served.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let length = 8 << 20;
    let head = format!(
        "POST /api/v1/none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{}\r\nContent-Length: {length}\r\n\r\n",
        token("1c")
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&vec![b'x'; length]).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert_eq!(read(&text).status, 404);
    served.stop();
}

/// Sends a head and a part of its body, and leaves the rest out.
fn half_sent(served: &Served) -> TcpStream {
    let mut stream = TcpStream::connect(served.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let head = format!(
        "POST /api/v1/resync HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{}\r\n\
         Content-Length: 1000\r\n\r\n{{\"a\"",
        token("1c")
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

#[test]
fn senders_that_take_their_time_hold_no_place_of_others() {
    let served = serve();
    let began = Instant::now();
    let mut slow: Vec<TcpStream> = (0..60).map(|_| half_sent(&served)).collect();
    // More than may act at once are sending, and none of them acts.
    let asked = served.post("/api/v1/resync", "");
    assert_eq!(asked.status, 202, "{}", asked.body);
    let mut text = String::new();
    slow[0].read_to_string(&mut text).unwrap();
    assert_eq!(read(&text).status, 408);
    assert!(read(&text).detail().contains("did not come in time"));
    assert!(began.elapsed() < Duration::from_secs(50), "{:?}", began.elapsed());
    served.stop();
}
