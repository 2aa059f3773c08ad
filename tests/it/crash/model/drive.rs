//! Takes the steps: moves UZhKH, runs the program, tells the model.
//!
//! The model must know how far a killed run has come. A fetch brings all that
//! waits in one transaction, requests before deletions; so when a Delete arrives of
//! an entry that is new to this run, its queue is committed, and of the later queue
//! nothing has been asked for.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use simulator::{Endpoint, Fault, FaultKind, Options};

use super::Assign;
use super::content::{Content, Key, first_id, member};
use super::follow::Follower;
use super::ledger::{Entry, Ledger, Says};
use super::step::{Draft, Run, Step};
use crate::support::Bench;

const LISTS: [(&str, &str); 6] = [
    ("Flats", "object"),
    ("Accounts", "account"),
    ("Counters", "counter"),
    ("Requests", "request"),
    ("Payments", "payment"),
    ("Docs", "notice"),
];

pub(crate) struct Drive {
    pub(crate) bench: Bench,
    pub(crate) model: Ledger,
    /// What waits at UZhKH: requests, deletions.
    waiting: [Vec<Entry>; 2],
    /// Every entry there ever was.
    past: Vec<Entry>,
    follower: Follower,
}

impl Drive {
    pub(crate) fn new(assign: Assign) -> Self {
        let bench = crate::crash::bench(Options { page_size: 2, ..Options::default() });
        if assign == Assign::External {
            bench.named_by_others();
        }
        Self {
            bench,
            model: Ledger::new(assign),
            waiting: Default::default(),
            past: Vec::new(),
            follower: Follower::default(),
        }
    }

    pub(crate) fn take(&mut self, step: &Step) {
        match step {
            Step::Put { drafts, spaced } => {
                let guid = format!("entry-{}", self.past.len());
                self.put(guid, drafts, if *spaced { "\n " } else { "" });
            }
            Step::Delete(draft) => self.delete((draft.kind, draft.slot)),
            Step::Again(index) => {
                if let Some(entry) = self.settled(*index) {
                    self.push(entry);
                }
            }
            Step::Revise(index, draft) => {
                let earlier = self.settled(*index);
                if let Some(earlier) = earlier.filter(|entry| entry.queue == "requests") {
                    self.put(earlier.guid, std::slice::from_ref(draft), "");
                }
            }
            Step::Bad(number) => self.push_bad(*number),
            Step::Name(names) => {
                self.name(names);
                self.look();
            }
            Step::Run(run) => self.run(run),
        }
    }

    /// The end: everything is said, and every promise kept.
    pub(crate) fn finish(&mut self) {
        self.run(&Run::Clean);
        if self.model.assign == Assign::External {
            self.name_the_rest();
            self.run(&Run::Clean);
        }
        self.bench.check_promises();
    }

    /// That the ledger is what the model says, and what a follower has.
    fn look(&mut self) {
        if self.bench.ledger().exists() {
            self.compare();
            self.follower.follow(&self.bench);
        }
    }

    fn put(&mut self, guid: String, drafts: &[Draft], space: &str) {
        let mut entities: Vec<Content> = Vec::new();
        for draft in drafts {
            // One member of a name, and a person's own entry only by itself.
            let is_new = entities.iter().all(|other| other.key().0 != draft.kind);
            if is_new && (entities.is_empty() || draft.kind != "resident") {
                entities.push(Content::new(draft));
            }
        }
        if entities.len() > 1 {
            entities.retain(|content| content.key().0 != "resident");
        }
        let order = |content: &Content| {
            super::content::KINDS.iter().position(|kind| *kind == content.key().0)
        };
        entities.sort_by_key(order);
        let id = |key| self.current_id(key);
        let mut text = format!("{{\"Guid\":{space}\"{guid}\"");
        for content in &entities {
            text +=
                &format!(",{space}\"{}\":{}", member(content.key().0), content.text(&id, space));
        }
        text += "}";
        self.push(Entry { queue: "requests", guid, text, says: Says::Entities(entities) });
    }

    fn delete(&mut self, key: Key) {
        // DeletedItems has no word for a car.
        if key.0 == "car" {
            return;
        }
        let guid = format!("deletion-{}", self.past.len());
        let id = serde_json::to_string(&self.current_id(key)).unwrap();
        let text = format!(r#"{{"Guid":"{guid}","Id":{id},"Type":"{}"}}"#, key.0);
        self.push(Entry { queue: "deleted", guid, text, says: Says::Deleted(key) });
    }

    fn push_bad(&mut self, number: u8) {
        let guid = format!("bad-{}", self.past.len());
        let text = match number % 3 {
            0 => format!(r#"{{"Guid":"{guid}","Counter":{{"Value1":1.10}}}}"#),
            1 => format!(r#"{{"Guid":"{guid}"}}"#),
            _ => format!(r#"{{"Guid":"{guid}","Counter":{{"Id":"a\ud800"}}}}"#),
        };
        self.bench.push_bad("requests", &text);
        let entry = Entry { queue: "requests", guid, text, says: Says::Nothing };
        self.waiting[0].push(entry);
        // It keeps its place in the numbering, and is never sent again.
        self.past.push(Entry { queue: "none", ..self.waiting[0].last().unwrap().clone() });
    }

    fn push(&mut self, entry: Entry) {
        let uzhkh = self.bench.uzhkh();
        let queue = match entry.queue {
            "requests" => {
                uzhkh.push_request(entry.text.clone());
                0
            }
            _ => {
                uzhkh.push_deleted(entry.text.clone());
                1
            }
        };
        self.waiting[queue].push(entry.clone());
        self.past.push(entry);
    }

    /// An earlier entry, when nothing is under way that a Delete of its Guid would
    /// meet: UZhKH cannot tell two of one Guid apart, and no client can help that.
    fn settled(&self, index: proptest::sample::Index) -> Option<Entry> {
        let past: Vec<&Entry> = self.past.iter().filter(|entry| entry.queue != "none").collect();
        let entry = (!past.is_empty()).then(|| *index.get(&past))?;
        let waits = self.waiting.iter().flatten().any(|other| other.guid == entry.guid);
        let told = !self.bench.ledger().exists() || {
            let query = "SELECT 1 FROM envelope WHERE guid = ?1 AND state = 'committed'";
            let connection = self.bench.read();
            !connection.prepare(query).unwrap().exists([&entry.guid]).unwrap()
        };
        (!waits && told).then(|| entry.clone())
    }

    fn current_id(&self, key: Key) -> String {
        self.bench.uzhkh().current_id(key.0, &first_id(key))
    }

    fn run(&mut self, run: &Run) {
        match run {
            Run::Clean => self.clean(),
            Run::Killed(number) => self.killed(*number),
            Run::DeletionsFirst => {
                self.fail(FaultKind::Error500, Endpoint::Requests, None);
                let deleted = self.waiting[1].clone();
                self.once(&["run", "--once"]);
                self.model.commit(&deleted);
            }
            Run::LostAnswers(times) => {
                self.fail(FaultKind::LostAnswer, Endpoint::Delete, Some(*times));
                self.fail(FaultKind::LostAnswer, Endpoint::SetId, Some(*times));
                self.once(&["run", "--once"]);
                self.committed();
            }
            Run::Resync(drafts, page) => self.resync(drafts, *page),
        }
        self.bench.uzhkh().clear_faults();
        let texts = [self.bench.uzhkh().waiting(), self.bench.uzhkh().waiting_deleted()];
        for (waiting, texts) in self.waiting.iter_mut().zip(texts) {
            let texts: HashSet<_> = texts.into_iter().collect();
            waiting.retain(|entry| texts.contains(entry.text.as_bytes()));
        }
        self.look();
    }

    fn clean(&mut self) {
        self.bench.settle();
        self.committed();
    }

    fn committed(&mut self) {
        for waiting in self.waiting.clone() {
            self.model.commit(&waiting);
        }
    }

    fn once(&self, arguments: &[&str]) {
        self.bench.on_delete(|_| false);
        self.bench.start(arguments);
        self.bench.wait();
    }

    fn killed(&mut self, number: u8) {
        let waiting = self.waiting.iter().flatten();
        let fresh = waiting.filter(|entry| !self.model.knows(entry));
        let fresh: HashSet<_> = fresh.map(|entry| (entry.queue, entry.text.clone())).collect();
        let died_at = Arc::new(Mutex::new(None));
        let place = Arc::clone(&died_at);
        let mut left = number;
        self.bench.on_delete(move |item| {
            let text = String::from_utf8_lossy(&item.body).into_owned();
            if left == 0 || !fresh.contains(&(item.queue, text)) {
                return false;
            }
            left -= 1;
            if left == 0 {
                *place.lock().unwrap() = Some(item.queue);
            }
            left == 0
        });
        self.bench.start(&["run", "--once"]);
        let status = self.bench.wait();
        let died_at = *died_at.lock().unwrap();
        assert!(died_at.is_some() || status.success(), "{}", self.bench.log());
        let committed = if died_at == Some("requests") { 1 } else { 2 };
        for waiting in self.waiting.clone().iter().take(committed) {
            self.model.commit(waiting);
        }
    }

    fn fail(&self, kind: FaultKind, endpoint: Endpoint, times: Option<u32>) {
        let mut fault = Fault::new(kind).at(endpoint);
        fault.remaining = times;
        self.bench.uzhkh().inject(fault);
    }

    /// The lists show what was drawn, each thing once and each person in one
    /// version only.
    fn resync(&mut self, drafts: &[Draft], page: Option<u64>) {
        let mut items: Vec<Content> = Vec::new();
        let version = drafts.first().map_or(0, |draft| draft.version);
        for (list, kind) in LISTS {
            let start = items.len();
            for draft in drafts.iter().filter(|draft| draft.kind == kind) {
                let version = if kind == "account" { version } else { draft.version };
                let content = Content::new(&Draft { version, ..draft.clone() });
                // Two that have one name are one thing, which no list has twice.
                let place = self.model.place(content.key());
                if items[start..].iter().all(|other| self.model.place(other.key()) != place) {
                    items.push(content);
                }
            }
            let id = |key| self.current_id(key);
            let texts = items[start..].iter().map(|content| content.text(&id, "")).collect();
            self.bench.uzhkh().set_download(list, texts);
        }
        let before = self.bench.asked("Download");
        self.bench.on_delete(|_| false);
        self.bench.start(&["run", "--once", "--full-resync"]);
        let page = page.map_or(u64::MAX, |page| before + page);
        self.bench.kill_when("a page", || self.bench.asked("Download") >= page);
        // What was broken off goes on unasked.
        self.clean();
        self.model.resync(&items);
    }
}
