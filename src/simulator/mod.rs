//! UZhKH on loopback, for tests, benches, the demo and for trying things out.
//!
//! It is written from the vendor's document and shares no code with the client,
//! so that a misreading of the document by either shows. It keeps what UZhKH
//! keeps: two queues whose entries stay until `Delete`, objects whose temporary
//! ids give way to assigned ones, six lists in pages. It misbehaves on demand
//! ([`Fault`]), says afterwards what was done to it and what of that the document
//! makes wrong ([`Report`]), and can be asked to check with a [`Witness`], before
//! each Delete takes effect, that the entry is safe elsewhere.
//!
//! ```text
//! mod         options, start and stop      server   connections
//! uzhkh       the handle                   routes   request to endpoint, faults
//! state       what UZhKH remembers         effects  what each endpoint does
//! queue       entries in order, by guid    reply    the answer, and its damage
//! identities  which object has which id    answer   bodies, made while sent
//! download    lists and pages              fault    what can go wrong
//! world/      the generator                report   what was seen
//! ```
//!
//! Where the document is silent: a Delete that worked is 200 with an empty body,
//! of an unknown guid 404; a missing Authorization is 403 `notAuthorized`
//! everywhere; decisions are answered with 200 and an empty body; the Download and
//! Handle paths lie below the internal link, as everything else.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

mod answer;
mod download;
mod effects;
mod fault;
mod identities;
mod json;
mod kind;
mod query;
mod queue;
mod reply;
mod report;
mod routes;
mod server;
mod state;
mod uzhkh;
mod world;

pub use download::DownloadMode;
pub use fault::{Endpoint, Fault, FaultKind};
pub use report::{Decision, Report, SetIdCall};
pub use uzhkh::Uzhkh;

use identities::Identities;
use queue::Queue;
use server::Shared;
use state::State;
use world::World;

/// Looks whether an entry is safe elsewhere. It is called for every Delete of a
/// known guid before that takes effect, on a thread that may block; its error
/// becomes a violation.
pub type Witness = Arc<dyn Fn(&Acknowledged) -> Result<(), String> + Send + Sync>;

/// An entry that a Delete is about to take out of its queue.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    /// `requests` or `deleted`.
    pub queue: &'static str,
    /// Its Guid.
    pub guid: String,
    /// The very bytes that were offered.
    pub body: Bytes,
    /// The objectId that the Delete carries.
    pub object_id: Option<String>,
}

/// How the words of SetId are sent; the document does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WordStyle {
    /// As plain text.
    Plain,
    /// As a JSON string.
    Json,
    /// Now so, now so.
    #[default]
    Mixed,
}

/// How to set the simulator up. By default it is empty and behaves well.
#[derive(Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The token that requests must bring.
    pub token: String,
    /// Of the generator and of everything left to chance.
    pub seed: u64,
    /// Envelopes generated into the queue at the start.
    pub envelopes: usize,
    /// Further envelopes per second.
    pub rate: f64,
    /// Accounts in the world at the start, with objects, people, meters and so
    /// on in proportion; they are what the Download lists show.
    pub accounts: usize,
    /// At most so many entries in one queue answer; None is all.
    pub batch_limit: Option<usize>,
    /// Items on a Download page.
    pub page_size: usize,
    /// How long every answer is held back.
    pub latency: Duration,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// Queue answers as `{"Items":[…]}` instead of a bare array.
    pub wrap_items: bool,
    /// How SetId's words are sent.
    pub words: WordStyle,
    /// Whether the report keeps every guid, identity and SetId; off, it stays
    /// small and the simulator fast.
    pub record: bool,
    /// Who checks each Delete.
    pub witness: Option<Witness>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            token: "simulator-token".to_owned(),
            seed: 1,
            envelopes: 0,
            rate: 0.0,
            accounts: 0,
            batch_limit: None,
            page_size: 200,
            latency: Duration::ZERO,
            faults: Vec::new(),
            wrap_items: false,
            words: WordStyle::default(),
            record: true,
            witness: None,
        }
    }
}

/// A running simulator. Dropping it ends it.
pub struct Simulator {
    address: SocketAddr,
    uzhkh: Uzhkh,
    tasks: Vec<JoinHandle<()>>,
}

impl Simulator {
    /// Binds and serves, on the current runtime.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let mut identities = Identities::default();
        let world = World::new(options.seed, options.accounts, &mut identities);
        let mut state = State {
            requests: Queue::default(),
            deleted: Queue::default(),
            identities,
            world,
            downloads: std::collections::HashMap::new(),
            modes: std::collections::HashMap::new(),
            report: Report::default(),
            faults: options.faults,
            random: fastrand::Rng::with_seed(options.seed.wrapping_add(1)),
            token: options.token,
            latency: options.latency,
            batch_limit: options.batch_limit.unwrap_or(usize::MAX),
            record: options.record,
        };
        state.generate(options.envelopes);
        let shared = Arc::new(Shared::new(
            state,
            options.page_size,
            options.wrap_items,
            options.words,
            options.witness,
        ));
        let mut tasks = vec![tokio::spawn(server::accept(listener, Arc::clone(&shared)))];
        if options.rate > 0.0 {
            tasks.push(tokio::spawn(server::trickle(
                Arc::clone(&shared),
                options.rate,
            )));
        }
        Ok(Self {
            address,
            uzhkh: Uzhkh { shared },
            tasks,
        })
    }

    /// The «ВнутренняяСсылка», with a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}/internal/", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// UZhKH, to look into and to move.
    pub fn uzhkh(&self) -> &Uzhkh {
        &self.uzhkh
    }

    /// Ends it, connections and all, and waits until it is ended.
    pub async fn stop(mut self) {
        for task in std::mem::take(&mut self.tasks) {
            task.abort();
            // Cancelled is what was asked for; a panic has been printed already.
            task.await.unwrap_or_default();
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
