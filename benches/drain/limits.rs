//! The two limits that a drain and a resync are held against.
//!
//! *HTTP alone*: as many requests of each kind as the daemon sent, by the same
//! client at the same concurrency; the answers are read to their end and dropped.
//! *Ledger alone*: the same answers cut, decoded and committed by the daemon's own
//! code, then noted as acknowledged and announced as if UZhKH had answered at once;
//! nothing is asked of anybody.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio_util::sync::CancellationToken;
use uzhkh_ledger::clock::{SharedClock, SystemClock};
use uzhkh_ledger::http::{Deadline, Upstream};
use uzhkh_ledger::ledger::{self, Call, Ledger, Queue, Tx, Verdict, WhenFull};
use uzhkh_ledger::runtime::outbox::{Answer, Attempt, Outbox, Prepared, Sign, Target};
use uzhkh_ledger::uzhkh;

/// `acknowledge_concurrency` by default.
pub(crate) const CONCURRENCY: usize = 16;
/// As many as the daemon reads back and notes at a time.
const NOTED: usize = 512;
const QUEUES: [(Queue, &str); 2] =
    [(Queue::Requests, "To1c/Requests"), (Queue::Deleted, "To1c/DeletedItems")];

/// What a simulator answers, saved.
#[derive(Default)]
pub(crate) struct Saved {
    queues: Vec<Vec<u8>>,
    guids: Vec<Vec<String>>,
    lists: Vec<(&'static str, Vec<Vec<u8>>)>,
    items: u64,
}

impl Saved {
    /// How many entries the queues and lists hold.
    pub(crate) fn entries(&self) -> u64 {
        let guids: usize = self.guids.iter().map(Vec::len).sum();
        guids as u64 + self.items
    }

    /// Asks for both queues, or for all lists.
    pub(crate) async fn of(upstream: &Upstream, lists: bool) -> anyhow::Result<Self> {
        let mut saved = Self::default();
        if lists {
            for name in uzhkh::lists() {
                let (pages, items) = read_list(upstream, name).await?;
                saved.items += items;
                saved.lists.push((name, pages));
            }
            return Ok(saved);
        }
        for (_, path) in QUEUES {
            let answer = read(upstream, path, &[]).await?;
            let entries: Vec<serde_json::Value> = serde_json::from_slice(&answer)?;
            let guids = entries.iter().map(|entry| entry["Guid"].as_str().map(str::to_owned));
            saved.guids.push(guids.collect::<Option<_>>().context("no Guid")?);
            saved.queues.push(answer);
        }
        Ok(saved)
    }
}

/// Sends what a drain or a resync sent, `requests` by kind, and keeps nothing.
pub(crate) async fn http_alone(
    upstream: &Upstream,
    saved: &Saved,
    requests: &BTreeMap<String, u64>,
) -> anyhow::Result<()> {
    for (at, (_, path)) in QUEUES.into_iter().enumerate() {
        let kind = path.trim_start_matches("To1c/");
        let times = requests.get(kind).copied().unwrap_or(0);
        for time in 0..times {
            drain(upstream, path, &[]).await?;
            if let (0, Some(guids)) = (time, saved.guids.get(at)) {
                let deletes = guids.iter().map(|guid| vec![("guid", guid.as_str())]);
                many(upstream, "To1c/Delete", deletes).await?;
            }
        }
    }
    for (name, pages) in &saved.lists {
        let path = format!("Synchronization/{name}");
        for page in 1..=pages.len() {
            drain(upstream, &path, &[("page", &page.to_string())]).await?;
        }
    }
    let set_ids = requests.get("SetId").copied().unwrap_or(0);
    let ids: Vec<(String, String)> = (1..=set_ids)
        .map(|id| (format!("--{id}"), format!("0193b2f0-0000-7000-8000-{id:012}")))
        .collect();
    let set_ids = ids.iter().map(|(id, external)| {
        vec![("uzhkId", id.as_str()), ("externalId", external.as_str()), ("type", "resident")]
    });
    many(upstream, "SetId", set_ids).await
}

/// Stores what was saved, with all that follows from it.
pub(crate) async fn ledger_alone(path: &Path, saved: &Saved) -> anyhow::Result<()> {
    let clock: SharedClock = Arc::new(SystemClock);
    let ledger = Ledger::open(path, Arc::clone(&clock), WhenFull::Fail)?;
    let ledger = Arc::new(ledger);
    let target = Arc::new(AnswersAtOnce);
    let outbox = Outbox::new(
        Arc::clone(&ledger),
        Arc::clone(&clock),
        target,
        &Deadline::of_pass(),
        CancellationToken::new(),
    );
    for ((queue, _), answer) in QUEUES.into_iter().zip(&saved.queues) {
        let stored = &AtomicBool::new(false);
        let storing = async {
            let new = uzhkh::replay_queue(&ledger, queue, answer).await;
            stored.store(true, Ordering::Relaxed);
            new
        };
        let (new, noted) = tokio::join!(storing, acknowledge(&ledger, queue, stored));
        new?;
        noted?;
        outbox.pass().await?;
        acknowledge(&ledger, queue, &AtomicBool::new(true)).await?;
    }
    for (name, pages) in &saved.lists {
        uzhkh::replay_list(&ledger, name, pages.iter().map(Vec::as_slice)).await?;
        outbox.pass().await?;
    }
    ledger.close()?;
    Ok(())
}

/// Notes every envelope that is due as acknowledged, until nothing is and all is
/// `stored`.
async fn acknowledge(ledger: &Ledger, queue: Queue, stored: &AtomicBool) -> anyhow::Result<()> {
    let mut after = (0, ledger::EnvelopeSeq(0));
    loop {
        let is_last = stored.load(Ordering::Relaxed);
        let due = ledger.read(move |reader| reader.due(queue, after, None, false, NOTED)).await?;
        if let Some(last) = due.last() {
            after = (last.attempts(), last.seq());
            let acknowledge = move |tx: &ledger::Tx<'_>| {
                due.iter().try_for_each(|due| tx.acknowledged(due).map(drop))
            };
            ledger.write(acknowledge).await?;
        } else if is_last {
            return Ok(());
        } else {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

/// Takes every SetId for answered, without sending it.
struct AnswersAtOnce;

impl Target for AnswersAtOnce {
    fn name(&self) -> &'static str {
        "uzhkh"
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    fn is_left_to_people(&self, _: &Call) -> bool {
        false
    }

    fn must_succeed(&self, _: &Call) -> bool {
        true
    }

    fn prepare(&self, tx: &Tx<'_>, call: &Call) -> Result<Prepared, ledger::Error> {
        let temporary_id = ledger::TemporaryId::new(call.param("type"), call.param("uzhkId"));
        if let Some(identity) = tx.identity(&temporary_id)?
            && identity.state == ledger::IdentityState::Announced
        {
            tx.settle_call(call.seq, &Verdict::Done, None, None, None)?;
            return Ok(Prepared::Needless);
        }
        tx.mark_sent(&temporary_id)?;
        Ok(Prepared::Send { sent_before: false })
    }

    async fn send(&self, _: &Attempt) -> Answer {
        Answer {
            verdict: Verdict::Done,
            status: Some(200),
            error: None,
            said: None,
            sign: Sign::Takes,
            after: None,
        }
    }

    fn settle(&self, tx: &Tx<'_>, attempt: &Attempt, answer: &Answer) -> Result<(), ledger::Error> {
        let call = &attempt.call;
        tx.settle_call(call.seq, &answer.verdict, answer.status, None, None)?;
        tx.announce(&ledger::TemporaryId::new(call.param("type"), call.param("uzhkId")))
    }
}

/// What is looked at in a page.
#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    items: Vec<serde::de::IgnoredAny>,
    no_results: bool,
}

/// A page after the other, until one says that there is no more; and how many
/// items they have.
async fn read_list(upstream: &Upstream, name: &str) -> anyhow::Result<(Vec<Vec<u8>>, u64)> {
    let path = format!("Synchronization/{name}");
    let (mut pages, mut items) = (Vec::new(), 0);
    loop {
        let number = (pages.len() + 1).to_string();
        let answer = read(upstream, &path, &[("page", &number)]).await?;
        let page: Page = serde_json::from_slice(&answer)?;
        items += page.items.len() as u64;
        pages.push(answer);
        if page.no_results {
            return Ok((pages, items));
        }
    }
}

pub(crate) async fn read(
    upstream: &Upstream,
    path: &str,
    query: &[(&str, &str)],
) -> anyhow::Result<Vec<u8>> {
    let mut answer = upstream.get("bench", path, query).await?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Reads an answer to its end.
async fn drain(upstream: &Upstream, path: &str, query: &[(&str, &str)]) -> anyhow::Result<()> {
    let mut answer = upstream.get("bench", path, query).await?;
    while answer.chunk().await?.is_some() {}
    Ok(())
}

/// Sends many small requests, as many at once as the daemon does.
async fn many<'a>(
    upstream: &Upstream,
    path: &str,
    queries: impl Iterator<Item = Vec<(&'a str, &'a str)>>,
) -> anyhow::Result<()> {
    stream::iter(queries)
        .map(|query| async move {
            let answer = upstream.get_any_status("bench", path, &query).await?;
            answer.text(1024).await?;
            anyhow::Ok(())
        })
        .buffer_unordered(CONCURRENCY)
        .try_collect()
        .await
}
