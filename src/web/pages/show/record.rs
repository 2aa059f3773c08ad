//! A record in words: its members by name, references as links, secrets as dots, and of people
//! what the role may see.

use askama::Template;
use askama::filters::HtmlSafe;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Moment, email, in_member, mask, phone};
use crate::json::{self, Members};
use crate::ledger::RecordKey;
use crate::web::pages::form::new_act_id;
use crate::web::pages::{Console, Frame};
use crate::web::words::{self, Lang, Words};

/// What stays in a path as it is.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// Deeper values are shown as text.
const DEEPEST: usize = 3;
/// No value is shown further, in characters.
const LONGEST: usize = 4000;

/// A member, as it is shown.
#[derive(Debug)]
pub(in crate::web) struct FieldLine {
    pub(in crate::web) label: String,
    pub(in crate::web) value: Value,
}

/// A value, as it is shown.
#[derive(Debug)]
pub(in crate::web) enum Value {
    /// A text.
    Text(String),
    /// A time.
    Time(Moment),
    /// A record.
    Link { text: String, href: String },
    /// Dots, which an operator may have shown.
    Secret { member: String },
    /// What the role may not see.
    Hidden,
    /// Objects, each with its members.
    Nested(Vec<Vec<FieldLine>>),
}

/// The members that name a record: of the system, the member, and the kind of what is named.
const REFERENCES: [(&str, &str, &str); 9] = [
    ("uzhkh", "ApartmentID", "object"),
    ("uzhkh", "FlatId", "object"),
    ("uzhkh", "AccountId", "account"),
    ("uzhkh", "RelatedAccountId", "account"),
    ("uzhkh", "ResidentId", "resident"),
    ("uzhkh", "ParentResidentId", "resident"),
    ("uzhkh", "IdCounter", "counter"),
    ("uzhkh", "IdRequest", "request"),
    ("domoplaner", "flat_id", "premises"),
];

const NAMES: [&str; 10] = [
    "Surname",
    "Name",
    "Patronymic",
    "UrCompanyName",
    "InitiatorSurname",
    "InitiatorName",
    "InitiatorPatronymic",
    "name",
    "lastName",
    "secondName",
];
const PHONES: [&str; 3] = ["Phone", "PhoneDriver", "CurrentPhone"];
const EMAILS: [&str; 2] = ["Email", "CurrentEmail"];

/// The texts that name no person, whatever they say.
const SAFE: [&str; 58] = [
    "Id",
    "AccountNumber",
    "ApartmentID",
    "FlatId",
    "AccountId",
    "RelatedAccountId",
    "ResidentId",
    "ParentResidentId",
    "IdCounter",
    "IdRequest",
    "HouseId",
    "TypeObject",
    "TypeName",
    "DateTimeOpen",
    "DateTimeClose",
    "DateTimeForValue",
    "CheckDate",
    "CommissioningDate",
    "CreationDate",
    "FinishDate",
    "DateTime",
    "Date",
    "Time",
    "TimeFrom",
    "TimeTo",
    "AccrualDate",
    "Address",
    "Locality",
    "Street",
    "HouseNumber",
    "FlatNumber",
    "CountRooms",
    "PodyezdNumber",
    "SerialNumber",
    "CounterTypeIdentifier",
    "Number",
    "Service",
    "ServiceCategory",
    "ServiceTitle",
    "RequestType",
    "WorkType",
    "Status",
    "OrderNumber",
    "id",
    "house_id",
    "category",
    "flat",
    "number",
    "status",
    "project",
    "stage",
    "house",
    "section",
    "floor",
    "deal_status",
    "flat_id",
    "dogovor_day",
    "rooms_sign",
];
/// Parts of names that tell of people, where a system documents none.
const PERSONAL: [&str; 8] =
    ["phone", "tel", "fio", "client", "buyer", "customer", "mail", "passport"];

/// The address of a record's card.
pub(in crate::web) fn href(source: &str, kind: &str, id: &str) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, IN_PATH).to_string();
    // A browser takes a path of dots for something else.
    let id = if id.chars().all(|one| one == '.') { id.replace('.', "%2E") } else { encoded(id) };
    format!("/records/{}/{}/{id}", encoded(source), encoded(kind))
}

/// A list of members.
#[derive(Template)]
#[template(path = "fields.html")]
pub(in crate::web) struct FieldList<'l> {
    f: &'l Frame,
    key: RecordKey<'l>,
    lines: &'l [FieldLine],
    /// Whether a secret in it can be shown: it is a member of the record itself.
    is_record: bool,
}

impl HtmlSafe for FieldList<'_> {}

/// A secret: dots, and for an operator the button that has it shown.
#[derive(Template)]
#[template(path = "secret.html")]
struct SecretShown<'s> {
    w: &'static Words,
    can_show: bool,
    act_id: String,
    source: &'s str,
    kind: &'s str,
    id: &'s str,
    member: &'s str,
}

impl HtmlSafe for SecretShown<'_> {}

impl<'l> FieldList<'l> {
    /// The members of a record.
    pub(in crate::web) fn of(f: &'l Frame, key: RecordKey<'l>, lines: &'l [FieldLine]) -> Self {
        Self { f, key, lines, is_record: true }
    }

    /// Members that are of no record: no secret of them can be shown.
    pub(in crate::web) fn plain(f: &'l Frame, key: RecordKey<'l>, lines: &'l [FieldLine]) -> Self {
        Self { f, key, lines, is_record: false }
    }

    fn nested<'n>(&'n self, lines: &'n [FieldLine]) -> FieldList<'n> {
        FieldList { f: self.f, key: self.key, lines, is_record: false }
    }

    fn secret<'n>(&'n self, member: &'n str) -> SecretShown<'n> {
        let RecordKey { source, kind, id } = self.key;
        let can_show = self.is_record && self.f.acts();
        SecretShown { w: self.f.w, can_show, act_id: new_act_id(), source, kind, id, member }
    }
}

/// What a record is shown with.
pub(in crate::web) struct Shown<'s> {
    pub(in crate::web) frame: &'s Frame,
    pub(in crate::web) console: &'s Console,
    pub(in crate::web) source: &'s str,
    pub(in crate::web) kind: &'s str,
}

/// The members of a record.
pub(in crate::web) fn fields(shown: &Shown<'_>, body: &str) -> Vec<FieldLine> {
    match Members::parse(body) {
        Some(members) => shown.members(&members, 0),
        None => Vec::new(),
    }
}

impl Shown<'_> {
    fn lang(&self) -> Lang {
        self.frame.lang
    }

    fn members(&self, members: &Members<'_>, depth: usize) -> Vec<FieldLine> {
        let lines = members.iter().map(|(name, raw)| FieldLine {
            label: words::field(self.lang(), name).to_owned(),
            value: self.value(name, raw, depth),
        });
        lines.collect()
    }

    fn value(&self, name: &str, raw: &str, depth: usize) -> Value {
        if self.console.secrets.has(name) && !matches!(raw, "null" | "\"\"") {
            return Value::Secret { member: name.to_owned() };
        }
        let text = json::string(raw).map(String::from);
        if let Some(masked) = self.masked(name, raw, text.as_deref()) {
            return masked;
        }
        if let Some(text) = &text {
            return self.text(name, text, depth);
        }
        let w = self.frame.w;
        match raw {
            "null" => Value::Text("—".to_owned()),
            "true" => Value::Text(w.yes.to_owned()),
            "false" => Value::Text(w.no.to_owned()),
            _ => self.compound(name, raw, depth),
        }
    }

    fn text(&self, name: &str, text: &str, depth: usize) -> Value {
        let mut references = REFERENCES.iter();
        let named =
            references.find(|(source, member, _)| *source == self.source && *member == name);
        // The people inside an account are residents.
        let named = match named {
            Some((_, _, kind)) => Some(*kind),
            None if depth > 0 && self.kind == "account" && name == "Id" => Some("resident"),
            None => None,
        };
        if let Some(kind) = named
            && !text.is_empty()
        {
            return Value::Link { text: text.to_owned(), href: href(self.source, kind, text) };
        }
        if let Some(time) = in_member(self.lang(), &self.console.zone, name, text) {
            return Value::Time(time);
        }
        let w = self.frame.w;
        // What is sent in an address has its booleans as texts.
        let is_flag = self.source.is_empty() && name.starts_with("is");
        match text {
            "true" if is_flag => Value::Text(w.yes.to_owned()),
            "false" if is_flag => Value::Text(w.no.to_owned()),
            "" => Value::Text("—".to_owned()),
            _ if name == "category" => Value::Text(words::kind(self.lang(), text).to_owned()),
            _ => Value::Text(cut(text)),
        }
    }

    fn compound(&self, name: &str, raw: &str, depth: usize) -> Value {
        if depth < DEEPEST {
            if let Some(members) = Members::parse(raw) {
                return Value::Nested(vec![self.members(&members, depth + 1)]);
            }
            if let Some(items) = json::elements(raw) {
                let objects: Option<Vec<_>> =
                    items.iter().map(|item| Members::parse(item)).collect();
                if let Some(objects) = objects.filter(|objects| !objects.is_empty()) {
                    let lines = objects.iter().map(|members| self.members(members, depth + 1));
                    return Value::Nested(lines.collect());
                }
            }
        }
        debug_assert!(!self.console.secrets.has(name) || raw == "null");
        Value::Text(cut(&self.console.secrets.dotted(raw)))
    }

    /// What stands in the place of a value for those who see no people.
    fn masked(&self, name: &str, raw: &str, text: Option<&str>) -> Option<Value> {
        if self.frame.sees_people() {
            return None;
        }
        let whole = text.unwrap_or(raw);
        let is_of_person = match self.kind {
            // Of a car the member is its make.
            "car" | "premises" | "deal" => false,
            _ => NAMES.contains(&name),
        };
        if is_of_person && text.is_some() {
            return Some(Value::Text(mask::name(whole)));
        }
        if PHONES.contains(&name)
            && (text.is_some() || raw.starts_with(|one: char| one.is_ascii_digit()))
        {
            return Some(Value::Text(phone(whole)));
        }
        if EMAILS.contains(&name) && text.is_some() {
            return Some(Value::Text(email(whole)));
        }
        let is_safe_text = SAFE.contains(&name)
            || self.source == "macrocrm"
            || self.kind == "car" && matches!(name, "Brand" | "Model");
        let lower = name.to_lowercase();
        let is_plain = text.is_none() && !raw.starts_with(['{', '[']);
        let is_shown = if is_plain {
            !PERSONAL.iter().any(|part| lower.contains(part))
        } else {
            text.is_some_and(|text| is_safe_text || text.is_empty())
        };
        (!is_shown).then_some(Value::Hidden)
    }
}

/// A text, no further than a value is shown.
pub(in crate::web) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// A record in a few words.
pub(in crate::web) fn described(kind: &str, body: &str, sees_people: bool) -> String {
    let members = Members::parse(body).unwrap_or_default();
    let text = |name: &str| -> String {
        let Some(raw) = members.get(name) else { return String::new() };
        match json::string(raw) {
            Some(text) => text.into(),
            None if raw.starts_with(|one: char| one.is_ascii_digit() || one == '-') => {
                raw.to_owned()
            }
            None => String::new(),
        }
    };
    let joined = |names: &[&str], by: &str| {
        let parts = names.iter().map(|name| text(name)).filter(|part| !part.trim().is_empty());
        parts.collect::<Vec<_>>().join(by)
    };
    let person = |names: &[&str]| {
        let whole = joined(names, " ");
        if sees_people { whole } else { mask::name(&whole) }
    };
    const PERSON: [&str; 4] = ["UrCompanyName", "Surname", "Name", "Patronymic"];
    let said = match kind {
        "object" => match text("Address") {
            address if address.is_empty() => {
                joined(&["Locality", "Street", "HouseNumber", "FlatNumber"], ", ")
            }
            address => address,
        },
        "account" => joined(&["AccountNumber", "TypeObject"], ", "),
        "resident" | "requesttoregister" => person(&PERSON),
        "counter" => joined(&["CounterTypeIdentifier", "SerialNumber"], ", "),
        "payment" => joined(&["Sum", "AccrualDate"], ", "),
        "request" if sees_people => joined(&["Number", "Title"], ", "),
        "request" => text("Number"),
        "article" | "news" | "notice" if sees_people => text("Title"),
        "car" if sees_people => joined(&["Brand", "Model", "Number"], " "),
        "car" => joined(&["Brand", "Model"], " "),
        "premises" => joined(&["project", "house", "number"], ", "),
        "deal" if sees_people => text("dogovor_number"),
        "ready_flat" => joined(&["title", "flat"], ", "),
        "apartment" | "unit" | "owner_contract" | "tenant_contract" if sees_people => {
            let title = text("title");
            if title.is_empty() { text("TITLE") } else { title }
        }
        "contact" => {
            let whole = person(&["lastName", "name"]);
            if whole.is_empty() { person(&["LAST_NAME", "NAME"]) } else { whole }
        }
        _ => String::new(),
    };
    cut(&said)
}
