//! What monitoring asks: `/healthz`, `/readyz`, `/metrics`.
//!
//! Everything is read from the ledger when it is asked for, so a number here is
//! the number that `status` shows. Labels hold words of ours, never data.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::ledger::{Ledger, Overview, Reader};

/// How long a connection may take to say what it wants.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// How long an empty transaction may wait for those before it.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

type Answer = Response<Full<Bytes>>;

/// Binds the address of `[admin]`.
///
/// # Errors
/// The address cannot be had.
pub(crate) async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Answers until stopped.
pub(crate) async fn serve(
    listener: TcpListener,
    ledger: Arc<Ledger>,
    path: PathBuf,
    stop: CancellationToken,
) {
    let path: Arc<Path> = path.into();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, most likely: others need the time to close theirs.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (ledger, path) = (Arc::clone(&ledger), Arc::clone(&path));
        let stop = stop.clone();
        tokio::spawn(async move {
            let service =
                service_fn(move |request| answer(request, Arc::clone(&ledger), Arc::clone(&path)));
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADERS_WITHIN)
                .serve_connection(TokioIo::new(stream), service);
            tokio::select! {
                () = stop.cancelled() => {}
                // A client that went away is its own business.
                _ = connection => {}
            }
        });
    }
}

async fn answer<B>(
    request: Request<B>,
    ledger: Arc<Ledger>,
    path: Arc<Path>,
) -> Result<Answer, Infallible> {
    Ok(match request.uri().path() {
        "/healthz" => text(StatusCode::OK, "alive\n".to_owned()),
        "/readyz" => ready(&ledger).await,
        "/metrics" => metrics(&ledger, &path).await,
        _ => text(StatusCode::NOT_FOUND, "not found\n".to_owned()),
    })
}

/// Ready: the ledger can be written.
async fn ready(ledger: &Ledger) -> Answer {
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

/// Counting takes time in a large ledger: it has a reader of its own, so that nothing
/// waits for it.
async fn metrics(ledger: &Ledger, path: &Path) -> Answer {
    let path = path.to_owned();
    let reading = tokio::task::spawn_blocking(move || Reader::open(&path)?.overview());
    match reading.await {
        Ok(Ok(overview)) => text(StatusCode::OK, exposition(&overview, ledger.is_disk_full())),
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

fn text(status: StatusCode, text: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(text)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(
        hyper::header::CONTENT_TYPE,
        hyper::header::HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    answer
}
