//! Remarks about values that Alma cannot be given as they are. They name fields, and quote
//! nothing.

use super::names;
use crate::config::Bitrix24Fields;
use crate::json::{self, Members};
use crate::ledger::Finding;

/// The fields whose one file Alma takes, by kind.
const SCANS: &[(&str, &[&str])] = &[
    (
        "owner_contract",
        &[
            "owner_contract_scan",
            "owner_contract_title_deed",
            "owner_contract_letter",
            "owner_contract_permit",
            "owner_contract_passport",
        ],
    ),
    (
        "tenant_contract",
        &["tenant_contract_scan", "tenant_contract_passport", "tenant_contract_co_tenant_id_scan"],
    ),
    ("contact", &["contact_id_scan"]),
];

/// The codes of the fields of a kind that are looked at.
pub(super) struct Values {
    floor: Vec<String>,
    scans: Vec<String>,
}

impl Values {
    pub(super) fn new(kind: &str, fields: &Bitrix24Fields) -> Self {
        let codes = |key: &str| fields.codes(key).unwrap_or_default().to_vec();
        let scans = SCANS.iter().filter(|(of, _)| *of == kind).flat_map(|(_, keys)| *keys);
        Self {
            floor: if kind == "apartment" { codes("apartment_floor") } else { Vec::new() },
            scans: scans.flat_map(|key| codes(key)).collect(),
        }
    }

    /// What stands for the codes in the settings of the form: others make other remarks.
    pub(super) fn settings(&self) -> String {
        format!("{:?} {:?}", self.floor, self.scans)
    }

    pub(super) fn findings(&self, members: &Members<'_>) -> Vec<Finding> {
        let floors = self.floor.iter().filter(|code| !is_whole_or_blank(members, code));
        let floors = floors.map(|code| {
            Finding::new(code, "is no whole number, as floors are in Alma, which is sent none")
        });
        let scans = self.scans.iter().filter(|code| has_several(members, code));
        let scans = scans.map(|code| {
            Finding::new(code, "holds several files, of which Alma takes one: the newest is sent")
        });
        floors.chain(scans).collect()
    }
}

fn is_whole_or_blank(members: &Members<'_>, code: &str) -> bool {
    let Some(value) = names::get(members, code) else {
        return true;
    };
    let values = json::elements(value).unwrap_or_else(|| vec![value]);
    let texts = values.into_iter().filter(|value| !matches!(*value, "null" | "false"));
    let mut texts = texts.map(|value| json::string(value).unwrap_or(value.into()));
    // The first that is not blank counts.
    let Some(text) = texts.find(|text| !text.trim().is_empty()) else {
        return true;
    };
    let text = text.trim();
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|zero| zero == b'0') => whole,
        _ => text,
    };
    whole.parse::<i64>().is_ok()
}

fn has_several(members: &Members<'_>, code: &str) -> bool {
    let files = names::get(members, code).and_then(json::elements).unwrap_or_default();
    files.into_iter().filter(|file| file.starts_with('{')).nth(1).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(kind: &str, row: &str) -> Vec<String> {
        let values = Values::new(kind, &Bitrix24Fields::default());
        let members = Members::parse(row).unwrap();
        values.findings(&members).into_iter().map(|one| one.path).collect()
    }

    #[test]
    fn a_floor_that_is_no_number_is_remarked() {
        for floor in ["\"G\"", "\"12 A\"", "1.5", "[\"\",\"G\"]", "\"1.\\u0661\""] {
            let row = format!("{{\"ufCrm6_1682232312628\":{floor}}}");
            assert_eq!(paths("apartment", &row), ["ufCrm6_1682232312628"], "{floor}");
        }
        for floor in ["12", "\"12\"", "\" -1 \"", "12.0", "null", "\"\"", "[]", "false", "[7]"] {
            let row = format!("{{\"ufCrm6_1682232312628\":{floor}}}");
            assert_eq!(paths("apartment", &row), Vec::<String>::new(), "{floor}");
        }
    }

    #[test]
    fn several_files_of_one_scan_are_remarked() {
        let row = r#"{"UF_CRM_20_CONTRACT":[{"id":1},{"id":2}],"ufCrm20_1696615939":[{"id":3}]}"#;
        assert_eq!(paths("tenant_contract", row), ["ufCrm20Contract"]);
        assert_eq!(paths("owner_contract", row), Vec::<String>::new());
    }
}
