//! `[bitrix24.fields]`: the codes of the portal's fields.
//!
//! Codes differ by portal. A key may have a list of codes, which are tried in order: the first
//! that is filled counts. A key without a code is a field that the portal does not have, and
//! that is not sent.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::bitrix24_only::Bitrix24Only;
use super::reader::Section;
use super::value;

/// Each key, the kind of record it is of (`contract`: of both kinds of contracts), and the
/// document's code.
const KEYS: &[(&str, &str, Option<&str>)] = &[
    ("apartment_building", "apartment", Some("ufCrm6_1682232363193")),
    ("apartment_number", "apartment", Some("ufCrm6_1682232396330")),
    ("apartment_type", "apartment", Some("ufCrm6_1682232863625")),
    ("apartment_address", "apartment", Some("ufCrm6_1718821717")),
    ("apartment_floor", "apartment", Some("ufCrm6_1682232312628")),
    ("apartment_area", "apartment", Some("ufCrm6_1682232424142")),
    ("apartment_bathrooms", "apartment", Some("ufCrm6_1682232465964")),
    ("apartment_pool", "apartment", Some("ufCrm6_1697622591377")),
    ("apartment_metro", "apartment", Some("ufCrm6_1682233481671")),
    ("apartment_rent", "apartment", Some("ufCrm6_1682232447205")),
    ("apartment_wifi_name", "apartment", Some("ufCrm6_1682235809295")),
    ("apartment_wifi_password", "apartment", Some("ufCrm6_1686728251990")),
    ("apartment_parking", "apartment", Some("ufCrm6_1683299159437")),
    ("apartment_lock", "apartment", Some("ufCrm6_1715777670")),
    ("apartment_keybox", "apartment", Some("ufCrm6_1720794204")),
    ("apartment_photos", "apartment", Some("ufCrm6_1682238498225")),
    ("apartment_sharing", "apartment", Some("ufCrm6_1736951470242")),
    ("apartment_unit", "apartment", Some("ufCrm6_1684425402")),
    ("apartment_status", "apartment", Some("ufCrm6_1741697906729")),
    ("unit_room", "unit", Some("ufCrm8_1698838056004")),
    ("unit_number", "unit", Some("ufCrm8_1686662655574")),
    ("unit_type", "unit", Some("ufCrm8_1682957076924")),
    ("unit_rent", "unit", Some("ufCrm8_1699620518232")),
    ("unit_area", "unit", Some("ufCrm8_1686662606534")),
    ("unit_apartment", "unit", Some("ufCrm8_1684429208")),
    ("unit_photos", "unit", None),
    ("unit_status", "unit", Some("ufCrm8_1741697837284")),
    ("owner_contract_apartment", "owner_contract", Some("ufCrm10_1693823301")),
    ("owner_contract_start", "owner_contract", Some("ufCrm10_1693823247516")),
    ("owner_contract_end", "owner_contract", Some("ufCrm10_1693823282826")),
    ("owner_contract_work_model", "owner_contract", Some("ufCrm10_1708955821")),
    ("owner_contract_scan", "owner_contract", Some("ufCrm10_1709042143")),
    ("owner_contract_title_deed", "owner_contract", Some("ufCrm10_1694000636731")),
    ("owner_contract_letter", "owner_contract", Some("ufCrm10_1694000391518")),
    ("owner_contract_permit", "owner_contract", Some("ufCrm10_1694000558852")),
    ("owner_contract_passport", "owner_contract", Some("ufCrm10_1694000435068")),
    ("owner_contract_stage", "owner_contract", Some("stageId")),
    ("pml_start", "owner_contract", Some("ufCrm10_1708956056")),
    ("pml_end", "owner_contract", Some("ufCrm10_1708955996")),
    ("tenant_contract_unit", "tenant_contract", Some("ufCrm20_1693919019")),
    ("tenant_contract_start", "tenant_contract", Some("ufCrm20ContractStartDate")),
    ("tenant_contract_end", "tenant_contract", Some("ufCrm20ContractEndDate")),
    ("tenant_contract_price", "tenant_contract", Some("opportunity")),
    ("tenant_contract_scan", "tenant_contract", Some("ufCrm20Contract")),
    ("tenant_contract_type", "tenant_contract", Some("ufCrm20_1693561495")),
    ("tenant_contract_history", "tenant_contract", Some("ufCrm20ContractHistory")),
    ("tenant_contract_passport", "tenant_contract", Some("ufCrm20_1696615939")),
    ("tenant_contract_co_tenant", "tenant_contract", None),
    ("tenant_contract_co_tenant_id", "tenant_contract", None),
    ("tenant_contract_co_tenant_id_scan", "tenant_contract", None),
    ("tenant_contract_stage", "tenant_contract", Some("stageId")),
    ("contact_email", "contact", Some("UF_CRM_1727788747")),
    ("contact_birthday", "contact", Some("BIRTHDATE")),
    ("contact_phone", "contact", Some("PHONE")),
    ("contact_id_scan", "contact", None),
    ("contract_contact", "contract", Some("contactId")),
];

/// The keys that nothing reads unless the config names a code of them, or `[bitrix24.only]` has
/// them.
const FILTERS: [&str; 4] =
    ["apartment_status", "unit_status", "owner_contract_stage", "tenant_contract_stage"];

/// The keys of what opens a flat or its network.
const SECRET: [&str; 3] = ["apartment_wifi_password", "apartment_lock", "apartment_keybox"];

/// The codes of every key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitrix24Fields(BTreeMap<&'static str, Vec<String>>);

impl Default for Bitrix24Fields {
    fn default() -> Self {
        let codes = KEYS
            .iter()
            .map(|(key, _, code)| (*key, code.iter().map(|code| (*code).to_owned()).collect()));
        Self(codes.collect())
    }
}

impl Bitrix24Fields {
    /// The codes of a key, in the order in which they are tried; `None`: there is no such key.
    pub fn codes(&self, key: &str) -> Option<&[String]> {
        self.0.get(key).map(Vec::as_slice)
    }

    /// The codes of the fields that hold secrets.
    pub fn secret_codes(&self) -> impl Iterator<Item = &str> {
        SECRET.iter().filter_map(|key| self.codes(key)).flatten().map(String::as_str)
    }

    /// The same with other codes of a key; as it is where there is no such key.
    #[must_use]
    pub fn with(mut self, key: &str, codes: &[&str]) -> Self {
        if let Some(known) = self.0.get_mut(key) {
            *known = codes.iter().map(|code| (*code).to_owned()).collect();
        }
        self
    }

    /// The keys of a kind of records that have a code and that something reads: the projection,
    /// or `only`.
    pub fn of_kind(&self, kind: &str, only: &Bitrix24Only) -> Vec<(&'static str, &[String])> {
        let default = Self::default();
        let is_read = |key: &str| {
            !FILTERS.contains(&key) || only.has(key) || self.codes(key) != default.codes(key)
        };
        let keys = keys().filter(|key| is_of(key, kind) && is_read(key));
        let codes = keys.filter_map(|key| Some((key, self.codes(key)?)));
        codes.filter(|(_, codes)| !codes.is_empty()).collect()
    }
}

/// All keys.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|(key, _, _)| *key)
}

/// Whether a key is of a kind of records.
pub(super) fn is_of(key: &str, kind: &str) -> bool {
    let of = KEYS.iter().find(|(known, _, _)| *known == key).map(|(_, of, _)| *of);
    of == Some(kind) || of == Some("contract") && kind.ends_with("_contract")
}

/// All keys of the section.
pub(super) fn read(section: Section<'_>) -> Bitrix24Fields {
    let default = Bitrix24Fields::default().0;
    let codes = default.into_iter().map(|(key, codes)| (key, section.or(key, codes, codes_of)));
    let fields = Bitrix24Fields(codes.collect());
    section.finish();
    fields
}

fn codes_of(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    match value {
        DeValue::Array(_) => value::list(code)(value),
        _ => code(value).map(|code| vec![code]),
    }
}

fn code(value: &DeValue<'_>) -> Result<String, String> {
    let code = value::string(value)?;
    let is_plain = |one: char| one.is_ascii_alphanumeric() || one == '_';
    if code.chars().all(is_plain) {
        Ok(code)
    } else {
        // Not quoted: it might be the webhook, in the wrong place.
        Err("must be the code of a field, such as \"ufCrm8_1684429208\"".to_owned())
    }
}
