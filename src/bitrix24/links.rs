//! The links of files, as their items show them. A portal allows few requests, so the items of
//! the files that come next are read fifty at a time; a link that has expired meanwhile, or an
//! item that did not come with the others, costs a request of its own.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::api::Api;
use super::files::gone;
use super::names;
use crate::json::{self, Members};
use crate::runtime::files;

/// The time for which a link is taken for fresh. One that is not is seen by what it brings.
const FRESH: Duration = Duration::from_secs(300);

/// The kind whose own method shows files in another way.
const CONTACT: &str = "contact";

/// Kind and id.
type Key = (String, u64);

/// The items that were read lately.
pub(super) struct Links {
    api: Arc<Api>,
    items: Mutex<HashMap<Key, Item>>,
}

struct Item {
    read_at: Instant,
    /// The body, links included.
    body: Arc<str>,
}

/// A file by its name: `KIND/ID/FIELD/FILEID`.
struct Name<'n> {
    kind: &'n str,
    id: u64,
    field: &'n str,
    file: &'n str,
}

impl<'n> Name<'n> {
    fn parse(text: &'n str) -> Option<Self> {
        let mut parts = text.splitn(4, '/');
        Some(Self {
            kind: parts.next()?,
            id: parts.next()?.parse().ok()?,
            field: parts.next()?,
            file: parts.next()?,
        })
    }

    fn key(&self) -> Key {
        (self.kind.to_owned(), self.id)
    }
}

impl Links {
    pub(super) fn new(api: Arc<Api>) -> Self {
        Self { api, items: Mutex::default() }
    }

    /// Reads the items of these files together, where there are several that are not known.
    pub(super) async fn prepare(&self, files: &[String]) {
        let mut items = self.items.lock().await;
        items.retain(|_, item| item.is_fresh());
        let names = files.iter().filter_map(|file| Name::parse(file));
        let unknown: BTreeSet<Key> =
            names.map(|name| name.key()).filter(|key| !items.contains_key(key)).collect();
        if unknown.len() < 2 {
            return;
        }
        let mut wanted = BTreeMap::<&str, Vec<u64>>::new();
        for (kind, id) in &unknown {
            wanted.entry(kind).or_default().push(*id);
        }
        let wanted: Vec<(&str, Vec<u64>)> = wanted.into_iter().collect();
        let read = match self.api.items(&wanted).await {
            Ok(read) => read,
            Err(error) => {
                tracing::debug!(system = "bitrix24", %error, "items of files not read together");
                return;
            }
        };
        for (kind, body) in read {
            let key = id(&body).map(|id| (kind.to_owned(), id));
            // What was not asked for, a portal shows that does not filter as it is told to.
            if let Some(key) = key.filter(|key| unknown.contains(key)) {
                items.insert(key, Item::new(body));
            }
        }
    }

    /// The link of a file as its item shows it now, or, unless that is stale, showed it lately.
    pub(super) async fn find(&self, file: &str, is_stale: bool) -> Result<String, files::Error> {
        let name = Name::parse(file).ok_or_else(gone)?;
        let (body, is_known) = self.body(&name, is_stale).await?;
        if let Some(link) = link_in(&body, &name) {
            return Ok(link);
        }
        if is_known {
            // The file may have come after its item was read.
            let (body, _) = self.body(&name, true).await?;
            if let Some(link) = link_in(&body, &name) {
                return Ok(link);
            }
        }
        if name.kind == CONTACT {
            let contact = self.api.contact(name.id).await.map_err(later)?;
            return contact.and_then(|body| link_in(&body, &name)).ok_or_else(gone);
        }
        Err(gone())
    }

    /// The body of an item, and whether it had been read before.
    async fn body(
        &self,
        name: &Name<'_>,
        is_stale: bool,
    ) -> Result<(Arc<str>, bool), files::Error> {
        // A request for another file of the same item waits here for its body.
        let mut items = self.items.lock().await;
        let fresh = items.get(&name.key()).filter(|item| !is_stale && item.is_fresh());
        if let Some(item) = fresh {
            return Ok((Arc::clone(&item.body), true));
        }
        let item = match self.api.item(name.kind, name.id).await.map_err(later)? {
            Some(body) => Item::new(body),
            // A portal may know contacts by their own methods alone.
            None if name.kind == CONTACT => Item::new("{}".to_owned()),
            None => return Err(gone()),
        };
        let body = Arc::clone(&item.body);
        items.retain(|_, item| item.is_fresh());
        items.insert(name.key(), item);
        Ok((body, false))
    }
}

impl Item {
    fn new(body: String) -> Self {
        Self { read_at: Instant::now(), body: body.into() }
    }

    fn is_fresh(&self) -> bool {
        self.read_at.elapsed() < FRESH
    }
}

fn later(error: super::Error) -> files::Error {
    files::Error::Later(error.to_string())
}

/// The id of an item.
fn id(body: &str) -> Option<u64> {
    let members = Members::parse(body)?;
    let id = names::get(&members, "id")?;
    json::string(id).unwrap_or(id.into()).parse().ok()
}

/// The link of a file in an item: one object, or one of a list.
fn link_in(item: &str, name: &Name<'_>) -> Option<String> {
    let item = Members::parse(item)?;
    let value = names::get(&item, name.field)?;
    let values = json::elements(value).unwrap_or_else(|| vec![value]);
    values.into_iter().find_map(|value| {
        let members = Members::parse(value)?;
        let id = names::get(&members, "id")?;
        let id = json::string(id).unwrap_or(id.into());
        let links = ["urlMachine", "downloadUrl"].into_iter();
        let link = links.filter_map(|link| members.get(link)).find_map(json::string);
        Some(link.filter(|_| id == name.file)?.into_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_found_by_the_file_and_either_spelling() {
        let name = Name::parse("contact/7/UF_CRM_1700000001/31").unwrap();
        for item in [
            r#"{"ufCrm_1700000001":{"id":31,"url":"/page","urlMachine":"/machine"}}"#,
            r#"{"UF_CRM_1700000001":[{"id":"30","urlMachine":"/x"},{"id":"31","downloadUrl":"/machine"}]}"#,
        ] {
            assert_eq!(link_in(item, &name).as_deref(), Some("/machine"), "{item}");
        }
        for item in [r#"{"ufCrm_1700000001":[{"id":30,"urlMachine":"/x"}]}"#, "{}", "[]"] {
            assert_eq!(link_in(item, &name), None, "{item}");
        }
    }
}
