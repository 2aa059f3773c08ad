//! Effect of each endpoint, unless a fault prevents it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::download::List;
use super::state::Which;
use super::walk::Walk;
use super::word::word;
use crate::Acknowledged;
use crate::answer::Source;
use crate::endpoint::Endpoint;
use crate::fault::FaultKind;
use crate::query::Query;
use crate::reply::{JSON, PLAIN, Reply};
use crate::report::{Decision, SetIdCall};
use crate::server::Shared;

/// Does what a request asks for.
pub(super) async fn effect(
    shared: &Arc<Shared>,
    endpoint: Endpoint,
    list: Option<List>,
    query: &Query,
    fault: Option<&FaultKind>,
) -> Reply {
    let twice = fault == Some(&FaultKind::Duplicate);
    match (endpoint, list) {
        (Endpoint::Requests, _) => offer(shared, Which::Requests, twice),
        (Endpoint::DeletedItems, _) => offer(shared, Which::Deleted, twice),
        (Endpoint::Delete, _) => delete(shared, query).await,
        (Endpoint::SetId, _) => set_id(shared, query, fault),
        (Endpoint::Download, Some(list)) => {
            let page = page(shared, query);
            let json = shared.lock().page(list, page, shared.uzhkh.page_size, twice);
            Reply::whole(200, JSON, json)
        }
        _ => decide(shared, endpoint, query),
    }
}

/// Begins a walk through a queue.
fn offer(shared: &Arc<Shared>, which: Which, twice: bool) -> Reply {
    let walk = Walk::begin(shared, which, twice);
    Reply::json(Source::Walk(Box::new(walk)))
}

/// `To1c/Delete?guid=…[&objectId=…]`. The witness looks first: whatever it finds
/// wrong was wrong before the entry went.
async fn delete(shared: &Arc<Shared>, query: &Query) -> Reply {
    let Some(guid) = query.filled("guid") else {
        let mut state = shared.lock();
        state.report.violation("Delete without a guid".to_owned());
        return Reply::whole(404, PLAIN, "no guid");
    };
    let object_id = query.get("objectid");
    if let Some(witness) = &shared.uzhkh.witness {
        let mut told = Vec::new();
        {
            let state = shared.lock();
            let queues = [("requests", &state.uzhkh.requests), ("deleted", &state.uzhkh.deleted)];
            for (queue, entries) in queues {
                told.extend(entries.find(guid).into_iter().map(|body| Acknowledged {
                    queue,
                    guid: guid.to_owned(),
                    body,
                    object_id: object_id.map(str::to_owned),
                }));
            }
        }
        let witness = Arc::clone(witness);
        let seen = tokio::task::spawn_blocking(move || {
            let problems = told.iter().filter_map(|item| witness(item).err());
            problems.collect::<Vec<String>>()
        });
        let problems =
            seen.await.unwrap_or_else(|error| vec![format!("the witness failed: {error}")]);
        for problem in problems {
            let text = format!("Delete {guid}: acknowledged before commit: {problem}");
            shared.lock().report.violation(text);
        }
    }
    if shared.lock().delete(guid, object_id) {
        Reply::whole(200, PLAIN, Bytes::new())
    } else {
        Reply::whole(404, PLAIN, "no such guid")
    }
}

/// `SetId?uzhkId=…&externalId=…&type=…`
fn set_id(shared: &Shared, query: &Query, fault: Option<&FaultKind>) -> Reply {
    let (id, external, kind) =
        (query.filled("uzhkid"), query.filled("externalid"), query.filled("type"));
    let answer = match fault {
        Some(FaultKind::Word(word)) if word != "success" => word.as_str(),
        _ => shared.lock().set_id(id, external, kind),
    };
    shared.lock().note_set_id(SetIdCall {
        uzhk_id: id.unwrap_or_default().to_owned(),
        external_id: external.unwrap_or_default().to_owned(),
        kind: kind.unwrap_or_default().to_owned(),
        answer: answer.to_owned(),
    });
    word(shared, answer)
}

/// The page asked for; a missing one is the first.
fn page(shared: &Shared, query: &Query) -> i64 {
    let Some(text) = query.filled("page") else {
        return 1;
    };
    text.parse().unwrap_or_else(|_| {
        let problem = format!("page {text:?} is not a number");
        shared.lock().report.violation(problem);
        1
    })
}

/// `HandleRequestToRegister` and `HandleRequestToObjectAdding`. The document
/// gives no answer; the effect is that the request counts as handled.
fn decide(shared: &Shared, endpoint: Endpoint, query: &Query) -> Reply {
    let name = endpoint.name();
    let mut state = shared.lock();
    let Some(id) = query.filled("id") else {
        state.report.violation(format!("{name} without an id"));
        return Reply::whole(404, PLAIN, "noData");
    };
    let flag = |given: Option<&str>| given.map(|text| text.to_ascii_lowercase().parse::<bool>());
    match (flag(query.get("isapprove")), flag(query.get("isreject"))) {
        (Some(Ok(approve)), Some(Ok(reject))) if approve != reject => {}
        _ => state.report.violation(format!(
            "{name} {id}: isApprove and isReject must be bools, one of them true"
        )),
    }
    if !matches!(flag(query.get("issendnotification")), Some(Ok(_))) {
        state.report.violation(format!("{name} {id}: isSendNotification must be a bool"));
    }
    let parameters: BTreeMap<String, String> =
        query.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let decision = Decision { parameters, times: 1 };
    state.decide(endpoint, id, decision);
    Reply::whole(200, PLAIN, Bytes::new())
}
