//! The parameters of a request. A word that is not known is an error and not passed over: with
//! a misspelt filter a client would wait for ever, or be told too much.

use std::str::FromStr;
use std::time::Duration;

use axum::extract::FromRequestParts;
use hyper::http::request::Parts;
use url::form_urlencoded;

use super::problem::Problem;

/// As many items come where nothing else is said.
const USUAL: usize = 1000;
/// And no more than this.
const MOST: usize = 10_000;
/// The longest wait for one answer.
const LONGEST: Duration = Duration::from_secs(60);

/// The parameters as they were given.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self::of(parts.uri.query()))
    }
}

impl Query {
    /// The parameters of a query.
    pub(crate) fn of(query: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// Fails where there is a parameter beside these, or one is given twice.
    pub(crate) fn only(&self, known: &[&str]) -> Result<&Self, Problem> {
        for (at, (name, _)) in self.0.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let known = match known {
                    [] => "there are none here".to_owned(),
                    known => format!("there are {}", known.join(", ")),
                };
                return Err(Problem::bad_request(format!(
                    "there is no parameter {name:?}; {known}"
                )));
            }
            if self.0[..at].iter().any(|(other, _)| other == name) {
                return Err(Problem::bad_request(format!("{name} is given twice")));
            }
        }
        Ok(self)
    }

    /// The text of a parameter.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter();
        pairs.find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The parameter `after` where it is a number.
    pub(crate) fn after(&self) -> Result<Option<i64>, Problem> {
        let after = self.text("after").map(|text| {
            number(text).ok_or_else(|| Problem::bad_request("after must be a number, 0 or more"))
        });
        after.transpose()
    }

    /// The parameter `limit`.
    pub(crate) fn limit(&self) -> Result<usize, Problem> {
        let Some(text) = self.text("limit") else { return Ok(USUAL) };
        let limit = number(text).and_then(|limit| usize::try_from(limit).ok());
        limit
            .filter(|limit| (1..=MOST).contains(limit))
            .ok_or_else(|| Problem::bad_request(format!("limit must be a number from 1 to {MOST}")))
    }

    /// The parameter `wait`.
    pub(crate) fn wait(&self) -> Result<Duration, Problem> {
        let Some(text) = self.text("wait") else { return Ok(Duration::ZERO) };
        duration(text)
            .filter(|wait| *wait <= LONGEST)
            .ok_or_else(|| Problem::bad_request("wait must be a time such as 30s, 60s at most"))
    }

    /// A parameter that is true or false; false where it is not given.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Problem> {
        let flag = self.text(name).map(str::parse).transpose();
        let flag = flag.map_err(|_| Problem::bad_request(format!("{name} must be true or false")));
        Ok(flag?.unwrap_or_default())
    }

    /// A parameter that is a word of an enum; `known` lists them.
    pub(crate) fn word<T: FromStr>(
        &self,
        name: &str,
        known: &[&str],
    ) -> Result<Option<T>, Problem> {
        let word = self.text(name).map(|text| text.parse().map_err(|_| not_one_of(name, known)));
        word.transpose()
    }

    /// A parameter that is one of these words.
    pub(crate) fn one_of(&self, name: &str, known: &[&str]) -> Result<Option<String>, Problem> {
        match self.text(name) {
            Some(word) if known.contains(&word) => Ok(Some(word.to_owned())),
            Some(_) => Err(not_one_of(name, known)),
            None => Ok(None),
        }
    }

    /// A parameter that is a list of words, `kind=counter,payment`; empty where it is not
    /// given.
    pub(crate) fn words(&self, name: &str, known: &[&str]) -> Result<Vec<String>, Problem> {
        let Some(text) = self.text(name) else { return Ok(Vec::new()) };
        let words = text.split(',').map(|word| {
            let is_known = known.contains(&word).then(|| word.to_owned());
            is_known.ok_or_else(|| not_one_of(name, known))
        });
        words.collect()
    }
}

fn not_one_of(name: &str, known: &[&str]) -> Problem {
    Problem::bad_request(format!("{name} must be one of {}", known.join(", ")))
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
