//! A house of UZhKH and what Alma makes of it.

use simulator::{AlmaKind, AlmaObject};

use crate::support::entities::{account_of, deletion, envelope, object, person};
use crate::support::{Bench, Setup, setup};

/// UZhKH and Alma.
pub(crate) fn both() -> Setup {
    setup().alma("")
}

/// An object of UZhKH with this number of its flat.
pub(crate) fn flat(id: &str, number: &str) -> String {
    object(id).replace(r#""FlatNumber":"12""#, &format!(r#""FlatNumber":"{number}""#))
}

/// A person of an account, with an e-mail of his own.
pub(crate) fn owner(id: &str) -> String {
    person(id).replace("inna@", &format!("{id}@"))
}

/// A person who rents.
pub(crate) fn tenant(id: &str) -> String {
    owner(id)
        .replace(r#""IsEmployer":false"#, r#""IsEmployer":true"#)
        .replace(r#""IsOwner":true"#, r#""IsOwner":false"#)
}

/// An account about an object, with these persons.
pub(crate) fn account(id: &str, object: &str, persons: &[String]) -> String {
    account_of(id, persons)
        .replace(r#""ApartmentID":"o1""#, &format!(r#""ApartmentID":"{object}""#))
}

impl Bench {
    /// UZhKH says what an object, account or resident is by now.
    pub(crate) fn say(&self, member: &str, entity: &str) {
        let guid = uuid::Uuid::now_v7().to_string();
        self.uzhkh().push_request(envelope(&guid, member, entity));
    }

    /// UZhKH says that something is deleted.
    pub(crate) fn say_deleted(&self, kind: &str, id: &str) {
        let guid = uuid::Uuid::now_v7().to_string();
        self.uzhkh().push_deleted(deletion(&guid, kind, id));
    }

    /// One flat with an owner and a tenant: o1, a1, r1 and r2.
    pub(crate) fn furnish(&self) {
        self.say("Obj", &flat("o1", "12"));
        self.say("Account", &account("a1", "o1", &[owner("r1"), tenant("r2")]));
    }

    /// How every object stands: `kind external_id state`.
    pub(crate) fn stand(&self) -> Vec<String> {
        self.lines(
            "SELECT kind || ' ' || external_id || ' ' || state FROM alma_object ORDER BY kind, external_id",
        )
    }

    /// Why an object stands as it does.
    pub(crate) fn reason(&self, kind: &str, external_id: &str) -> String {
        self.one(&format!(
            "SELECT reason FROM alma_object WHERE kind = '{kind}' AND external_id = '{external_id}'"
        ))
    }

    /// `state` of an object.
    pub(crate) fn state(&self, kind: &str, external_id: &str) -> String {
        self.one(&format!(
            "SELECT state FROM alma_object WHERE kind = '{kind}' AND external_id = '{external_id}'"
        ))
    }

    /// An object as Alma has it.
    #[track_caller]
    pub(crate) fn held(&self, kind: AlmaKind, external_id: &str) -> AlmaObject {
        let object = self.alma().object(kind, external_id);
        object.unwrap_or_else(|| panic!("Alma has no {kind:?} {external_id}"))
    }

    /// A field of it, raw JSON.
    #[track_caller]
    pub(crate) fn field(&self, kind: AlmaKind, external_id: &str, field: &str) -> String {
        let object = self.held(kind, external_id);
        object.fields.get(field).cloned().unwrap_or_default()
    }

    /// Passes that find nothing to send, and ask for nothing.
    #[track_caller]
    pub(crate) fn rests(&self) {
        let before = (self.alma().writes(), self.alma().reads());
        self.pass();
        let after = (self.alma().writes(), self.alma().reads());
        assert_eq!(before, after, "a pass over an unchanged ledger asked Alma");
        assert_eq!(self.alma().twins(), Vec::<String>::new());
    }
}
