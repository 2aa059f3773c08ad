//! Contracts of tenants that are each to have what the next one has: a flat, or a time in it. Alma
//! takes no two contracts of one flat at a time, so none of such a ring can go first.
//!
//! Its document offers neither a request that changes two contracts nor a place where one could
//! wait: a third flat is another tenant's, a contract that is archived stays so, and the API ends
//! none. What is left is that one of them begins later for a moment, behind all the others, which
//! then move ([`exchange`](super::exchange)). A contract that has not begun can wait so. One that
//! is in force would leave its tenant without a flat, for as long as Alma does not answer, or this
//! program is down: whether that may be, the operator says. Until then the ring is `held`.

use jiff::civil::Date;

use super::fields::Fields;
use super::names::GivenUp;
use super::state::{Cause, Outcome};
use super::task::Task;
use super::{heal, notes, term};
use crate::ledger::{AlmaKey, AlmaKind, AlmaName, AlmaRow, AlmaState, AlmaWait, Error, Tx};

/// The longest ring of contracts that is followed.
const RING: usize = 16;

/// What a contract is about, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tenancy {
    place: AlmaKey,
    start: Date,
    end: Date,
}

impl Tenancy {
    fn of(fields: &Fields) -> Option<Self> {
        Some(Self {
            place: heal::place(fields)?,
            start: term::day(fields, "start_date")?,
            end: term::day(fields, "end_date")?,
        })
    }

    /// As a contract is to be.
    fn wanted(row: &AlmaRow) -> Option<Self> {
        Self::of(&Fields::parse(row.desired.as_deref()?)?)
    }

    /// As Alma was last sent a contract; of one that was put aside as it was before.
    fn held(row: &AlmaRow) -> Option<Self> {
        let mut sent = Fields::parse(row.sent.as_deref()?)?;
        for (name, value) in notes::fields(&sent, notes::ASIDE).iter() {
            if name.ends_with("_date") {
                sent.set(name, value);
            }
        }
        Self::of(&sent)
    }

    /// Whether both cannot be: a tenant may come on the day that another goes.
    fn meets(&self, other: &Self) -> bool {
        self.place == other.place && self.start < other.end && other.start < self.end
    }
}

/// The day on which a contract begins, as Alma was last sent it.
pub(super) fn begins(row: &AlmaRow) -> Option<Date> {
    Tenancy::held(row).map(|held| held.start)
}

/// Whether a contract was refused and waits: for another one, or for the operator.
pub(super) fn waits(row: &AlmaRow) -> bool {
    match row.state {
        AlmaState::Rejected | AlmaState::Held => true,
        AlmaState::Blocked => matches!(
            &row.waits_for,
            Some(AlmaWait::Object(key)) if key.kind == AlmaKind::TenantContract
        ),
        _ => false,
    }
}

/// The ring of contracts that a contract is in: each is to have what the next one has, the last
/// what the first has, and no other is in the way of any. Empty: there is none, or it cannot be
/// told. `on`: the contracts that Alma was last sent for a place.
pub(super) fn ring(
    first: &AlmaRow,
    today: Date,
    mut on: impl FnMut(&AlmaKey) -> Result<Vec<AlmaRow>, Error>,
) -> Result<Vec<AlmaRow>, Error> {
    let mut ring = vec![first.clone()];
    while let Some(last) = ring.last().filter(|_| ring.len() <= RING) {
        let (Some(wanted), Some(held)) = (Tenancy::wanted(last), Tenancy::held(last)) else {
            break;
        };
        if last.alma_id.is_none() || wanted == held || wanted.end <= today {
            break;
        }
        let is_in_the_way = |other: &AlmaRow| {
            other.key != last.key && Tenancy::held(other).is_some_and(|held| held.meets(&wanted))
        };
        let mut others: Vec<AlmaRow> = on(&wanted.place)?;
        others.retain(is_in_the_way);
        match others.pop().filter(|_| others.is_empty()) {
            Some(next) if next.key == first.key => return Ok(ring),
            Some(next) if ring.iter().all(|known| known.key != next.key) => ring.push(next),
            _ => break,
        }
    }
    Ok(Vec::new())
}

/// Why the contracts of a ring wait for the operator; `one`: the one that is told so.
pub(super) fn why_held(one: &AlmaKey, ring: &[AlmaKey]) -> String {
    let names: Vec<String> = ring.iter().map(ToString::to_string).collect();
    format!(
        "{} are each to have what the next one has, and Alma takes no two contracts of one flat at a time. \
         `uzhkh-ledger alma release {}` has this one begin later for the moment in which the others move: its \
         tenant is without a flat so long. Or exchange them in Alma's web interface",
        names.join(", "),
        one.typed()
    )
}

/// A contract that Alma refuses since others of ours have what it is to have, and are to have what
/// it has, waits for them. One whose place has been given up while it was under way is sent again.
pub(super) fn settle(
    tx: &Tx<'_>,
    task: &Task,
    outcome: Outcome,
    given_up: &mut GivenUp,
    today: Date,
) -> Result<Outcome, Error> {
    if task.key().kind != AlmaKind::TenantContract {
        return Ok(outcome);
    }
    if let Outcome::Synced { sent, .. } | Outcome::Partial { sent, .. } = &outcome
        && let Some(before) = Tenancy::held(&task.row)
        && Tenancy::of(sent).is_some_and(|now| now != before)
    {
        given_up.insert(left(&before.place));
    }
    let Outcome::Partial { alma_id, sent, cause: Cause::Refused, reason } = outcome else {
        return Ok(outcome);
    };
    let row = AlmaRow { alma_id: Some(alma_id), sent: Some(sent.text()), ..task.row.clone() };
    let is_aside = sent.get(notes::ASIDE).is_some();
    let wanted =
        Tenancy::wanted(&row).filter(|wanted| Tenancy::held(&row).as_ref() != Some(wanted));
    if wanted.is_some_and(|wanted| given_up.contains(&left(&wanted.place))) {
        return Ok(Outcome::Partial { alma_id, sent, cause: Cause::Again, reason });
    }
    let ring = ring(&row, today, |place| tx.alma_tenancies_on(place))?;
    Ok(match ring.get(1) {
        Some(next) => {
            let reason =
                format!("waits for {}, which is to have what this one has: {reason}", next.key);
            Outcome::Partial { alma_id, sent, cause: Cause::Object(next.key.clone()), reason }
        }
        None if is_aside => {
            Outcome::Partial { alma_id, sent, cause: Cause::Refused, reason: still_aside(&reason) }
        }
        None => Outcome::Partial { alma_id, sent, cause: Cause::Refused, reason },
    })
}

/// The words of Alma about a contract that could not come back.
pub(super) fn still_aside(words: &str) -> String {
    format!(
        "it was put aside for another contract to move, and Alma does not take it back: it begins later there than it \
         should. Put its dates right in Alma's web interface: {words}"
    )
}

/// What stands for a place among the names that were given up in a pass.
fn left(place: &AlmaKey) -> AlmaName {
    AlmaName { kind: AlmaKind::TenantContract, within: place.to_string(), name: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract(id: &str, has: (&str, &str, &str), wants: (&str, &str, &str)) -> AlmaRow {
        let fields = |(place, start, end): (&str, &str, &str)| {
            Some(format!(
                r#"{{"rental_object":"room {place}","start_date":"{start}","end_date":"{end}"}}"#
            ))
        };
        AlmaRow {
            alma_id: Some(1),
            desired: fields(wants),
            sent: fields(has),
            ..AlmaRow::new(AlmaKey::new(AlmaKind::TenantContract, id))
        }
    }

    fn ids(of: &[AlmaRow], first: usize) -> Vec<String> {
        let on = |place: &AlmaKey| {
            let mut there = of.to_vec();
            there.retain(|row| Tenancy::held(row).is_some_and(|held| held.place == *place));
            Ok(there)
        };
        let ring = ring(&of[first], jiff::civil::date(2026, 1, 1), on).unwrap();
        ring.into_iter().map(|row| row.key.external_id).collect()
    }

    #[test]
    fn a_ring_is_closed_and_no_other_is_in_its_way() {
        let (one, two, three) = (
            ("1", "2025-01-01", "2027-01-01"),
            ("2", "2025-01-01", "2027-01-01"),
            ("3", "2025-01-01", "2027-01-01"),
        );
        let swap = [contract("a", one, two), contract("b", two, one)];
        assert_eq!(ids(&swap, 0), ["a", "b"]);
        assert_eq!(ids(&swap, 1), ["b", "a"]);
        let chain = [contract("a", one, two), contract("b", two, three), contract("c", three, one)];
        assert_eq!(ids(&chain, 2), ["c", "a", "b"]);
        // The last one moves to an empty flat, or stays, or is over.
        assert_eq!(ids(&chain[..2], 0), [""; 0]);
        assert_eq!(ids(&[contract("a", one, two), contract("b", two, two)], 0), [""; 0]);
        let over = ("1", "2025-01-01", "2026-01-01");
        assert_eq!(ids(&[contract("a", one, two), contract("b", two, over)], 0), [""; 0]);
        // A third one lives there too.
        let later = ("2", "2026-12-31", "2028-01-01");
        let third = [swap[0].clone(), swap[1].clone(), contract("c", later, later)];
        assert_eq!(ids(&third, 0), [""; 0]);
        let after = ("2", "2027-01-01", "2028-01-01");
        let fourth = [swap[0].clone(), swap[1].clone(), contract("c", after, after)];
        assert_eq!(ids(&fourth, 0), ["a", "b"]);
        // A tail that leads into a ring is none of it.
        let tail = [swap[0].clone(), swap[1].clone(), contract("c", three, two)];
        assert_eq!(ids(&tail, 2), [""; 0]);
    }

    #[test]
    fn contracts_that_exchange_their_times_in_one_flat_are_a_ring() {
        let (early, late) = (("1", "2026-02-01", "2026-06-01"), ("1", "2026-06-01", "2026-10-01"));
        assert_eq!(ids(&[contract("a", early, late), contract("b", late, early)], 0), ["a", "b"]);
    }
}
