//! An upstream made of threads and bytes, for what the simulator does not count.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Answers each request, by its line's target and its body, with a body.
type Handler = dyn Fn(&str, &str) -> String + Send + Sync;

/// A server that notes every target, and how many of a path were under way at once.
pub(crate) struct Raw {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    targets: Vec<String>,
    under_way: BTreeMap<String, usize>,
    most: BTreeMap<String, usize>,
}

impl Raw {
    /// Serves until the test program ends; always 200.
    pub(crate) fn start(handler: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::answering(move |target, _| handler(target))
    }

    /// The same, for a handler that wants the bodies of requests, too.
    pub(crate) fn answering(
        handler: impl Fn(&str, &str) -> String + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let handler: Arc<Handler> = Arc::new(handler);
        let noted = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, noted) = (Arc::clone(&handler), Arc::clone(&noted));
                std::thread::spawn(move || converse(stream, &*handler, &noted));
            }
        });
        Self { address, seen }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/internal/", self.address)
    }

    /// Every request's target, in order of arrival.
    pub(crate) fn targets(&self) -> Vec<String> {
        self.seen.lock().unwrap().targets.clone()
    }

    /// The most requests for a path that were ever under way at the same time.
    pub(crate) fn most_at_once(&self, path: &str) -> usize {
        let seen = self.seen.lock().unwrap();
        seen.most.get(path).copied().unwrap_or_default()
    }
}

/// A connection: requests, one after the other.
fn converse(mut stream: TcpStream, handler: &Handler, seen: &Mutex<Seen>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let target = line.split(' ').nth(1)?.to_owned();
        let mut length = 0;
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).ok()? <= 2 {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let asked = String::from_utf8(body).ok()?;
        let path = target.split('?').next()?.to_owned();
        {
            let mut seen = seen.lock().unwrap();
            seen.targets.push(target.clone());
            let now = seen.under_way.entry(path.clone()).or_default();
            *now += 1;
            let now = *now;
            let most = seen.most.entry(path.clone()).or_default();
            *most = now.max(*most);
        }
        let body = handler(&target, &asked);
        *seen.lock().unwrap().under_way.get_mut(&path)? -= 1;
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        // In one piece: the second of two would wait for the first to be acknowledged.
        stream.write_all((head + &body).as_bytes()).ok()?;
    }
}
