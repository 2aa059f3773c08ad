//! The phone of a contact: the first for work, else the first there is.

use super::item::Item;
use crate::config::Bitrix24Fields;
use crate::json;

/// The phone as it was typed: of `PHONE` (`{"VALUE_TYPE": "WORK", "VALUE": …}`), or of
/// `fm` (`{"typeId": "PHONE", "valueType": "WORK", "value": …}`), or a text of another code.
pub(super) fn first(contact: &Item<'_>, fields: &Bitrix24Fields) -> Option<String> {
    contact.codes(PHONE).into_iter().find_map(|code| {
        if code.eq_ignore_ascii_case(ROWS[0]) {
            of_rows(contact, fields)
        } else {
            contact.text(code)
        }
    })
}

/// The key of the phone's code.
const PHONE: &str = "contact_phone";
/// The members of a contact that hold rows of phones.
const ROWS: [&str; 2] = ["PHONE", "fm"];

fn of_rows(contact: &Item<'_>, fields: &Bitrix24Fields) -> Option<String> {
    ROWS.iter().find_map(|member| {
        let rows = contact.raw(member).and_then(json::elements)?;
        let mut phones = Vec::new();
        for row in rows.into_iter().filter_map(|row| Item::parse(row, fields)) {
            let is_phone = row.text("typeId").is_none_or(|kind| kind == "PHONE");
            if let Some(value) = row.text("value").filter(|_| is_phone) {
                let kind = row.text("valueType").unwrap_or_default();
                phones.push((kind.eq_ignore_ascii_case("WORK"), value));
            }
        }
        let work = phones.iter().find(|(is_work, _)| *is_work);
        work.or(phones.first()).map(|(_, value)| value.clone())
    })
}
