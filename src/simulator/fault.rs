//! Faults to inject.
//!
//! A fault strikes a request with some probability, at one endpoint or at any,
//! for ever or a given number of times. On the command line it is written
//! `KIND[@ENDPOINT[.WAY]]=PROBABILITY[xTIMES]`: `lost_answer=0.05`,
//! `error_500@SetId=0.2`, `forbidden@Delete=1x3`, `unavailable:30=0.1`,
//! `word:notFound=1x1`, `lost_answer@AlmaUnits.POST=0.1`.

use std::fmt;
use std::str::FromStr;

use hyper::Method;

use super::endpoint::{Endpoint, Way};

/// The ways to misbehave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// 500, nothing done. `error_500`
    Error500,
    /// 503 with Retry-After, nothing done. `unavailable` or `unavailable:SECONDS`
    Unavailable {
        /// The value of Retry-After.
        retry_after_seconds: u64,
    },
    /// 429, nothing done. `too_many`
    TooMany,
    /// 403, from UZhKH with `notAuthorized`; nothing done. `forbidden`
    Forbidden,
    /// 200 with a login page, nothing done. `html`
    Html,
    /// 200 with a feed in XML, nothing done. `xml`
    Xml,
    /// 302 to a path that counts as a violation when followed; nothing done. `redirect`
    Redirect,
    /// Done; the body is broken off in the middle and the connection closed. `cut_body`
    CutBody,
    /// As `CutBody`, with the whole length announced in Content-Length. `cut_announced`
    CutAnnounced,
    /// Done; the body is broken off in the middle, and sent as if that were all of it. `cut_framed`
    CutFramed,
    /// The connection is closed without an answer, nothing done. `reset_before`
    ResetBefore,
    /// Done, then the connection is closed without an answer. `lost_answer`
    LostAnswer,
    /// Some items twice in the one answer. `duplicate`
    Duplicate,
    /// No answer ever comes, nothing done. `stall`
    Stall,
    /// Done; half the body, then silence. `stall_body`
    StallBody,
    /// Done; a few bytes at a time. `drip`
    Drip,
    /// Done; a UTF-8 byte order mark before the body. `bom`
    Bom,
    /// 503 of Bitrix24 with `QUERY_LIMIT_EXCEEDED`, nothing done. `query_limit`
    QueryLimit,
    /// 429 of Bitrix24 with `OPERATION_TIME_LIMIT`, nothing done. `operation_limit`
    OperationLimit,
    /// 503 of Bitrix24 with `OVERLOAD_LIMIT`, nothing done. `overload`
    Overload,
    /// The first command of a batch fails with `OPERATION_TIME_LIMIT`. `command_fails`
    CommandFails,
    /// SetId answers this word of the document with its status; only `success`
    /// does anything. `word:WORD`
    Word(String),
}

impl FaultKind {
    /// True if the fault prevents the effect of the request.
    pub(super) fn prevents(&self) -> bool {
        matches!(
            self,
            Self::Error500
                | Self::Unavailable { .. }
                | Self::TooMany
                | Self::Forbidden
                | Self::Html
                | Self::Xml
                | Self::Redirect
                | Self::ResetBefore
                | Self::Stall
                | Self::QueryLimit
                | Self::OperationLimit
                | Self::Overload
        )
    }

    fn fits(&self, endpoint: Endpoint) -> bool {
        match self {
            Self::Word(_) => endpoint == Endpoint::SetId,
            Self::QueryLimit | Self::OperationLimit | Self::Overload => endpoint.is_bitrix(),
            Self::CommandFails => endpoint == Endpoint::BitrixBatch,
            Self::Xml => endpoint == Endpoint::Feed,
            Self::Duplicate => matches!(
                endpoint,
                Endpoint::Requests | Endpoint::DeletedItems | Endpoint::Download | Endpoint::Feed
            ),
            _ => true,
        }
    }
}

/// The words of SetId, with their statuses.
pub(super) const WORDS: [(&str, u16); 6] = [
    ("notAuthorized", 403),
    ("noData", 404),
    ("notFound", 404),
    ("unknownType", 404),
    ("success", 200),
    ("error", 500),
];

/// A way to misbehave, where, how likely and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Kind of the fault.
    pub kind: FaultKind,
    /// Endpoint; None is anywhere it makes sense.
    pub endpoint: Option<Endpoint>,
    /// Requests there; None is all.
    pub way: Option<Way>,
    /// What the address has to hold, path and query; None is any.
    pub about: Option<String>,
    /// Of striking a request that it fits, 0 to 1.
    pub probability: f64,
    /// Number of times that it may still strike; None is without end.
    pub remaining: Option<u32>,
    /// Number of requests that it would strike and lets by first.
    pub let_by: u32,
}

impl Fault {
    /// A fault that strikes every request at every endpoint it fits, without end.
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            endpoint: None,
            way: None,
            about: None,
            probability: 1.0,
            remaining: None,
            let_by: 0,
        }
    }

    /// Only at this endpoint.
    #[must_use]
    pub fn at(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// Only what is asked for in this way.
    #[must_use]
    pub fn by(mut self, way: Way) -> Self {
        self.way = Some(way);
        self
    }

    /// Only where the address, path and query, holds this.
    #[must_use]
    pub fn about(mut self, text: &str) -> Self {
        self.about = Some(text.to_owned());
        self
    }

    /// Only so often, 0 to 1.
    #[must_use]
    pub fn likely(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }

    /// At most so many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.remaining = Some(times);
        self
    }

    /// Only after so many that it would strike.
    #[must_use]
    pub fn after(mut self, requests: u32) -> Self {
        self.let_by = requests;
        self
    }

    /// True if it strikes this request, which is then counted.
    pub(super) fn strikes(
        &mut self,
        endpoint: Endpoint,
        method: &Method,
        address: &str,
        random: &mut fastrand::Rng,
    ) -> bool {
        let here = self.endpoint.is_none_or(|only| only == endpoint) && self.kind.fits(endpoint);
        let so = self.way.is_none_or(|way| way.fits(method))
            && self.about.as_ref().is_none_or(|about| address.contains(about));
        if !here || !so || self.remaining == Some(0) || random.f64() >= self.probability {
            return false;
        }
        if self.let_by > 0 {
            self.let_by -= 1;
            return false;
        }
        if let Some(remaining) = &mut self.remaining {
            *remaining -= 1;
        }
        true
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error500 => "error_500",
            Self::Unavailable { retry_after_seconds } => {
                return write!(f, "unavailable:{retry_after_seconds}");
            }
            Self::TooMany => "too_many",
            Self::Forbidden => "forbidden",
            Self::Html => "html",
            Self::Xml => "xml",
            Self::Redirect => "redirect",
            Self::CutBody => "cut_body",
            Self::CutAnnounced => "cut_announced",
            Self::CutFramed => "cut_framed",
            Self::ResetBefore => "reset_before",
            Self::LostAnswer => "lost_answer",
            Self::Duplicate => "duplicate",
            Self::Stall => "stall",
            Self::StallBody => "stall_body",
            Self::Drip => "drip",
            Self::Bom => "bom",
            Self::QueryLimit => "query_limit",
            Self::OperationLimit => "operation_limit",
            Self::Overload => "overload",
            Self::CommandFails => "command_fails",
            Self::Word(word) => return write!(f, "word:{word}"),
        })
    }
}

impl FromStr for FaultKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, argument) = match text.split_once(':') {
            Some((name, argument)) => (name, Some(argument)),
            None => (text, None),
        };
        if argument.is_some() && !matches!(name, "unavailable" | "word") {
            return Err(format!("fault {name} takes no argument"));
        }
        Ok(match name {
            "error_500" => Self::Error500,
            "unavailable" => Self::Unavailable {
                retry_after_seconds: argument.unwrap_or("1").parse().map_err(|_| {
                    format!("fault {text}: after the colon comes a number of seconds")
                })?,
            },
            "too_many" => Self::TooMany,
            "forbidden" => Self::Forbidden,
            "html" => Self::Html,
            "xml" => Self::Xml,
            "redirect" => Self::Redirect,
            "cut_body" => Self::CutBody,
            "cut_announced" => Self::CutAnnounced,
            "cut_framed" => Self::CutFramed,
            "reset_before" => Self::ResetBefore,
            "lost_answer" => Self::LostAnswer,
            "duplicate" => Self::Duplicate,
            "stall" => Self::Stall,
            "stall_body" => Self::StallBody,
            "drip" => Self::Drip,
            "bom" => Self::Bom,
            "query_limit" => Self::QueryLimit,
            "operation_limit" => Self::OperationLimit,
            "overload" => Self::Overload,
            "command_fails" => Self::CommandFails,
            "word" => match argument {
                Some(word) if WORDS.iter().any(|(known, _)| *known == word) => {
                    Self::Word(word.to_owned())
                }
                _ => {
                    let words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
                    return Err(format!(
                        "fault {text}: after word: comes one of {}",
                        words.join(", ")
                    ));
                }
            },
            _ => {
                return Err(format!(
                    "unknown fault {name:?}; there are error_500, unavailable[:SECONDS], too_many, \
                     forbidden, html, xml, redirect, cut_body, cut_announced, cut_framed, \
                     reset_before, lost_answer, duplicate, stall, stall_body, drip, bom, query_limit, \
                     operation_limit, overload, command_fails, word:WORD"
                ));
            }
        })
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (what, how) =
            text.rsplit_once('=').ok_or_else(|| format!("fault {text:?} lacks =PROBABILITY"))?;
        let (kind, place) = match what.split_once('@') {
            Some((kind, place)) => (kind.parse::<FaultKind>()?, Some(place)),
            None => (what.parse::<FaultKind>()?, None),
        };
        let (endpoint, way) = match place.and_then(|place| place.split_once('.')) {
            Some((endpoint, way)) => (Some(endpoint.parse()?), Some(way.parse()?)),
            None => (place.map(str::parse).transpose()?, None),
        };
        if let Some(endpoint) = endpoint.filter(|endpoint| !kind.fits(*endpoint)) {
            return Err(format!("fault {kind} cannot happen at {}", endpoint.name()));
        }
        let (probability, times) = match how.split_once('x') {
            Some((probability, times)) => (probability, Some(times)),
            None => (how, None),
        };
        let probability = probability
            .parse::<f64>()
            .ok()
            .filter(|value| (0.0..=1.0).contains(value))
            .ok_or_else(|| format!("fault {text}: {probability:?} is not between 0 and 1"))?;
        let remaining = times
            .map(|times| {
                times
                    .parse()
                    .map_err(|_| format!("fault {text}: {times:?} is not a number of times"))
            })
            .transpose()?;
        Ok(Self { endpoint, way, probability, remaining, ..Self::new(kind) })
    }
}
