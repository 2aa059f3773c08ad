//! Envelope around every result.

use super::effects::Done;
use super::state::Memory;
use crate::json::Writer;
use crate::reply::{JSON, Reply};

/// The answer to a request.
pub(super) fn answer(memory: &Memory, done: &Done) -> Reply {
    let mut out = Writer::default();
    out.open();
    out.raw("result", &done.result);
    if let Some(next) = done.next {
        out.raw("next", next);
    }
    if let Some(total) = done.total {
        out.raw("total", total);
    }
    out.raw("time", time(memory));
    out.close();
    Reply::whole(200, JSON, out.into_text())
}

/// Duration, and the time when a part of the method's quota returns.
pub(super) fn time(memory: &Memory) -> String {
    let now = memory.now();
    let mut out = Writer::default();
    out.open();
    out.raw("start", format!("{now}.125"));
    out.raw("finish", format!("{now}.1875"));
    out.raw("duration", "0.0625");
    out.raw("processing", "0.03125");
    out.text("date_start", &memory.moment(now));
    out.text("date_finish", &memory.moment(now));
    if memory.options.has_operating {
        let reset = memory.options.operating_reset.as_secs();
        out.raw("operating_reset_at", now.saturating_add_unsigned(reset));
        out.raw("operating", "0.03125");
    }
    out.close();
    out.into_text()
}
