//! Options of the simulator.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::tz::TimeZone;

use super::bitrix24::{BitrixOptions, BitrixShape};
use super::fault::Fault;
use super::macrocrm::{PhpShape, RefusalShape};

/// Looks whether an entry is safe elsewhere. It is called for every Delete of a
/// known guid before that takes effect, on a thread that may block; its error
/// becomes a violation.
pub type Witness = Arc<dyn Fn(&Acknowledged) -> Result<(), String> + Send + Sync>;

/// An entry that a Delete is about to take out of its queue.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    /// `requests` or `deleted`.
    pub queue: &'static str,
    /// Guid of the entry.
    pub guid: String,
    /// The very bytes that were offered.
    pub body: Bytes,
    /// The objectId that the Delete carries.
    pub object_id: Option<String>,
}

/// Form of SetId's words; the document does not say.
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

/// Options of the simulator. By default it is empty and behaves well.
#[derive(Clone)]
pub struct Options {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Of the generators and of everything left to chance.
    pub seed: u64,
    /// Delay of every answer.
    pub latency: Duration,
    /// Faults that are injected.
    pub faults: Vec<Fault>,
    /// True if the report keeps every guid, identity and call; without, it stays
    /// small and the simulator fast.
    pub record: bool,

    /// UZhKH: the token that requests must bring.
    pub token: String,
    /// UZhKH: envelopes generated into the queue at the start.
    pub envelopes: usize,
    /// UZhKH: further envelopes per second.
    pub rate: f64,
    /// UZhKH: accounts in the world at the start, with objects, people, meters and
    /// so on in proportion; they are what the Download lists show.
    pub accounts: usize,
    /// UZhKH: at most so many entries in one queue answer; None is all.
    pub batch_limit: Option<usize>,
    /// UZhKH: items on a Download page.
    pub page_size: usize,
    /// UZhKH: queue answers as `{"Items":[…]}` instead of a bare array.
    pub wrap_items: bool,
    /// UZhKH: how SetId's words are sent.
    pub words: WordStyle,
    /// UZhKH: who checks each Delete.
    pub witness: Option<Witness>,

    /// Domoplaner, MACRO, Alma and Bitrix24: the developer's time zone.
    pub timezone: TimeZone,
    /// Domoplaner: premises in the catalogue at the start, about two in three
    /// with a deal.
    pub catalogue: usize,
    /// Domoplaner, MACRO and Bitrix24: what happens per second (see `step` of each).
    pub catalogue_rate: f64,
    /// MACRO: the domain as it is registered there.
    pub domain: String,
    /// MACRO: what requests are signed with.
    pub app_secret: String,
    /// MACRO: objects ready to be handed over at the start, in all categories.
    pub ready_flats: usize,
    /// MACRO: how PHP writes its lists.
    pub php: PhpShape,
    /// MACRO: how a refusal looks.
    pub refusals: RefusalShape,

    /// Alma: what the header `Api-Key` must be.
    pub api_key: String,
    /// Alma: the only project that there is.
    pub alma_project: i64,
    /// Alma: whether a contract can be read by its external id; the document's paths
    /// for it disagree.
    pub contracts_by_external_id: bool,
    /// Alma: whether photos are read back with their ids, which the document does not show.
    pub photo_ids: bool,

    /// Bitrix24: the secret in the webhook's path.
    pub bitrix_secret: String,
    /// Bitrix24: apartments at the start, with units, people, contracts and files in
    /// proportion.
    pub bitrix_apartments: usize,
    /// Bitrix24: in which shapes those have their values.
    pub bitrix_shape: BitrixShape,
    /// Bitrix24: whether the ids of units are those of apartments too, as in a portal that
    /// counts each kind from one.
    pub bitrix_same_ids: bool,
    /// Bitrix24: what the portal is like.
    pub bitrix: BitrixOptions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            seed: 1,
            latency: Duration::ZERO,
            faults: Vec::new(),
            record: true,
            token: "simulator-token".to_owned(),
            envelopes: 0,
            rate: 0.0,
            accounts: 0,
            batch_limit: None,
            page_size: 200,
            wrap_items: false,
            words: WordStyle::default(),
            witness: None,
            timezone: moscow(),
            catalogue: 0,
            catalogue_rate: 0.0,
            domain: "вашсайт.рф".to_owned(),
            app_secret: "simulator-secret".to_owned(),
            ready_flats: 0,
            php: PhpShape::default(),
            refusals: RefusalShape::default(),
            api_key: "simulator-key".to_owned(),
            alma_project: 207,
            contracts_by_external_id: true,
            photo_ids: true,
            bitrix_secret: "simulator0webhook".to_owned(),
            bitrix_apartments: 0,
            bitrix_shape: BitrixShape::default(),
            bitrix_same_ids: false,
            bitrix: BitrixOptions::default(),
        }
    }
}

/// Europe/Moscow, also where no time zones are installed.
fn moscow() -> TimeZone {
    TimeZone::get("Europe/Moscow").unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(3)))
}
