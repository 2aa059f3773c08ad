//! A client on one connection that does no more than it must: what it reads it does not parse.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::Context;

pub(crate) const TOKEN: &str = "bench-token";

/// A connection that is kept.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::with_capacity(1 << 16, stream), body: Vec::new() })
    }

    /// Asks for a path, and reads the whole answer; its cursor, where it is of changes.
    pub(crate) fn get(&mut self, path: &str) -> anyhow::Result<i64> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (mut length, mut last, mut line) = (None, 0, String::new());
        self.stream.read_line(&mut line)?;
        anyhow::ensure!(line.starts_with("HTTP/1.1 200"), "{line}");
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            match name {
                "content-length" => length = Some(value.parse()?),
                "x-last-seq" => last = value.parse()?,
                _ => {}
            }
        }
        self.body.resize(length.context("no length")?, 0);
        self.stream.read_exact(&mut self.body)?;
        Ok(last)
    }

    /// How many rows the page has, as far as its text tells.
    pub(crate) fn count(&self, mark: &str) -> usize {
        memchr::memmem::find_iter(&self.body, mark.as_bytes()).count()
    }

    /// The `next` at the end of the page.
    pub(crate) fn next(&self) -> Option<String> {
        let tail = String::from_utf8_lossy(&self.body[self.body.len().saturating_sub(4096)..]);
        let (_, next) = tail.rsplit_once("\"next\":\"")?;
        Some(next.trim_end_matches("\"}").to_owned())
    }
}
