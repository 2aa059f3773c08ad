//! What the forms have done: each by its verb in [`crate::acts`], in one transaction with its
//! row of the log.

use askama::Template;
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Response};

use super::acting::{Acting, conflict};
use super::form::Form;
use super::frame::page as rendered;
use super::{Console, Fault, Frame, alma};
use crate::acts::{self, Act, Acted, Book, Decide, Objects, Refused, Request, Secret, Why, Wrong};
use crate::config::Category;
use crate::ledger::{
    AlmaKey, AlmaKind, AlmaRow, AlmaShown, AlmaState, CallState, Error, RecordKey, Refusal, Tx,
};
use crate::macrocrm::Booking;

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
pub(super) async fn decide(acting: Acting) -> Result<Response, Fault> {
    let form = &acting.form;
    if !matches!(form.text("request"), "register" | "object")
        || !matches!(form.text("verdict"), "approve" | "reject")
    {
        return Err(Fault::BadForm);
    }
    let decide = decision(form).map_err(|_| Fault::BadForm)?;
    acting.carry_out("/requests", move |tx, act| acts::decide(tx, act, &decide, true)).await
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

/// Books a handover. Another one is booked beside those that the form says it knew of, and beside none
/// that came since.
pub(super) async fn book(acting: Acting) -> Result<Response, Fault> {
    let booking = booking(&acting.console, &acting.form)?.map_err(|_| Fault::BadForm)?;
    let last_known = acting.form.number("booked").unwrap_or(i64::MAX);
    let first = Booking { again: false, ..booking.clone() };
    let is_known = move |error: &Error| {
        let call = Refused::of(error).and_then(|refused| refused.call);
        call.is_some_and(|call| call <= last_known)
    };
    let verb = move |tx: &Tx<'_>, act: &Act| match acts::book(tx, act, &first) {
        Err(error) if booking.again && is_known(&error) => acts::book(tx, act, &booking),
        booked => booked,
    };
    acting.carry_out("/keys", verb).await
}

/// Settles a call, or several. Of one that was shown as of unknown outcome another person may have
/// said meanwhile that it was not done: to put it away is another matter, and was not asked.
pub(super) async fn settle(acting: Acting) -> Result<Response, Fault> {
    let is_done = acting.form.is_done()?;
    let was_unknown = acting.form.text("state") == CallState::Unknown.word();
    let verb = move |tx: &Tx<'_>, act: &Act, seq: i64| {
        if was_unknown && tx.act(act.id())?.is_none() && tx.call(seq)?.state == CallState::Failed {
            return Err(Refusal::CallFailed { seq }.into());
        }
        acts::settle(tx, act, seq, is_done)
    };
    acting.carry_out_by("call", "/stuck", verb).await
}

/// Applies something quarantined, or several.
pub(super) async fn quarantine_retry(acting: Acting) -> Result<Response, Fault> {
    let config = acting.console.config().clone();
    let verb = move |tx: &Tx<'_>, act: &Act, seq| acts::quarantine_retry(tx, act, &config, seq);
    acting.carry_out_by("seq", "/quarantine", verb).await
}

/// Gives something quarantined up, or several.
pub(super) async fn quarantine_acknowledge(acting: Acting) -> Result<Response, Fault> {
    acting.carry_out_by("seq", "/quarantine", acts::quarantine_acknowledge).await
}

/// How a verb acts on objects of Alma.
type OnObjects = fn(&Tx<'_>, &Act, &Objects) -> Result<Vec<Acted>, Error>;

/// Acts on one object of Alma, or on all that match what the form says.
async fn on_objects(acting: Acting, verb: OnObjects) -> Result<Response, Fault> {
    let form = &acting.form;
    if form.filled("kind").is_some() {
        let objects = Objects::These(vec![named(form)?]);
        let one = move |tx: &Tx<'_>, act: &Act| acts::on_one(verb(tx, act, &objects)?);
        return acting.carry_out("/alma", one).await;
    }
    let (state, kind) = alma::all_in(form)?;
    let count = u64::try_from(form.number("count")?).map_err(|_| Fault::BadForm)?;
    let shown = AlmaShown { count, digest: form.text("shown").to_owned() };
    let objects = Objects::In { states: vec![state], kind };
    as_shown(acting, move |tx, act| {
        if tx.act(act.id())?.is_none() && tx.alma_shown_in(state, kind)? != shown {
            return Ok(None);
        }
        verb(tx, act, &objects).map(Some)
    })
    .await
}

/// The object of Alma that a form names.
fn named(form: &Form) -> Result<AlmaKey, Fault> {
    let kind = AlmaKind::from_word(form.text("kind").trim()).ok_or(Fault::BadForm)?;
    Ok(AlmaKey::new(kind, form.needed("id")?))
}

/// Has an act done on what was confirmed, and on nothing that came since; `None` of the verb:
/// something came. A form that was carried out before finds none left, and is to be told apart
/// first.
async fn as_shown<T: Send + 'static>(
    acting: Acting,
    verb: impl Fn(&Tx<'_>, &Act) -> Result<Option<T>, Error> + Send + 'static,
) -> Result<Response, Fault> {
    let refused = match acting.run(verb).await? {
        Ok(Some(_)) => return Ok(acting.done()),
        Ok(None) => conflict(acting.frame.w.other_now.to_owned(), None),
        Err(refused) => refused,
    };
    acting.refused(refused, "/alma").await
}

/// Tries objects of Alma again.
pub(super) async fn alma_retry(acting: Acting) -> Result<Response, Fault> {
    on_objects(acting, acts::alma_retry).await
}

/// Releases held objects of Alma: one only for the reason that was confirmed.
pub(super) async fn alma_release(acting: Acting) -> Result<Response, Fault> {
    if acting.form.filled("kind").is_none() {
        return on_objects(acting, acts::alma_release).await;
    }
    let key = named(&acting.form)?;
    let shown = acting.form.text("shown").to_owned();
    as_shown(acting, move |tx, act| {
        let is_other = |row: AlmaRow| row.state == AlmaState::Held && row.shown().digest != shown;
        if tx.act(act.id())?.is_none() && tx.alma_row(&key)?.is_some_and(is_other) {
            return Ok(None);
        }
        let objects = Objects::These(vec![key.clone()]);
        acts::on_one(acts::alma_release(tx, act, &objects)?).map(Some)
    })
    .await
}

/// Blocks a unit or a room.
pub(super) async fn alma_block(acting: Acting) -> Result<Response, Fault> {
    on_objects(acting, acts::alma_block).await
}

/// Removes the block of a unit or a room.
pub(super) async fn alma_unblock(acting: Acting) -> Result<Response, Fault> {
    on_objects(acting, acts::alma_unblock).await
}

/// Asks the service to poll a feed now.
pub(super) async fn poll(acting: Acting) -> Result<Response, Fault> {
    let feed = acts::polled_feed(acting.console.config(), acting.form.needed("feed")?);
    let (source, feed) = feed.map_err(|_| Fault::BadForm)?;
    acting.carry_out("/systems", move |tx, act| acts::poll(tx, act, (source, &feed))).await
}

/// Accepts that a feed lacks much.
pub(super) async fn accept_shrink(acting: Acting) -> Result<Response, Fault> {
    let feed = acts::mirrored_feed(acting.console.config(), acting.form.needed("feed")?);
    let (source, feed) = feed.map_err(|_| Fault::BadForm)?;
    acting.carry_out("/systems", move |tx, act| acts::accept_shrink(tx, act, (source, &feed))).await
}

/// Shows a secret, once: in the answer to the form, and nowhere else.
pub(super) async fn reveal(headers: HeaderMap, acting: Acting) -> Result<Response, Fault> {
    let form = &acting.form;
    let member = form.needed("member")?.to_owned();
    if !acting.console.secrets.has(&member) {
        return Err(Fault::BadForm);
    }
    let [source, kind, id] = ["source", "kind", "id"].map(|name| form.text(name).to_owned());
    let asked = member.clone();
    let outcome = acting.run(move |tx, act| {
        let record = RecordKey::new(&source, &kind, &id);
        acts::reveal(tx, act, Secret { record, member: &asked })
    });
    let (outcome, w) = (outcome.await?, acting.frame.w);
    if headers.contains_key("hx-request") {
        let text = match &outcome {
            Ok(text) => text,
            Err(refused) if refused.why == Why::Done => w.shown_once,
            Err(_) => w.refused_title,
        };
        let html = RevealedPart { text }.render().map_err(|_| Fault::Failed)?;
        return Ok(Html(html).into_response());
    }
    match outcome {
        Ok(text) => {
            let frame = acting.frame.at("/search");
            rendered(&Revealed { f: &frame, member: &member, text: &text })
        }
        Err(refused) => acting.refused(refused, "/search").await,
    }
}
