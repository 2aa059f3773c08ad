//! What a link names. A value with a mark (`T90_12`: the entityTypeId in hexadecimal) names an
//! item of that smart process and of no other; a bare number one of the kind that the field is
//! for.

use super::item::{Field, Item};
use super::{APARTMENT, CONTACT, OWNER_CONTRACT, TENANT_CONTRACT, UNIT};
use crate::alma::projection::decimal::is_digits;
use crate::alma::projection::text;
use crate::config::SHORT_MARKS;

/// The entityTypeIds of the kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EntityTypes([u32; 5]);

/// The kinds, in the order of their numbers in the config.
const KINDS: [&str; 5] = [APARTMENT, UNIT, OWNER_CONTRACT, TENANT_CONTRACT, CONTACT];

/// The item that a value names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// Its id.
    pub(super) id: String,
    /// What stands before the id: `T90`.
    mark: Option<String>,
}

impl Target {
    /// The target of a JSON value; `None` where it names nothing. Nothing is called 0.
    fn parse(value: &str) -> Option<Self> {
        let text = text::shown(value)?;
        let (mark, digits) = match text.rsplit_once('_') {
            Some((mark, digits)) if !mark.is_empty() => (Some(mark.to_owned()), digits),
            _ => (None, text.as_str()),
        };
        let is_id = is_digits(digits) && !digits.bytes().all(|byte| byte == b'0');
        is_id.then(|| Self { id: digits.trim_start_matches('0').to_owned(), mark })
    }

    /// Whether it says itself which kind it is of.
    pub(super) fn is_marked(&self) -> bool {
        self.mark.is_some()
    }
}

/// The targets of a field, in their order.
pub(super) fn all(item: &Item<'_>, code: &str) -> Vec<Target> {
    item.values(code).into_iter().filter_map(Target::parse).collect()
}

/// The first target of a field.
pub(super) fn first(item: &Item<'_>, code: &str) -> Option<Target> {
    all(item, code).into_iter().next()
}

impl EntityTypes {
    /// The numbers of apartments, units, owners' contracts, tenants' contracts and contacts.
    pub(crate) fn new(numbers: [u32; 5]) -> Self {
        Self(numbers)
    }

    fn number(self, kind: &str) -> Option<u32> {
        KINDS.iter().zip(self.0).find(|(known, _)| **known == kind).map(|(_, number)| number)
    }

    /// Whether a target may be an item of a kind.
    pub(super) fn may_be(self, target: &Target, kind: &str) -> bool {
        target.mark.as_deref().is_none_or(|mark| number_of(mark) == self.number(kind))
    }

    /// The id of the first item of a kind that a field names.
    ///
    /// # Errors
    /// The mark is that of another kind: the reason, which follows «unit 7 has».
    pub(super) fn named(
        self,
        item: &Item<'_>,
        field: Field<'_>,
        kind: &'static str,
    ) -> Result<Option<String>, String> {
        let Some(target) = first(item, field.code) else {
            return Ok(None);
        };
        if self.may_be(&target, kind) {
            return Ok(Some(target.id));
        }
        Err(self.is_foreign(item, &target, field, &[kind]))
    }

    /// Why a target is none of the kinds that its field may name.
    pub(super) fn is_foreign(
        self,
        item: &Item<'_>,
        target: &Target,
        Field { code, name }: Field<'_>,
        kinds: &[&'static str],
    ) -> String {
        let code = item.code(code);
        let mark = target.mark.as_deref().unwrap_or_default();
        let meant = KINDS.iter().find(|kind| self.may_be(target, kind));
        let meant = match (meant, number_of(mark)) {
            (Some(kind), _) => format!("{kind} {}", target.id),
            (None, Some(number)) => format!("item {} of entityTypeId {number}", target.id),
            (None, None) => format!("an item of the unknown kind {mark}"),
        };
        let expected = kinds.iter().map(|kind| match self.number(kind) {
            Some(number) => format!("{kind} (entityTypeId {number})"),
            None => (*kind).to_owned(),
        });
        format!(
            "{meant} in {name} ({code}), where {} is expected: correct it in Bitrix24",
            expected.collect::<Vec<_>>().join(" or ")
        )
    }
}

/// The entityTypeId that a mark says.
fn number_of(mark: &str) -> Option<u32> {
    let short = SHORT_MARKS.iter().find(|(short, _)| short.eq_ignore_ascii_case(mark));
    short.map(|(_, number)| *number).or_else(|| {
        let digits = mark.strip_prefix(['T', 't'])?;
        u32::from_str_radix(digits, 16).ok()
    })
}
