//! `[web]`: one listener, for programs (`/api/v1/…`) and for people (everything else).
//!
//! What a shell can do, a program can: it reads what there is and follows what changes, and
//! its acts are those of [`crate::acts`]. What is served is personal data, so nothing of a
//! request or an answer is logged but the failures of the ledger itself.
//!
//! ```text
//! listener     accepts connections, with TLS       tls, crowd, connection: one of each
//! site         the host's name, then one of the two routers; counts what is answered
//! auth         programs by their tokens: who (401), and what they may do (403)
//! api          the interface for programs, a file a resource; problem: what went wrong
//! query, body, cursor   what was asked, understood or refused (400, 413, 415)
//! places       so many at once (429)
//! guard        people by their sessions; pages: the console, words: in two languages
//! wakeups      wakes those who wait for a commit; none of them holds a reader
//! ```
//!
//! A slow or silent client costs its own connection: heads, bodies and answers have bounded
//! times, an answer is whole before it is sent, and a reader of the ledger is held only while
//! it is being made.

mod api;
mod auth;
mod body;
mod connection;
mod crowd;
mod cursor;
mod guard;
mod host;
mod listener;
mod pages;
mod places;
mod problem;
mod query;
mod site;
mod tls;
mod wakeups;
mod words;

#[cfg(any(test, fuzzing))]
pub(crate) use api::fuzzing;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

pub(crate) use listener::Listener;
pub use tls::TlsError;

use crate::clock::SharedClock;
use crate::config::Config;
use crate::ledger::{self, Ledger, Reader, Readers};
use auth::Tokens;
use places::{Place, Places};
use problem::Problem;
use site::Site;
use wakeups::Wakeups;

/// So many times as long as it took is an answer held back while the writer works.
const RESTS: u32 = 4;
/// And no longer.
const LONGEST_REST: Duration = Duration::from_millis(250);

/// Why `[web]` cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be had.
    #[error("web.listen: {0} cannot be listened on: {1}; is another program there?")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// The certificate or the key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// What every handler is given.
pub(crate) type Shared = Arc<Web>;

/// What answers are made from.
pub(crate) struct Web {
    /// The config.
    pub(crate) config: Config,
    /// The ledger, to be written to.
    pub(crate) ledger: Arc<Ledger>,
    /// The clock.
    pub(crate) clock: SharedClock,
    /// The end of the service.
    pub(crate) stop: CancellationToken,
    /// The portal's fields that hold secrets, or have held some, as the ledger remembers.
    secret_codes: BTreeSet<String>,
    readers: Readers,
    tokens: Tokens,
    places: Places,
    wakeups: Wakeups,
}

impl Web {
    /// What is answered of a service with this config.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub(crate) async fn new(
        config: &Config,
        ledger: &Arc<Ledger>,
        clock: &SharedClock,
        stop: &CancellationToken,
    ) -> Result<Self, ledger::Error> {
        let secret_codes = ledger.read(Reader::secret_codes).await?;
        let tokens = config.web.as_ref().map(|web| web.tokens.as_slice());
        Ok(Self {
            config: config.clone(),
            secret_codes,
            readers: ledger.readers(),
            ledger: Arc::clone(ledger),
            clock: Arc::clone(clock),
            stop: stop.clone(),
            tokens: Tokens::new(tokens.unwrap_or_default()),
            places: Places::new(),
            wakeups: Wakeups::new(),
        })
    }

    /// Asks the ledger, beside the writer and all others who ask. The drain comes first: while
    /// the writer works, an answer is held back for a few times as long as it took.
    ///
    /// # Errors
    /// What `question` returned.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, ledger::Error> + Send + 'static,
    ) -> Result<T, ledger::Error> {
        let readers = self.readers.clone();
        let ask = move || {
            let began = Instant::now();
            let answer = readers.ask(question);
            (began.elapsed(), answer)
        };
        // The runtime ends before it has begun.
        let asked = tokio::task::spawn_blocking(ask).await.map_err(|_| ledger::Error::Closed);
        let (took, answer) = asked?;
        if self.ledger.is_writing() {
            tokio::time::sleep(LONGEST_REST.min(took * RESTS)).await;
        }
        answer
    }

    /// Takes a place among those who ask for the same.
    ///
    /// # Errors
    /// 429 where there is none.
    pub(crate) fn place(&self, place: Place) -> Result<OwnedSemaphorePermit, Problem> {
        self.places.take(place)
    }
}

/// Whether the certificate can be used as the config says.
///
/// # Errors
/// Why not.
pub(crate) fn check_config(config: &Config) -> Result<(), TlsError> {
    let tls = config.web.as_ref().and_then(|web| web.tls.as_ref());
    tls.map(tls::load).transpose().map(drop)
}

/// Answers until the stop.
pub(crate) async fn serve(listener: Listener, web: Web) {
    let web = Arc::new(web);
    let stop = web.stop.clone();
    let site = Arc::new(Site::new(&web));
    tokio::join!(
        listener.serve(site, stop.clone()),
        web.wakeups.keep_looking(&web.ledger, &stop),
        pages::fill(&web),
    );
}
