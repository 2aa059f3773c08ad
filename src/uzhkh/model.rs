//! The kinds of entities that UZhKH has, and where an envelope holds them.

use super::fields::{self, Field};

/// A kind of record, in the type words of SetId and DeletedItems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// прибор учёта
    Counter,
    /// собственник
    Resident,
    /// оплата
    Payment,
    /// лицевой счёт
    Account,
    /// заявка
    Request,
    /// объект недвижимости
    Object,
    /// статья
    Article,
    /// новость
    News,
    /// уведомление
    Notice,
    /// заявка на добавление лицевого счёта
    RequestToRegister,
    /// заявка на добавление объекта недвижимости
    RequestToObjectAdding,
    /// автомобиль; neither SetId nor DeletedItems has a word for it
    Car,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 12] = [
        Kind::Counter,
        Kind::Resident,
        Kind::Payment,
        Kind::Account,
        Kind::Request,
        Kind::Object,
        Kind::Article,
        Kind::News,
        Kind::Notice,
        Kind::RequestToRegister,
        Kind::RequestToObjectAdding,
        Kind::Car,
    ];

    /// The word in `record.kind`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Resident => "resident",
            Kind::Payment => "payment",
            Kind::Account => "account",
            Kind::Request => "request",
            Kind::Object => "object",
            Kind::Article => "article",
            Kind::News => "news",
            Kind::Notice => "notice",
            Kind::RequestToRegister => "requesttoregister",
            Kind::RequestToObjectAdding => "requesttoobjectadding",
            Kind::Car => "car",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether its temporary ids get permanent ones: UZhKH's own id is primary for
    /// the three kinds of requests («за исключением заявок»).
    pub fn is_reidentified(self) -> bool {
        !matches!(self, Kind::Request | Kind::RequestToRegister | Kind::RequestToObjectAdding)
    }

    /// Whether SetId has a type for it and its ids are ours to set.
    pub(super) fn has_set_id(self) -> bool {
        self.is_reidentified() && self != Kind::Car
    }

    /// Whether DeletedItems has a type for it.
    pub(super) fn has_deletions(self) -> bool {
        self != Kind::Car
    }

    /// The documented fields of an entity of this kind.
    pub(super) fn fields(self) -> &'static [Field] {
        match self {
            Kind::Counter => fields::COUNTER,
            Kind::Resident => fields::RESIDENT,
            Kind::Payment => fields::PAYMENT,
            Kind::Account => fields::ACCOUNT,
            Kind::Request => fields::REQUEST,
            Kind::Object => fields::OBJECT,
            Kind::Article | Kind::News | Kind::Notice => fields::DOCUMENT,
            Kind::RequestToRegister => fields::REQUEST_TO_REGISTER,
            Kind::RequestToObjectAdding => fields::REQUEST_TO_OBJECT_ADDING,
            Kind::Car => fields::CAR,
        }
    }

    /// The fields that are decimals: money and meter readings.
    pub(super) fn decimals(self) -> &'static [&'static str] {
        match self {
            Kind::Counter => &["Value1", "Value2", "Value3"],
            Kind::Payment => &["Sum", "Commission"],
            Kind::Account => &["Balance"],
            _ => &[],
        }
    }
}

/// The content of an envelope's member («Общий класс»).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// An entity of this kind.
    One(Kind),
    /// A document, whose TypeName says the kind.
    Document,
}

impl Holds {
    /// The kind of the entity; `None` for a document without a known TypeName.
    pub(super) fn kind(self, type_name: Option<&str>) -> Option<Kind> {
        match self {
            Holds::One(kind) => Some(kind),
            Holds::Document => [Kind::Article, Kind::News, Kind::Notice]
                .into_iter()
                .find(|kind| Some(kind.word()) == type_name),
        }
    }
}

/// The members of an envelope, in the document's order.
pub(super) const MEMBERS: [(&str, Holds); 10] = [
    ("Resident", Holds::One(Kind::Resident)),
    ("Account", Holds::One(Kind::Account)),
    ("Counter", Holds::One(Kind::Counter)),
    ("Request", Holds::One(Kind::Request)),
    ("Payment", Holds::One(Kind::Payment)),
    ("Obj", Holds::One(Kind::Object)),
    ("Doc", Holds::Document),
    ("RequestToRegister", Holds::One(Kind::RequestToRegister)),
    ("RequestToObjectAdding", Holds::One(Kind::RequestToObjectAdding)),
    ("Car", Holds::One(Kind::Car)),
];

/// The members of a person that only mean something inside an account.
pub(super) const INSIDE_ACCOUNT: [&str; 3] = ["IsEmployer", "IsOwner", "ParentResidentId"];
