//! A person or a company, as a `resident` record or an account's Persons has it.

use super::body::Body;

/// The members of a person that are read.
#[derive(Debug, Clone, Default)]
pub(super) struct Person {
    /// Surname
    pub(super) surname: Option<String>,
    /// Name
    pub(super) name: Option<String>,
    /// Patronymic
    pub(super) patronymic: Option<String>,
    /// UrCompanyName: it is a company.
    pub(super) company: Option<String>,
    /// Email
    pub(super) email: Option<String>,
    /// Phone
    pub(super) phone: Option<String>,
}

impl Person {
    /// Reads a person.
    pub(super) fn read(body: &Body<'_>) -> Self {
        Self {
            surname: body.text("Surname"),
            name: body.text("Name"),
            patronymic: body.text("Patronymic"),
            company: body.text("UrCompanyName"),
            email: body.text("Email"),
            phone: body.text("Phone"),
        }
    }

    /// The name of the company, or «Surname Name Patronymic» as far as they are known;
    /// `None` where nothing is.
    pub(super) fn full_name(&self) -> Option<String> {
        if self.company.is_some() {
            return self.company.clone();
        }
        let parts = [&self.surname, &self.name, &self.patronymic];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}
