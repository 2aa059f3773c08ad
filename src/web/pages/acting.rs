//! A form that asks for an act: who sends it, and where what came of it leads. A form that is
//! sent twice leads to what it did the first time.

use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::response::Response;

use super::done::{Told, told};
use super::form::Form;
use super::frame::page as rendered;
use super::login::to;
use super::{Console, Fault, Frame};
use crate::acts::{self, Act, Refused, Several, Why};
use crate::ledger::{Error, Tx};
use crate::web::guard::Operator;
use crate::web::words;

/// Why an act was not done.
#[derive(Template)]
#[template(path = "refused.html")]
struct NotDone<'p> {
    f: &'p Frame,
    detail: String,
    before: Vec<Told>,
    back: &'static str,
}

/// A form that asks for an act, of an operator.
pub(super) struct Acting {
    pub(super) console: Arc<Console>,
    pub(super) frame: Frame,
    pub(super) form: Form,
    act: Act,
}

impl FromRequest<Arc<Console>> for Acting {
    type Rejection = Fault;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, Fault> {
        let (mut parts, body) = request.into_parts();
        let operator = Operator::from_request_parts(&mut parts, console).await?;
        let frame = Frame::from_request_parts(&mut parts, console).await?;
        let form = Form::from_request(Request::from_parts(parts, body), console).await?;
        let act = operator.act(form.act_id()?);
        Ok(Self { console: Arc::clone(console), frame, form, act })
    }
}

impl Acting {
    /// Has a verb done in a transaction of its own, and leads to what it came to, or tells why
    /// it was not done.
    pub(super) async fn carry_out<T: Send + 'static>(
        self,
        back: &'static str,
        verb: impl Fn(&Tx<'_>, &Act) -> Result<T, Error> + Send + 'static,
    ) -> Result<Response, Fault> {
        match self.run(verb).await? {
            Ok(_) => Ok(self.done()),
            Err(refused) => self.refused(refused, back).await,
        }
    }

    /// Has a verb done on the number in a field of the form; or, where it has several `numbers`,
    /// on each of them.
    pub(super) async fn carry_out_by<T: Send + 'static>(
        self,
        field: &str,
        back: &'static str,
        verb: impl Fn(&Tx<'_>, &Act, i64) -> Result<T, Error> + Send + 'static,
    ) -> Result<Response, Fault> {
        let Some(numbers) = self.form.numbers()? else {
            let number = self.form.number(field)?;
            return self.carry_out(back, move |tx, act| verb(tx, act, number)).await;
        };
        let wanted = numbers.len();
        let outcome = self.run(move |tx, act| acts::several(tx, act, &numbers, &verb)).await?;
        match outcome {
            Ok(Several { done: 0, refused }) => match refused.into_iter().next() {
                Some(first) => not_done(&self.console, self.frame, first, back).await,
                None => Err(Fault::BadForm),
            },
            Ok(_) => Ok(to(&format!("/done/{}?of={wanted}", self.act.id()))),
            Err(refused) => self.refused(refused, back).await,
        }
    }

    /// Has a verb done in a transaction of its own.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        verb: impl Fn(&Tx<'_>, &Act) -> Result<T, Error> + Send + 'static,
    ) -> Result<Result<T, Refused>, Fault> {
        if self.console.web.ledger.is_disk_full() {
            return Err(Fault::DiskFull);
        }
        let act = self.act.clone();
        match self.console.web.ledger.write(move |tx| verb(tx, &act)).await {
            Ok(done) => Ok(Ok(done)),
            Err(error) => match Refused::of(&error) {
                Some(refused) => Ok(Err(refused)),
                None => Err(error.into()),
            },
        }
    }

    /// The way to what it came to.
    pub(super) fn done(&self) -> Response {
        to(&format!("/done/{}", self.act.id()))
    }

    /// The way to what it came to before; or why it was not done.
    pub(super) async fn refused(
        self,
        refused: Refused,
        back: &'static str,
    ) -> Result<Response, Fault> {
        if refused.why == Why::Done {
            return Ok(self.done());
        }
        not_done(&self.console, self.frame, refused, back).await
    }
}

/// Something else stands in the way than the ledger's own rules.
pub(super) fn conflict(detail: String, call: Option<i64>) -> Refused {
    Refused { why: Why::Conflict, detail, call, act: None }
}

/// The page that tells why an act was not done, and who did it before.
pub(super) async fn not_done(
    console: &Console,
    frame: Frame,
    refused: Refused,
    back: &'static str,
) -> Result<Response, Fault> {
    let call = refused.call;
    let reading = console.read(move |reader| {
        let Some(call) = call else { return Ok((Vec::new(), None)) };
        Ok((reader.acts_of_call(call)?, reader.call_state(call)?))
    });
    let (before, state) = reading.await?;
    let state = state.map(|(state, _)| state);
    let frame = frame.at(back);
    let before = before.iter().map(|act| told(console, &frame, act, state)).collect();
    let status = match refused.why {
        Why::Missing => StatusCode::NOT_FOUND,
        Why::Conflict | Why::Done => StatusCode::CONFLICT,
    };
    let detail = words::reason(frame.lang, &refused.detail).into_owned();
    let mut response = rendered(&NotDone { f: &frame, detail, before, back })?;
    *response.status_mut() = status;
    Ok(response)
}
