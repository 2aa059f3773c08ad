//! Bitrix24 over HTTP: JSON by POST to an incoming webhook, and how much of it a portal
//! bears.
//!
//! Source: the public REST documentation. The webhook is part of the address and appears
//! in no error. All that is asked only reads, so it may be asked again: what the portal
//! refuses for its limits is waited for as far as the deadline allows.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::answer::{self, Answer, Batch, Beside, PageText, Refusal, presentable};
use super::error::{Error, Limit};
use super::kinds;
use super::pacer::Pacer;
use super::query::{Kind, command};
use crate::clock::{SharedClock, later};
use crate::config;
use crate::http::{self, BuildError, Deadline, RETRY_AFTER_CAP, Response, Upstream};
use crate::runtime::pace::until;

const BATCH: &str = "batch";
/// The most of an answer that is read: fifty rows of five lists.
const ANSWER: usize = 64 << 20;
/// The longest word that is taken for a code of an error.
const CODE: usize = 64;

/// A portal's side of the wire.
pub struct Api {
    upstream: Upstream,
    pacer: Pacer,
    /// The moment by our clock when methods that have used up their time have some again.
    reset_at: Mutex<Option<Timestamp>>,
    /// How far the portal's clock is ahead of ours, by its last answer.
    ahead: Mutex<Option<SignedDuration>>,
    /// How far the clocks may differ without a word.
    overlap: Duration,
    /// The warning has been logged that they differ by more.
    is_warned: AtomicBool,
    /// Until when a portal that is shut to us is left alone.
    shut_until: Mutex<Option<Instant>>,
    /// The secrets that a quoted description must not hold.
    secrets: Vec<String>,
    pub(super) kinds: [Kind; 5],
    clock: SharedClock,
    stop: CancellationToken,
}

impl Api {
    /// The client of a portal; share it, so that all requests keep one pace.
    ///
    /// # Errors
    /// [`BuildError`] when the HTTP client cannot be built.
    pub fn new(
        config: &config::Bitrix24,
        http: &config::Http,
        deadline: &Deadline,
        clock: &SharedClock,
        stop: &CancellationToken,
    ) -> Result<Self, BuildError> {
        let url = config.webhook_url.expose_secret();
        let pause = http::UNAUTHORIZED_PAUSE;
        let secret = url.path().trim_end_matches('/').rsplit('/').next();
        let secrets = [secret, url.host_str()];
        Ok(Self {
            upstream: Upstream::new("bitrix24", &config.webhook_url, None, http, deadline, pause)?
                .wanting_json(),
            pacer: Pacer::new(clock),
            reset_at: Mutex::default(),
            ahead: Mutex::default(),
            overlap: config.overlap,
            is_warned: AtomicBool::new(false),
            shut_until: Mutex::default(),
            secrets: secrets.into_iter().flatten().map(str::to_owned).collect(),
            kinds: kinds(config),
            clock: clock.clone(),
            stop: stop.clone(),
        })
    }

    /// Until when the portal is left alone, which refused us or was shut a short while ago.
    pub(super) fn paused_until(&self) -> Option<Instant> {
        self.upstream.paused_until().max(self.shut_until())
    }

    /// A page of a list: the rows after an id that have changed since a time, if one is given.
    pub(super) async fn page(
        &self,
        kind: Kind,
        after: u64,
        since: Option<&str>,
    ) -> Result<PageText, Error> {
        self.ask_beside(kind.method(), &kind.page(after, since)).await
    }

    /// By how many seconds the portal's clock is ahead of ours, by its last answer; `None` where
    /// that is next to nothing, or not known.
    pub(super) fn ahead(&self) -> Option<i64> {
        let ahead = (*lock(&self.ahead))?;
        (ahead.unsigned_abs() > self.overlap / 2).then_some(ahead.as_secs())
    }

    /// Several commands in one request, at most fifty; returns the outcome of each, in order.
    /// A portal that has no batch for this webhook is asked for them one after another.
    pub(super) async fn batch<N: AsRef<str>>(
        &self,
        commands: &[(N, &'static str, Value)],
    ) -> Result<Vec<Result<PageText, Error>>, Error> {
        let named = commands
            .iter()
            .map(|(name, method, parameters)| (name.as_ref(), command(method, parameters)));
        let cmd: serde_json::Map<String, Value> =
            named.map(|(name, command)| (name.to_owned(), command.into())).collect();
        let result = match self.ask(BATCH, &json!({"halt": 0, "cmd": cmd})).await {
            Err(error) if has_no_batch(&error) => return Ok(self.one_by_one(commands).await),
            result => result?,
        };
        let batch = Batch::read(&result).map_err(undocumented(BATCH, 200))?;
        let outcome = |(name, method, _): &(N, &'static str, Value)| match batch.get(name.as_ref())
        {
            Some(Ok(result)) => {
                Ok(PageText { result: result.to_owned(), more: batch.more(name.as_ref()) })
            }
            Some(Err(refusal)) => Err(self.refused(method, 200, refusal)),
            None => Err(undocumented(method, 200)("the batch says nothing of it")),
        };
        Ok(commands.iter().map(outcome).collect())
    }

    async fn one_by_one<N>(
        &self,
        commands: &[(N, &'static str, Value)],
    ) -> Vec<Result<PageText, Error>> {
        let mut outcomes = Vec::with_capacity(commands.len());
        for (_, method, parameters) in commands {
            outcomes.push(self.ask_beside(method, parameters).await);
        }
        outcomes
    }

    /// Asks for a file by its link, any answer; `None` where the link leads elsewhere.
    pub(super) async fn download(&self, link: &str) -> Option<Result<Response, Error>> {
        if let Err(error) = self.sleep(self.pacer.turn()).await {
            return Some(Err(error));
        }
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Some(Err(Error::Stopped)),
            answer = self.upstream.download("download file", link) => {
                let answer = answer?;
                if answer.as_ref().is_ok_and(|answer| matches!(answer.status(), 429 | 503)) {
                    self.pacer.is_full();
                }
                Some(answer.map_err(Into::into))
            }
        }
    }

    /// As [`Upstream::may_read_again`].
    pub(super) async fn may_read_again(
        &self,
        operation: &'static str,
        attempt: &mut u32,
        error: &http::Error,
    ) -> bool {
        self.upstream.may_read_again(operation, attempt, error).await
    }

    /// The whole address of a link of the portal.
    pub(super) fn linked(&self, link: &str) -> Option<String> {
        self.upstream.linked(link).map(Into::into)
    }

    /// Sends a request that may be repeated. Returns `result` as raw JSON.
    pub(super) async fn ask(
        &self,
        method: &'static str,
        parameters: &Value,
    ) -> Result<String, Error> {
        Ok(self.ask_beside(method, parameters).await?.result)
    }

    /// The same, with what stands beside it.
    pub(super) async fn ask_beside(
        &self,
        method: &'static str,
        parameters: &Value,
    ) -> Result<PageText, Error> {
        let body = parameters.to_string();
        let mut attempt = 0;
        loop {
            let error = match self.ask_once(method, &body).await {
                Ok(result) => return Ok(result),
                Err(error) => error,
            };
            let Some(delay) = self.delay_after(&error, attempt) else {
                return Err(error);
            };
            attempt += 1;
            tracing::debug!(system = "bitrix24", method, attempt, ?delay, %error, "request failed: retrying");
            self.sleep(delay).await?;
        }
    }

    async fn ask_once(&self, method: &'static str, body: &str) -> Result<PageText, Error> {
        if self.is_shut() {
            let limit = Limit::Overload;
            return Err(Error::Busy { operation: method, limit });
        }
        self.sleep(self.pacer.turn()).await?;
        let request = self.upstream.post_json_any_status(method, method, body.to_owned());
        let answer = tokio::select! {
            biased;
            () = self.stop.cancelled() => return Err(Error::Stopped),
            answer = request => answer?,
        };
        let (status, unexpected) = (answer.status(), answer.as_error());
        let body = answer.json(ANSWER).await?;
        let read = answer::read(&body);
        if matches!(status, 401 | 403) {
            // It pauses the system, and says so in the log.
            let refused = self.upstream.unauthorized(method, status);
            return Err(match read {
                Ok(Answer::No(refusal)) => self.refused(method, status, refusal),
                _ => refused.into(),
            });
        }
        match read {
            Ok(Answer::Yes(result, beside)) if (200..300).contains(&status) => {
                self.note(beside);
                Ok(PageText { result: result.to_owned(), more: beside.more })
            }
            Ok(Answer::No(refusal)) if is_limit(&refusal.code) || status < 429 => {
                Err(self.refused(method, status, refusal))
            }
            _ if matches!(unexpected.class(), http::Class::Retry { .. }) => Err(unexpected.into()),
            _ if status == 404 => {
                let problem = "nothing is there; is bitrix24.webhook_url right?";
                Err(undocumented(method, status)(problem))
            }
            Ok(_) => Err(undocumented(method, status)("its status is an error's")),
            Err(problem) => Err(undocumented(method, status)(problem)),
        }
    }

    /// A refusal as an error; the limit that it tells of is kept from now on.
    fn refused(&self, operation: &'static str, status: u16, refusal: Refusal) -> Error {
        let limit = match refusal.code.as_str() {
            "QUERY_LIMIT_EXCEEDED" => {
                self.pacer.is_full();
                Limit::Queries
            }
            "OPERATION_TIME_LIMIT" => Limit::Time(self.reset_in()),
            "OVERLOAD_LIMIT" => {
                self.shut(operation);
                Limit::Overload
            }
            _ => {
                let said = refusal.said.as_deref();
                return Error::No {
                    operation,
                    status,
                    said: said.map(|said| presentable(said, &self.secrets)),
                    code: self.code(refusal.code),
                };
            }
        };
        Error::Busy { operation, limit }
    }

    /// The code where it may be shown: a word, and no secret.
    fn code(&self, code: String) -> Option<String> {
        let is_word = !code.is_empty()
            && code.len() <= CODE
            && code.bytes().all(|one| one.is_ascii_alphanumeric() || one == b'_');
        let holds_secret = self.secrets.iter().any(|secret| code.contains(secret));
        (is_word && !holds_secret).then_some(code)
    }

    /// The delay before a retry; None when a retry is of no use.
    fn delay_after(&self, error: &Error, attempt: u32) -> Option<Duration> {
        let limit = match error {
            Error::Http(error) => return self.upstream.delay_after(error, attempt),
            Error::Busy { limit, .. } => limit,
            _ => return None,
        };
        match limit {
            Limit::Overload => None,
            Limit::Time(left) => self.upstream.retries().delay(attempt, *left),
            Limit::Queries => self.upstream.retries().delay(attempt, None),
        }
    }

    /// Remembers what time it is there, and when the method has time again.
    fn note(&self, Beside { finish, reset_at, .. }: Beside) {
        let now = self.clock.now();
        if let Some(there) = finish.and_then(|finish| Timestamp::from_second(finish).ok()) {
            let ahead = there.duration_since(now);
            *lock(&self.ahead) = Some(ahead);
            self.warn_of_clocks(ahead);
        }
        let Some(reset_at) = reset_at else {
            return;
        };
        // By the portal's own clock, where it tells it: ours may be another.
        let since = finish.unwrap_or(now.as_second());
        let left = u64::try_from(reset_at.saturating_sub(since)).unwrap_or_default();
        let left = Duration::from_secs(left).min(RETRY_AFTER_CAP);
        *lock(&self.reset_at) = Some(later(now, left));
    }

    /// Warns once that the clocks differ: what has changed is asked for by the portal's.
    fn warn_of_clocks(&self, ahead: SignedDuration) {
        let differ = ahead.unsigned_abs();
        if differ > self.overlap && !self.is_warned.swap(true, Ordering::Relaxed) {
            let which = if ahead.is_negative() { "ahead of" } else { "behind" };
            let differ = humantime::format_duration(Duration::from_secs(differ.as_secs()));
            tracing::warn!(
                system = "bitrix24",
                "this host's clock is {differ} {which} the portal's: changes are asked for by the portal's"
            );
        }
    }

    /// The time until the methods have time again.
    fn reset_in(&self) -> Option<Duration> {
        let reset_at = (*lock(&self.reset_at))?;
        let left = reset_at.duration_since(self.clock.now());
        let left = Duration::try_from(left).ok()?.min(RETRY_AFTER_CAP);
        (!left.is_zero()).then_some(left)
    }

    fn is_shut(&self) -> bool {
        self.shut_until().is_some()
    }

    fn shut_until(&self) -> Option<Instant> {
        lock(&self.shut_until).filter(|until| *until > Instant::now())
    }

    fn shut(&self, operation: &'static str) {
        if self.is_shut() {
            return;
        }
        let pause = http::UNAUTHORIZED_PAUSE;
        *lock(&self.shut_until) = Some(Instant::now() + pause);
        tracing::warn!(
            system = "bitrix24",
            operation,
            pause = %humantime::format_duration(pause),
            "the portal has shut REST for overload, all requests to it are paused: ask Bitrix24's support"
        );
    }

    async fn sleep(&self, time: Duration) -> Result<(), Error> {
        if time.is_zero() || until(&self.stop, tokio::time::sleep(time)).await {
            Ok(())
        } else {
            Err(Error::Stopped)
        }
    }
}

/// Whether an answer to a batch speaks of the batch itself, not of the webhook.
fn has_no_batch(error: &Error) -> bool {
    match error {
        Error::No { status, .. } => !matches!(status, 401 | 403),
        Error::Undocumented { status, .. } => matches!(status, 404 | 405),
        _ => false,
    }
}

fn is_limit(code: &str) -> bool {
    matches!(code, "QUERY_LIMIT_EXCEEDED" | "OPERATION_TIME_LIMIT" | "OVERLOAD_LIMIT")
}

pub(super) fn undocumented(operation: &'static str, status: u16) -> impl Fn(&'static str) -> Error {
    move |problem| Error::Undocumented { operation, status, problem }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
