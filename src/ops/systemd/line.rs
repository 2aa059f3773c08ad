//! The line itself: what each system last did, what waits, what is stuck. Numbers and words
//! of ours, with the names that the config gives to feeds.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::clock::stamp;
use crate::ledger::{AlmaCount, LastPoll, Standing, sum};
use crate::watchdog::Stalled;

/// Makes the line. What a person should look at comes first: `systemctl` cuts it to the
/// width of the terminal.
pub(super) fn line(
    standing: &Standing,
    alma: &[AlmaCount],
    disk_full: bool,
    stalled: &[Stalled],
    now: Timestamp,
) -> String {
    let today = stamp(now);
    let mut sentences = Vec::new();
    if disk_full {
        sentences.push("the disk is full, nothing is committed until there is room".to_owned());
    }
    if !stalled.is_empty() {
        let names: Vec<&str> = stalled.iter().map(|stalled| stalled.task.as_ref()).collect();
        sentences.push(format!("stalled: {}", names.join(", ")));
    }
    let failing = standing.polls.iter().filter(|poll| poll.outcome != "ok");
    sentences.extend(failing.map(|poll| failure(poll, &today)));
    let objects = |states: &[&str]| -> u64 {
        let counts = alma.iter().filter(|count| states.contains(&count.state.as_str()));
        counts.map(|count| count.count).sum()
    };
    sentences.extend(numbers(
        "stuck",
        &[
            (sum(&standing.quarantined), "quarantined"),
            (standing.calls_in("unknown"), "calls unknown"),
            (standing.calls_in("failed"), "calls failed"),
            (objects(&["blocked", "rejected", "held"]), "objects of Alma"),
        ],
    ));
    sentences.extend(numbers(
        "waiting",
        &[
            (standing.pending_acknowledgements, "acknowledgements"),
            (standing.calls_in("pending"), "calls"),
            (objects(&["pending"]), "objects of Alma"),
        ],
    ));
    sentences.push(last_done(&standing.polls, &today));
    sentences.join("; ")
}

fn failure(poll: &LastPoll, today: &str) -> String {
    let last_ok = match &poll.last_ok_at {
        Some(at) => format!("last ok {}", time(at, today)),
        None => "never ok".to_owned(),
    };
    let (source, feed) = (&poll.source, &poll.feed);
    format!("{source} {feed} {} ({last_ok})", poll.outcome)
}

/// The numbers that are not 0, each with its word; None where all are.
fn numbers(what: &str, counts: &[(u64, &str)]) -> Option<String> {
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> = counts.map(|(count, of)| format!("{count} {of}")).collect();
    (!words.is_empty()).then(|| format!("{what}: {}", words.join(", ")))
}

/// When each system was last asked with success.
fn last_done(polls: &[LastPoll], today: &str) -> String {
    // They come in the order of their systems.
    let systems = polls.chunk_by(|one, next| one.source == next.source);
    let done = systems.filter_map(|polls| {
        let last = polls.iter().filter_map(|poll| poll.last_ok_at.as_ref()).max()?;
        Some(format!("{} {}", polls.first()?.source, time(last, today)))
    });
    let done: Vec<String> = done.collect();
    if done.is_empty() {
        return "nothing has been polled yet".to_owned();
    }
    format!("ok {} UTC", done.join(", "))
}

/// The hour and minute of a stamp; the day too where that is another one.
fn time<'a>(at: &'a str, today: &str) -> Cow<'a, str> {
    let (day, time) = (at.get(..10), at.get(11..16));
    match (day, time) {
        (Some(day), Some(time)) if Some(day) == today.get(..10) => time.into(),
        (Some(day), Some(time)) => format!("{day} {time}").into(),
        _ => at.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn poll(source: &str, feed: &str, outcome: &str, last_ok_at: Option<&str>) -> LastPoll {
        LastPoll {
            source: source.to_owned(),
            feed: feed.to_owned(),
            finished_at: "2026-11-22T18:42:10.000Z".to_owned(),
            outcome: outcome.to_owned(),
            fetched: 3,
            changed: 1,
            error: Some("not for this line".to_owned()),
            last_ok_at: last_ok_at.map(str::to_owned),
        }
    }

    fn now() -> Timestamp {
        "2026-11-22T18:43:00Z".parse().unwrap()
    }

    #[test]
    fn a_service_that_is_well_says_when_it_last_asked() {
        let standing = Standing {
            polls: vec![
                poll("alma", "objects", "ok", Some("2026-11-22T18:42:10.000Z")),
                poll("uzhkh", "DeletedItems", "ok", Some("2026-11-22T18:41:59.000Z")),
                poll("uzhkh", "Requests", "ok", Some("2026-11-22T18:42:05.000Z")),
            ],
            ..Standing::default()
        };
        let line = line(&standing, &[], false, &[], now());
        assert_eq!(line, "ok alma 18:42, uzhkh 18:42 UTC");
    }

    #[test]
    fn what_a_person_should_look_at_comes_first() {
        let standing = Standing {
            polls: vec![
                poll("domoplaner", "deals", "failed", Some("2026-11-21T09:05:00.000Z")),
                poll("macrocrm", "flat", "unauthorized", None),
            ],
            pending_acknowledgements: 12,
            calls: vec![(["macrocrm", "add", "failed"].map(str::to_owned), 1)],
            quarantined: vec![(["uzhkh", "requests"].map(str::to_owned), 2)],
            ..Standing::default()
        };
        let alma = AlmaCount {
            kind: "unit".to_owned(),
            state: "pending".to_owned(),
            count: 7,
            in_alma: 0,
        };
        let alma = [alma];
        let stuck = Stalled { task: "ledger writer".into(), stalled_for: Duration::from_secs(400) };
        assert_eq!(
            line(&standing, &alma, true, &[stuck], now()),
            "the disk is full, nothing is committed until there is room; \
             stalled: ledger writer; \
             domoplaner deals failed (last ok 2026-11-21 09:05); \
             macrocrm flat unauthorized (never ok); \
             stuck: 2 quarantined, 1 calls failed; \
             waiting: 12 acknowledgements, 7 objects of Alma; \
             ok domoplaner 2026-11-21 09:05 UTC"
        );
    }

    #[test]
    fn a_service_that_has_just_begun_says_so() {
        let line = line(&Standing::default(), &[], false, &[], now());
        assert_eq!(line, "nothing has been polled yet");
    }
}
