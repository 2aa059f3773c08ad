//! An item as an answer shows it.

use serde_json::Value;

use super::fields::{self, Field, Type};
use super::kind::BitrixKind;
use super::names::Spelling;
use super::params::text;
use super::state::{Held, Memory, Place};
use crate::json::Writer;

/// Selection of the fields that are shown.
pub(super) enum Select {
    /// All that an item has, phones and e-mails too.
    Everything,
    /// Not selected: everything but phones and e-mails.
    Usual,
    /// Selected fields, by their original names; `*` and `UF_*` stand for many.
    Named(Vec<String>),
}

impl Select {
    fn takes(&self, name: &str, spelling: Spelling) -> bool {
        let Self::Named(names) = self else {
            return true;
        };
        let own = name.starts_with("UF_");
        names.iter().any(|asked| match asked.as_str() {
            // The methods of contacts leave a portal's own fields out of `*`.
            "*" => spelling != Spelling::Contact || !own,
            "UF_*" => own,
            asked => asked == name,
        })
    }

    /// True if a field of phones or e-mails is shown by its own name.
    fn takes_multi(&self, name: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Usual => false,
            Self::Named(names) => names.iter().any(|asked| asked == name),
        }
    }

    /// True if the member `fm` is shown.
    fn takes_fm(&self) -> bool {
        match self {
            Self::Everything => true,
            Self::Usual => false,
            Self::Named(names) => names.iter().any(|asked| asked == "*" || asked == "FM"),
        }
    }
}

impl Memory {
    /// Writes an item as an element; its files get new links.
    pub(super) fn show(
        &mut self,
        place: Place,
        spelling: Spelling,
        select: &Select,
        out: &mut Writer,
    ) {
        let kind = place.0;
        let Some(item) = self.items.get(&place) else {
            return;
        };
        let others = item.fields.keys();
        let others = others.filter(|name| fields::find(kind, name).is_none());
        let others: Vec<String> = others.cloned().collect();
        let lacking: Vec<String> = self.lacking(kind).map(str::to_owned).collect();
        let has = |name: &str| !lacking.iter().any(|lacking| lacking == name);
        out.open();
        for field in fields::all(kind).filter(|field| has(field.name)) {
            match field.shape {
                Type::Multi => self.show_multi(place, field.name, spelling, select, out),
                _ if select.takes(field.name, spelling) => {
                    out.name(&spelling.write(field.name));
                    self.show_field(place, field, spelling, out);
                }
                _ => {}
            }
        }
        for name in others.into_iter().filter(|name| has(name)) {
            if select.takes(&name, spelling) {
                out.name(&spelling.write(&name));
                if let Some(held) = self.held(place, &name).cloned() {
                    self.show_held(&held, spelling, out);
                }
            }
        }
        if spelling != Spelling::Contact {
            if kind == BitrixKind::Contact && select.takes_fm() {
                out.raw("fm", self.fm(place));
            }
            if select.takes("ENTITY_TYPE_ID", spelling) {
                out.raw("entityTypeId", kind.entity_type_id());
            }
        }
        out.close();
    }

    /// The fields that a kind does not have in this portal.
    pub(super) fn lacking(&self, kind: BitrixKind) -> impl Iterator<Item = &str> {
        let of_kind = self.lacking.iter().filter(move |(of, _)| *of == kind);
        of_kind.map(|(_, name)| name.as_str())
    }

    pub(super) fn held(&self, place: Place, name: &str) -> Option<&Held> {
        self.items.get(&place)?.fields.get(name)
    }

    fn show_field(&mut self, place: Place, field: &Field, spelling: Spelling, out: &mut Writer) {
        match self.held(place, field.name).cloned() {
            Some(held) => self.show_held(&held, spelling, out),
            None => out.element(&in_spelling(&self.unwritten(place, field), spelling)),
        }
    }

    fn show_held(&mut self, held: &Held, spelling: Spelling, out: &mut Writer) {
        match held {
            Held::Json(raw) => out.element(&in_spelling(raw, spelling)),
            Held::Files { ids, is_list } => self.show_files(ids, *is_list, out),
        }
    }

    /// The value shown for a field that was never written.
    fn unwritten(&self, place: Place, field: &Field) -> String {
        let (kind, id) = place;
        let item = self.items.get(&place);
        let has = |name| match self.held(place, name) {
            Some(Held::Json(raw)) if raw.len() > 2 => "\"Y\"",
            _ => "\"N\"",
        };
        let moment = |seconds: Option<i64>| format!("\"{}\"", self.moment(seconds.unwrap_or(0)));
        match field.name {
            "ID" => id.to_string(),
            "CREATED_TIME" => moment(item.map(|item| item.created)),
            "UPDATED_TIME" => moment(item.map(|item| item.updated)),
            "HAS_PHONE" => has("PHONE").to_owned(),
            "HAS_EMAIL" => has("EMAIL").to_owned(),
            "OPENED" => "\"Y\"".to_owned(),
            "STAGE_ID" => format!("\"DT{}_1:NEW\"", kind.entity_type_id()),
            "CATEGORY_ID" | "OPPORTUNITY" => "0".to_owned(),
            "CREATED_BY" | "UPDATED_BY" | "ASSIGNED_BY_ID" => "1".to_owned(),
            _ if field.is_multiple => "[]".to_owned(),
            _ if field.shape == Type::Flag => "\"N\"".to_owned(),
            _ if kind == BitrixKind::Contact && field.shape == Type::Day => "\"\"".to_owned(),
            _ => "null".to_owned(),
        }
    }

    /// Phones or e-mails by their own name; there is no such key where there are none.
    fn show_multi(
        &self,
        place: Place,
        name: &str,
        spelling: Spelling,
        select: &Select,
        out: &mut Writer,
    ) {
        if spelling != Spelling::Contact || !select.takes_multi(name) {
            return;
        }
        if let Some(Held::Json(raw)) = self.held(place, name)
            && raw.len() > 2
        {
            out.raw(name, raw);
        }
    }

    /// Phones and e-mails as the methods of items have them.
    fn fm(&self, place: Place) -> String {
        let mut out = Writer::default();
        out.open_list();
        for name in ["PHONE", "EMAIL"] {
            let Some(Held::Json(raw)) = self.held(place, name) else {
                continue;
            };
            let rows: Vec<Value> = serde_json::from_str(raw).unwrap_or_default();
            for row in rows {
                let of = |name: &str| text(&row[name]).unwrap_or_default();
                out.open();
                out.raw("id", text(&row["ID"]).unwrap_or("0".to_owned()));
                out.text("typeId", name);
                out.text("valueType", &of("VALUE_TYPE"));
                out.text("value", &of("VALUE"));
                out.close();
            }
        }
        out.close_list();
        out.into_text()
    }
}

/// The methods of contacts send every number as text.
fn in_spelling(raw: &str, spelling: Spelling) -> String {
    let number = raw.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    match spelling {
        Spelling::Contact if number => format!("\"{raw}\""),
        _ => raw.to_owned(),
    }
}
