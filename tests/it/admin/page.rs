//! A service with `[admin]`, and what it answers there.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::support::process::under;
use crate::support::{Bench, Daemon, Setup, nowhere, process, setup, tool, wait_until};

/// A service that is watched.
pub(crate) struct Watched {
    /// Goes before its tracer, which would let it live.
    _traced: Option<Traced>,
    pub(crate) daemon: Daemon,
    address: SocketAddr,
    pub(crate) bench: Bench,
}

/// What a tracer runs; it does not outlive its test.
struct Traced {
    tracer: u32,
}

impl Drop for Traced {
    fn drop(&mut self) {
        for child in process::children(self.tracer) {
            process::signal(child, "KILL");
        }
    }
}

/// An answer of `[admin]`.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Starts a service that listens on a free port, and waits until it does.
pub(crate) fn watch(setup: Setup) -> Watched {
    let (bench, address) = set_up(setup);
    let daemon = bench.daemon();
    begin(bench, address, daemon)
}

fn set_up(setup: Setup) -> (Bench, SocketAddr) {
    let address = nowhere();
    let section = format!("[admin]\nlisten = \"{address}\"");
    (setup.section(&section).start(), address)
}

/// The same under strace, with this fault injected, and a watchdog that is fed in vain
/// where a part is silent for longer than this.
///
/// None where there is no strace.
pub(crate) fn watch_under(inject: &str, watchdog: Duration) -> Option<Watched> {
    tool("strace")?;
    let mut busy = setup().every_second();
    // Each entry takes a commit of its own.
    busy.options.batch_limit = Some(1);
    let (bench, address) = set_up(busy);
    // Opening a ledger that is there takes few writes.
    bench.pass();
    bench.uzhkh().generate(300);
    let tracer = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", inject];
    let mut service = under(&tracer, &bench.config(), &["run"]);
    service
        .env("WATCHDOG_USEC", watchdog.as_micros().to_string())
        .env("NOTIFY_SOCKET", bench.dir.path().join("nobody"));
    let daemon = process::begin(service);
    let tracer = daemon.id();
    Some(Watched { _traced: Some(Traced { tracer }), ..begin(bench, address, daemon) })
}

fn begin(bench: Bench, address: SocketAddr, daemon: Daemon) -> Watched {
    let watched = Watched { _traced: None, daemon, address, bench };
    wait_until("the service to listen", || watched.try_get("/healthz").is_some());
    watched
}

impl Watched {
    /// Stops it in order, and starts it again over the same ledger.
    pub(crate) fn again(self, meanwhile: impl FnOnce(&Bench)) -> Watched {
        self.daemon.stop();
        meanwhile(&self.bench);
        let daemon = self.bench.daemon();
        begin(self.bench, self.address, daemon)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.try_get(path).unwrap()
    }

    fn try_get(&self, path: &str) -> Option<Answer> {
        self.try_ask("GET", path)
    }

    /// Asks with any method.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Answer {
        self.try_ask(method, path).unwrap()
    }

    fn try_ask(&self, method: &str, path: &str) -> Option<Answer> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        Some(Answer {
            status: head.split(' ').nth(1)?.parse().ok()?,
            head: head.to_owned(),
            body: body.to_owned(),
        })
    }

    /// The page of metrics.
    pub(crate) fn page(&self) -> String {
        let answer = self.get("/metrics");
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// The number of a sample on the page; None where it is not there.
    pub(crate) fn number(&self, sample: &str) -> Option<f64> {
        number(&self.page(), sample)
    }

    /// Waits until a sample has a number.
    #[track_caller]
    pub(crate) fn wait_for(&self, sample: &str, wanted: f64) {
        wait_until(sample, || self.number(sample) == Some(wanted));
    }
}

/// The number of a sample, named with its labels but without the prefix of all.
pub(crate) fn number(page: &str, sample: &str) -> Option<f64> {
    let wanted = format!("uzhkh_ledger_{sample} ");
    let line = page.lines().find_map(|line| line.strip_prefix(&wanted))?;
    Some(line.parse().unwrap())
}

/// What the page has: each metric with its kind and its labels.
pub(crate) fn vocabulary(page: &str) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let kinds = page.lines().filter_map(|line| {
        let (name, kind) = line.strip_prefix("# TYPE ")?.split_once(' ')?;
        Some((name.to_owned(), (kind.to_owned(), BTreeSet::new())))
    });
    let mut metrics: BTreeMap<_, _> = kinds.collect();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let end = line.find(['{', ' ']).unwrap();
        let (name, rest) = line.split_at(end);
        let suffixes = ["_bucket", "_sum", "_count"].iter();
        let base = suffixes
            .filter_map(|suffix| name.strip_suffix(suffix))
            .find(|base| metrics.contains_key(*base))
            .unwrap_or(name);
        let (_, labels): &mut (String, BTreeSet<String>) = metrics.get_mut(base).unwrap();
        if let Some(named) = rest.strip_prefix('{') {
            let named = named.split_once('}').unwrap().0;
            let names = named.split("\",").map(|label| label.split_once('=').unwrap().0);
            labels.extend(names.filter(|name| *name != "le").map(str::to_owned));
        }
    }
    metrics
}
