//! The entities of UZhKH as its document describes them: kinds, fields, types,
//! and which fields refer to which kind («Уточнение состава данных»).

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
        !matches!(
            self,
            Kind::Request | Kind::RequestToRegister | Kind::RequestToObjectAdding
        )
    }

    /// Whether SetId has a type for it and its ids are ours to set.
    pub fn has_set_id(self) -> bool {
        self.is_reidentified() && self != Kind::Car
    }

    /// Whether DeletedItems has a type for it.
    pub(super) fn has_deletions(self) -> bool {
        self != Kind::Car
    }

    /// The documented fields of an entity of this kind.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Kind::Counter => COUNTER,
            Kind::Resident => RESIDENT,
            Kind::Payment => PAYMENT,
            Kind::Account => ACCOUNT,
            Kind::Request => REQUEST,
            Kind::Object => OBJECT,
            Kind::Article | Kind::News | Kind::Notice => DOCUMENT,
            Kind::RequestToRegister => REQUEST_TO_REGISTER,
            Kind::RequestToObjectAdding => REQUEST_TO_OBJECT_ADDING,
            Kind::Car => CAR,
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

/// What a member of an envelope holds («Общий класс»).
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
    (
        "RequestToObjectAdding",
        Holds::One(Kind::RequestToObjectAdding),
    ),
    ("Car", Holds::One(Kind::Car)),
];

/// The members of a person that only mean something inside an account.
pub(super) const INSIDE_ACCOUNT: [&str; 3] = ["IsEmployer", "IsOwner", "ParentResidentId"];

/// A documented field.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name, to the letter.
    pub name: &'static str,
    /// Its documented type.
    pub ty: Type,
    /// Whether the document calls it required.
    pub required: bool,
    /// What its value refers to.
    pub(super) refers: Option<Refers>,
}

/// The documented types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// string
    Text,
    /// int
    Int,
    /// double
    Double,
    /// decimal
    Decimal,
    /// bool
    Bool,
    /// DateTime
    DateTime,
    /// List<string>
    TextList,
    /// List<Person>
    Persons,
}

/// What the value of a field refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refers {
    /// One entity.
    To(Kind),
    /// Several, separated by commas.
    ToEach(Kind),
}

const fn field(name: &'static str, ty: Type, required: bool) -> Field {
    Field {
        name,
        ty,
        required,
        refers: None,
    }
}

const fn required(name: &'static str, ty: Type) -> Field {
    field(name, ty, true)
}

const fn optional(name: &'static str, ty: Type) -> Field {
    field(name, ty, false)
}

impl Field {
    const fn refers_to(mut self, kind: Kind) -> Self {
        self.refers = Some(Refers::To(kind));
        self
    }

    const fn refers_to_each(mut self, kind: Kind) -> Self {
        self.refers = Some(Refers::ToEach(kind));
        self
    }
}

use self::Type::{Bool, DateTime, Decimal, Double, Int, Persons, Text, TextList};

const RESIDENT: &[Field] = &[
    required("Surname", Text),
    required("Name", Text),
    required("Patronymic", Text),
    optional("UrCompanyName", Text),
    optional("Email", Text),
    optional("Phone", Text),
    required("Id", Text),
    optional("IsEmployer", Bool),
    optional("IsOwner", Bool),
    optional("ParentResidentId", Text).refers_to(Kind::Resident),
];

const ACCOUNT: &[Field] = &[
    required("Id", Text),
    required("AccountNumber", Text),
    required("IsActive", Bool),
    required("ApartmentID", Text).refers_to(Kind::Object),
    required("TypeObject", Text),
    optional("DateTimeOpen", DateTime),
    optional("DateTimeClose", DateTime),
    optional("SpelledOutPerson", Int),
    optional("RegisteredPerson", Int),
    optional("LivingPerson", Int),
    optional("RelatedAccountId", Text).refers_to(Kind::Account),
    required("Balance", Decimal),
    optional("Persons", Persons),
];

const OBJECT: &[Field] = &[
    required("TypeObject", Text),
    required("Address", Text),
    optional("Locality", Text),
    required("Street", Text),
    required("HouseNumber", Text),
    required("FlatNumber", Text),
    optional("SquareAll", Double),
    optional("SquareLiving", Double),
    optional("CountRooms", Text),
    optional("EtazhNumber", Int),
    optional("PodyezdNumber", Text),
    required("Id", Text),
    required("HouseId", Text),
    optional("YearOfHouse", Int),
    optional("SipNumber", Text),
    optional("SipPassword", Text),
];

const COUNTER: &[Field] = &[
    required("Id", Text),
    optional("SerialNumber", Text),
    required("Value1", Decimal),
    optional("Value2", Decimal),
    optional("Value3", Decimal),
    optional("DateTimeForValue", DateTime),
    required("CounterTypeIdentifier", Text),
    required("IsPublish", Bool),
    required("FlatId", Text).refers_to(Kind::Object),
    required("TypeObject", Text),
    optional("CheckDate", DateTime),
    optional("CommissioningDate", DateTime),
];

const REQUEST: &[Field] = &[
    required("Id", Int),
    required("Number", Text),
    required("Title", Text),
    optional("Description", Text),
    optional("Summary", Text),
    required("CreationDate", DateTime),
    optional("FinishDate", DateTime),
    required("AccountNumber", Text),
    required("AccountId", Text).refers_to(Kind::Account),
    optional("TimeFrom", Text),
    optional("TimeTo", Text),
    optional("DispatcherName", Text),
    optional("Service", Text),
    optional("ServiceCategory", Text),
    optional("IdentifierService", Text),
    optional("IdentifierServiceCategory", Text),
    optional("ServiceGuid", Text),
    optional("ResponsibleId", Text),
    optional("ExecutorId", Text),
    optional("RequestType", Text),
    optional("WorkType", Text),
    required("Status", Text),
    required("IsCrash", Bool),
    required("IsImportant", Bool),
    required("IsPayable", Bool),
    required("IsGuarantee", Bool),
    required("IsComplaint", Bool),
    required("IsReasonable", Bool),
    required("IsRepeated", Bool),
    required("ResidentId", Text).refers_to(Kind::Resident),
    required("FlatId", Text).refers_to(Kind::Object),
    required("TypeObject", Text),
    optional("Rating", Int),
    optional("RatingComment", Text),
    required("IsPayment", Bool),
    required("PaymentSum", Int),
    required("Files", TextList),
    required("FilesFromExecutor", TextList),
    optional("DelayedPaymentDateTime", DateTime),
    optional("SourceComment", Text),
    optional("IdCounter", Text).refers_to(Kind::Counter),
    optional("CarBrand", Text),
    optional("CarModel", Text),
    optional("CarNumber", Text),
    optional("Date", Text),
    optional("Time", Text),
    optional("CurrentPhone", Text),
    optional("CurrentEmail", Text),
    optional("ProviderInn", Text),
    optional("InitiatorSurname", Text),
    optional("InitiatorName", Text),
    optional("InitiatorPatronymic", Text),
];

const PAYMENT: &[Field] = &[
    required("Sum", Decimal),
    optional("Commission", Decimal),
    required("AccountNumber", Text),
    required("AccountId", Text).refers_to(Kind::Account),
    required("DateTime", DateTime),
    required("Id", Text),
    optional("AccrualDate", Text),
    optional("ServiceTitle", Text),
    optional("IdRequest", Text),
    optional("OrderId", Text),
    optional("OrderNumber", Text),
    required("IsRequest", Bool),
    required("FromWeb", Bool),
    required("FromMobile", Bool),
    required("IsInsurance", Bool),
    optional("InsurancePeriod", Text),
    optional("InsuranceNumber", Text),
    optional("InsuranceId", Text),
    required("IsAutopay", Bool),
    optional("ContractorName", Text),
];

const DOCUMENT: &[Field] = &[
    required("Id", Text),
    required("TypeName", Text),
    required("Title", Text),
    required("Text", Text),
    required("IsPublish", Bool),
    required("Date", DateTime),
    required("IsForExecutors", Bool),
    required("IsForResponsibles", Bool),
    required("IsForContractors", Bool),
    required("IsForDisp", Bool),
    required("IsForParking", Bool),
    required("IsForNoParking", Bool),
    optional("PushText", Text),
    optional("EmailTitle", Text),
    optional("EmailText", Text),
    optional("SmsText", Text),
    optional("HousesIds", Text),
    optional("ResidentsIds", Text).refers_to_each(Kind::Resident),
    optional("ResidentToFlatsIds", Text).refers_to_each(Kind::Account),
];

const REQUEST_TO_REGISTER: &[Field] = &[
    required("Id", Text),
    required("FlatId", Text).refers_to(Kind::Object),
    required("AccountNumber", Text),
    required("Surname", Text),
    required("Name", Text),
    optional("Patronymic", Text),
    required("Email", Text),
    required("Phone", Text),
];

const REQUEST_TO_OBJECT_ADDING: &[Field] = &[
    required("Id", Text),
    required("FlatId", Text).refers_to(Kind::Object),
    required("ResidentId", Text).refers_to(Kind::Resident),
];

const CAR: &[Field] = &[
    required("Id", Text),
    required("ResidentId", Text).refers_to(Kind::Resident),
    required("Brand", Text),
    required("Model", Text),
    required("Number", Text),
    optional("PhoneDriver", Text),
    required("IsTemp", Bool),
];
