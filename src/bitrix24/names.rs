//! The two spellings of a field's name. By default Bitrix24 writes
//! `ufCrm6_1682232396330` and `contactId`; `UF_CRM_6_1682232396330` and `CONTACT_ID` are
//! the original names, which contacts and older methods keep.

use crate::json::Members;

/// The value of a member, by either spelling of its name; one that is null counts as
/// absent.
pub(super) fn get<'t>(members: &Members<'t>, name: &str) -> Option<&'t str> {
    [name.to_owned(), original(name), camel(name)]
        .iter()
        .find_map(|name| members.get(name).filter(|value| *value != "null"))
}

/// Whether there is such a member, by either spelling of its name, be it null.
pub(super) fn has(members: &Members<'_>, name: &str) -> bool {
    [name.to_owned(), original(name), camel(name)].iter().any(|name| members.get(name).is_some())
}

/// The original name: `UF_CRM_20_CONTRACT_START_DATE`.
pub(super) fn original(name: &str) -> String {
    if !name.bytes().any(|one| one.is_ascii_lowercase()) {
        return name.to_owned();
    }
    let mut original = String::with_capacity(name.len() + 8);
    let mut before = '_';
    for one in name.chars() {
        let begins_number = one.is_ascii_digit() && !before.is_ascii_digit();
        if before != '_' && (one.is_ascii_uppercase() || begins_number) {
            original.push('_');
        }
        original.push(one.to_ascii_uppercase());
        before = one;
    }
    original
}

/// The default name: `ufCrm20ContractStartDate`. A last part of digits
/// alone keeps its underscore.
pub(super) fn camel(name: &str) -> String {
    if name.bytes().any(|one| one.is_ascii_lowercase()) {
        return name.to_owned();
    }
    let mut camel = String::with_capacity(name.len());
    let mut parts = name.split('_').peekable();
    while let Some(part) = parts.next() {
        let is_number = !part.is_empty() && part.bytes().all(|one| one.is_ascii_digit());
        if is_number && parts.peek().is_none() && !camel.is_empty() {
            camel.push('_');
        }
        if camel.is_empty() {
            camel.push_str(&part.to_ascii_lowercase());
        } else {
            let (first, rest) = part.split_at(part.len().min(1));
            camel.push_str(first);
            camel.push_str(&rest.to_ascii_lowercase());
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_spelling_gives_the_other() {
        for (default, other) in [
            ("ufCrm6_1682232396330", "UF_CRM_6_1682232396330"),
            ("ufCrm20ContractStartDate", "UF_CRM_20_CONTRACT_START_DATE"),
            ("ufCrm20_1693919019", "UF_CRM_20_1693919019"),
            ("ufCrm_1727788747", "UF_CRM_1727788747"),
            ("contactId", "CONTACT_ID"),
            ("id", "ID"),
            ("parentId144", "PARENT_ID_144"),
        ] {
            assert_eq!(original(default), other);
            assert_eq!(original(other), other);
            assert_eq!(camel(default), default);
            // Bitrix24 itself writes parentId144: the rule is for fields of users.
            if default != "parentId144" {
                assert_eq!(camel(other), default);
            }
        }
    }

    #[test]
    fn a_member_is_found_by_either() {
        let members = Members::parse(r#"{"UF_CRM_6_1":5,"contactId":null,"CONTACT_ID":"7"}"#);
        let members = members.unwrap();
        assert_eq!(get(&members, "ufCrm6_1"), Some("5"));
        assert_eq!(get(&members, "UF_CRM_6_1"), Some("5"));
        assert_eq!(get(&members, "contactId"), Some("\"7\""));
        assert_eq!(get(&members, "title"), None);
    }
}
