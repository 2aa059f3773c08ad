//! `/api/v1/keys`: when keys can be handed over.

use axum::extract::State;
use axum::response::Response;
use hyper::StatusCode;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::json;
use crate::config::Category;
use crate::macrocrm::{self, TransferDate};
use crate::web::Shared;
use crate::web::places::Place;
use crate::web::problem::Problem;
use crate::web::query::Query;

/// The free times of a day.
#[derive(Serialize, ToSchema)]
pub(super) struct FreeTimes {
    /// As `HH:MM`, where the house is.
    #[schema(example = json!(["08:30", "09:00"]))]
    times: Vec<String>,
    /// The time zone of the house: an IANA name, or an offset.
    #[schema(example = "Europe/Moscow")]
    timezone: String,
}

/// The free times of a day, asked of MACRO
#[utoipa::path(
    get, path = "/api/v1/keys/free-times", tag = "keys", operation_id = "free_times",
    params(
        ("house" = Option<String>, Query, description = "MACRO's id of the house; not needed where all have the same schedule", example = "123"),
        ("date" = String, Query, description = "The day", example = "2099-11-23"),
        ("category" = Option<String>, Query, description = "The category of what is handed over; MACRO has one schedule for all", example = "flat"),
    ),
    responses((status = 200, description = "The times; none where the day is full", body = FreeTimes)),
)]
pub(super) async fn free_times(
    State(web): State<Shared>,
    query: Query,
) -> Result<Response, Problem> {
    let query = query.only(&["house", "date", "category"])?;
    let house = query.text("house");
    if house.is_some_and(str::is_empty) {
        return Err(Problem::bad_request("house must not be empty; leave it out for all houses"));
    }
    let categories = Category::ALL.map(Category::word);
    query.one_of("category", &categories)?;
    let given = query.text("date").ok_or_else(|| Problem::bad_request("date is missing"))?;
    let date = Date::strptime("%Y-%m-%d", given).ok().filter(|date| date.to_string() == given);
    let date = date.ok_or_else(|| Problem::bad_request("date must be a day such as 2026-06-11"))?;
    let Some(macrocrm) = &web.config.macrocrm else {
        return Err(Problem::not_found("there is no section [macrocrm] in the config"));
    };
    let timezone = macrocrm.timezone_of(house);
    let today = web.clock.now().to_zoned_datetime(timezone.clone()).date();
    if date < today {
        return Err(Problem::bad_request(format!("date {date} is past; today is {today}")));
    }
    let named = match timezone.iana_name() {
        Some(name) => name.to_owned(),
        None => web.clock.now().to_zoned_datetime(timezone.clone()).strftime("%:z").to_string(),
    };
    let day = TransferDate::of_day(date, timezone)
        .ok_or_else(|| Problem::bad_request("date is beyond all times"))?;
    let _place = web.place(Place::Upstream)?;
    let times = macrocrm::free_times(&web.config, &web.clock, house, &day).await;
    // MACRO's own words go to the client, not to the log.
    let times = times.map_err(|error| Problem::new(StatusCode::BAD_GATEWAY, error.to_string()))?;
    json(&FreeTimes { times, timezone: named })
}
