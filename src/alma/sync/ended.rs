//! What is over: contracts whose end has passed, and clients of whom no other contract is left.
//! Nothing is created or written for them, with one exception: a contract that the ledger ended
//! early is ended in Alma as well, on the first day that it takes, and once.

use jiff::civil::Date;

use super::Syncer;
use crate::alma::api::{self, At, Object};
use crate::alma::fields::Fields;
use crate::alma::state::{Cause, Outcome};
use crate::alma::task::{Task, place};
use crate::alma::term;
use crate::config::EndContracts;
use crate::json;
use crate::ledger::AlmaKind;

const START: &str = "start_date";
const END: &str = "end_date";
/// What is noted beside the fields that were sent: the end was moved there, and is not moved on.
pub(in crate::alma) const EARLY_END: &str = "early_end";

/// What is left to do in Alma about a contract that is over in the ledger.
pub(in crate::alma) enum EarlyEnd {
    /// Nothing: it is over there too, or will be tomorrow.
    Done,
    /// It has not begun there, so it cannot end; why it waits.
    NotBegun(String),
    /// It is to end on this day, JSON; and why it waits, where an operator is to say so.
    Due(String, String),
}

/// Decides it; `object`: as Alma has it.
pub(in crate::alma) fn early_end(task: &Task, object: &Object, today: Date) -> EarlyEnd {
    let earliest = term::earliest_end(today);
    let end = term::day(&object.fields, END);
    let was_ended = task.sent.as_ref().is_some_and(|sent| sent.get(EARLY_END).is_some());
    if object.is_archived || was_ended || end.is_some_and(|end| end <= earliest) {
        return EarlyEnd::Done;
    }
    let typed = task.key().typed();
    if term::day(&object.fields, START).is_none_or(|day| day > today) {
        return EarlyEnd::NotBegun(format!(
            "called off before it began: end it in Alma's web interface, then `uzhkh-ledger alma retry {typed}`"
        ));
    }
    EarlyEnd::Due(
        json::quote(&format!("{earliest}T00:00:00")),
        format!(
            "over in the ledger, and it runs on in Alma: `uzhkh-ledger alma release {typed}` ends it there on the first \
             day that Alma takes, tomorrow"
        ),
    )
}

impl Syncer<'_> {
    /// An object that was over on a day.
    pub(super) async fn end(
        &self,
        task: &Task,
        desired: &Fields,
        over: Date,
    ) -> Result<Outcome, api::Error> {
        let kind = task.key().kind;
        let ended =
            |alma_id, sent| Outcome::Ended { alma_id, sent, reason: term::why_ended(kind, over) };
        if kind == AlmaKind::Client {
            return Ok(ended(task.row.alma_id, None));
        }
        let object = match task.row.alma_id {
            Some(alma_id) => self.lookup.read_ours(task, alma_id).await?,
            None => self.lookup.by_external_id(task).await?,
        };
        let Some(object) = object else {
            return Ok(ended(None, None));
        };
        let early = early_end(task, &object, self.today);
        match early {
            EarlyEnd::Done => Ok(ended(Some(object.id), None)),
            EarlyEnd::NotBegun(reason) => {
                let mut sent = task.sent.clone().unwrap_or_default();
                for name in [END, START] {
                    if let Some(value) = object.fields.get(name) {
                        sent.set(name, value);
                    }
                }
                let cause = Cause::Lacks;
                Ok(Outcome::Partial { alma_id: object.id, sent, cause, reason })
            }
            EarlyEnd::Due(_, reason)
                if self.end_contracts == EndContracts::Hold && !task.row.is_released =>
            {
                Ok(self.held_where_it_stands(task, &object, reason).await)
            }
            EarlyEnd::Due(day, _) => self.end_early(task, desired, over, &object, &day).await,
        }
    }

    /// Ends a contract in Alma that is over in the ledger, and has a later end there.
    async fn end_early(
        &self,
        task: &Task,
        desired: &Fields,
        over: Date,
        object: &Object,
        day: &str,
    ) -> Result<Outcome, api::Error> {
        let mut body = Fields::default();
        body.set(END, day);
        self.api.change(task.key().kind, &At::Id(object.id), &body).await?;
        // Of what was never sent only the place is known to be Alma's.
        let mut sent = task.sent.clone().unwrap_or_else(|| place(desired));
        sent.set(END, day);
        sent.set(EARLY_END, day);
        let reason = term::why_ended(task.key().kind, over);
        Ok(Outcome::Ended { alma_id: Some(object.id), sent: Some(sent), reason })
    }
}
