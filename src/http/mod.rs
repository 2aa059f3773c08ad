//! The one HTTP client: every request that leaves this process is sent here.
//!
//! One [`Upstream`] stands for one foreign system. It adds the credentials,
//! encodes the parameters, bounds every wait, and turns whatever happens into an
//! [`Error`] that says how to react and carries no secret. Nothing else builds
//! an HTTP client.
//!
//! Three rules come from the systems behind it. Their GETs change state
//! (`Delete`, `SetId`), so redirects are never followed and nothing is
//! repeated but by the two that say `patiently`. A refused token means a person
//! has to act, so a 401 or 403 pauses the whole upstream: while the pause
//! lasts, requests fail without being sent, and the log says so once. And the
//! environment has no say: a proxy is used when `[http] proxy` names it, not
//! because a variable happens to be set.
//!
//! Dropping any of the futures is safe; at worst a request that was under way
//! has been received without our hearing of it.

mod apart;
mod bodies;
mod charset;
mod client;
mod deadline;
mod error;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod parameters;
mod pause;
mod response;
mod retry;
mod said;
mod wait;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub use bodies::File;
pub use client::BuildError;
pub use deadline::Deadline;
pub use error::{Class, Error, Sent};
pub use parameters::segment;
pub use response::Response;
pub(crate) use retry::PASS_ATTEMPTS;
pub use retry::{Backoff, RETRY_AFTER_CAP};
pub(crate) use said::{presentable, words};

use crate::config::{self, SecretUrl};
use crate::metrics::{self, Metric};
use crate::watchdog;
use bodies::Progress;
use client::Connections;
use deadline::{Budget, Limits};
use error::Problem;
use parameters::Parameters;

/// How long a system that refused us is left alone, where the config has no say.
pub const UNAUTHORIZED_PAUSE: Duration = Duration::from_secs(300);

/// How long even a late pass waits for an answer.
const SHORTEST: Duration = Duration::from_secs(3);

/// A year, so that the end of a pause is a moment the clock can hold.
const LONGEST_PAUSE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The header that tells an upstream who we are.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// The header's name.
    pub header: HeaderName,
    /// Its whole value.
    pub value: SecretString,
}

impl Authorization {
    /// `Authorization: Bearer TOKEN`.
    pub fn bearer(token: &SecretString) -> Authorization {
        let value = format!("Bearer {}", token.expose_secret());
        Authorization { header: AUTHORIZATION, value: value.into() }
    }
}

/// One system's HTTP client; share it behind an `Arc`.
pub struct Upstream {
    system: &'static str,
    client: reqwest::Client,
    /// For what is sent once: each request has a connection of its own.
    single_use: reqwest::Client,
    base_url: SecretUrl,
    authorization: Option<(HeaderName, HeaderValue)>,
    accept: Option<HeaderValue>,
    deadline: Deadline,
    limits: Limits,
    budget: Arc<Budget>,
    unauthorized_pause: Duration,
    paused_until: Mutex<Option<Instant>>,
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upstream").field("system", &self.system).finish_non_exhaustive()
    }
}

impl Upstream {
    /// Sets up the client of `system`, whose paths are relative to `base_url`; the
    /// empty path is `base_url` itself, to the letter. A query that it has stands
    /// before every other. Nothing is sent yet.
    pub fn new(
        system: &'static str,
        base_url: &SecretUrl,
        authorization: Option<Authorization>,
        http: &config::Http,
        deadline: &Deadline,
        unauthorized_pause: Duration,
    ) -> Result<Upstream, BuildError> {
        let limits = deadline.limits(http);
        let build = |connections| client::build(system, base_url, http, &limits, connections);
        let authorization =
            authorization.map(|authorization| client::header(system, authorization)).transpose()?;
        Ok(Upstream {
            system,
            client: build(Connections::Pooled)?,
            single_use: build(Connections::SingleUse)?,
            base_url: base_url.clone(),
            authorization,
            accept: None,
            deadline: deadline.clone(),
            limits,
            budget: Arc::new(Budget::new(deadline)),
            unauthorized_pause: unauthorized_pause.min(LONGEST_PAUSE),
            paused_until: Mutex::new(None),
        })
    }

    /// Says with every request that JSON is wanted: some systems answer people and
    /// programs at the same address.
    #[must_use]
    pub fn wanting_json(mut self) -> Upstream {
        self.accept = Some(HeaderValue::from_static("application/json"));
        self
    }

    /// How long a large answer may take as a whole.
    pub(crate) fn large_answer(&self) -> Duration {
        self.limits.large
    }

    /// Asks once. 3xx, 401, 403, 408, 429 and 5xx are errors, as is a broken
    /// connection; any other status is for the caller to judge.
    pub async fn get(
        &self,
        operation: &'static str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Response, Error> {
        self.once(operation, path, Parameters::query(query)).await
    }

    /// As [`Upstream::get`], by POST with a form.
    pub async fn post(
        &self,
        operation: &'static str,
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<Response, Error> {
        self.once(operation, path, Parameters::form(form)).await
    }

    /// Asks once and hands back any answer but a redirect, for systems that
    /// tell their answers apart by the body.
    ///
    /// The caller classifies with [`Response::as_error`], and reports a 401 or
    /// 403 that means what it says with [`Upstream::unauthorized`].
    pub async fn get_any_status(
        &self,
        operation: &'static str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Response, Error> {
        self.any_status(operation, path, Parameters::query(query)).await
    }

    /// Asks once for a file that the upstream has given a link to, relative or not, and
    /// hands back any answer but a redirect. `None` where the link leads to another host:
    /// nothing is sent there.
    pub async fn download(
        &self,
        operation: &'static str,
        link: &str,
    ) -> Option<Result<Response, Error>> {
        let url = self.linked(link)?;
        let answer = self.any_status(operation, "", Parameters::Download(url)).await;
        Some(answer.map(Response::of_file))
    }

    /// The whole address of a link to this upstream; `None` where it leads elsewhere.
    pub fn linked(&self, link: &str) -> Option<Url> {
        let base = self.base_url.expose_secret();
        let mut url = base.join(link).ok()?;
        let is_here = url.host() == base.host();
        // What is secret goes by no worse way than the rest.
        url.set_scheme(base.scheme()).ok()?;
        url.set_port(base.port()).ok()?;
        is_here.then_some(url)
    }

    /// As [`Upstream::get`], repeated while the error is of class `Retry`,
    /// with exponential backoff and full jitter and never sooner than a
    /// Retry-After says, as far as the deadline allows. Only for requests that
    /// may arrive more than once.
    pub async fn get_patiently(
        &self,
        operation: &'static str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Response, Error> {
        self.repeat(operation, || self.once(operation, path, Parameters::query(query))).await
    }

    async fn once(
        &self,
        operation: &'static str,
        path: &str,
        parameters: Parameters,
    ) -> Result<Response, Error> {
        let answer = self.any_status(operation, path, parameters).await?;
        self.refusal(operation, &answer).map_or(Ok(answer), Err)
    }

    /// The error that a status means, whatever the body says.
    fn refusal(&self, operation: &'static str, answer: &Response) -> Option<Error> {
        match answer.status() {
            status @ (401 | 403) => Some(self.unauthorized(operation, status)),
            status if error::is_transient(status) => Some(answer.as_error()),
            _ => None,
        }
    }

    async fn any_status(
        &self,
        operation: &'static str,
        path: &str,
        parameters: Parameters,
    ) -> Result<Response, Error> {
        self.ask_by(&self.client, operation, path, parameters).await
    }

    async fn ask_by(
        &self,
        client: &reqwest::Client,
        operation: &'static str,
        path: &str,
        parameters: Parameters,
    ) -> Result<Response, Error> {
        if let Some(left) = self.paused() {
            return Err(self.error(operation, Problem::Paused { left }));
        }
        if self.budget.is_used_up() {
            return Err(self.error(operation, Problem::GivenUp));
        }
        let began = Instant::now();
        let mut answer = self.send(client, operation, path, parameters).await;
        watchdog::beat();
        let is_of_proxy = match &answer {
            Ok(answer) => answer.status() == 407,
            Err(error) => error.is_of_proxy(),
        };
        if is_of_proxy {
            answer = Err(self.refused_by_proxy(operation));
        }
        let status = answer.as_ref().map_or_else(Error::status, |answer| Some(answer.status()));
        match status {
            Some(status) if !error::is_transient(status) => self.budget.forgive(),
            _ => {
                self.budget.lose(began.elapsed());
                if self.deadline.left().is_some_and(|left| left.is_zero()) {
                    self.budget.give_up();
                }
            }
        }
        let outcome = match &answer {
            Ok(answer) => error::status_class(answer.status()),
            Err(error) => error.outcome(),
        };
        metrics::count(Metric::HttpRequests, &[self.system, operation, outcome], 1);
        metrics::observe(Metric::HttpRequestSeconds, &[self.system], began.elapsed());
        match &answer {
            Ok(answer) => {
                tracing::debug!(
                    system = self.system,
                    operation,
                    status = answer.status(),
                    "answered"
                );
            }
            Err(error) => tracing::debug!(system = self.system, operation, %error, "not answered"),
        }
        answer
    }

    async fn send(
        &self,
        client: &reqwest::Client,
        operation: &'static str,
        path: &str,
        parameters: Parameters,
    ) -> Result<Response, Error> {
        let progress = parameters.progress();
        let mut request = parameters.request(self.base_url.expose_secret(), path);
        if let Some((name, value)) = &self.authorization {
            request.headers_mut().insert(name, value.clone());
        }
        if let Some(accept) = &self.accept {
            let headers = request.headers_mut();
            headers.entry(ACCEPT).or_insert_with(|| accept.clone());
        }
        let limits = self.budget.limits(self.limits);
        let longest = match self.deadline.left() {
            Some(left) => limits.head.min(left.max(SHORTEST)),
            None => limits.head,
        };
        let mut answer = std::pin::pin!(client.execute(request));
        let mut wait = longest;
        let response = loop {
            match wait::within(wait, answer.as_mut()).await {
                Some(Ok(response)) => break response,
                Some(Err(error)) => return Err(self.error(operation, Problem::of_sending(&error))),
                None => {}
            }
            // A large file may take longer than an answer, as long as it gets on.
            let last = progress.as_ref().and_then(Progress::last);
            let idle = last.map_or(longest, |last| last.elapsed());
            let is_late = self.deadline.left().is_some_and(|left| left.is_zero());
            wait = longest.saturating_sub(idle);
            if wait.is_zero() || is_late {
                return Err(self.error(operation, Problem::NoAnswer(longest)));
            }
            watchdog::beat();
        };
        if response.status().is_redirection() {
            return Err(self.error(operation, Problem::Redirect(response.status().as_u16())));
        }
        let budget = Arc::clone(&self.budget);
        Ok(Response::new(self.system, operation, response, self.limits, budget))
    }

    fn error(&self, operation: &'static str, problem: Problem) -> Error {
        Error::new(self.system, operation, problem)
    }
}
