//! What the forms have done: each by its verb in [`crate::acts`], in one transaction with its
//! row of the log. A form that is sent twice leads to what it did the first time.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};

use super::done::{Told, told};
use super::form::Form;
use super::frame::page as rendered;
use super::login::to;
use super::{Console, Fault, Frame, alma};
use crate::acts::{self, Act, Acted, Book, Decide, Objects, Refused, Request, Secret, Why, Wrong};
use crate::config::Category;
use crate::ledger::{AlmaKey, AlmaKind, Error, RecordKey, Tx};
use crate::macrocrm::Booking;
use crate::web::guard::Operator;

/// Why an act was not done.
#[derive(Template)]
#[template(path = "refused.html")]
struct NotDone<'p> {
    f: &'p Frame,
    detail: String,
    before: Vec<Told>,
    back: &'static str,
}

/// A secret, shown once.
#[derive(Template)]
#[template(path = "revealed.html")]
struct Revealed<'p> {
    f: &'p Frame,
    member: &'p str,
    text: &'p str,
}

#[derive(Template)]
#[template(source = r#"<span class="secret shown">{{ text }}</span>"#, ext = "html")]
struct RevealedPart<'p> {
    text: &'p str,
}

/// Runs a verb in a transaction of its own.
async fn carried_out<T: Send + 'static>(
    console: &Console,
    verb: impl Fn(&Tx<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<Result<T, Refused>, Fault> {
    if console.web.ledger.is_disk_full() {
        return Err(Fault::DiskFull);
    }
    match console.web.ledger.write(verb).await {
        Ok(done) => Ok(Ok(done)),
        Err(error) => match Refused::of(&error) {
            Some(refused) => Ok(Err(refused)),
            None => Err(error.into()),
        },
    }
}

/// Where an act leads: to what it came to, or to why it was not done.
async fn answer<T>(
    console: &Console,
    frame: Frame,
    act: &Act,
    outcome: Result<T, Refused>,
    back: &'static str,
) -> Result<Response, Fault> {
    match outcome {
        Ok(_) => Ok(to(&format!("/done/{}", act.id()))),
        Err(refused) if refused.why == Why::Done => Ok(to(&format!("/done/{}", act.id()))),
        Err(refused) => not_done(console, frame, refused, back).await,
    }
}

async fn not_done(
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
    let mut response = rendered(&NotDone { f: &frame, detail: refused.detail, before, back })?;
    *response.status_mut() = status;
    Ok(response)
}

/// What is asked for has been done, or may have been, by this call.
pub(super) async fn taken(
    console: &Console,
    frame: Frame,
    call: i64,
    back: &'static str,
) -> Result<Response, Fault> {
    let detail = format!("{} {call}", frame.w.acted_before);
    let refused = Refused { why: Why::Conflict, detail, call: Some(call), act: None };
    not_done(console, frame, refused, back).await
}

/// The decision that a form asks for.
pub(super) fn decision(form: &Form) -> Result<Decide, Wrong> {
    let request =
        if form.text("request") == "register" { Request::Register } else { Request::Object };
    let is_approval = form.text("verdict") == "approve";
    // The form has one field beside two buttons: what does not go with the verdict is left out.
    let cause = form.filled("cause").filter(|_| request == Request::Register && !is_approval);
    let number =
        form.filled("account_number").filter(|_| request == Request::Object && is_approval);
    let id = form.text("id").to_owned();
    Decide::new(request, id, is_approval, cause, number, form.is_ticked("notify"))
}

/// Decides a request.
pub(super) async fn decide(
    State(console): State<Arc<Console>>,
    operator: Operator,
    frame: Frame,
    form: Form,
) -> Result<Response, Fault> {
    let act = operator.act(form.act_id()?);
    if !matches!(form.text("request"), "register" | "object")
        || !matches!(form.text("verdict"), "approve" | "reject")
    {
        return Err(Fault::BadForm);
    }
    let decide = decision(&form).map_err(|_| Fault::BadForm)?;
    let by = act.clone();
    let outcome = carried_out(&console, move |tx| acts::decide(tx, &by, &decide, true)).await?;
    answer(&console, frame, &act, outcome, "/requests").await
}

/// The booking that a form asks for; the inner error is what is wrong with it.
pub(super) fn booking(console: &Console, form: &Form) -> Result<Result<Booking, Wrong>, Fault> {
    let Some(settings) = &console.config().macrocrm else { return Err(Fault::NotFound) };
    let category = match form.text("category") {
        "" => None,
        word => {
            Some(Category::ALL.into_iter().find(|one| one.word() == word).ok_or(Fault::BadForm)?)
        }
    };
    let at = format!("{}T{}", form.needed("date")?, form.needed("time")?);
    let book = Book {
        house: form.text("house").to_owned(),
        flat: form.needed("flat")?.to_owned(),
        category,
        at: at.parse().map_err(|_| Fault::BadForm)?,
        phone: form.text("phone").trim().to_owned(),
        again: form.is_ticked("again"),
    };
    Ok(book.booking(settings, console.web.clock.now()))
}

/// Books a handover.
pub(super) async fn book(
    State(console): State<Arc<Console>>,
    operator: Operator,
    frame: Frame,
    form: Form,
) -> Result<Response, Fault> {
    let act = operator.act(form.act_id()?);
    let booking = booking(&console, &form)?.map_err(|_| Fault::BadForm)?;
    let by = act.clone();
    let outcome = carried_out(&console, move |tx| acts::book(tx, &by, &booking)).await?;
    answer(&console, frame, &act, outcome, "/keys").await
}

/// Settles a call.
pub(super) async fn settle(
    State(console): State<Arc<Console>>,
    operator: Operator,
    frame: Frame,
    form: Form,
) -> Result<Response, Fault> {
    let act = operator.act(form.act_id()?);
    let call = form.number("call")?;
    let is_done = match form.text("outcome") {
        "done" => true,
        "failed" => false,
        _ => return Err(Fault::BadForm),
    };
    let by = act.clone();
    let outcome = carried_out(&console, move |tx| acts::settle(tx, &by, call, is_done)).await?;
    answer(&console, frame, &act, outcome, "/stuck").await
}

/// Applies something quarantined.
pub(super) async fn quarantine_retry(
    State(console): State<Arc<Console>>,
    operator: Operator,
    frame: Frame,
    form: Form,
) -> Result<Response, Fault> {
    let act = operator.act(form.act_id()?);
    let (by, seq, config) = (act.clone(), form.number("seq")?, console.config().clone());
    let outcome =
        carried_out(&console, move |tx| acts::quarantine_retry(tx, &by, &config, seq)).await?;
    answer(&console, frame, &act, outcome, "/quarantine").await
}

/// Gives something quarantined up.
pub(super) async fn quarantine_acknowledge(
    State(console): State<Arc<Console>>,
    operator: Operator,
    frame: Frame,
    form: Form,
) -> Result<Response, Fault> {
    let act = operator.act(form.act_id()?);
    let (by, seq) = (act.clone(), form.number("seq")?);
    let outcome =
        carried_out(&console, move |tx| acts::quarantine_acknowledge(tx, &by, seq)).await?;
    answer(&console, frame, &act, outcome, "/quarantine").await
}

/// How a verb acts on objects of Alma.
type OnObjects = fn(&Tx<'_>, &Act, &Objects) -> Result<Vec<Acted>, Error>;

/// What came of an act on objects.
enum Came {
    Done,
    /// Another number matches than the form says.
    Moved,
}

/// Acts on one object, or on all that match what the form says.
async fn on_objects(
    console: &Console,
    act: Act,
    frame: Frame,
    form: &Form,
    verb: OnObjects,
) -> Result<Response, Fault> {
    let by = act.clone();
    let outcome = if let Some(kind) = form.filled("kind") {
        let kind = AlmaKind::from_word(&kind).ok_or(Fault::BadForm)?;
        let objects = Objects::These(vec![AlmaKey::new(kind, form.needed("id")?)]);
        let acting = move |tx: &Tx<'_>| acts::on_one(verb(tx, &by, &objects)?).map(|_| Came::Done);
        carried_out(console, acting).await?
    } else {
        let state = alma::state(form.needed("state")?).ok_or(Fault::BadForm)?;
        let kind = match form.text("in_kind") {
            "" => None,
            word => Some(AlmaKind::from_word(word).ok_or(Fault::BadForm)?),
        };
        let count = usize::try_from(form.number("count")?).map_err(|_| Fault::BadForm)?;
        let objects = Objects::In { states: vec![state], kind };
        let acting = move |tx: &Tx<'_>| {
            // What was confirmed is done, and nothing that came since; a form that was carried
            // out before finds none left, and is told apart first.
            if tx.act(by.id())?.is_none() && tx.alma_keys_in(state, kind)?.len() != count {
                return Ok(Came::Moved);
            }
            verb(tx, &by, &objects).map(|_| Came::Done)
        };
        carried_out(console, acting).await?
    };
    if let Ok(Came::Moved) = outcome {
        let detail = frame.w.more_now.to_owned();
        let refused = Refused { why: Why::Conflict, detail, call: None, act: None };
        return not_done(console, frame, refused, "/alma").await;
    }
    answer(console, frame, &act, outcome, "/alma").await
}

macro_rules! on_objects {
    ($($(#[$about:meta])* $name:ident: $verb:path;)*) => {$(
        $(#[$about])*
        pub(super) async fn $name(
            State(console): State<Arc<Console>>,
            operator: Operator,
            frame: Frame,
            form: Form,
        ) -> Result<Response, Fault> {
            let act = operator.act(form.act_id()?);
            on_objects(&console, act, frame, &form, $verb).await
        }
    )*};
}

on_objects! {
    /// Tries objects of Alma again.
    alma_retry: acts::alma_retry;
    /// Releases held objects of Alma.
    alma_release: acts::alma_release;
    /// Blocks a unit or a room.
    alma_block: acts::alma_block;
    /// Removes the block of a unit or a room.
    alma_unblock: acts::alma_unblock;
}

/// Asks the service to poll a feed now.
pub(super) async fn poll(
    State(console): State<Arc<Console>>,
    operator: Operator,
    frame: Frame,
    form: Form,
) -> Result<Response, Fault> {
    let act = operator.act(form.act_id()?);
    let feed = acts::polled_feed(console.config(), form.needed("feed")?);
    let (source, feed) = feed.map_err(|_| Fault::BadForm)?;
    let by = act.clone();
    let outcome = carried_out(&console, move |tx| acts::poll(tx, &by, (source, &feed))).await?;
    answer(&console, frame, &act, outcome, "/systems").await
}

/// Accepts that a feed lacks much.
pub(super) async fn accept_shrink(
    State(console): State<Arc<Console>>,
    operator: Operator,
    frame: Frame,
    form: Form,
) -> Result<Response, Fault> {
    let act = operator.act(form.act_id()?);
    let feed = acts::mirrored_feed(console.config(), form.needed("feed")?);
    let (source, feed) = feed.map_err(|_| Fault::BadForm)?;
    let by = act.clone();
    let outcome =
        carried_out(&console, move |tx| acts::accept_shrink(tx, &by, (source, &feed))).await?;
    answer(&console, frame, &act, outcome, "/systems").await
}

/// Shows a secret, once: in the answer to the form, and nowhere else.
pub(super) async fn reveal(
    State(console): State<Arc<Console>>,
    operator: Operator,
    frame: Frame,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fault> {
    let act = operator.act(form.act_id()?);
    let member = form.needed("member")?.to_owned();
    if !console.secrets.has(&member) {
        return Err(Fault::BadForm);
    }
    let [source, kind, id] = ["source", "kind", "id"].map(|name| form.text(name).to_owned());
    let (by, asked) = (act.clone(), member.clone());
    let outcome = carried_out(&console, move |tx| {
        let record = RecordKey::new(&source, &kind, &id);
        acts::reveal(tx, &by, Secret { record, member: &asked })
    });
    let is_part = headers.contains_key("hx-request");
    match outcome.await? {
        Ok(text) if is_part => {
            let html = RevealedPart { text: &text }.render().map_err(|_| Fault::Failed)?;
            Ok(Html(html).into_response())
        }
        Ok(text) => {
            let frame = frame.at("/search");
            rendered(&Revealed { f: &frame, member: &member, text: &text })
        }
        Err(refused) if is_part => {
            let text =
                if refused.why == Why::Done { frame.w.shown_once } else { frame.w.refused_title };
            let html = RevealedPart { text }.render().map_err(|_| Fault::Failed)?;
            Ok(Html(html).into_response())
        }
        Err(refused) => answer(&console, frame, &act, Err::<(), _>(refused), "/search").await,
    }
}
