//! `/healthz`: the process lives. `/readyz`: it does its work.

use std::time::Duration;

use hyper::StatusCode;

use super::{Admin, Answer, text};

/// How long an empty transaction may wait for those before it.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

/// Alive: it answers.
pub(super) fn alive() -> Answer {
    text(StatusCode::OK, "alive\n".to_owned())
}

/// Ready: the ledger can be written.
pub(super) async fn ready(admin: &Admin) -> Answer {
    let ledger = &admin.ledger;
    if ledger.is_disk_full() {
        let why = "not ready: the disk that holds the ledger is full\n";
        return text(StatusCode::SERVICE_UNAVAILABLE, why.to_owned());
    }
    let why = match tokio::time::timeout(WRITTEN_WITHIN, ledger.write(|_| Ok(()))).await {
        Ok(Ok(())) => return text(StatusCode::OK, "ready\n".to_owned()),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the ledger does not commit".to_owned(),
    };
    text(
        StatusCode::SERVICE_UNAVAILABLE,
        format!("not ready: {why}\n"),
    )
}
