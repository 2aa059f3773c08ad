//! A feed in a file, and a thread that serves it to whoever asks.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use simulator::{FeedKind, Layout, Options, Simulator};
use tempfile::TempDir;
use uzhkh_ledger::config::{Config, Environment};
use uzhkh_ledger::http::{Deadline, Upstream};
use uzhkh_ledger::service;

/// A feed of deals.
pub(crate) struct Feed {
    directory: TempDir,
    address: SocketAddr,
    reads: Arc<AtomicUsize>,
}

impl Feed {
    /// The simulator's feed with so many deals.
    pub(crate) fn of(deals: usize) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let file = directory.path().join("feed.json");
        service::runtime()?.block_on(write(deals, &file))?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let reads = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&reads);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::Relaxed);
                // Who hangs up has had enough.
                drop(answer(stream, &file));
            }
        });
        Ok(Self { directory, address, reads })
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.directory.path().join("feed.json")
    }

    pub(crate) fn size(&self) -> anyhow::Result<u64> {
        Ok(std::fs::metadata(self.file())?.len())
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/feed/", self.address)
    }

    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }
}

/// Writes the simulator's feed into a file.
async fn write(deals: usize, file: &Path) -> anyhow::Result<()> {
    let simulator = Simulator::start(Options { record: false, ..Options::default() }).await?;
    let domoplaner = simulator.domoplaner();
    // About two premises in three have a deal.
    let mut premises = deals;
    while domoplaner.ids(FeedKind::Deals).len() < deals {
        domoplaner.grow(premises);
        premises += deals / 10 + 1;
    }
    let link = domoplaner.add_feed(FeedKind::Deals, Layout::wrapped("data"));
    let config = format!("[[domoplaner.feed]]\nname = 'deals'\nkind = 'deals'\nurl = '{link}'\n");
    let config = Config::parse(&config, Path::new("bench.toml"), &Environment::new())?;
    let feed = config.domoplaner.context("no [domoplaner]")?.feeds.remove(0);
    let pause = Duration::from_secs(1);
    let upstream = Upstream::new("feed", &feed.url, None, &config.http, &Deadline::none(), pause)?;
    let mut answer = upstream.get("feed", "", &[]).await?;
    let mut file = std::io::BufWriter::new(File::create(file)?);
    while let Some(chunk) = answer.chunk().await? {
        file.write_all(&chunk)?;
    }
    file.flush()?;
    simulator.stop().await;
    Ok(())
}

/// One request, one answer, and the connection is closed.
fn answer(mut stream: TcpStream, file: &Path) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let mut file = File::open(file)?;
    let length = file.metadata()?.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    std::io::copy(&mut file, &mut stream)?;
    Ok(())
}
