//! What the tests share: the vendors' systems simulated in this process, a config that points
//! at them, the binary as another process that can be killed, and the ledger that it leaves.
//!
//! ```text
//! setup     what a bench is made of          secrets   what no output may hold
//! bench     the simulator, the config,       witness   looks into the ledger before a
//!           the binary, the ledger                     Delete takes effect
//! process   the binary, run or running       promises  checks all of them at the end
//! stage     one process that is killed       sqlite    what stands in a file
//!           at a chosen moment               tool      programs that may be missing
//! ```
//!
//! Every Delete that reaches a [`Bench`] is witnessed: the entry, its records, changes and
//! permanent ids must stand in the ledger by then. A bench that ends without a panic has seen
//! no violation of the vendors' documents, and no credential of any system in any output or in
//! the ledger. Nothing here waits by sleeping for a time: [`wait_until`] looks for a condition.

mod bench;
mod body;
pub(crate) mod clock;
pub(crate) mod disk;
pub(crate) mod entities;
pub(crate) mod feeds;
pub(crate) mod process;
mod promises;
pub(crate) mod raw;
mod replay;
pub(crate) mod secrets;
mod setup;
pub(crate) mod snapshot;
mod sqlite;
mod stage;
pub(crate) mod terminal;
mod tool;
mod witness;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::net::TcpSocket;

pub(crate) use bench::Bench;
pub(crate) use body::Body;
pub(crate) use process::{Daemon, Ended};
pub(crate) use secrets::{API_KEY, LINK, TOKEN};
pub(crate) use setup::{Setup, setup};
pub(crate) use sqlite::lines;
pub(crate) use stage::End;
pub(crate) use tool::{skip, tool};

/// Longer than anything here may take on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(180);
/// The longest rest between two looks at what is waited for.
const SELDOM: Duration = Duration::from_millis(40);

/// All of the log that there is, of the libraries too.
pub(crate) const TALKATIVE: &str = "trace,reqwest=trace,reqwest::connect=trace,hyper::proto::h1=trace,\
     hyper_util::client::legacy=trace,tokio_cron_scheduler=trace";

/// Waits until something holds.
#[track_caller]
pub(crate) fn wait_until(what: &str, holds: impl FnMut() -> bool) {
    wait_within(PATIENCE, what, holds);
}

/// Waits until something holds that may take this long.
#[track_caller]
pub(crate) fn wait_within(patience: Duration, what: &str, holds: impl FnMut() -> bool) {
    // Often at first; what takes long is not looked at so often, for each look costs the others.
    let mut interval = Duration::from_millis(5);
    let next = || {
        interval = (interval * 6 / 5).min(SELDOM);
        interval
    };
    look(patience, next, what, holds);
}

/// Waits until something holds, looking this often.
#[track_caller]
fn look_every(interval: Duration, what: &str, holds: impl FnMut() -> bool) {
    look(PATIENCE, || interval, what, holds);
}

#[track_caller]
fn look(
    patience: Duration,
    mut interval: impl FnMut() -> Duration,
    what: &str,
    mut holds: impl FnMut() -> bool,
) {
    let deadline = Instant::now() + patience;
    let _kept = sqlite::Kept::begin();
    while !holds() {
        assert!(Instant::now() < deadline, "never came about: {what}");
        std::thread::sleep(interval());
    }
}

/// The chance of a test: its seed is printed, and set by `SEED` to repeat a run.
pub(crate) fn chance(test: &str) -> fastrand::Rng {
    let seed = match std::env::var("SEED") {
        Ok(text) => text.parse().expect("SEED is a number"),
        Err(_) => fastrand::u64(..),
    };
    println!("{test}: SEED={seed}");
    fastrand::Rng::with_seed(seed)
}

/// A client of HTTP to be, as another program than ours would use it.
pub(crate) fn http_client() -> reqwest::ClientBuilder {
    // It may have been installed already, which is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
}

/// An address of loopback where nothing listens, but what a test lets listen there: it is held
/// by a socket of this process for as long as that runs, so that no other is given it.
pub(crate) fn nowhere() -> SocketAddr {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    std::mem::forget(socket);
    address
}

/// Whether an id is a UUID of version 7.
pub(crate) fn is_uuid_v7(id: &str) -> bool {
    id.parse::<uuid::Uuid>().is_ok_and(|uuid| uuid.get_version_num() == 7 && uuid.to_string() == id)
}
