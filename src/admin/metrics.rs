//! `/metrics`: numbers for Prometheus.
//!
//! Everything is read from the ledger when it is asked for, so a number here is
//! the number that `status` shows. Labels hold words of ours, never data.

use hyper::StatusCode;

use super::{Admin, Answer, text};
use crate::ledger::{Overview, Reader};

/// Counting takes time in a large ledger: it has a reader of its own, so that nothing
/// waits for it.
pub(super) async fn answer(admin: &Admin) -> Answer {
    let path = admin.path.clone();
    let reading = tokio::task::spawn_blocking(move || Reader::open(&path)?.overview());
    match reading.await {
        Ok(Ok(overview)) => text(
            StatusCode::OK,
            exposition(&overview, admin.ledger.is_disk_full()),
        ),
        Ok(Err(error)) => text(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, String::new()),
    }
}

/// The numbers in Prometheus' text format.
fn exposition(overview: &Overview, disk_full: bool) -> String {
    let mut page = Page::default();
    for (name, help, value) in [
        (
            "acknowledgements_pending",
            "Envelopes committed that UZhKH has yet to be told about.",
            overview.pending_acknowledgements,
        ),
        ("calls_pending", "Calls to be sent.", overview.pending_calls),
        (
            "calls_failed",
            "Calls that will not be tried again.",
            overview.failed_calls,
        ),
        (
            "calls_unknown",
            "Calls whose outcome is not known.",
            overview.unknown_calls,
        ),
        (
            "identities_reserved",
            "Permanent ids not announced yet.",
            overview.reserved_ids,
        ),
        (
            "identities_rejected",
            "Permanent ids that were refused.",
            overview.rejected_ids,
        ),
        (
            "quarantined",
            "What could not be understood.",
            overview.quarantined,
        ),
        (
            "findings",
            "Remarks on the quality of the data.",
            overview.findings,
        ),
        (
            "records_missing",
            "Records that a full list no longer had.",
            overview.missing,
        ),
        (
            "disk_full",
            "1 while the ledger waits for room on its disk.",
            u64::from(disk_full),
        ),
    ] {
        page.describe(name, help);
        page.value(name, "", value);
    }
    page.describe("records", "Live records of a kind.");
    for (kind, count) in &overview.records {
        page.value("records", &format!("{{kind=\"{kind}\"}}"), *count);
    }
    page.describe("poll_ok", "1 when the last run of a poller succeeded.");
    for part in &overview.parts {
        let labels = format!("{{source=\"{}\",feed=\"{}\"}}", part.source, part.feed);
        page.value("poll_ok", &labels, u64::from(part.outcome == "ok"));
    }
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn describe(&mut self, name: &str, help: &str) {
        self.line(format_args!("# HELP uzhkh_ledger_{name} {help}"));
        self.line(format_args!("# TYPE uzhkh_ledger_{name} gauge"));
    }

    fn value(&mut self, name: &str, labels: &str, value: u64) {
        self.line(format_args!("uzhkh_ledger_{name}{labels} {value}"));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        self.text.push_str(&format!("{line}\n"));
    }
}
