//! The state of a call in words.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::ledger::CallState;
use crate::web::words::Words;

/// The state of a call, as it is shown and refreshed.
#[derive(Debug, Clone, Template)]
#[template(path = "state.html")]
pub(in crate::web) struct State {
    /// `call.seq`
    pub(in crate::web) seq: i64,
    /// In words.
    pub(in crate::web) word: &'static str,
    /// The word of the ledger, for the style.
    pub(in crate::web) class: &'static str,
    /// Whether it may still change by itself.
    pub(in crate::web) is_pending: bool,
}

impl HtmlSafe for State {}

impl State {
    /// The state of a call.
    pub(in crate::web) fn of(w: &Words, seq: i64, state: CallState) -> Self {
        let word = match state {
            CallState::Pending => w.sending,
            CallState::Done => w.state_done,
            CallState::Failed => w.failed,
            CallState::Unknown => w.unknown,
        };
        Self { seq, word, class: state.into(), is_pending: state == CallState::Pending }
    }
}
