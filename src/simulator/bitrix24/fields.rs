//! The fields of each kind, in the order in which an item shows them.
//!
//! The codes are those of Alma's document; those that it leaves out link the items.

use super::kind::BitrixKind;

/// Type of a field, by the portal's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Number,
    Integer,
    Day,
    Moment,
    Flag,
    List,
    Link,
    File,
    User,
    /// Phones and e-mails of a contact.
    Multi,
}

impl Type {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Number => "double",
            Self::Integer => "integer",
            Self::Day => "date",
            Self::Moment => "datetime",
            Self::Flag => "boolean",
            Self::List => "enumeration",
            Self::Link => "crm",
            Self::File => "file",
            Self::User => "user",
            Self::Multi => "crm_multifield",
        }
    }
}

/// A field of a kind.
pub(super) struct Field {
    /// Original name of the field.
    pub(super) name: &'static str,
    pub(super) shape: Type,
    pub(super) is_multiple: bool,
    pub(super) title: &'static str,
    /// The values of a list, with their ids.
    pub(super) values: &'static [(u32, &'static str)],
}

const fn field(name: &'static str, shape: Type, title: &'static str) -> Field {
    Field { name, shape, is_multiple: false, title, values: &[] }
}

const fn many(name: &'static str, shape: Type, title: &'static str) -> Field {
    Field { is_multiple: true, ..field(name, shape, title) }
}

const fn list(
    name: &'static str,
    title: &'static str,
    values: &'static [(u32, &'static str)],
) -> Field {
    Field { values, ..field(name, Type::List, title) }
}

/// The fields of every item of a smart process.
const COMMON: &[Field] = &[
    field("ID", Type::Integer, "ID"),
    field("XML_ID", Type::Text, "External code"),
    field("TITLE", Type::Text, "Name"),
    field("CREATED_BY", Type::User, "Created by"),
    field("UPDATED_BY", Type::User, "Updated by"),
    field("CREATED_TIME", Type::Moment, "Created"),
    field("UPDATED_TIME", Type::Moment, "Updated"),
    field("CATEGORY_ID", Type::Integer, "Pipeline"),
    field("OPENED", Type::Flag, "Available to everyone"),
    field("STAGE_ID", Type::Text, "Stage"),
    field("ASSIGNED_BY_ID", Type::User, "Responsible person"),
    field("COMPANY_ID", Type::Integer, "Company"),
    field("CONTACT_ID", Type::Integer, "Contact"),
    field("OPPORTUNITY", Type::Number, "Amount"),
    field("CURRENCY_ID", Type::Text, "Currency"),
];

pub(super) const TYPES: &[(u32, &str)] = &[
    (52, "Studio"),
    (54, "1 bedroom"),
    (56, "2 bedrooms"),
    (58, "3 bedrooms"),
    (60, "4 bedrooms"),
    (62, "5 bedrooms"),
    (64, "6 bedrooms"),
];

#[rustfmt::skip]
pub(super) const METRO: &[(u32, &str)] = &[
    (66, "Rashidiya"), (68, "Emirates"), (70, "Airport Terminal 3"), (72, "Airport Terminal 1"),
    (74, "GGICO"), (76, "Deira City Centre"), (78, "Al Rigga"), (80, "Union"), (82, "Bur Juman"),
    (84, "ADCB"), (86, "Al Jaffiliya"), (88, "World Trade Centre"), (90, "Emirates Towers"),
    (92, "Financial Centre"), (94, "Burj Khalifa / Dubai Mall"), (96, "Business Bay"),
    (98, "Noor Bank"), (100, "First Gulf Bank (FGB)"), (102, "Mall of the Emirates"),
    (104, "Sharaf DG"), (106, "Dubai Internet City"), (108, "Nakheel"), (110, "Damac Properties"),
    (112, "DMCC"), (114, "Nakheel Harbor and Tower"), (116, "Ibn Battuta"), (118, "Energy"),
    (120, "Danube"), (122, "UAE Exchange"), (124, "Etisalat"), (126, "Al Qusais"),
    (128, "Dubai Airport Free Zone"), (130, "Al Nahda"), (132, "Stadium"), (134, "Al Quiadah"),
    (136, "Abu Hail"), (138, "Abu Baker Al Siddique"), (140, "Salah Al Din"),
    (142, "Baniyas Square"), (144, "Palm Deira"), (146, "Al Ras"), (148, "Al Ghubaiba"),
    (150, "Al Fahidi"), (152, "Oud Metha"), (154, "Dubai Healthcare City"), (156, "Al Jadaf"),
    (158, "Creek"), (182, "Sobha realty"), (184, "Al Furjan"), (254, "Centrepoint"),
    (2762, "Not selected"),
];

pub(super) const SHARED: u32 = 4600;
pub(super) const WHOLE: u32 = 4598;
const SHARING: &[(u32, &str)] = &[(WHOLE, "No"), (SHARED, "Yes")];

pub(super) const NUMBERS: &[(u32, &str)] =
    &[(1294, "1"), (1296, "2"), (1298, "3"), (1300, "4"), (1302, "5"), (5902, "Bed1")];
pub(super) const HOUSING: &[(u32, &str)] = &[(242, "Room"), (244, "Bunk")];

pub(super) const WORK_MODELS: &[(u32, &str)] = &[
    (1696, "Rent to rent"),
    (1698, "TM 10%"),
    (1700, "TM 15%"),
    (1702, "TM 17%"),
    (1704, "TM 20%"),
    (1706, "Long term"),
    (1730, "TM 18%"),
];

pub(super) const CONTRACT_TYPES: &[(u32, &str)] = &[
    (882, "Airbnb"),
    (884, "Short term from 1 to 3 months"),
    (886, "Long-term 3+ months"),
    (1304, "Booking"),
    (1306, "Short contract up to 1 month"),
];

const APARTMENT_STATUSES: &[(u32, &str)] =
    &[(5976, "Available"), (5978, "Rented"), (5980, "Blocked"), (5982, "Ex-Apartments")];
const UNIT_STATUSES: &[(u32, &str)] =
    &[(5970, "Available"), (5972, "Rented"), (5968, "Blocked"), (5974, "Ex-Units")];

const APARTMENT: &[Field] = &[
    field("UF_CRM_6_1682232363193", Type::Text, "Building"),
    field("UF_CRM_6_1682232396330", Type::Text, "Apartment Number"),
    field("UF_CRM_6_1718821717", Type::Text, "Address"),
    field("UF_CRM_6_1682232312628", Type::Number, "Floor"),
    list("UF_CRM_6_1682232863625", "Type", TYPES),
    list("UF_CRM_6_1682233481671", "Dubai Metro", METRO),
    field("UF_CRM_6_1682235809295", Type::Text, "Wi-Fi Name"),
    field("UF_CRM_6_1686728251990", Type::Text, "Wi-Fi Password"),
    field("UF_CRM_6_1683299159437", Type::Text, "Parking number"),
    field("UF_CRM_6_1715777670", Type::Text, "Pass from Electrical Lock"),
    field("UF_CRM_6_1720794204", Type::Text, "Keybox Code"),
    list("UF_CRM_6_1736951470242", "Sharing", SHARING),
    field("UF_CRM_6_1682232424142", Type::Number, "Area"),
    field("UF_CRM_6_1682232447205", Type::Number, "Target Rental Amount"),
    field("UF_CRM_6_1682232465964", Type::Number, "Bathrooms"),
    field("UF_CRM_6_1697622591377", Type::Flag, "Swimming pool"),
    many("UF_CRM_6_1682238498225", Type::File, "Photos"),
    many("UF_CRM_6_1684425402", Type::Link, "Units"),
    field("UF_CRM_6_1742486676", Type::Text, "Status"),
    list("UF_CRM_6_1741697906729", "Status", APARTMENT_STATUSES),
];

const UNIT: &[Field] = &[
    list("UF_CRM_8_1698838056004", "Number of Unit", NUMBERS),
    list("UF_CRM_8_1682957076924", "Housing Type", HOUSING),
    field("UF_CRM_8_1699620518232", Type::Number, "Target Rental Amount"),
    field("UF_CRM_8_1686662655574", Type::Text, "Number"),
    field("UF_CRM_8_1686662606534", Type::Number, "Area"),
    many("UF_CRM_8_1684429208", Type::Link, "Apartment"),
    list("UF_CRM_8_1741697837284", "Status", UNIT_STATUSES),
];

const OWNER_CONTRACT: &[Field] = &[
    field("UF_CRM_10_1693823247516", Type::Day, "Start"),
    field("UF_CRM_10_1693823282826", Type::Day, "End"),
    field("UF_CRM_10_1693823301", Type::Link, "Apartment"),
    field("UF_CRM_10_1709042143", Type::File, "Contract with the client"),
    field("UF_CRM_10_1694000636731", Type::File, "Title deed"),
    field("UF_CRM_10_1694000391518", Type::File, "Property management letter"),
    field("UF_CRM_10_1694000558852", Type::File, "DTCM permit"),
    field("UF_CRM_10_1694000435068", Type::File, "Passport"),
    field("UF_CRM_10_1740556751168", Type::Text, "LL passport number"),
    field("UF_CRM_10_1708956056", Type::Day, "PML start"),
    field("UF_CRM_10_1708955996", Type::Day, "PML end"),
    list("UF_CRM_10_1708955821", "Work model", WORK_MODELS),
];

const TENANT_CONTRACT: &[Field] = &[
    field("UF_CRM_20_1693919019", Type::Link, "Apartments"),
    field("UF_CRM_20_CONTRACT_START_DATE", Type::Day, "Start of the lease"),
    field("UF_CRM_20_CONTRACT_END_DATE", Type::Day, "End of the lease"),
    many("UF_CRM_20_CONTRACT", Type::File, "Contract"),
    many("UF_CRM_20_CONTRACT_HISTORY", Type::Text, "Contract history"),
    list("UF_CRM_20_1693561495", "Type of contract", CONTRACT_TYPES),
    field("UF_CRM_20_1696523391", Type::Text, "Passport/ID Card Number"),
    field("UF_CRM_20_1696615939", Type::File, "Passport/ID Card File"),
];

const CONTACT: &[Field] = &[
    field("ID", Type::Integer, "ID"),
    field("NAME", Type::Text, "First name"),
    field("SECOND_NAME", Type::Text, "Second name"),
    field("LAST_NAME", Type::Text, "Last name"),
    field("BIRTHDATE", Type::Day, "Date of birth"),
    field("TYPE_ID", Type::Text, "Contact type"),
    field("SOURCE_ID", Type::Text, "Source"),
    field("OPENED", Type::Flag, "Available to everyone"),
    field("ASSIGNED_BY_ID", Type::User, "Responsible person"),
    field("CREATED_BY", Type::User, "Created by"),
    field("UPDATED_BY", Type::User, "Updated by"),
    field("CREATED_TIME", Type::Moment, "Created"),
    field("UPDATED_TIME", Type::Moment, "Updated"),
    field("HAS_PHONE", Type::Flag, "Has a phone"),
    field("HAS_EMAIL", Type::Flag, "Has an e-mail"),
    many("PHONE", Type::Multi, "Phone"),
    many("EMAIL", Type::Multi, "E-mail"),
    field("UF_CRM_1727788747", Type::Text, "E-mail for Alma"),
];

/// All fields of a kind.
pub(super) fn all(kind: BitrixKind) -> impl Iterator<Item = &'static Field> {
    let (common, own) = match kind {
        BitrixKind::Apartment => (COMMON, APARTMENT),
        BitrixKind::Unit => (COMMON, UNIT),
        BitrixKind::OwnerContract => (COMMON, OWNER_CONTRACT),
        BitrixKind::TenantContract => (COMMON, TENANT_CONTRACT),
        BitrixKind::Contact => (&[] as &[Field], CONTACT),
    };
    common.iter().chain(own)
}

pub(super) fn find(kind: BitrixKind, name: &str) -> Option<&'static Field> {
    all(kind).find(|field| field.name == name)
}
