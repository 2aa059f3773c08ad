//! Takes the steps: in UZhKH, in Alma, and with the program.

use std::collections::{BTreeMap, BTreeSet};

use simulator::{AlmaKind, Endpoint, Fault, FaultKind, Way};

use super::step::{Say, Step, Trouble};
use super::world::{Object, PAST, World, person};
use crate::alma::bench::both;
use crate::support::{Bench, wait_until};

/// A life of both systems, and of the program between them.
pub(crate) struct Drive {
    pub(crate) bench: Bench,
    pub(crate) world: World,
    /// What people have archived in Alma, and what went with it.
    pub(crate) archived: BTreeSet<(AlmaKind, i64)>,
    /// What people have written into units.
    pub(crate) edited: BTreeMap<i64, String>,
    /// Whether Alma may have been given something that the ledger was not told of, and adopts: what
    /// is empty in UZhKH does not replace it then.
    pub(crate) may_adopt: bool,
    strangers: usize,
}

const ENDPOINTS: [Option<Endpoint>; 8] = [
    // Anywhere, in UZhKH too.
    None,
    Some(Endpoint::AlmaBuildings),
    Some(Endpoint::AlmaUnits),
    Some(Endpoint::AlmaClients),
    Some(Endpoint::AlmaOwnerContracts),
    Some(Endpoint::AlmaTenantContracts),
    Some(Endpoint::AlmaRentalObject),
    Some(Endpoint::AlmaArchive),
];

impl Drive {
    pub(crate) fn new(is_auto: bool) -> Self {
        let line = if is_auto { "archive = \"auto\"" } else { "" };
        Self {
            bench: both().alma(line).start(),
            world: World::default(),
            archived: BTreeSet::new(),
            edited: BTreeMap::new(),
            may_adopt: false,
            strangers: 0,
        }
    }

    pub(crate) fn take(&mut self, step: &Step) {
        self.may_adopt |= matches!(
            step,
            Step::Troubles(_) | Step::Kill(_) | Step::Restore(_) | Step::ArchiveUnit(_)
        );
        match step {
            Step::Troubles(troubles) => self.trouble(troubles),
            Step::Calm => self.bench.clear_faults(),
            // What comes of it is free: things may go wrong meanwhile.
            Step::Pass => drop(self.bench.once()),
            Step::Kill(writes) => self.kill(*writes),
            Step::Operator(say, at) => self.operate(*say, *at),
            Step::ArchiveUnit(_) | Step::ArchiveContract(_) | Step::Edit(_) => self.people(step),
            Step::Stranger { resident, has_id } => self.stranger(*resident, *has_id),
            Step::Restore(at) => self.restore(*at),
            _ => self.speak(step),
        }
    }

    /// UZhKH says something.
    fn speak(&mut self, step: &Step) {
        let world = &mut self.world;
        let mut deleted = None;
        let said = match step {
            Step::Object { slot, house, kind, flat, look } => {
                let types = ["Квартира", "Апартаменты", "Машиноместо"];
                let object = Object {
                    house: (*house < 3).then_some(*house),
                    type_object: types[[0, 1, 2][usize::from(*kind > 8) + usize::from(*kind > 10)]],
                    // One of the eight is none, and one may be another's.
                    flat: match flat {
                        0 => String::new(),
                        1 => "77".to_owned(),
                        _ => format!("{slot}{}", flat % 3),
                    },
                    look: *look,
                };
                vec![world.put_object(*slot, object)]
            }
            Step::Account { slot, object, roles, opened, closed } => {
                let opened = match opened {
                    0 => None,
                    1 => Some("2023-05-01"),
                    _ => Some("2023-01-15"),
                };
                let closed = match closed {
                    0 => Some(PAST),
                    1 => Some("2098-01-01"),
                    2 => Some("2099-01-01"),
                    3 => Some("2022-01-01"),
                    _ => None,
                };
                vec![world.put_account(*slot, *object, roles, (opened, closed))]
            }
            Step::Resident { slot, name, email, phone, is_company } => {
                let person = person(*slot, *name, *email, *phone, *is_company);
                world.put_resident(*slot, person).into_iter().collect()
            }
            Step::House { slot, name } => world.rename(*slot, *name),
            Step::DeleteObject(slot) => {
                deleted = world.delete_object(*slot).map(|id| ("object", id));
                Vec::new()
            }
            Step::DeleteAccount(slot) => {
                deleted = world.delete_account(*slot).map(|id| ("account", id));
                Vec::new()
            }
            Step::DeleteResident(slot) => {
                deleted = world.delete_resident(*slot).map(|id| ("resident", id));
                Vec::new()
            }
            _ => Vec::new(),
        };
        for (member, text) in said {
            self.bench.say(member, &text);
        }
        if let Some((kind, id)) = deleted {
            self.bench.say_deleted(kind, &id);
        }
    }

    fn restore(&mut self, at: usize) {
        let Some(text) = self.world.restore(at) else {
            return;
        };
        // Only a page that is fetched after the deletion brings it back.
        self.bench.clear_faults();
        let uzhkh = self.bench.uzhkh();
        uzhkh.set_download("Flats", vec![text]);
        drop(self.bench.run(&["run", "--once", "--full-resync"]));
        uzhkh.set_download("Flats", Vec::new());
    }

    fn trouble(&self, troubles: &[Trouble]) {
        for trouble in troubles {
            let kinds = [
                FaultKind::LostAnswer,
                FaultKind::LostAnswer,
                FaultKind::Error500,
                FaultKind::ResetBefore,
                FaultKind::CutBody,
                FaultKind::Unavailable { retry_after_seconds: 0 },
            ];
            let mut fault = Fault::new(kinds[trouble.kind].clone());
            if let Some(endpoint) = ENDPOINTS[trouble.endpoint] {
                fault = fault.at(endpoint);
            }
            if trouble.only_writes {
                fault = fault.by(Way::Write);
            }
            let fault = fault.likely(f64::from(trouble.percent) / 100.0);
            self.bench.inject(fault.times(trouble.times));
        }
    }

    fn kill(&self, writes: u64) {
        let before = self.bench.alma().writes();
        let mut daemon = self.bench.begin(&["run", "--once"]);
        wait_until("some writes, or the end", || {
            self.bench.alma().writes() >= before + writes || daemon.has_ended()
        });
        daemon.kill();
    }

    fn operate(&self, say: Say, at: usize) {
        let (word, which) = match say {
            Say::Retry => ("retry", "state IN ('blocked', 'rejected', 'pending')"),
            Say::Release => ("release", "state = 'held'"),
            Say::Block => ("block", "kind = 'unit' AND alma_id IS NOT NULL"),
            Say::Unblock => ("unblock", "kind = 'unit' AND alma_id IS NOT NULL"),
        };
        let rows = self.rows(&format!("{which} ORDER BY kind, external_id"));
        if let Some((kind, id)) = pick(&rows, at) {
            self.say(word, kind, id);
        }
    }

    /// The operator says something about an object.
    #[track_caller]
    pub(crate) fn say(&self, word: &str, kind: &str, id: &str) {
        let ended = self.bench.run(&["alma", word, kind, id]);
        assert_eq!(ended.code, Some(0), "{word} {kind} {id}: {}", ended.stderr);
    }

    /// Kind and external id of some rows.
    pub(crate) fn rows(&self, which: &str) -> Vec<(String, String)> {
        let there = "SELECT 1 FROM sqlite_schema WHERE name = 'alma_object'";
        if !self.bench.ledger().exists() || self.bench.lines(there).is_empty() {
            return Vec::new();
        }
        let sql = format!("SELECT kind, external_id FROM alma_object WHERE {which}");
        let lines = self.bench.lines(&sql).into_iter();
        lines
            .filter_map(|line| {
                let (kind, id) = line.split_once('|')?;
                Some((kind.to_owned(), id.to_owned()))
            })
            .collect()
    }

    /// People work in Alma.
    fn people(&mut self, step: &Step) {
        let alma = self.bench.alma();
        let live = |kinds: &[AlmaKind]| {
            let all = kinds.iter().flat_map(|kind| alma.objects(*kind));
            all.filter(|object| !object.is_archived).collect::<Vec<_>>()
        };
        let contracts = [AlmaKind::OwnerContract, AlmaKind::TenantContract];
        match step {
            Step::ArchiveUnit(at) => {
                let before = live(&contracts);
                if let Some(unit) = pick(&live(&[AlmaKind::Unit]), *at) {
                    alma.archive(unit.kind, unit.id, true);
                    self.archived.insert((unit.kind, unit.id));
                }
                let after = live(&contracts);
                let gone = before.iter().filter(|contract| !after.contains(contract));
                self.archived.extend(gone.map(|contract| (contract.kind, contract.id)));
            }
            Step::ArchiveContract(at) => {
                if let Some(contract) = pick(&live(&contracts), *at) {
                    alma.archive(contract.kind, contract.id, true);
                    self.archived.insert((contract.kind, contract.id));
                }
            }
            Step::Edit(at) => {
                if let Some(unit) = pick(&live(&[AlmaKind::Unit]), *at) {
                    let code = format!("\"{at}\"");
                    alma.edit(unit.kind, unit.id, "keybox_code", &code);
                    self.edited.insert(unit.id, code);
                }
            }
            _ => {}
        }
    }

    fn stranger(&mut self, resident: usize, has_id: bool) {
        let alma = self.bench.alma();
        let email = format!("r{resident}.0@example.com");
        let clients = alma.objects(AlmaKind::Client);
        let quoted = format!("{email:?}");
        if clients.iter().any(|client| client.fields.get("email") == Some(&quoted)) {
            return;
        }
        self.strangers += 1;
        let id = match has_id {
            true => format!("x{}", self.strangers),
            false => String::new(),
        };
        alma.create(
            AlmaKind::Client,
            &format!(r#"{{"external_id":"{id}","first_name":"Чужой","last_name":"Клиент","email":{quoted}}}"#),
        );
    }
}

pub(crate) fn pick<T>(all: &[T], at: usize) -> Option<&T> {
    all.get(at % all.len().max(1))
}
