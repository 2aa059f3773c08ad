//! What a pass would do about an object that the ledger does not know in Alma yet, or that is to
//! be ended there: the same look-ups, and nothing is sent.

use jiff::civil::Date;

use super::api;
use super::api::Object;
use super::fields::Fields;
use super::files::PHOTOS;
use super::lookup::{Found, Lookup};
use super::notes;
use super::state::Outcome;
use super::sync::ended::{EarlyEnd, early_end};
use super::sync::{photos, update};
use super::task::Task;
use super::term;
use crate::config::EndContracts;
use crate::json;
use crate::ledger::AlmaState;

/// What a pass would find.
pub(super) struct Preview {
    /// Alma's id of the object, where it has it.
    pub(super) alma_id: Option<i64>,
    pub(super) becomes: Becomes,
}

/// What a pass would make of an object.
pub(super) enum Becomes {
    /// It stays as it is.
    AsItIs,
    /// It is created.
    New,
    /// These fields change: the name, Alma's value, ours.
    Changed(Vec<(String, Option<String>, String)>),
    /// It waits in this state, for this reason.
    Asked(AlmaState, String),
}

/// Looks at an object as a pass would.
pub(super) async fn preview(
    lookup: &Lookup<'_>,
    task: &Task,
    today: Date,
    end_contracts: EndContracts,
) -> Result<Preview, api::Error> {
    let Some(desired) = &task.desired else {
        return Ok(Preview { alma_id: task.row.alma_id, becomes: Becomes::AsItIs });
    };
    if term::over(task.key().kind, desired, today).is_some() {
        return over(lookup, task, today, end_contracts).await;
    }
    let asked =
        |alma_id, state, reason| Preview { alma_id, becomes: Becomes::Asked(state, reason) };
    Ok(match lookup.find(task, desired).await? {
        Found::InTheWay(Outcome::Clash(_, reason) | Outcome::Blocked(reason)) => {
            asked(None, AlmaState::Blocked, reason)
        }
        Found::InTheWay(_) => Preview { alma_id: None, becomes: Becomes::New },
        Found::Nothing => {
            let lacks = [notes::NOT_NEW, notes::LACKS];
            match (lacks.iter().find_map(|note| desired.string(note)), &task.parted) {
                (Some(reason), _) => asked(None, AlmaState::Blocked, reason),
                (None, Some(reason)) => asked(None, AlmaState::Held, reason.clone()),
                (None, None) => Preview { alma_id: None, becomes: Becomes::New },
            }
        }
        Found::Object(object) => Preview {
            alma_id: Some(object.id),
            becomes: adopted(lookup, task, desired, &object).await?,
        },
    })
}

/// What would become of a contract that is over.
async fn over(
    lookup: &Lookup<'_>,
    task: &Task,
    today: Date,
    end_contracts: EndContracts,
) -> Result<Preview, api::Error> {
    let object = match task.row.alma_id {
        Some(alma_id) => lookup.read_ours(task, alma_id).await?,
        None => lookup.by_external_id(task).await?,
    };
    let Some(object) = object else {
        return Ok(Preview { alma_id: None, becomes: Becomes::AsItIs });
    };
    let becomes = match early_end(task, &object, today) {
        EarlyEnd::Done => Becomes::AsItIs,
        EarlyEnd::NotBegun(reason) => Becomes::Asked(AlmaState::Blocked, reason),
        EarlyEnd::Due(_, reason)
            if end_contracts == EndContracts::Hold && !task.row.is_released =>
        {
            Becomes::Asked(AlmaState::Held, reason)
        }
        EarlyEnd::Due(day, _) => {
            let end = object.fields.get("end_date").map(str::to_owned);
            Becomes::Changed(vec![("end_date".to_owned(), end, day)])
        }
    };
    Ok(Preview { alma_id: Some(object.id), becomes })
}

/// What would become of an object that was found.
async fn adopted(
    lookup: &Lookup<'_>,
    task: &Task,
    desired: &Fields,
    object: &Object,
) -> Result<Becomes, api::Error> {
    let kind = task.key().kind;
    if object.is_archived {
        return Ok(Becomes::Asked(AlmaState::Held, update::why_archived(task)));
    }
    if kind.is_contract() && update::is_for_another(&task.resolved(desired), object) {
        return Ok(Becomes::Asked(AlmaState::Held, update::why_for_another(task)));
    }
    let (mut changed, _) = update::to_send(task, desired, object, desired);
    if kind.is_contract() && changed.get("unit_id").is_some() && task.missing().is_none() {
        match lookup.rental_object(task, desired).await? {
            Ok(unit_id) => {
                changed.set("unit_id", unit_id.to_string());
                changed = changed.changed_from(&object.fields);
            }
            Err(Outcome::Clash(_, reason) | Outcome::Blocked(reason)) => {
                return Ok(Becomes::Asked(AlmaState::Blocked, reason));
            }
            Err(_) => {}
        }
    }
    let photos = desired.get(PHOTOS).map(str::to_owned);
    photos::leave_same(task, &mut changed, object);
    if let (Some(photos), true) = (photos, changed.get(PHOTOS).is_some()) {
        // Its files are not uploaded yet.
        changed.set(PHOTOS, photos);
    }
    if changed.is_empty() {
        return Ok(Becomes::AsItIs);
    }
    let fields = changed.iter().map(|(name, now)| {
        let before = object.fields.get(name).unwrap_or("null");
        let before = Some(before.to_owned()).filter(|before| !json::same(before, now));
        (name.to_owned(), before, now.to_owned())
    });
    Ok(Becomes::Changed(fields.collect()))
}
