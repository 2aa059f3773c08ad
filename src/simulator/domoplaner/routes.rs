//! From a request to a feed's answer.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::{Method, Request, Response};

use super::filter::Filter;
use super::walk::Walk;
use crate::answer::{Answer, Dropped, Source};
use crate::endpoint::Endpoint;
use crate::fault::FaultKind;
use crate::query::Query;
use crate::reply::{HTML, PLAIN, Reply, damaged, instead, sound};
use crate::server::Shared;

/// Answers a request for this link below the feeds.
pub(crate) async fn answer(
    shared: &Arc<Shared>,
    request: &Request<Incoming>,
    link: &str,
) -> Result<Response<Answer>, Dropped> {
    shared.arrival(Endpoint::Feed).await;
    if request.method() != Method::GET {
        shared.violation(format!("{} of a feed: it is a GET", request.method()));
        return sound(Reply::whole(405, PLAIN, "GET only"));
    }
    if request.headers().contains_key(AUTHORIZATION) {
        shared.violation("a feed was sent an Authorization header".to_owned());
    }
    let Some(url) = known(shared, link) else {
        shared.lock().report.unknown_links += 1;
        return sound(Reply::whole(404, HTML, "<h1>Страница не найдена</h1>"));
    };
    let query = match Query::parse(request.uri().query().unwrap_or_default()) {
        Ok(query) => query,
        Err(problem) => {
            shared.violation(format!("feed: {problem}"));
            return sound(Reply::whole(400, PLAIN, problem));
        }
    };
    note(shared, &url, &query);
    let fault = shared.lock().strike(Endpoint::Feed, request.method(), link);
    if let Some(fault) = &fault {
        let refusal = || Reply::whole(403, HTML, "<h1>Доступ запрещён</h1>");
        if let Some(response) = instead(fault, refusal).await? {
            return Ok(response);
        }
    }
    let twice = fault == Some(FaultKind::Duplicate);
    damaged(shared, read(shared, &url, &query, twice), fault.as_ref())
}

/// The whole link of a feed, when it is one to the letter.
fn known(shared: &Shared, link: &str) -> Option<String> {
    let state = shared.lock();
    let mut links = state.domoplaner.feeds.keys();
    let after =
        |url: &&String| url.split_once("/dc-api/feeds/").is_some_and(|(_, own)| own == link);
    links.find(after).cloned()
}

/// Keeps what was asked, before anything can go wrong with it.
fn note(shared: &Shared, url: &str, query: &Query) {
    let mut state = shared.lock();
    if state.record {
        let asked = query.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let reads = state.report.feeds.entry(url.to_owned()).or_default();
        reads.push(asked.collect());
    }
}

fn read(shared: &Shared, url: &str, query: &Query, twice: bool) -> Reply {
    let mut state = shared.lock();
    let today = state.domoplaner.clock.now().date();
    let catalogue = Arc::clone(&state.domoplaner.catalogue);
    let Some(feed) = state.domoplaner.feeds.get(url) else {
        return Reply::whole(404, HTML, "<h1>Страница не найдена</h1>");
    };
    let (filter, problems) = Filter::read(feed.kind, query, today);
    let source = match &feed.raw {
        Some(bytes) => Source::Whole(bytes.clone()),
        None => Source::Walk(Box::new(Walk::begin(feed, catalogue, filter, twice))),
    };
    for problem in problems {
        state.report.violation(format!("feed: {problem}"));
    }
    Reply::json(source)
}
