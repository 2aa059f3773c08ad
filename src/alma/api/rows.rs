//! Lists: a few members of every object of a kind.
//!
//! The document shows one bare list, however long. Servers of its kind are often made to
//! page one day, so an object around the list is understood too, and the next page that it
//! names is followed: by its query alone, never to another host or path.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;
use url::form_urlencoded;

use super::Api;
use super::answer::{text, trouble, untold};
use super::error::Error;
use super::members::Answer;

/// The most of a list that is read, all pages together.
const LIST: usize = 256 << 20;
/// The most pages of a list that are read.
const PAGES: usize = 10_000;

/// An object in a list, as far as the lists of all kinds go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Alma's id.
    pub id: i64,
    /// The id in the source; `None` where it is empty, and in the list of buildings.
    pub external_id: Option<String>,
    /// Of buildings, units and rooms.
    pub name: Option<String>,
    /// Of clients.
    pub email: Option<String>,
}

impl Row {
    fn read(object: &RawValue) -> Result<Self, &'static str> {
        let answer = Answer::parse(object.get())?;
        Ok(Self {
            id: answer.id()?,
            external_id: answer.text("external_id")?,
            name: answer.text("name")?,
            email: answer.text("email")?,
        })
    }
}

/// A page of a list.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow, alias = "data", alias = "items", alias = "rows")]
    results: Vec<&'a RawValue>,
    #[serde(default)]
    next: Option<String>,
}

/// The parameters that the next page is asked for with.
pub(super) type Query = Vec<(String, String)>;

/// Reads a list to its end. An object that stands on two pages, since another came before
/// it meanwhile, is there once.
pub(super) async fn all(api: &Api, operation: &'static str, path: &str) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    let mut known = HashSet::new();
    let mut query = Query::new();
    let mut left = LIST;
    for _ in 0..PAGES {
        let borrowed: Vec<(&str, &str)> =
            query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let (status, body) = api.page(operation, path, &borrowed, left).await?;
        let undocumented = Error::on(operation, status);
        left -= body.len();
        let body = text(body).map_err(undocumented)?;
        if status != 200 {
            return Err(untold(operation, status, &body));
        }
        let (page, next) = read(&body).map_err(undocumented)?;
        let before = rows.len();
        rows.extend(page.into_iter().filter(|row| known.insert(row.id)));
        let Some(next) = next else {
            return Ok(rows);
        };
        if rows.len() == before {
            return Err(undocumented("a page brings nothing, and names a next one"));
        }
        query = next;
    }
    Err(Error::on(operation, 200)("it has no end"))
}

/// The rows of a page, and where the next one is.
pub(super) fn read(body: &str) -> Result<(Vec<Row>, Option<Query>), &'static str> {
    if !body.trim_start().starts_with('{') {
        let what = "it is no list of objects with ids";
        let objects: Vec<&RawValue> =
            serde_json::from_str(body).map_err(|_| trouble(body, what))?;
        return Ok((rows(&objects, what)?, None));
    }
    let what = "it holds no list of objects with ids";
    let page: Page<'_> = serde_json::from_str(body).map_err(|_| trouble(body, what))?;
    let next = page.next.filter(|next| !next.is_empty());
    let next = next.map(|next| query(&next)).transpose()?;
    Ok((rows(&page.results, what)?, next))
}

fn rows(objects: &[&RawValue], otherwise: &'static str) -> Result<Vec<Row>, &'static str> {
    objects.iter().map(|object| Row::read(object).map_err(|_| otherwise)).collect()
}

fn query(next: &str) -> Result<Query, &'static str> {
    let (_, query) = next.split_once('?').ok_or("its next page has an address without a query")?;
    let query = query.split('#').next().unwrap_or_default();
    Ok(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
}
