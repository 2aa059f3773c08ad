//! The request of a page of a list.
//!
//! Pages go by id: ascending, `>id` of the last row, and `start: -1`, with which the portal
//! does not count. So every page costs the same, and no row is skipped or repeated when the
//! list moves meanwhile.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use crate::config::{CONTACT, UpdatedFormat};

/// The most rows of a page, by the document.
pub(super) const PAGE: usize = 50;

/// A list of a portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// `record.kind`.
    pub(super) name: &'static str,
    /// entityTypeId.
    pub(super) entity_type: u32,
}

impl Kind {
    /// The method that lists it. The CRM's own contacts have one of their own: only it
    /// gives telephones.
    pub(super) fn method(self) -> &'static str {
        if self.is_contact() { "crm.contact.list" } else { "crm.item.list" }
    }

    /// Whether these are the contacts of the CRM itself.
    pub(super) fn is_contact(self) -> bool {
        self.entity_type == CONTACT
    }

    /// The method that gets one by its id, and its parameters. It shows a contact's files by
    /// links that a webhook opens, as [`Kind::contact`] does not.
    pub(super) fn item(self, id: u64) -> (&'static str, Value) {
        ("crm.item.get", json!({"entityTypeId": self.entity_type, "id": id}))
    }

    /// The contacts' own method that gets one by its id.
    pub(super) fn contact(id: u64) -> (&'static str, Value) {
        ("crm.contact.get", json!({"id": id}))
    }

    /// The method that gets those of these ids, at most a page, and its parameters.
    pub(super) fn items(self, ids: &[u64]) -> (&'static str, Value) {
        let parameters = json!({
            "entityTypeId": self.entity_type,
            "select": ["*"],
            "order": {"id": "ASC"},
            "filter": {"@id": ids},
            "start": -1,
        });
        ("crm.item.list", parameters)
    }

    /// The parameters of a page: the rows after an id that have changed since a time, if one is
    /// given.
    pub(super) fn page(self, after: u64, since: Option<&str>) -> Value {
        let (id, updated) =
            if self.is_contact() { ("ID", "DATE_MODIFY") } else { ("id", "updatedTime") };
        let mut filter = Map::new();
        filter.insert(format!(">{id}"), after.into());
        if let Some(since) = since {
            filter.insert(format!(">={updated}"), since.into());
        }
        let mut page = json!({"order": {id: "ASC"}, "filter": filter, "start": -1});
        if self.is_contact() {
            page["select"] = json!(["*", "UF_*", "PHONE", "EMAIL"]);
        } else {
            page["entityTypeId"] = self.entity_type.into();
            page["select"] = json!(["*"]);
        }
        page
    }
}

/// A time in the portal's format.
pub(super) fn written(at: Timestamp, format: UpdatedFormat, timezone: &TimeZone) -> String {
    let local = at.to_zoned_datetime(timezone.clone());
    let format = match format {
        UpdatedFormat::Iso => "%Y-%m-%dT%H:%M:%S%:z",
        UpdatedFormat::Sql => "%Y-%m-%d %H:%M:%S",
    };
    local.strftime(format).to_string()
}

/// A command of a batch: a method with its parameters as PHP reads them in a query.
pub(super) fn command(method: &str, parameters: &Value) -> String {
    let mut query = Serializer::new(String::new());
    append(&mut query, "", parameters);
    format!("{method}?{}", query.finish())
}

fn append(query: &mut Serializer<'_, String>, name: &str, value: &Value) {
    let inside = |key: &str| match name {
        "" => key.to_owned(),
        name => format!("{name}[{key}]"),
    };
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                append(query, &inside(key), value);
            }
        }
        Value::Array(values) => {
            for (at, value) in values.iter().enumerate() {
                append(query, &inside(&at.to_string()), value);
            }
        }
        Value::String(text) => drop(query.append_pair(name, text)),
        other => drop(query.append_pair(name, &other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APARTMENT: Kind = Kind { name: "apartment", entity_type: 144 };
    const PERSON: Kind = Kind { name: "contact", entity_type: CONTACT };

    #[test]
    fn a_page_is_asked_for_by_the_last_id() {
        let page = APARTMENT.page(7, None);
        let expected = json!({"entityTypeId": 144, "select": ["*"], "order": {"id": "ASC"},
            "filter": {">id": 7}, "start": -1});
        assert_eq!(page, expected);
        let page = PERSON.page(0, Some("T"));
        assert_eq!(page["filter"], json!({">ID": 0, ">=DATE_MODIFY": "T"}));
        assert_eq!(PERSON.method(), "crm.contact.list");
    }

    #[test]
    fn a_command_is_a_query_as_php_reads_it() {
        let command = command("m", &json!({"filter": {">=t": "10:00+03:00"}, "select": ["*"]}));
        assert_eq!(command, "m?filter%5B%3E%3Dt%5D=10%3A00%2B03%3A00&select%5B0%5D=*");
    }

    #[test]
    fn a_time_is_written_as_it_is_configured() {
        let at: Timestamp = "2026-11-22T07:00:00.5Z".parse().unwrap();
        let moscow = TimeZone::get("Europe/Moscow").unwrap();
        let iso = written(at, UpdatedFormat::Iso, &moscow);
        assert_eq!(iso, "2026-11-22T10:00:00+03:00");
        let sql = written(at, UpdatedFormat::Sql, &moscow);
        assert_eq!(sql, "2026-11-22 10:00:00");
    }
}
