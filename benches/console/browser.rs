//! A browser that does no more than it must: it signs in, loads pages and sends forms, on one
//! connection that is kept.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::Context;
use url::form_urlencoded;

const NAME: &str = "operator";
const PASSWORD: &str = "ключ под ковриком";

/// A user of the config. The hash is of little memory: signing in is not measured.
pub(crate) const USER: &str = "[[web.user]]\nname = 'operator'\nrole = 'operator'\n\
    password_hash = '$argon2id$v=19$m=64,t=1,p=1$dajv5jR96UF68eC4q9iunw$k3E6NV/BmgltFAVXov2XHoDCb8AQ1PIMH1BzmlQvmtA'\n";

/// A browser of somebody who has signed in.
pub(crate) struct Browser {
    stream: BufReader<TcpStream>,
    cookie: String,
    body: Vec<u8>,
}

impl Browser {
    pub(crate) fn sign_in(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let stream = BufReader::with_capacity(1 << 16, stream);
        let mut browser = Self { stream, cookie: String::new(), body: Vec::new() };
        let status = browser.post("/login", &[("name", NAME), ("password", PASSWORD)])?;
        anyhow::ensure!(status == 303, "signing in is answered {status}");
        Ok(browser)
    }

    /// Loads a page, which must be there.
    pub(crate) fn load(&mut self, path: &str) -> anyhow::Result<&[u8]> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", self.cookie);
        let status = self.exchange(head.as_bytes())?;
        anyhow::ensure!(status == 200, "{path} is answered {status}");
        Ok(&self.body)
    }

    /// Sends a form as a page of ours does; answers the status.
    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<u16> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(fields).finish();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\n{}Sec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.cookie,
            form.len()
        );
        self.exchange(request.as_bytes())
    }

    fn exchange(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        self.stream.get_mut().write_all(request)?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.with_context(|| format!("no answer: {line:?}"))?;
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            match name {
                "content-length" => length = value.parse()?,
                "set-cookie" => {
                    let cookie = value.split(';').next().unwrap_or_default();
                    self.cookie = format!("Cookie: {cookie}\r\n");
                }
                _ => {}
            }
        }
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body)?;
        Ok(status)
    }
}
