//! `POST /keys/bookings`: a time for the handover of keys is booked.

use axum::extract::State;
use axum::response::Response;
use hyper::StatusCode;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::answer::Called;
use super::effect::{Effect, KEY_TOLD as KEY, wrong};
use crate::acts::{self, Act, Book};
use crate::config::Category;
use crate::ledger::Tx;
use crate::macrocrm::HandoverTime;
use crate::web::Shared;
use crate::web::problem::Problem;

/// A booking.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Booking {
    /// MACRO's id of the house, as text or as a number.
    #[schema(example = "123")]
    #[serde(deserialize_with = "text_or_number")]
    house: String,
    /// The number of the flat, parking place or other object, as MACRO has it.
    #[schema(example = "1.1-12-2")]
    flat: String,
    /// Its category; needed unless exactly one is configured.
    #[serde(default)]
    #[schema(example = "flat")]
    category: Option<String>,
    /// The time of the handover, where the house is, or with an offset.
    #[schema(example = "2099-11-23T09:00")]
    at: String,
    /// The telephone of one of the buyers.
    #[schema(example = "+7 900 000-00-01")]
    phone: String,
    /// Book another time although one was booked, or may have been.
    #[serde(default)]
    again: bool,
}

fn known(word: &str) -> Result<Category, Problem> {
    let mut all = Category::ALL.into_iter();
    all.find(|category| category.word() == word).ok_or_else(|| {
        let words = Category::ALL.map(Category::word).join(", ");
        Problem::bad_request(format!("category: it must be one of {words}"))
    })
}

/// A text, or a whole number as it is written.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    struct Either;

    impl serde::de::Visitor<'_> for Either {
        type Value = String;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a text or a whole number")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }

        fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<String, E> {
            Ok(number.to_string())
        }

        fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<String, E> {
            Ok(number.to_string())
        }
    }

    deserializer.deserialize_any(Either)
}

/// Book a time for a handover of keys: it is sent once
///
/// 409: a time for the flat is booked, or may be, by `call`.
#[utoipa::path(
    post, path = "/api/v1/keys/bookings", tag = "keys", operation_id = "book",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = KEY),
    ),
    request_body(content = Booking, example = json!({"house": "123", "flat": "1.1-12-2", "category": "flat",
        "at": "2099-11-23T09:00", "phone": "+7 900 000-00-01"})),
    responses((status = 202, description = "The call that carries it out", body = Called)),
)]
pub(super) async fn book(State(web): State<Shared>, effect: Effect) -> Result<Response, Problem> {
    let Some(macrocrm) = web.config.macrocrm.clone() else {
        return Err(Problem::not_found("there is no section [macrocrm] in the config"));
    };
    let Booking { house, flat, category, at, phone, again } = effect.body()?;
    let category = category.map(|word| known(&word)).transpose()?;
    let at: HandoverTime =
        at.parse().map_err(|problem| Problem::bad_request(format!("at: {problem}")))?;
    let book = Book { house, flat, category, at, phone, again };
    let work = move |tx: &Tx<'_>, act: &Act| {
        // In the transaction: a time that was booked may have passed when its answer is asked for
        // once more.
        let booking = book.clone().booking(&macrocrm, tx.at()).map_err(wrong)?;
        let booked = acts::book(tx, act, &booking)?;
        Ok(Called { call: booked.call })
    };
    effect.carry_out(StatusCode::ACCEPTED, work).await
}
