//! MACRO over HTTP: the three calls of its document and their answers.
//!
//! Source: «API Передача ключей». Every request carries `time`, `domain` and `token`
//! ([`super::sign`]). getReadyFlats and add go by POST with a form, the one way that
//! is known to work everywhere; getFreeTimes goes as it is configured.

use secrecy::{ExposeSecret, SecretString};

use super::answer::{self, Answer};
use super::error::Error;
use super::ready_flats::{self, ReadyFlats};
use super::sign::Signer;
use crate::clock::SharedClock;
use crate::config::{self, Category, FreeTimesMethod};
use crate::http::{self, BuildError, Deadline, Upstream, presentable, words};

/// The names of the calls in errors and in `call.op`.
const READY_FLATS: &str = "getReadyFlats";
const FREE_TIMES: &str = "getFreeTimes";
pub(super) const ADD: &str = "add";

/// The most bytes read of a list: a million flats.
const LIST: usize = 32 << 20;
/// The most bytes read of another answer.
const ANSWER: usize = 256 << 10;

/// The advice where a read is refused.
const ADVICE: &str = "; check macrocrm.domain, macrocrm.app_secret and this host's clock";

/// The HTTP client of MACRO.
pub(crate) struct Api {
    upstream: Upstream,
    signer: Signer,
    free_times_method: FreeTimesMethod,
    clock: SharedClock,
}

type Parameters = Vec<(&'static str, String)>;

impl Api {
    pub(super) fn new(
        config: &config::Macrocrm,
        http: &config::Http,
        deadline: &Deadline,
        clock: &SharedClock,
    ) -> Result<Self, BuildError> {
        let pause = http::UNAUTHORIZED_PAUSE;
        Ok(Self {
            upstream: Upstream::new("macrocrm", &config.base_url, None, http, deadline, pause)?,
            signer: Signer {
                domain: config.domain.clone(),
                app_secret: SecretString::clone(&config.app_secret),
            },
            free_times_method: config.free_times_method,
            clock: clock.clone(),
        })
    }

    /// The upstream, which tells whether it is paused.
    pub(crate) fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// `getReadyFlats`, of one category or of all.
    pub(crate) async fn ready_flats(
        &self,
        category: Option<Category>,
    ) -> Result<ReadyFlats, Error> {
        let form = || {
            let category = category.map(|category| ("category", category.word().to_owned()));
            self.signed(category)
        };
        let path = "estate/transfer/getReadyFlats/";
        let ask = || async {
            let answer = self.upstream.post(READY_FLATS, path, &borrowed(&form())).await?;
            Ok((answer.status(), answer.json(LIST).await?))
        };
        let (status, body) = self.upstream.repeat(READY_FLATS, ask).await?;
        let data = self.data(READY_FLATS, status, &body, ADVICE)?;
        let flats =
            data.ok_or("it has no data").and_then(|data| ready_flats::decode(data, category));
        flats.map_err(undocumented(READY_FLATS, status))
    }

    /// `getFreeTimes`: the free slots of a day at a house, `HH:MM`, in the answer's order. Only
    /// companies whose houses have schedules of their own want the house.
    pub(super) async fn free_times(
        &self,
        house_id: Option<&str>,
        transfer_date: &str,
    ) -> Result<Vec<String>, Error> {
        let path = "estate/transfer/getFreeTimes/";
        let parameters = || {
            let date = ("transfer_date", transfer_date.to_owned());
            let house = house_id.map(|id| ("house_id", id.to_owned()));
            self.signed(std::iter::once(date).chain(house))
        };
        let ask = || async {
            let parameters = parameters();
            let parameters = &borrowed(&parameters);
            let answer = match self.free_times_method {
                FreeTimesMethod::Get => self.upstream.get(FREE_TIMES, path, parameters).await?,
                FreeTimesMethod::Post => self.upstream.post(FREE_TIMES, path, parameters).await?,
            };
            Ok((answer.status(), answer.json(ANSWER).await?))
        };
        let (status, body) = self.upstream.repeat(FREE_TIMES, ask).await?;
        let data = self.data(FREE_TIMES, status, &body, ADVICE)?;
        let values = data
            .ok_or("it has no data")
            .and_then(|data| answer::php_array(data).ok_or("its data is not a list"));
        let times = values.and_then(|values| {
            let times: Option<Vec<String>> = values.into_iter().map(answer::as_text).collect();
            times.ok_or("a time in it is not text")
        });
        times.map_err(undocumented(FREE_TIMES, status))
    }

    /// `add`: books a time, once. Takes the parameters without the signature, and returns the
    /// HTTP status of a success, with MACRO's own words.
    pub(super) async fn add(&self, parameters: Parameters) -> Result<(u16, Option<String>), Error> {
        let form = self.signed(parameters);
        let answer = self.upstream.post_apart(ADD, "estate/transfer/add/", &borrowed(&form)).await;
        let answer = answer.map_err(|error| {
            let said = error.said().and_then(|said| words(said, &self.secrets()));
            Error::Http { error, said }
        })?;
        // Sent once: what breaks off here is told with its words, and not asked for again.
        let (status, body) = (answer.status(), answer.bytes(ANSWER).await?);
        let said = || words(&String::from_utf8_lossy(&body), &self.secrets());
        match self.data(ADD, status, &body, "") {
            Ok(_) => Ok((status, said())),
            Err(Error::Undocumented { operation, status, problem, .. }) => {
                Err(Error::Undocumented { operation, status, problem, said: said() })
            }
            Err(error) => Err(error),
        }
    }

    fn signed(&self, parameters: impl IntoIterator<Item = (&'static str, String)>) -> Parameters {
        let signature = self.signer.sign(self.clock.now());
        signature.into_iter().chain(parameters).collect()
    }

    /// The secrets that a quoted message must not hold.
    fn secrets(&self) -> [&str; 2] {
        [self.signer.app_secret.expose_secret(), self.signer.domain.expose_secret()]
    }

    /// The `data` of a successful answer.
    fn data<'b>(
        &self,
        operation: &'static str,
        status: u16,
        body: &'b [u8],
        advice: &'static str,
    ) -> Result<Option<&'b str>, Error> {
        let undocumented = undocumented(operation, status);
        match answer::read(body) {
            Ok(Answer::Yes { data }) if (200..300).contains(&status) => Ok(data),
            // The answer says more about a refusal than the status.
            Ok(Answer::No { code, message }) => Err(Error::No {
                operation,
                status,
                code,
                // Not found is no matter of credentials.
                advice: if code == Some(404) { "" } else { advice },
                said: message.map(|message| presentable(&message, &self.secrets())),
            }),
            _ if status == 404 => {
                Err(undocumented("nothing is there; is macrocrm.base_url right?"))
            }
            Ok(Answer::Yes { .. }) => Err(undocumented("its status is an error's")),
            Err(problem) => Err(undocumented(problem)),
        }
    }
}

fn undocumented(operation: &'static str, status: u16) -> impl Fn(&'static str) -> Error {
    move |problem| Error::Undocumented { operation, status, problem, said: None }
}

fn borrowed<'p>(parameters: &'p [(&'static str, String)]) -> Vec<(&'static str, &'p str)> {
    parameters.iter().map(|(name, value)| (*name, value.as_str())).collect()
}
