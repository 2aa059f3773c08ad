//! A server on loopback that answers what it is told, byte for byte.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One connection's answer, and what becomes of the connection.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) bytes: Vec<u8>,
    pub(crate) then: Then,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Then {
    Close,
    Hold,
}

pub(crate) fn close(text: impl Into<Vec<u8>>) -> Reply {
    Reply { bytes: text.into(), then: Then::Close }
}

pub(crate) fn hold(text: impl Into<Vec<u8>>) -> Reply {
    Reply { bytes: text.into(), then: Then::Hold }
}

/// A whole answer with its length.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    close(format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    ))
}

/// A request as it came in: who from, the head, and as much of a body as it says.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) peer: SocketAddr,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Gives one reply a connection; the last one again and again.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) async fn start(replies: Vec<Reply>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let seen_by_server = Arc::clone(&seen);
        tokio::spawn(async move {
            let mut held = Vec::new();
            for turn in 0.. {
                let (mut stream, peer) = listener.accept().await.unwrap();
                let head = read_head(&mut stream).await;
                let body = read_body(&mut stream, &head).await;
                seen_by_server.lock().unwrap().push(Seen { peer, head, body });
                let reply = replies[turn.min(replies.len() - 1)].clone();
                stream.write_all(&reply.bytes).await.unwrap();
                if reply.then == Then::Hold {
                    held.push(stream);
                }
            }
        });
        Server { address, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn requests(&self) -> usize {
        self.seen().len()
    }
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

async fn read_body(stream: &mut TcpStream, head: &str) -> String {
    let length = head
        .to_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.unwrap();
    String::from_utf8(body).unwrap()
}
