//! The kinds of UZhKH's objects and the words its document has for them.
//!
//! The words of SetId («Присвоение Id») and of DeletedItems («Получение
//! информации об удалённых объектах») differ: SetId knows nine, DeletedItems two
//! more, and a car has no word in either. The general class («Общий класс»)
//! names its members in yet another way.

use serde_json::Value;

/// A kind of object, as far as ids are concerned: an id is unique within one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Counter,
    Resident,
    Payment,
    Account,
    Request,
    Object,
    Article,
    News,
    Notice,
    RequestToRegister,
    RequestToObjectAdding,
    Car,
}

/// Number of kinds, for tables indexed by kind.
pub(super) const KINDS: usize = 12;

/// The members of the general class, in the document's order.
pub(super) const MEMBERS: [&str; 10] = [
    "Resident",
    "Account",
    "Counter",
    "Request",
    "Payment",
    "Obj",
    "Doc",
    "RequestToRegister",
    "RequestToObjectAdding",
    "Car",
];

impl Kind {
    /// Every kind.
    pub(super) const ALL: [Self; KINDS] = [
        Self::Counter,
        Self::Resident,
        Self::Payment,
        Self::Account,
        Self::Request,
        Self::Object,
        Self::Article,
        Self::News,
        Self::Notice,
        Self::RequestToRegister,
        Self::RequestToObjectAdding,
        Self::Car,
    ];

    /// The document's type word; for a car, which has none, `car`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Resident => "resident",
            Self::Payment => "payment",
            Self::Account => "account",
            Self::Request => "request",
            Self::Object => "object",
            Self::Article => "article",
            Self::News => "news",
            Self::Notice => "notice",
            Self::RequestToRegister => "requesttoregister",
            Self::RequestToObjectAdding => "requesttoobjectadding",
            Self::Car => "car",
        }
    }

    /// The kind for one of the nine words that SetId knows.
    pub(super) fn of_set_id_type(word: &str) -> Option<Self> {
        Some(match word {
            "counter" => Self::Counter,
            "resident" => Self::Resident,
            "payment" => Self::Payment,
            "account" => Self::Account,
            "request" => Self::Request,
            "object" => Self::Object,
            "article" => Self::Article,
            "news" => Self::News,
            "notice" => Self::Notice,
            _ => return None,
        })
    }

    /// The kind for one of the eleven words that DeletedItems uses.
    pub(super) fn of_deleted_type(word: &str) -> Option<Self> {
        match word {
            "requesttoregister" => Some(Self::RequestToRegister),
            "requesttoobjectadding" => Some(Self::RequestToObjectAdding),
            _ => Self::of_set_id_type(word),
        }
    }

    /// The kind of the object under a member of the general class. A document's
    /// kind is its TypeName, so an unknown TypeName has none.
    pub(super) fn of_member(member: &str, object: &Value) -> Option<Self> {
        Some(match member {
            "Resident" => Self::Resident,
            "Account" => Self::Account,
            "Counter" => Self::Counter,
            "Request" => Self::Request,
            "Payment" => Self::Payment,
            "Obj" => Self::Object,
            "RequestToRegister" => Self::RequestToRegister,
            "RequestToObjectAdding" => Self::RequestToObjectAdding,
            "Car" => Self::Car,
            "Doc" => match object.get("TypeName")?.as_str()? {
                "article" => Self::Article,
                "news" => Self::News,
                "notice" => Self::Notice,
                _ => return None,
            },
            _ => return None,
        })
    }

    /// True if an outside system may give it another id: «за исключением заявок».
    pub(super) fn takes_outside_id(self) -> bool {
        !matches!(self, Self::Request | Self::RequestToRegister | Self::RequestToObjectAdding)
    }
}

/// True if an id is one that UZhKH made for want of an outside one: «временные
/// id-шники от “Умного ЖКХ” всегда начинаются с подстроки “--”».
pub(super) fn is_temporary(id: &str) -> bool {
    id.starts_with("--")
}

/// The id as text: a Request's Id is an int, every other one a string.
pub(super) fn id_text(object: &Value) -> Option<String> {
    match object.get("Id")? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Fields that hold another object's id, and that object's kind.
const REFERENCES: [(&str, Kind); 9] = [
    ("ApartmentID", Kind::Object),
    ("FlatId", Kind::Object),
    ("RelatedAccountId", Kind::Account),
    ("AccountId", Kind::Account),
    ("ResidentId", Kind::Resident),
    ("ParentResidentId", Kind::Resident),
    ("IdCounter", Kind::Counter),
    ("ResidentsIds", Kind::Resident),
    ("ResidentToFlatsIds", Kind::Account),
];

/// The temporary ids that an object refers to; a list has them with commas.
pub(super) fn temporary_references(object: &Value) -> impl Iterator<Item = (Kind, &str)> {
    REFERENCES.iter().flat_map(move |(field, kind)| {
        let text = object.get(field).and_then(Value::as_str).unwrap_or_default();
        text.split(',').map(str::trim).filter(|id| is_temporary(id)).map(|id| (*kind, id))
    })
}
