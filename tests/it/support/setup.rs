//! What a bench is made of.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use simulator::{Options, Simulator};

use super::bench::{Bench, Look};
use super::feeds::NewFeed;
use super::stage::Stage;
use super::{API_KEY, TOKEN, secrets};

/// A bench to be.
pub(crate) struct Setup {
    pub(crate) options: Options,
    ledger: PathBuf,
    log: Option<&'static str>,
    look: Option<Look>,
    pub(super) has_uzhkh: bool,
    uzhkh: Vec<String>,
    pub(super) domoplaner: Vec<String>,
    pub(super) feeds: Vec<NewFeed>,
    alma: Option<Vec<String>>,
    bitrix24: Option<String>,
    macrocrm: Option<String>,
    sections: Vec<String>,
}

/// How a bench is set up by default: an empty UZhKH that behaves well.
pub(crate) fn setup() -> Setup {
    Setup {
        options: Options {
            token: TOKEN.to_owned(),
            api_key: API_KEY.to_owned(),
            domain: secrets::DOMAIN.to_owned(),
            app_secret: secrets::APP_SECRET.to_owned(),
            bitrix_secret: secrets::WEBHOOK_SECRET.to_owned(),
            ..Options::default()
        },
        ledger: PathBuf::from("ledger.db"),
        log: None,
        look: None,
        has_uzhkh: true,
        uzhkh: Vec::new(),
        domoplaner: Vec::new(),
        feeds: Vec::new(),
        alma: None,
        bitrix24: None,
        macrocrm: None,
        sections: Vec::new(),
    }
}

impl Setup {
    /// With these options of the simulator.
    pub(crate) fn options(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }

    /// With a line in `[uzhkh]`.
    pub(crate) fn uzhkh(mut self, line: &str) -> Self {
        self.uzhkh.push(line.to_owned());
        self
    }

    /// With `[alma]`, and a line in it where that is not empty.
    pub(crate) fn alma(mut self, line: &str) -> Self {
        self.alma.get_or_insert_default().push(line.to_owned());
        self
    }

    /// With `[bitrix24]` and these lines in it, or sections after it.
    pub(crate) fn bitrix24(mut self, lines: &str) -> Self {
        self.bitrix24 = Some(lines.to_owned());
        self
    }

    /// With `[macrocrm]` and these lines in it, or sections after it.
    pub(crate) fn macrocrm(mut self, lines: &str) -> Self {
        self.macrocrm = Some(lines.to_owned());
        self
    }

    /// With a section of its own, such as `[http]`.
    pub(crate) fn section(mut self, text: &str) -> Self {
        self.sections.push(text.to_owned());
        self
    }

    /// Both queues are looked at every second.
    pub(crate) fn every_second(self) -> Self {
        self.uzhkh("requests_schedule = \"* * * * * *\"")
            .uzhkh("deleted_schedule = \"* * * * * *\"")
    }

    /// With the ledger at another place.
    pub(crate) fn ledger(mut self, path: &Path) -> Self {
        self.ledger = path.to_owned();
        self
    }

    /// With this level of the log.
    pub(crate) fn log(mut self, level: &'static str) -> Self {
        self.log = Some(level);
        self
    }

    /// With a further look at whatever the binary says.
    pub(crate) fn look(mut self, look: fn(&Simulator, &str)) -> Self {
        self.look = Some(look);
        self
    }

    pub(crate) fn start(self) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let ledger = dir.path().join(self.ledger);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let stage = Arc::new(Stage::default());
        let options = Options { witness: Some(stage.witness(ledger.clone())), ..self.options };
        let simulator = Arc::new(runtime.block_on(Simulator::start(options)).unwrap());
        let feeds = self.feeds.into_iter();
        let feeds = feeds.map(|feed| feed.add(simulator.domoplaner())).collect();
        let bench = Bench {
            stage,
            simulator,
            bad: Mutex::default(),
            ledger,
            dir,
            runtime,
            log: self.log,
            look: self.look,
            has_uzhkh: self.has_uzhkh,
            uzhkh_lines: self.uzhkh,
            domoplaner_lines: self.domoplaner,
            feeds,
            alma: self.alma,
            bitrix24: self.bitrix24,
            macrocrm: self.macrocrm,
            sections: self.sections,
            forgiving: false,
            clock: OnceLock::new(),
        };
        bench.write_config(&bench.simulator.base_url());
        bench
    }
}
