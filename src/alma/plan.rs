//! Shows what would be sent, and what waits for what. What is not adopted yet is looked for in
//! Alma, by GET alone: nothing is adopted, and nothing written.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt, stream};
use jiff::civil::Date;
use serde::Serialize;

use super::api::Api;
use super::follow::Policy;
use super::lists::Lists;
use super::lookup::Lookup;
use super::merged::Merged;
use super::preview::{Becomes, Preview, preview};
use super::refused::Refused;
use super::task::{Reference, Task};
use super::{api, follow, settings, term};
use crate::clock::SharedClock;
use crate::config::{self, AlmaSource, Config};
use crate::http::{BuildError, Deadline};
use crate::ledger::{AlmaKey, AlmaKind, AlmaState, AlmaWait, Error, Reader};

/// An object that is not synced, with the fields that would be sent.
#[derive(Debug, Clone, Serialize)]
pub struct Planned {
    /// `alma_object.kind`
    pub kind: &'static str,
    /// `alma_object.external_id`
    pub external_id: String,
    /// What would become of it.
    pub sign: Sign,
    /// `alma_object.alma_id`, or that of the object that would be adopted.
    pub alma_id: Option<i64>,
    /// `alma_object.state`, or the one that a pass would bring about.
    pub state: AlmaState,
    /// `alma_object.reason`
    pub reason: Option<String>,
    /// Each field that differs from what was last sent, or from what Alma has: its name, what
    /// that is, what would be sent; JSON texts.
    pub fields: Vec<(String, Option<String>, String)>,
    /// Whether it should be there at all.
    pub is_wanted: bool,
}

/// What would become of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Sign {
    /// It would be created.
    #[serde(rename = "+")]
    Create,
    /// It is in Alma, and would be changed.
    #[serde(rename = "~")]
    Change,
    /// It is no longer in the ledger.
    #[serde(rename = "-")]
    Leave,
    /// It cannot be told, or a person must decide.
    #[serde(rename = "?")]
    Ask,
}

impl Sign {
    /// The sign.
    pub fn text(self) -> char {
        match self {
            Sign::Create => '+',
            Sign::Change => '~',
            Sign::Leave => '-',
            Sign::Ask => '?',
        }
    }
}

/// The fields that open doors and networks.
const SECRET: [&str; 3] = ["internet_password", "keybox_code", "electronic_lock_password"];

/// A value as it is shown.
pub(super) fn shown(name: &str, value: &str) -> String {
    if SECRET.contains(&name) { "\"[secret]\"".to_owned() } else { value.to_owned() }
}

/// A plan by the ledger alone.
pub struct Plan {
    tasks: Vec<Task>,
    /// The ledger's buildings by Alma's ids.
    buildings: HashMap<i64, String>,
    today: Date,
}

/// Why it cannot be told what Alma has.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The HTTP client could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Alma does not answer, or refuses.
    #[error(transparent)]
    Alma(#[from] api::Error),
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] Error),
}

/// Brings the objects up to the ledger's newest records, in a rehearsal that writes nothing.
///
/// # Errors
/// [`Refused::OtherSettings`] where the service runs (`is_served`) with other settings: what
/// it would send is not what is planned here.
pub fn plan(
    config: &Config,
    alma: &config::Alma,
    clock: &SharedClock,
    is_served: bool,
) -> Result<Plan, Error> {
    let projection = settings::projection(config, alma);
    Reader::rehearse_alma(&config.ledger.path, clock, |tx, reader| {
        let policy = Policy::new(&*projection, alma);
        let has_other_settings =
            reader.alma_cursor()?.is_some_and(|cursor| cursor.settings != policy.settings);
        if is_served && has_other_settings {
            return Err(Error::system(Refused::OtherSettings));
        }
        follow::catch_up(tx, reader, &*projection, &policy)?;
        let rows = reader.unsynced_alma()?.into_iter();
        let mut tasks = rows.map(|row| Task::read(row, reader)).collect::<Result<Vec<_>, _>>()?;
        take_up(&mut tasks);
        Ok(Plan {
            tasks,
            buildings: reader.alma_buildings()?,
            today: term::today(clock.now(), &alma.timezone),
        })
    })
}

/// What waits for an object that the next pass takes up is taken up with it: a pass that failed
/// before it has only left it waiting.
fn take_up(tasks: &mut [Task]) {
    loop {
        let is_due = |task: &&Task| task.row.state == AlmaState::Pending && task.desired.is_some();
        let due: HashSet<AlmaKey> =
            tasks.iter().filter(is_due).map(|task| task.key().clone()).collect();
        let waits = |task: &&mut Task| {
            task.row.state == AlmaState::Blocked
                && task.desired.is_some()
                && matches!(&task.row.waits_for, Some(AlmaWait::Object(key)) if due.contains(key))
        };
        let mut has_more = false;
        for task in tasks.iter_mut().filter(waits) {
            (task.row.state, task.row.reason, task.row.waits_for) =
                (AlmaState::Pending, None, None);
            has_more = true;
        }
        if !has_more {
            return;
        }
    }
}

impl Plan {
    /// Whether Alma is to be asked what it has.
    pub fn asks(&self) -> bool {
        self.tasks.iter().any(|task| is_looked_for(task, self.today))
    }

    /// The objects that would not be synced. Alma is asked where [`Plan::asks`] says so, and
    /// `config` then has the key of its API.
    ///
    /// # Errors
    /// What Alma has cannot be told.
    pub async fn planned(
        self,
        config: &Config,
        alma: &config::Alma,
    ) -> Result<Vec<Planned>, AskError> {
        let asks = self.asks();
        let Self { mut tasks, buildings, today } = self;
        let mut planned = Vec::new();
        if asks {
            let api = Api::new(alma, &config.http, &Deadline::of_pass())?;
            let lists = Lists::default();
            let are_contacts = alma.source == AlmaSource::Bitrix24;
            let lookup = Lookup {
                api: &api,
                lists: &lists,
                merged: Merged::of_file(are_contacts, &config.ledger.path),
                are_many: true,
                buildings,
            };
            let looking = Looking { lookup, today, alma };
            let mut found = HashMap::new();
            for kind in AlmaKind::ALL {
                let is_due =
                    |task: &mut Task| task.key().kind == kind && is_looked_for(task, today);
                let due = tasks.extract_if(.., is_due).collect();
                planned.extend(looking.look(due, &mut found).await?);
            }
        }
        Ok(with_known(planned, tasks, today))
    }

    /// The same by what the ledger alone knows: what Alma may have already is shown as new.
    pub fn not_looked_for(self) -> Vec<Planned> {
        with_known(Vec::new(), self.tasks, self.today)
    }
}

/// Adds the objects that need not be looked for, in the order in which all are shown.
fn with_known(mut planned: Vec<Planned>, tasks: Vec<Task>, today: Date) -> Vec<Planned> {
    let left = tasks.into_iter().filter(|task| !is_quiet(task, today));
    planned.extend(left.map(known));
    planned
        .sort_by(|one, other| (one.kind, &one.external_id).cmp(&(other.kind, &other.external_id)));
    planned
}

/// Whether an object may be in Alma without our knowing, or is to be ended there.
fn is_looked_for(task: &Task, today: Date) -> bool {
    let Some(desired) = task.desired.as_ref().filter(|_| task.row.state == AlmaState::Pending)
    else {
        return false;
    };
    match term::over(task.key().kind, desired, today) {
        Some(_) => task.key().kind.is_contract(),
        None => task.row.alma_id.is_none(),
    }
}

/// Whether an object is over, so that nothing is sent.
fn is_quiet(task: &Task, today: Date) -> bool {
    let desired = task.desired.as_ref().filter(|_| task.row.state == AlmaState::Pending);
    desired.is_some_and(|desired| term::over(task.key().kind, desired, today).is_some())
}

/// Looks at what Alma has.
struct Looking<'l> {
    lookup: Lookup<'l>,
    today: Date,
    alma: &'l config::Alma,
}

impl Looking<'_> {
    /// Looks for objects of one kind; `found`: Alma's ids of what was found so far.
    async fn look(
        &self,
        tasks: Vec<Task>,
        found: &mut HashMap<AlmaKey, i64>,
    ) -> Result<Vec<Planned>, api::Error> {
        let mut planned = Vec::new();
        let tasks = tasks.into_iter().map(|task| refer(task, found)).collect::<Vec<_>>();
        let mut looks = stream::iter(tasks)
            .map(|task| async {
                let end_contracts = self.alma.end_contracts;
                let preview = preview(&self.lookup, &task, self.today, end_contracts).await?;
                Ok::<_, api::Error>((task, preview))
            })
            .buffered(self.alma.concurrency);
        while let Some(look) = looks.next().await {
            let (task, preview) = look?;
            found.extend(preview.alma_id.map(|id| (task.key().clone(), id)));
            planned.extend(seen(task, preview));
        }
        Ok(planned)
    }
}

/// The task with its references to what was found in Alma.
fn refer(mut task: Task, found: &HashMap<AlmaKey, i64>) -> Task {
    for (_, reference) in &mut task.references {
        if let Reference::Missing(key, _) = reference
            && let Some(id) = found.get(key)
        {
            *reference = Reference::Known(key.clone(), *id);
        }
    }
    task
}

/// An object as Alma has it; `None` where nothing would be sent.
fn seen(task: Task, preview: Preview) -> Option<Planned> {
    let Preview { alma_id, becomes } = preview;
    match becomes {
        Becomes::AsItIs => None,
        Becomes::New => Some(known(task)),
        Becomes::Changed(fields) => {
            let fields = fields.into_iter().map(|(name, before, now)| {
                let before = before.map(|before| shown(&name, &before));
                let now = shown(&name, &now);
                (name, before, now)
            });
            let fields = fields.collect();
            Some(Planned { sign: Sign::Change, alma_id, fields, ..known(task) })
        }
        Becomes::Asked(state, reason) => Some(Planned {
            sign: Sign::Ask,
            alma_id,
            state,
            reason: Some(reason),
            fields: Vec::new(),
            ..known(task)
        }),
    }
}

/// An object as the ledger knows it.
fn known(task: Task) -> Planned {
    let Task { row, desired, sent, .. } = task;
    let sent = sent.unwrap_or_default();
    let changed = desired.as_ref().map(|desired| desired.changed_from(&sent)).unwrap_or_default();
    let fields = changed.iter().map(|(name, now)| {
        let before = sent.get(name).map(|before| shown(name, before));
        (name.to_owned(), before, shown(name, now))
    });
    let is_wanted = desired.is_some();
    let sign = match (is_wanted, row.alma_id) {
        (true, None) => Sign::Create,
        (true, Some(_)) => Sign::Change,
        (false, _) if row.state == AlmaState::Blocked => Sign::Ask,
        (false, _) => Sign::Leave,
    };
    Planned {
        kind: row.key.kind.word(),
        sign,
        alma_id: row.alma_id,
        state: row.state,
        fields: fields.collect(),
        external_id: row.key.external_id,
        reason: row.reason,
        is_wanted,
    }
}
