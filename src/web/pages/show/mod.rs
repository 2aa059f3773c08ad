//! How things are shown: times in the account's zone, people masked, secrets as dots, records
//! in words.

mod call;
mod dots;
mod mask;
mod record;
mod time;

pub(super) use call::State;
pub(super) use dots::{DOTS, Secrets};
pub(super) use mask::{MASK, email, name, phone};
pub(super) use record::{FieldLine, FieldList, Shown, cut, described, fields, href};
pub(super) use time::{Moment, in_member, moment, written};
