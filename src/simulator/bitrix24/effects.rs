//! Effect of each method.

use serde_json::Value;

use std::collections::BTreeSet;

use super::fields;
use super::filter::PAGE;
use super::kind::BitrixKind;
use super::method::Method;
use super::names::Spelling;
use super::params::{integer, is_yes};
use super::show::Select;
use super::state::Memory;
use crate::json::Writer;
use crate::reply::{JSON, Reply};

/// Reason for which a method had no effect.
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) text: String,
}

impl Failure {
    pub(super) fn new(status: u16, code: &'static str, text: impl Into<String>) -> Self {
        Self { status, code, text: text.into() }
    }

    /// `{"error":CODE,"error_description":TEXT}`
    pub(super) fn json(&self) -> String {
        let mut out = Writer::default();
        out.open();
        out.text("error", self.code);
        out.text("error_description", &self.text);
        out.close();
        out.into_text()
    }

    pub(super) fn reply(&self) -> Reply {
        Reply::whole(self.status, JSON, self.json())
    }
}

/// Answer of a method.
pub(super) struct Done {
    /// JSON.
    pub(super) result: String,
    pub(super) total: Option<usize>,
    pub(super) next: Option<usize>,
}

impl Done {
    pub(super) fn result(result: String) -> Self {
        Self { result, total: None, next: None }
    }
}

impl Memory {
    /// Does what one method but `batch` asks for.
    pub(super) fn call(&mut self, method: Method, params: &Value) -> Result<Done, Failure> {
        match method {
            Method::ItemList => {
                let kind = self.kind(params)?;
                Ok(self.list(kind, spelling(params), params))
            }
            Method::ContactList => Ok(self.list(BitrixKind::Contact, Spelling::Contact, params)),
            Method::ItemGet => self.item_get(params),
            Method::ContactGet => self.contact_get(params),
            Method::ItemFields => {
                let kind = self.kind(params)?;
                Ok(Done::result(self.described(kind, spelling(params))))
            }
            Method::ContactFields => {
                Ok(Done::result(self.fields_of(BitrixKind::Contact, Spelling::Contact)))
            }
            Method::TypeList => Ok(types()),
            Method::Batch | Method::GetFile => Err(Failure::new(
                400,
                "ERROR_BATCH_METHOD_NOT_ALLOWED",
                "Method is not allowed for batch usage",
            )),
        }
    }

    fn kind(&mut self, params: &Value) -> Result<BitrixKind, Failure> {
        let Some(id) = integer(params.get("entityTypeId")) else {
            self.problems.push("entityTypeId is missing".to_owned());
            let text = "Could not find value for parameter {entityTypeId}";
            return Err(Failure::new(400, "100", text));
        };
        let kind = u64::try_from(id).ok().and_then(BitrixKind::of_type);
        kind.ok_or_else(|| Failure::new(400, "NOT_FOUND", "Смарт-процесс не найден"))
    }

    fn id(&mut self, params: &Value) -> Result<u64, Failure> {
        let id = integer(params.get("id").or(params.get("ID")));
        id.and_then(|id| u64::try_from(id).ok()).ok_or_else(|| {
            self.problems.push("id is missing".to_owned());
            Failure::new(400, "100", "Could not find value for parameter {id}")
        })
    }

    fn item_get(&mut self, params: &Value) -> Result<Done, Failure> {
        let kind = self.kind(params)?;
        let place = (kind, self.id(params)?);
        if !self.items.contains_key(&place) {
            return Err(Failure::new(400, "NOT_FOUND", "Элемент не найден"));
        }
        let mut out = Writer::default();
        out.open();
        out.name("item");
        self.show(place, spelling(params), &Select::Everything, &mut out);
        out.close();
        Ok(Done::result(out.into_text()))
    }

    fn contact_get(&mut self, params: &Value) -> Result<Done, Failure> {
        let place = (BitrixKind::Contact, self.id(params)?);
        if !self.items.contains_key(&place) {
            // The portal has no code for it.
            return Err(Failure::new(400, "", "Not found"));
        }
        let mut out = Writer::default();
        self.show(place, Spelling::Contact, &Select::Everything, &mut out);
        Ok(Done::result(out.into_text()))
    }

    fn list(&mut self, kind: BitrixKind, spelling: Spelling, params: &Value) -> Done {
        let asked = self.asked(kind, spelling, params);
        let ids = self.matches(&asked);
        let start = asked.start.unwrap_or(0);
        let mut out = Writer::default();
        if spelling != Spelling::Contact {
            out.open();
            out.name("items");
        }
        out.open_list();
        for id in ids.iter().skip(start).take(PAGE) {
            self.show((kind, *id), spelling, &asked.select, &mut out);
        }
        out.close_list();
        if spelling != Spelling::Contact {
            out.close();
        }
        let counted = asked.start.is_some();
        let next = (counted && start + PAGE < ids.len()).then_some(start + PAGE);
        Done { result: out.into_text(), total: Some(if counted { ids.len() } else { 0 }), next }
    }
}

fn spelling(params: &Value) -> Spelling {
    match is_yes(params.get("useOriginalUfNames")) {
        true => Spelling::OriginalUf,
        false => Spelling::Camel,
    }
}

impl Memory {
    /// `{"fields": {…}}`
    fn described(&self, kind: BitrixKind, spelling: Spelling) -> String {
        let mut out = Writer::default();
        out.open();
        out.name("fields");
        out.element(&self.fields_of(kind, spelling));
        out.close();
        out.into_text()
    }

    /// The fields of a kind, by the names under which they are sent.
    fn fields_of(&self, kind: BitrixKind, spelling: Spelling) -> String {
        let has = |name: &str| !self.lacking(kind).any(|lacking| lacking == name);
        let mut out = Writer::default();
        out.open();
        for field in fields::all(kind).filter(|field| has(field.name)) {
            describe(field, spelling, &mut out);
        }
        // The fields of another portal are known by the items that have them.
        let items = self.items.iter().filter(|((of, _), _)| *of == kind);
        let others: BTreeSet<&String> = items
            .flat_map(|(_, item)| item.fields.keys())
            .filter(|name| fields::find(kind, name).is_none() && has(name))
            .collect();
        for name in others {
            out.name(&spelling.write(name));
            out.open();
            out.text("type", "string");
            out.close();
        }
        out.close();
        out.into_text()
    }
}

fn describe(field: &fields::Field, spelling: Spelling, out: &mut Writer) {
    let dynamic = field.name.starts_with("UF_");
    out.name(&spelling.write(field.name));
    out.open();
    out.text("type", field.shape.word());
    out.flag("isRequired", field.name == "TITLE");
    out.flag("isReadOnly", matches!(field.name, "ID" | "CREATED_TIME" | "UPDATED_TIME"));
    out.flag("isImmutable", false);
    out.flag("isMultiple", field.is_multiple);
    out.flag("isDynamic", dynamic);
    if !field.values.is_empty() {
        out.name("items");
        out.open_list();
        for (id, value) in field.values {
            out.open();
            out.text("ID", &id.to_string());
            out.text("VALUE", value);
            out.close();
        }
        out.close_list();
    }
    out.text("title", field.title);
    out.text("upperName", field.name);
    out.close();
}

fn types() -> Done {
    let mut out = Writer::default();
    let mut count = 0;
    out.open();
    out.name("types");
    out.open_list();
    for kind in BitrixKind::ALL {
        if let Some(id) = kind.type_id() {
            count += 1;
            out.open();
            out.raw("id", id);
            out.text("title", kind.title());
            out.raw("entityTypeId", kind.entity_type_id());
            out.close();
        }
    }
    out.close_list();
    out.close();
    Done { total: Some(count), ..Done::result(out.into_text()) }
}
