//! What a client of `/changes` asks for.

use std::time::Duration;

use hyper::{Request, header};
use url::form_urlencoded;

use crate::ledger::{ChangeSeq, Wanted};
use crate::registry;

/// As many changes come where nothing else is said.
const USUAL: usize = 1000;
/// And no more than this.
const MOST: usize = 10_000;
/// The longest wait for one answer.
const LONGEST: Duration = Duration::from_secs(60);

/// A request, understood.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) wanted: Wanted,
    /// How long it may take until something comes.
    pub(super) wait: Duration,
    pub(super) form: Form,
}

/// How the changes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One JSON object with all of them.
    Object,
    /// A JSON object a line.
    Lines,
}

impl Asked {
    /// Reads a request; in words what is wrong with it.
    pub(super) fn read<B>(request: &Request<B>) -> Result<Self, String> {
        let mut asked = Self {
            wanted: Wanted { limit: USUAL, ..Wanted::default() },
            wait: Duration::ZERO,
            form: form(request),
        };
        let query = request.uri().query().unwrap_or_default();
        let mut known = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if known.contains(&name) {
                return Err(format!("{name} is given twice"));
            }
            asked.set(&name, &value)?;
            known.push(name);
        }
        Ok(asked)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let wanted = &mut self.wanted;
        match name {
            "after" => {
                wanted.after = ChangeSeq(number(value).ok_or("after must be a number, 0 or more")?);
            }
            "ledger" => wanted.ledger = Some(value.to_owned()),
            "limit" => {
                let limit = number(value).and_then(|limit| usize::try_from(limit).ok());
                let limit = limit.filter(|limit| (1..=MOST).contains(limit));
                wanted.limit = limit.ok_or(format!("limit must be a number from 1 to {MOST}"))?;
            }
            "wait" => {
                let problem = "wait must be a time such as 30s, 60s at most";
                let wait = duration(value).filter(|wait| *wait <= LONGEST);
                self.wait = wait.ok_or(problem)?;
            }
            // With a word that is none a follower would wait for ever.
            "source" => wanted.source = Some(one_of(&registry::sources(), name, value)?),
            "kind" => wanted.kind = Some(one_of(&registry::record_kinds(), name, value)?),
            "with_body" => {
                let problem = "with_body must be true or false";
                wanted.with_body = value.parse().map_err(|_| problem)?;
            }
            _ => {
                return Err(
                    "there is a parameter besides after, limit, wait, ledger, source, kind and with_body"
                        .to_owned(),
                );
            }
        }
        Ok(())
    }
}

fn one_of(words: &[&str], name: &str, value: &str) -> Result<String, String> {
    let known = words.contains(&value).then(|| value.to_owned());
    known.ok_or_else(|| format!("{name} must be one of {}", words.join(", ")))
}

/// Digits alone.
fn number(value: &str) -> Option<i64> {
    let is_plain = value.bytes().all(|one| one.is_ascii_digit());
    value.parse().ok().filter(|_| is_plain)
}

/// With a unit, or seconds.
fn duration(value: &str) -> Option<Duration> {
    match number(value) {
        Some(seconds) => Some(Duration::from_secs(u64::try_from(seconds).ok()?)),
        None => humantime::parse_duration(value).ok(),
    }
}

fn form<B>(request: &Request<B>) -> Form {
    let accepted = request.headers().get_all(header::ACCEPT).iter();
    let mut accepted = accepted.filter_map(|value| value.to_str().ok());
    match accepted.any(|value| value.contains("application/x-ndjson")) {
        true => Form::Lines,
        false => Form::Object,
    }
}
