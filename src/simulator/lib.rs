//! UZhKH, Domoplaner, MACRO, Bitrix24 and Alma on loopback, for tests, benches, the demo
//! and for trying things out.
//!
//! It is written from the vendors' documents and shares no code with the clients,
//! so that a misreading of a document by either shows. It keeps what the systems
//! keep: UZhKH's queues, whose entries stay until `Delete`, and objects whose
//! temporary ids give way to assigned ones; Domoplaner's catalogue of premises and
//! deals behind secret links; MACRO's list of ready flats and its slots, which are
//! taken once; Bitrix24's items and files; Alma's objects, with the rules that it refuses by. It misbehaves on demand ([`Fault`]), says afterwards what was done
//! to it and what of that a document makes wrong ([`Report`]), and can be asked to
//! check with a [`Witness`], before each Delete takes effect, that the entry is
//! safe elsewhere.
//!
//! ```text
//! options     how to set it up             server   connections, what they share
//! state       what all remember            routes   which system is asked
//! fault       what can go wrong            reply    the answer, and its damage
//! endpoint    where it goes wrong          answer   bodies, made while sent
//! report      what was seen                query    parameters, decoded
//! clock       what time it is              json     text with exact numbers
//! invented    people and streets
//! uzhkh/      queues, ids, lists, decisions
//! domoplaner/ feeds of premises and deals
//! macrocrm/   the transfer of keys
//! bitrix24/   apartments, units, contracts, contacts
//! alma/       buildings, units, rooms, clients, contracts
//! ```

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

mod alma;
mod answer;
mod bitrix24;
mod clock;
mod domoplaner;
mod endpoint;
mod fault;
mod invented;
mod json;
mod macrocrm;
mod options;
mod query;
mod reply;
mod report;
mod routes;
mod server;
mod state;
mod uzhkh;

pub use alma::{Alma, AlmaFile, AlmaKind, AlmaObject, RestoredObject, RestoredPhoto};
pub use bitrix24::{Bitrix24, BitrixKind, BitrixOptions, BitrixShape, Bucket};
pub use domoplaner::{Domoplaner, FeedKind, Layout};
pub use endpoint::{Endpoint, Way};
pub use fault::{Fault, FaultKind};
pub use macrocrm::{Category, Macrocrm, PhpShape, ReadyFlat, RefusalShape};
pub use options::{Acknowledged, Options, Witness, WordStyle};
pub use report::{AlmaCall, BitrixCall, Booking, Decision, MacroCall, Report, SetIdCall};
pub use uzhkh::{DownloadMode, Uzhkh};

use server::Shared;

/// A running simulator. Dropping it ends it.
pub struct Simulator {
    address: SocketAddr,
    uzhkh: Uzhkh,
    domoplaner: Domoplaner,
    macrocrm: Macrocrm,
    alma: Alma,
    bitrix24: Bitrix24,
    tasks: Vec<JoinHandle<()>>,
}

impl Simulator {
    /// Binds and serves, on the current runtime.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(&options));
        let domoplaner = Domoplaner::new(&shared, address);
        let macrocrm = Macrocrm::new(&shared, address);
        let alma = Alma::new(&shared, address);
        let bitrix24 = Bitrix24::new(&shared, address);
        let mut tasks = vec![tokio::spawn(server::accept(listener, Arc::clone(&shared)))];
        if options.rate > 0.0 {
            let shared = Arc::clone(&shared);
            let generate = move |count| shared.lock().generate(count);
            tasks.push(tokio::spawn(server::trickle(options.rate, generate)));
        }
        if options.catalogue_rate > 0.0 {
            let (domoplaner, macrocrm) = (domoplaner.clone(), macrocrm.clone());
            let bitrix24 = bitrix24.clone();
            let step = move |count| {
                domoplaner.step(count);
                macrocrm.step(count);
                bitrix24.step(count);
            };
            tasks.push(tokio::spawn(server::trickle(options.catalogue_rate, step)));
        }
        Ok(Self { address, uzhkh: Uzhkh { shared }, domoplaner, macrocrm, alma, bitrix24, tasks })
    }

    /// UZhKH's «ВнутренняяСсылка», with a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}/internal/", self.address)
    }

    /// Address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// UZhKH, to look into and to move.
    pub fn uzhkh(&self) -> &Uzhkh {
        &self.uzhkh
    }

    /// Domoplaner, to look into and to move.
    pub fn domoplaner(&self) -> &Domoplaner {
        &self.domoplaner
    }

    /// MACRO, to look into and to move.
    pub fn macrocrm(&self) -> &Macrocrm {
        &self.macrocrm
    }

    /// Alma, to look into and to move.
    pub fn alma(&self) -> &Alma {
        &self.alma
    }

    /// Bitrix24, to look into and to move.
    pub fn bitrix24(&self) -> &Bitrix24 {
        &self.bitrix24
    }

    /// Adds a fault; of several, the first that strikes wins.
    pub fn inject(&self, fault: Fault) {
        self.uzhkh.inject(fault);
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.uzhkh.clear_faults();
    }

    /// Report on all systems so far.
    pub fn report(&self) -> Report {
        self.uzhkh.report()
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
