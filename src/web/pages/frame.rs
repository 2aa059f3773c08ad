//! What stands around every page: the language, who is there, the sections.

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use url::form_urlencoded;

use super::{Console, Fault};
use crate::config::Role;
use crate::web::guard::Visitor;
use crate::web::words::{Lang, Words};
use std::sync::Arc;

/// What a page needs of the request besides its own.
#[derive(Clone)]
pub(in crate::web) struct Frame {
    /// The language.
    pub(in crate::web) lang: Lang,
    /// Its words.
    pub(in crate::web) w: &'static Words,
    /// Who is there; `None` before signing in.
    pub(in crate::web) visitor: Option<Visitor>,
    path: String,
    query: String,
}

/// A section, as the menu shows it.
pub(in crate::web) struct Section {
    pub(in crate::web) path: &'static str,
    pub(in crate::web) word: &'static str,
    pub(in crate::web) is_here: bool,
}

impl Frame {
    /// The frame of a page at this address.
    pub(in crate::web) fn new(lang: Lang, uri: &Uri) -> Self {
        let (path, query) = (uri.path().to_owned(), uri.query().unwrap_or_default().to_owned());
        Self { lang, w: lang.words(), visitor: None, path, query }
    }

    /// The frame of a page that answers a form, and is read again at another address.
    pub(in crate::web) fn at(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self.query.clear();
        self
    }

    /// Whether texts that may name people are shown.
    pub(in crate::web) fn sees_people(&self) -> bool {
        self.visitor.as_ref().is_some_and(Visitor::sees_people)
    }

    /// Whether acts are shown.
    pub(in crate::web) fn acts(&self) -> bool {
        self.visitor.as_ref().is_some_and(Visitor::acts)
    }

    /// The name of who is there.
    pub(in crate::web) fn name(&self) -> &str {
        self.visitor.as_ref().map_or("", Visitor::name)
    }

    /// The word of their role.
    pub(in crate::web) fn role(&self) -> &'static str {
        match self.visitor.as_ref().map(Visitor::role) {
            Some(Role::Viewer) => self.w.viewer,
            Some(Role::Operator) => self.w.operator,
            Some(Role::Auditor) => self.w.auditor,
            None => "",
        }
    }

    /// The language that can be switched to.
    pub(in crate::web) fn other_lang(&self) -> Lang {
        match self.lang {
            Lang::Ru => Lang::En,
            Lang::En => Lang::Ru,
        }
    }

    /// The address of this page in the other language.
    pub(in crate::web) fn other_language(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let pairs = form_urlencoded::parse(self.query.as_bytes());
        query.extend_pairs(pairs.filter(|(name, _)| name != "lang"));
        query.append_pair("lang", self.other_lang().word());
        format!("{}?{}", self.path, query.finish())
    }

    /// The address of this page.
    pub(in crate::web) fn here(&self) -> String {
        match self.query.as_str() {
            "" => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }

    /// The sections that the visitor may open.
    pub(in crate::web) fn sections(&self) -> Vec<Section> {
        let w = self.w;
        let mut all = vec![
            ("/", w.today),
            ("/requests", w.requests),
            ("/keys", w.keys),
            ("/stuck", w.stuck),
            ("/quarantine", w.quarantine),
            ("/alma", w.alma),
            ("/search", w.search),
            ("/systems", w.systems),
        ];
        if self.visitor.as_ref().is_some_and(Visitor::sees_log) {
            all.push(("/log", w.log));
        }
        let section = |(path, word)| Section { path, word, is_here: self.path == path };
        all.into_iter().map(section).collect()
    }
}

/// A page, rendered.
pub(super) fn page(template: &impl Template) -> Result<Response, Fault> {
    match template.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(error) => {
            tracing::error!(%error, "a page of the console cannot be rendered; this is a bug");
            Err(Fault::Failed)
        }
    }
}

impl FromRequestParts<Arc<Console>> for Frame {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Console>) -> Result<Self, Fault> {
        parts.extensions.get::<Self>().cloned().ok_or(Fault::Failed)
    }
}
