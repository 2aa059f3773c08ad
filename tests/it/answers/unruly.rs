//! A server made of threads and bytes, which says what it likes to whom it likes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) target: String,
    /// All lines of the head.
    pub(crate) head: String,
    /// The number of the request on its connection, from 1.
    pub(crate) turn: usize,
    /// The number of requests for this path so far, this one included.
    pub(crate) count: usize,
}

impl Asked {
    pub(crate) fn path(&self) -> &str {
        let path = self.target.split('?').next().unwrap();
        path.rsplit("/internal/").next().unwrap()
    }
}

/// Writes the answer; false closes the connection.
type Handler = dyn Fn(&mut TcpStream, &Asked) -> bool + Send + Sync;

pub(crate) struct Unruly {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Unruly {
    /// Serves until the test program ends.
    pub(crate) fn start(
        handler: impl Fn(&mut TcpStream, &Asked) -> bool + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let handler: Arc<Handler> = Arc::new(handler);
        let noted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, noted) = (Arc::clone(&handler), Arc::clone(&noted));
                std::thread::spawn(move || converse(stream, &*handler, &noted));
            }
        });
        Self { address, asked }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/internal/", self.address)
    }

    /// The requests for a path.
    pub(crate) fn asked(&self, path: &str) -> Vec<Asked> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|asked| asked.path() == path).cloned().collect()
    }

    pub(crate) fn all(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The number of all requests.
    pub(crate) fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn converse(mut stream: TcpStream, handler: &Handler, noted: &Mutex<Vec<Asked>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    for turn in 1.. {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let target = head.split(' ').nth(1)?.to_owned();
        let lower = head.to_lowercase();
        let length = lower.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
        reader.by_ref().take(length).read_to_end(&mut Vec::new()).ok()?;
        let mut asked = Asked { target, head, turn, count: 0 };
        {
            let mut noted = noted.lock().unwrap();
            asked.count = 1 + noted.iter().filter(|one| one.path() == asked.path()).count();
            noted.push(asked.clone());
        }
        if !handler(&mut stream, &asked) {
            return None;
        }
    }
    None
}

/// A whole answer, as its bytes.
pub(crate) fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// Says 200 with this body; the connection is kept.
pub(crate) fn says(stream: &mut TcpStream, body: impl AsRef<[u8]>) -> bool {
    stream.write_all(&answer("200 OK", "", body)).is_ok()
}
