//! Refusals in the form of Django REST Framework.

use super::kind::AlmaKind;
use crate::json::Writer;
use crate::reply::{HTML, JSON, Reply};

const NOT_A_PAGE: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>Not Found</title>\n\
    </head>\n<body>\n  <h1>Not Found</h1><p>The requested resource was not found on this \
    server.</p>\n</body>\n</html>\n";

pub(super) const REQUIRED: &str = "This field is required.";
pub(super) const NULL: &str = "This field may not be null.";
pub(super) const BLANK: &str = "This field may not be blank.";
const NON_FIELD: &str = "non_field_errors";

/// Reason for refusing a request.
#[derive(Clone, Debug)]
pub(super) enum Refusal {
    /// 400: what is wrong, by field.
    Fields(Vec<(&'static str, String)>),
    /// Another status, with a `detail`.
    Detail(u16, String),
}

impl Refusal {
    /// Something is wrong with the whole.
    pub(super) fn whole(problem: impl Into<String>) -> Self {
        Self::Fields(vec![(NON_FIELD, problem.into())])
    }

    /// Something is wrong with one field.
    pub(super) fn field(name: &'static str, problem: impl Into<String>) -> Self {
        Self::Fields(vec![(name, problem.into())])
    }

    pub(super) fn not_found() -> Self {
        Self::Detail(404, "Not found.".to_owned())
    }

    pub(super) fn reply(&self) -> Reply {
        match self {
            Self::Fields(problems) => {
                let mut json = Writer::default();
                json.open();
                for (at, (name, _)) in problems.iter().enumerate() {
                    if problems[..at].iter().any(|(earlier, _)| earlier == name) {
                        continue;
                    }
                    json.name(name);
                    json.open_list();
                    let own = problems[at..].iter().filter(|(other, _)| other == name);
                    own.for_each(|(_, problem)| json.string(problem));
                    json.close_list();
                }
                json.close();
                Reply::whole(400, JSON, json.into_text())
            }
            Self::Detail(status, detail) => {
                let mut json = Writer::default();
                json.open();
                json.text("detail", detail);
                json.close();
                Reply::whole(*status, JSON, json.into_text())
            }
        }
    }
}

/// Refusal of a foreign key that leads nowhere.
pub(super) fn no_such(id: impl std::fmt::Display) -> String {
    format!("Invalid pk \"{id}\" - object does not exist.")
}

/// Refusal of a value that another object has.
pub(super) fn taken(kind: AlmaKind, name: &str) -> String {
    format!("{} with this {name} already exists.", kind.word())
}

/// The page for a path that there is not.
pub(super) fn no_page() -> Reply {
    Reply::whole(404, HTML, NOT_A_PAGE)
}
