//! The fields of each kind, in the order in which the document shows them when read.

use super::kind::AlmaKind;

/// Type of a field and the way it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A text; whether it may be empty.
    Text {
        blank: bool,
    },
    /// A text of at most so many characters, which may be empty.
    Code(usize),
    /// A text that may also be written as a number, as one example of the document does.
    External,
    Email,
    /// A number, read as a float.
    Number,
    Integer,
    Flag,
    /// A decimal in a string.
    Price,
    /// Date and time, of which the date is kept.
    Moment,
    /// A word out of these, read as `{"name":"PREFIX.WORD","value":"WORD"}`.
    Choice(&'static str, &'static [&'static str]),
    Country,
    Project,
    /// A building or a unit, by its id.
    Parent(AlmaKind),
    /// A unit or a room, by its id.
    Rental,
    /// A client, by its id.
    Person,
    /// An uploaded file, read as a path.
    File,
    Photos,
    /// Read only, and made from what else is known.
    Status,
    Archived,
    ParentsBuilding,
    ParentsProject,
    NumberOfUnits,
    Usage,
}

impl Shape {
    /// True if the value is derived, so that it cannot be written.
    pub(super) fn is_made(self) -> bool {
        matches!(
            self,
            Self::Status
                | Self::Archived
                | Self::ParentsBuilding
                | Self::ParentsProject
                | Self::NumberOfUnits
                | Self::Usage
        )
    }
}

/// A field of a kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) is_required: bool,
    pub(super) is_nullable: bool,
    /// True if POST and PATCH take the field.
    pub(super) is_writable: bool,
    /// True if GET shows the field.
    pub(super) is_shown: bool,
    /// Value shown by GET before the field was ever written.
    pub(super) empty: &'static str,
}

const fn field(name: &'static str, shape: Shape) -> Field {
    let empty = match shape {
        Shape::Text { .. } | Shape::Code(_) | Shape::External | Shape::Email => "\"\"",
        Shape::Flag => "false",
        _ => "null",
    };
    Field {
        name,
        shape,
        is_required: false,
        is_nullable: false,
        is_writable: true,
        is_shown: true,
        empty,
    }
}

/// A text that may be empty or left out.
const fn text(name: &'static str) -> Field {
    field(name, Shape::Text { blank: true })
}

/// A text that must be there.
const fn filled(name: &'static str) -> Field {
    field(name, Shape::Text { blank: false }).required()
}

const fn scan(name: &'static str) -> Field {
    field(name, Shape::File).nullable()
}

impl Field {
    const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// A field that may be null is null before it is written.
    const fn nullable(mut self) -> Self {
        self.is_nullable = true;
        self.empty = match self.shape {
            Shape::External => "\"\"",
            _ => "null",
        };
        self
    }

    /// A field that only people in the web interface fill.
    const fn read_only(mut self) -> Self {
        self.is_writable = false;
        self
    }

    /// A field that is read as a part of another one.
    const fn hidden(mut self) -> Self {
        self.is_shown = false;
        self
    }
}

/// The most characters of a lock's code: public clients cut it to these.
const LOCK_CODE: usize = 8;

const APARTMENTS: Shape =
    Shape::Choice("property_type", &["apartment", "studio", "detached_villa"]);
const ROOMS: Shape = Shape::Choice("property_type", &["bunk", "room"]);
const PARKING: Shape = Shape::Choice("parking_type", &["not_applicable", "uncovered"]);

const BUILDING: &[Field] = &[
    filled("name"),
    field("project", Shape::Project).required(),
    field("number_of_units", Shape::NumberOfUnits).read_only(),
    text("address"),
    field("is_archived", Shape::Archived).read_only(),
    text("number"),
    field("external_id", Shape::External),
];

const UNIT: &[Field] = &[
    field("external_id", Shape::External),
    text("additional_external_id"),
    field("is_used_additional_external_id", Shape::Flag),
    filled("name"),
    text("header"),
    field("building", Shape::Parent(AlmaKind::Building)).required(),
    field("property_type", APARTMENTS).required(),
    filled("number"),
    field("internal_area", Shape::Number).required(),
    field("status", Shape::Status).read_only(),
    field("project", Shape::ParentsProject).read_only(),
    field("is_archived", Shape::Archived).read_only(),
    field("photos", Shape::Photos).required(),
    field("goal_rent_cost", Shape::Number).nullable(),
    text("address"),
    text("address_number").read_only(),
    field("number_of_bedrooms", Shape::Integer).required(),
    field("number_of_baths", Shape::Integer).required(),
    field("is_roof_garden", Shape::Flag).required(),
    field("parking", PARKING).required(),
    text("plot").nullable().read_only(),
    field("is_swimming_pool", Shape::Flag).required(),
    field("covered_verandas", Shape::Number).nullable().read_only(),
    field("uncovered_verandas", Shape::Number).nullable().read_only(),
    field("lower_level", Shape::Number).nullable().read_only(),
    field("storage", Shape::Number).nullable().read_only(),
    field("total_buildable_area", Shape::Number).required(),
    field("floor", Shape::Integer).nullable(),
    text("internet_login"),
    text("internet_password"),
    // The document's table has null for the station that is not selected.
    Field { is_nullable: true, ..text("subway_station") },
    text("parking_number"),
    text("keybox_code").nullable(),
    field("electronic_lock_password", Shape::Code(LOCK_CODE)).nullable(),
];

const ROOM: &[Field] = &[
    field("external_id", Shape::External),
    filled("name"),
    text("header"),
    field("goal_rent_cost", Shape::Number).nullable(),
    field("parent_unit", Shape::Parent(AlmaKind::Unit)).required(),
    field("building", Shape::ParentsBuilding).read_only(),
    field("property_type", ROOMS).required(),
    text("number"),
    field("internal_area", Shape::Number).required(),
    field("status", Shape::Status).read_only(),
    field("project", Shape::ParentsProject).read_only(),
    field("is_archived", Shape::Archived).read_only(),
    field("photos", Shape::Photos).required(),
    text("keybox_code").nullable(),
    field("electronic_lock_password", Shape::Code(LOCK_CODE)).nullable(),
];

const CLIENT: &[Field] = &[
    field("external_id", Shape::External).required(),
    filled("first_name"),
    text("last_name").required(),
    field("status", Shape::Status).read_only(),
    field("email", Shape::Email).required(),
    filled("phone"),
    text("passport"),
    field("country", Shape::Country).required(),
    text("id_number"),
    scan("passport_scan"),
    scan("id_scan"),
    field("birthday", Shape::Moment).nullable(),
];

const OWNER_CONTRACT: &[Field] = &[
    filled("name"),
    text("number").read_only(),
    field("start_date", Shape::Moment).required(),
    field("end_date", Shape::Moment).required(),
    field("external_id", Shape::External).required(),
    field("unit_id", Shape::Rental).required().hidden(),
    field("client_id", Shape::Person).required().hidden(),
    field("unit_usage", Shape::Usage).read_only(),
    scan("contract_with_client_scan"),
    scan("property_title_deed_scan"),
    scan("property_management_letter_scan"),
    scan("dtcm_permit_scan"),
    field("pml_start_date", Shape::Moment).nullable(),
    field("pml_end_date", Shape::Moment).nullable(),
    text("work_model"),
];

const TENANT_CONTRACT: &[Field] = &[
    filled("name"),
    text("number").read_only(),
    field("start_date", Shape::Moment).required(),
    field("end_date", Shape::Moment).required(),
    field("external_id", Shape::External).required(),
    field("unit_id", Shape::Rental).required().hidden(),
    field("client_id", Shape::Person).required().hidden(),
    field("unit_usage", Shape::Usage).read_only(),
    field("price", Shape::Price).required(),
    scan("contract_scan"),
    text("co_tenant"),
    scan("co_tenant_id_scan"),
    text("history"),
    text("type_contract"),
    text("co_tenant_id"),
];

impl AlmaKind {
    /// Fields of the kind but for `id`, as the document shows them.
    pub(super) fn fields(self) -> &'static [Field] {
        match self {
            Self::Building => BUILDING,
            Self::Unit => UNIT,
            Self::Room => ROOM,
            Self::Client => CLIENT,
            Self::OwnerContract => OWNER_CONTRACT,
            Self::TenantContract => TENANT_CONTRACT,
        }
    }

    /// A field by its name.
    pub(super) fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }

    /// Fields shown in the list, beside the id.
    pub(super) fn listed(self) -> &'static [&'static str] {
        match self {
            Self::Building => &["name"],
            Self::Unit | Self::Room => &["name", "header", "external_id"],
            Self::Client => &["external_id", "first_name", "last_name", "status", "email"],
            Self::OwnerContract | Self::TenantContract => &["number", "external_id"],
        }
    }

    /// The field that a PATCH of `name` must bring along.
    pub(super) fn companion(self) -> Option<&'static str> {
        match self {
            Self::Building => Some("project"),
            Self::Unit => Some("building"),
            Self::Room => Some("parent_unit"),
            _ => None,
        }
    }
}
