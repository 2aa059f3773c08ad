//! Clients as `users/clients/` reads them back. `status`, `passport` and `id_number`,
//! which cannot be written, are passed over.

use serde::Deserialize;

use super::object::{Choice, Given, Object, Plain, Shape};

/// `users/clients/{id}/`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ClientAnswer {
    id: Given<i64>,
    external_id: Given<Plain>,
    first_name: Given<Plain>,
    last_name: Given<Plain>,
    email: Given<Plain>,
    phone: Given<Plain>,
    country: Given<Choice>,
    passport_scan: Given<Plain>,
    id_scan: Given<Plain>,
    birthday: Given<Plain>,
}

impl ClientAnswer {
    pub(super) fn object(&self) -> Result<Object, &'static str> {
        let fields = Shape::default()
            .with("external_id", &self.external_id)
            .with("first_name", &self.first_name)
            .with("last_name", &self.last_name)
            .with("email", &self.email)
            .with("phone", &self.phone)
            .with("country", &self.country)
            .with("passport_scan", &self.passport_scan)
            .with("id_scan", &self.id_scan)
            .with("birthday", &self.birthday)
            .fields();
        Ok(Object {
            id: self.id.id()?,
            external_id: self.external_id.text(),
            // A new one is `unconfirmed`, and none is the worse for it.
            is_archived: false,
            fields,
        })
    }
}
