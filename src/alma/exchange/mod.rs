//! Has contracts of tenants exchange what they are about ([`tenancy`] says which, and why so).
//!
//! One of a ring is put aside: it begins later, behind all the others, in the flat where it is. Then
//! the others move, the last first, and it takes its new place. The requests follow each other at
//! once, and what Alma refuses on the way takes everything back.
//!
//! Before the first request the ledger has, in one transaction, that the contract is put aside, with
//! its terms before, and all of the ring are pending. A crash at any moment leaves one of three
//! things, which the next pass finds by looking at the contract: it has moved, and all is well; it
//! is aside and may go back, which is done before anything else ([`Reconciler::put_back`]); or
//! another one has its place already, and the pending ones go on in any order.

mod record;

use std::collections::{HashMap, HashSet};

use jiff::ToSpan;
use jiff::civil::Date;

use super::api::{self, At, Object};
use super::fields::Fields;
use super::lookup::Lookup;
use super::merged::Merged;
use super::pass::Pass;
use super::reconcile::{Reconciler, sign};
use super::state::Outcome;
use super::sync::update::is_for_another;
use super::task::Task;
use super::{fields, notes, tenancy, term};
use crate::json;
use crate::ledger::{AlmaKey, AlmaKind, AlmaRow, AlmaState, Error, Reader};

const KIND: AlmaKind = AlmaKind::TenantContract;
const UNIT: &str = "unit_id";
const START: &str = "start_date";
const END: &str = "end_date";

/// What becomes of a contract that waits.
enum Found {
    /// Its ring can go round; the first is put aside.
    Goes(Vec<Task>),
    /// Its ring waits for the operator.
    Waits(Vec<AlmaRow>),
    /// It was held with a ring that is no more.
    Gone(AlmaKey),
}

/// Looks at the contracts that wait.
fn find(reader: &Reader, today: Date) -> Result<Vec<Found>, Error> {
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for row in reader.alma_tenancies_waiting()? {
        if seen.contains(&row.key) {
            continue;
        }
        let mut ring = tenancy::ring(&row, today, |place| reader.alma_tenancies_on(place))?;
        if ring.is_empty() {
            if row.state == AlmaState::Held {
                found.push(Found::Gone(row.key));
            }
            continue;
        }
        seen.extend(ring.iter().map(|row| row.key.clone()));
        if !ring.iter().all(tenancy::waits) {
            continue;
        }
        let is_to_come = |row: &AlmaRow| tenancy::begins(row).is_some_and(|day| day > today);
        let aside = ring.iter().position(is_to_come);
        match aside.or_else(|| ring.iter().position(|row| row.is_released)) {
            Some(first) => {
                ring.rotate_left(first);
                let tasks = ring.into_iter().map(|row| Task::read(row, reader));
                found.push(Found::Goes(tasks.collect::<Result<_, _>>()?));
            }
            None if is_told(&ring) => {}
            None => found.push(Found::Waits(ring)),
        }
    }
    Ok(found)
}

/// Whether all of a ring wait for the operator, and say so.
fn is_told(ring: &[AlmaRow]) -> bool {
    let keys = record::keys(ring);
    ring.iter().all(|row| {
        let reason = row.reason.as_deref().filter(|_| row.state == AlmaState::Held);
        reason.is_some_and(|reason| reason.starts_with(&tenancy::why_held(&row.key, &keys)))
    })
}

/// One of a ring: what it is about in Alma, and what it is to be about.
struct Member {
    object: Object,
    /// Its terms in Alma before, with Alma's id of the unit or room.
    before: Fields,
    /// Its terms after.
    after: Fields,
}

/// The terms of a contract as they are sent.
fn terms(unit: &str, dates: &Fields) -> Fields {
    let mut terms = Fields::default();
    terms.set(UNIT, unit);
    for name in [START, END] {
        terms.set(name, dates.get(name).unwrap_or("null"));
    }
    terms
}

impl Reconciler {
    /// Has the contracts of tenants that wait for each other exchange what they are about, or held.
    pub(super) async fn exchange(&self, pass: &mut Pass) -> Result<(), Error> {
        let today = self.today();
        let found =
            self.ledger.read(move |reader| reader.at_one_moment(|reader| find(reader, today)));
        for found in found.await? {
            if self.is_over() {
                break;
            }
            match found {
                Found::Goes(ring) => self.go_round(&ring, pass).await?,
                Found::Waits(ring) => self.ledger.write(move |tx| record::hold(tx, &ring)).await?,
                Found::Gone(key) => self.ledger.write(move |tx| record::let_go(tx, &key)).await?,
            }
        }
        Ok(())
    }

    /// Has a ring go round.
    async fn go_round(&self, ring: &[Task], pass: &mut Pass) -> Result<(), Error> {
        pass.looked_at += ring.len() as u64;
        let refusal = match self.turn(ring).await? {
            Ok(None) => return Ok(()),
            Ok(Some(refusal)) => refusal,
            Err(error) => match self.failure(&ring[0], &error, pass) {
                Outcome::Rejected(words) => words,
                _ => {
                    pass.failed += 1;
                    self.pace.count(sign(&error), self.concurrency);
                    let key = ring[0].key().clone();
                    return self.ledger.write(move |tx| record::let_go(tx, &key)).await;
                }
            },
        };
        let ring = ring.to_vec();
        self.ledger.write(move |tx| record::give_up(tx, &ring, &refusal)).await
    }

    /// The requests of a ring; why it does not go round, in words, with nothing changed in Alma.
    async fn turn(&self, ring: &[Task]) -> Result<Result<Option<String>, api::Error>, Error> {
        let members = match self.members(ring).await {
            Ok(Ok(members)) => members,
            Ok(Err(reason)) => return Ok(Ok(Some(reason))),
            Err(error) => return Ok(Err(error)),
        };
        let begins = term::day(&members[0].before, START);
        if !ring[0].row.is_released && begins.is_none_or(|day| day <= self.today()) {
            return Ok(Ok(Some(format!("{} has begun in Alma", ring[0].key()))));
        }
        let aside = aside(&members);
        let (noted, tasks) = (aside.clone(), ring.to_vec());
        let before = members[0].before.clone();
        let is_begun =
            self.ledger.write(move |tx| record::begin(tx, &tasks, &before, &noted)).await?;
        if !is_begun {
            // Something has changed since it was read: the next pass looks anew.
            return Ok(Ok(None));
        }
        let back = terms_of_dates(&members[0].before);
        let mut steps = vec![(&members[0], aside, back)];
        let others = members.iter().skip(1).rev().chain(members.first());
        steps.extend(others.map(|one| (one, one.after.clone(), one.before.clone())));
        for (at, (member, to, _)) in steps.iter().enumerate() {
            let Err(error) = self.write_terms(member, to).await else { continue };
            if !error.is_final() {
                return Ok(Err(error));
            }
            let words = error.in_full();
            for (member, _, from) in steps[..at].iter().rev() {
                match self.write_terms(member, from).await {
                    Ok(()) => {}
                    Err(error) if error.is_final() => {
                        let words = tenancy::still_aside(&error.in_full());
                        let first = ring[0].clone();
                        self.ledger.write(move |tx| record::stay_aside(tx, &first, &words)).await?;
                        return Ok(Ok(None));
                    }
                    Err(error) => return Ok(Err(error)),
                }
            }
            return Ok(Ok(Some(words)));
        }
        let tasks = ring.to_vec();
        self.ledger.write(move |tx| record::finish(tx, &tasks)).await?;
        Ok(Ok(None))
    }

    async fn write_terms(&self, member: &Member, terms: &Fields) -> Result<(), api::Error> {
        self.api.change(KIND, &At::Id(member.object.id), terms).await
    }

    /// The ring as Alma has it; the inner error: why it is not certain that it is one there.
    async fn members(&self, ring: &[Task]) -> Result<Result<Vec<Member>, String>, api::Error> {
        let lookup = self.plain_lookup();
        let mut members = Vec::with_capacity(ring.len());
        for task in ring {
            let object = match task.row.alma_id {
                Some(alma_id) => lookup.read_ours(task, alma_id).await?,
                None => None,
            };
            let desired = task.desired.clone().unwrap_or_default();
            let is_certain = |object: &Object| {
                !object.is_archived && !is_for_another(&task.resolved(&desired), object)
            };
            let Some(object) = object.filter(is_certain) else {
                let reason =
                    format!("{} is archived in Alma, gone, or another client's", task.key());
                return Ok(Err(reason));
            };
            let unit = match lookup.rental_object(task, &desired).await? {
                Ok(unit) => unit.to_string(),
                Err(Outcome::Clash(_, reason) | Outcome::Blocked(reason)) => {
                    return Ok(Err(format!("{}: {reason}", task.key())));
                }
                Err(_) => return Ok(Err(format!("{} waits for what it is about", task.key()))),
            };
            let now = object.fields.get(UNIT).unwrap_or("null").to_owned();
            let (before, after) = (terms(&now, &object.fields), terms(&unit, &desired));
            members.push(Member { object, before, after });
        }
        let nexts = members.iter().cycle().skip(1);
        let is_ring = members
            .iter()
            .zip(nexts)
            .all(|(one, next)| one.after.get(UNIT) == next.before.get(UNIT));
        Ok(match is_ring {
            true => Ok(members),
            false => Err("Alma has them otherwise than they were last sent: `uzhkh-ledger alma audit` shows how".to_owned()),
        })
    }

    /// Puts contracts back that were put aside when this program ended, where they have not moved.
    /// What fails stays for the pass that follows.
    pub(super) async fn put_back(&self) -> Result<(), Error> {
        for row in self.ledger.read(Reader::alma_tenancies_aside).await? {
            let task = self.ledger.read(move |reader| Task::read(row, reader)).await?;
            match self.back(&task).await {
                Ok(is_there) => {
                    self.ledger
                        .write(move |tx| record::come_back(tx, task.key(), is_there))
                        .await?;
                }
                Err(error) => {
                    tracing::warn!(contract = %task.key(), %error, "not put back yet");
                }
            }
        }
        Ok(())
    }

    /// Puts a contract back; whether it is where it was before.
    async fn back(&self, task: &Task) -> Result<bool, api::Error> {
        let noted = task.sent.as_ref().map(|sent| notes::fields(sent, notes::ASIDE));
        let (Some(before), Some(alma_id)) = (noted, task.row.alma_id) else {
            return Ok(false);
        };
        let Some(object) = self.plain_lookup().read_ours(task, alma_id).await? else {
            return Ok(false);
        };
        let is = |name, of| {
            object
                .fields
                .get(name)
                .is_some_and(|now| before.get(of).is_some_and(|of| fields::same(name, now, of)))
        };
        if object.is_archived || !is(UNIT, UNIT) {
            return Ok(false);
        }
        if is(START, BEGINS) {
            self.api.change(KIND, &At::Id(alma_id), &terms_of_dates(&before)).await?;
        }
        Ok(true)
    }

    fn plain_lookup(&self) -> Lookup<'_> {
        Lookup {
            api: &self.api,
            lists: &self.lists,
            merged: Merged::Never,
            are_many: false,
            buildings: HashMap::new(),
        }
    }
}

/// In what is noted of a contract that is aside: the day on which it begins meanwhile.
const BEGINS: &str = "begins";

/// The dates of a contract alone: it stays where it is.
fn terms_of_dates(terms: &Fields) -> Fields {
    let mut dates = Fields::default();
    for name in [START, END] {
        dates.set(name, terms.get(name).unwrap_or("null"));
    }
    dates
}

/// Days in its own flat on which the first of a ring is in no other contract's way, nor next to one.
fn aside(members: &[Member]) -> Fields {
    let ends =
        members.iter().flat_map(|one| [term::day(&one.before, END), term::day(&one.after, END)]);
    let start = ends.flatten().max().unwrap_or(Date::MAX).saturating_add(1.day());
    let midnight = |day: Date| json::quote(&format!("{day}T00:00:00"));
    let mut dates = Fields::default();
    dates.set(START, midnight(start));
    dates.set(END, midnight(start.saturating_add(1.day())));
    dates
}
