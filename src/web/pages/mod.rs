//! The console: pages for people, made on this machine and asking nothing of any other.
//!
//! Every page works without scripts: forms are sent, answered with 303 where they acted, and
//! read again. A script refreshes parts of a page and nothing more. What is shown of people
//! depends on the role, and is left out here, not in the browser.
//!
//! ```text
//! frame      what stands around every page     fault       pages of what went wrong
//! show       times, masks, dots, records       form        what a form has sent
//! list       lists by pages                    assets      style, scripts, icon
//! today, requests, keys, stuck, quarantine, alma, search, card, systems, log: a page each
//! confirm    exactly what will be done         acting      a form that asks for an act
//! many       «all N» that a filter matches     carry_out   what each act is
//! done       what an act came to               part        what is refreshed
//! ```

mod acting;
mod alma;
mod assets;
mod card;
mod carry_out;
mod confirm;
mod done;
mod fault;
mod form;
mod frame;
mod index;
mod keys;
mod list;
mod log;
mod login;
mod many;
mod part;
mod quarantine;
mod requests;
mod search;
mod show;
mod stuck;
mod systems;
mod today;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use jiff::tz::TimeZone;

use super::Shared;
use super::guard::{self, Guard};
use crate::config::{Config, Web};
use crate::ledger::{self, Reader};

pub(super) use fault::Fault;
pub(super) use frame::Frame;
pub(super) use index::fill;

/// What the pages are made from.
pub(crate) struct Console {
    web: Shared,
    pub(super) guard: Guard,
    /// The time zone that times are shown in.
    zone: TimeZone,
    secrets: show::Secrets,
}

impl Console {
    /// The console of these users.
    fn new(web: &Shared, settings: &Web) -> Self {
        Self {
            guard: Guard::new(settings, &web.clock),
            zone: zone(&web.config),
            secrets: show::Secrets::of(&web.config, &web.secret_codes),
            web: Arc::clone(web),
        }
    }

    /// Asks the ledger.
    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, ledger::Error> + Send + 'static,
    ) -> Result<T, Fault> {
        Ok(self.web.read(question).await?)
    }

    fn config(&self) -> &Config {
        &self.web.config
    }
}

/// The account's own time zone.
fn zone(config: &Config) -> TimeZone {
    let macrocrm = config.macrocrm.as_ref().map(|macrocrm| macrocrm.timezone.clone());
    let domoplaner = config.domoplaner.as_ref().map(|domoplaner| domoplaner.timezone.clone());
    let moscow = || TimeZone::get("Europe/Moscow").unwrap_or(TimeZone::UTC);
    macrocrm.or(domoplaner).unwrap_or_else(moscow)
}

/// All pages; `None` where no user is in the config.
pub(super) fn router(web: &Shared) -> Option<Router> {
    let settings = web.config.web.as_ref().filter(|settings| !settings.users.is_empty())?;
    let console = Arc::new(Console::new(web, settings));
    let router = Router::new()
        .route("/", get(today::page))
        .route("/login", get(login::page).post(login::sign_in))
        .route("/logout", post(login::sign_out))
        .route("/requests", get(requests::page))
        .route("/keys", get(keys::page))
        .route("/stuck", get(stuck::page))
        .route("/quarantine", get(quarantine::page))
        .route("/alma", get(alma::page))
        .route("/search", get(search::page).post(search::find))
        .route("/records/{source}/{kind}/{*id}", get(card::page))
        .route("/systems", get(systems::page))
        .route("/log", get(log::page))
        .route("/confirm/{act}", get(confirm::back).post(confirm::page))
        .route("/acts/decide", post(carry_out::decide))
        .route("/acts/book", post(carry_out::book))
        .route("/acts/settle", post(carry_out::settle))
        .route("/acts/quarantine-retry", post(carry_out::quarantine_retry))
        .route("/acts/quarantine-acknowledge", post(carry_out::quarantine_acknowledge))
        .route("/acts/alma-retry", post(carry_out::alma_retry))
        .route("/acts/alma-release", post(carry_out::alma_release))
        .route("/acts/alma-block", post(carry_out::alma_block))
        .route("/acts/alma-unblock", post(carry_out::alma_unblock))
        .route("/acts/poll", post(carry_out::poll))
        .route("/acts/accept-shrink", post(carry_out::accept_shrink))
        .route("/acts/reveal", post(carry_out::reveal))
        .route("/done/{id}", get(done::page))
        .route("/parts/call/{seq}", get(part::call))
        .route("/assets/{name}", get(assets::asset))
        .fallback(fault::not_found)
        .method_not_allowed_fallback(fault::not_found)
        .layer(from_fn_with_state(Arc::clone(&console), guard::pass))
        .with_state(console);
    Some(router)
}
