//! The documented fields of each kind, in the document's order («Уточнение состава
//! данных»): names to the letter, types, which are required, and what they refer to.

use super::model::Kind;

/// A documented field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    /// The name, to the letter.
    pub(super) name: &'static str,
    /// The documented type.
    pub(super) ty: Type,
    /// Whether the document calls it required.
    pub(super) required: bool,
    /// The entities that its value refers to.
    pub(super) refers: Option<Refers>,
}

/// The documented types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
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

/// The entities that the value of a field refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refers {
    /// One entity.
    To(Kind),
    /// Several, separated by commas.
    ToEach(Kind),
}

const fn field(name: &'static str, ty: Type, required: bool) -> Field {
    Field { name, ty, required, refers: None }
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

pub(super) const RESIDENT: &[Field] = &[
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

pub(super) const ACCOUNT: &[Field] = &[
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

pub(super) const OBJECT: &[Field] = &[
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

pub(super) const COUNTER: &[Field] = &[
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

pub(super) const REQUEST: &[Field] = &[
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

pub(super) const PAYMENT: &[Field] = &[
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

pub(super) const DOCUMENT: &[Field] = &[
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

pub(super) const REQUEST_TO_REGISTER: &[Field] = &[
    required("Id", Text),
    required("FlatId", Text).refers_to(Kind::Object),
    required("AccountNumber", Text),
    required("Surname", Text),
    required("Name", Text),
    optional("Patronymic", Text),
    required("Email", Text),
    required("Phone", Text),
];

pub(super) const REQUEST_TO_OBJECT_ADDING: &[Field] = &[
    required("Id", Text),
    required("FlatId", Text).refers_to(Kind::Object),
    required("ResidentId", Text).refers_to(Kind::Resident),
];

pub(super) const CAR: &[Field] = &[
    required("Id", Text),
    required("ResidentId", Text).refers_to(Kind::Resident),
    required("Brand", Text),
    required("Model", Text),
    required("Number", Text),
    optional("PhoneDriver", Text),
    required("IsTemp", Bool),
];
