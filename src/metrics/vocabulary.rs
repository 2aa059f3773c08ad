//! Every metric there is: one line each. docs/metrics.md has the same as a table, and a test
//! holds the two together.

use std::time::Duration;

/// What all names begin with.
pub(super) const PREFIX: &str = "uzhkh_ledger_";

/// The bounds of all histograms: an answer takes milliseconds, a full list many minutes.
pub(super) const BOUNDS: [Duration; 12] = [
    Duration::from_millis(10),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_millis(2500),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(60),
    Duration::from_secs(300),
    Duration::from_secs(1800),
];

/// What kind of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It goes up and down.
    Gauge,
    /// It only grows, from 0 at the start of the process.
    Counter,
    /// How many took how long.
    Histogram,
}

impl Kind {
    /// The word of Prometheus.
    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
            Kind::Histogram => "histogram",
        }
    }
}

macro_rules! vocabulary {
    ($($metric:ident $kind:ident $name:literal [$($label:literal)*] $help:literal;)*) => {
        /// A metric; what it means is its help.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Metric {
            $(#[doc = $help] $metric,)*
        }

        impl Metric {
            /// All of them, in the order in which they are shown.
            pub(super) const ALL: &[Metric] = &[$(Metric::$metric,)*];

            /// Its name, without what all begin with.
            pub(super) fn name(self) -> &'static str {
                match self { $(Metric::$metric => $name,)* }
            }

            /// What kind of number it is.
            pub(super) fn kind(self) -> Kind {
                match self { $(Metric::$metric => Kind::$kind,)* }
            }

            /// The names of its labels.
            pub(super) fn labels(self) -> &'static [&'static str] {
                match self { $(Metric::$metric => &[$($label,)*],)* }
            }

            /// What it means, in a sentence.
            pub(super) fn help(self) -> &'static str {
                match self { $(Metric::$metric => $help,)* }
            }
        }
    };
}

vocabulary! {
    BuildInfo Gauge "build_info" ["version"] "1; the version is a label.";
    StartTime Gauge "start_time_seconds" [] "When this process began to serve, as Unix time.";
    SilentPart Gauge "silent_part_seconds" ["part"] "For how long a part of the service has not moved; only those that should have.";
    LogLines Counter "log_lines_total" ["level"] "Lines logged as error or warn; an error means that a person should act.";

    FileBytes Gauge "file_bytes" [] "Size of the ledger file.";
    WalBytes Gauge "wal_bytes" [] "Size of the write-ahead log beside it; it grows where a reader stays open.";
    DiskFreeBytes Gauge "disk_free_bytes" [] "Room that the service may use on the disk that holds the ledger.";
    DiskBytes Gauge "disk_bytes" [] "Size of that disk.";
    DiskFull Gauge "disk_full" [] "1 while the ledger waits for room on its disk.";
    CountedAt Gauge "counted_timestamp_seconds" [] "Since when the numbers of records, findings, objects and files of Alma are as told: now.";

    EnvelopesReceived Counter "envelopes_received_total" ["queue"] "Entries of UZhKH's queues that came, those that were known included.";
    EnvelopesApplied Counter "envelopes_applied_total" ["queue"] "Entries that were new and are in the records.";
    EnvelopesQuarantined Counter "envelopes_quarantined_total" ["queue"] "Entries that were new and could not be understood.";
    EnvelopesAcknowledged Counter "envelopes_acknowledged_total" ["queue"] "Acknowledgements that UZhKH took.";
    AcknowledgementsFailed Counter "acknowledgement_failures_total" ["queue"] "Acknowledgements that failed, and are tried again.";
    AcknowledgementsPending Gauge "acknowledgements_pending" [] "Entries committed that UZhKH has yet to be told about.";
    QueueLag Gauge "queue_lag_seconds" [] "Age of the oldest of them; 0 when there is none.";

    Calls Gauge "calls" ["target" "op" "state"] "Calls that are to be sent (pending), will not be tried again (failed), or may have arrived (unknown).";
    CallLag Gauge "call_lag_seconds" ["target"] "Age of the oldest call that is to be sent.";
    CallAttempts Counter "call_attempts_total" ["target" "op" "outcome"] "Calls sent, by what came of it: done, again, failed, unknown or not_sent.";
    Identities Gauge "identities" ["kind" "state"] "Ids that wait for a name (waiting), that UZhKH was not told yet (reserved), or refused (rejected).";

    Quarantined Gauge "quarantined" ["source" "feed"] "What could not be understood and waits for a person.";
    Findings Gauge "findings" ["source" "kind"] "Remarks on the quality of the data.";
    Records Gauge "records" ["source" "kind"] "Live records.";
    RecordsMissing Gauge "records_missing" ["source" "kind"] "Records that a full list no longer had.";
    ChangeSeq Gauge "change_seq" [] "The newest change's number: what a reader of the changes compares its cursor with.";
    ResyncLists Gauge "resync_lists" ["state"] "Lists of UZhKH's last full resync that are reading, done or failed.";

    Polls Counter "polls_total" ["source" "feed" "outcome"] "Runs of a poller, by outcome: ok, failed or unauthorized.";
    PollSeconds Histogram "poll_duration_seconds" ["source" "feed"] "How long runs of a poller took.";
    PolledItems Counter "polled_items_total" ["source" "feed"] "Elements that polls brought; of alma, objects that were dealt with.";
    PolledChanges Counter "polled_changes_total" ["source" "feed"] "Changes that they made; of alma, objects that were sent or archived.";
    PollOk Gauge "poll_ok" ["source" "feed"] "1 when the last run of a poller succeeded.";
    PollLastRun Gauge "poll_last_run_timestamp_seconds" ["source" "feed"] "When the last run of a poller ended, as Unix time; 0: never.";
    PollLastSuccess Gauge "poll_last_success_timestamp_seconds" ["source" "feed"] "When a run last succeeded, as Unix time; 0: never.";
    PollInterval Gauge "poll_interval_seconds" ["source" "feed"] "The time between the last run that was due and the next; only what the config schedules has one.";

    HttpRequests Counter "http_requests_total" ["system" "operation" "outcome"] "Requests by what came: the class of the status (2xx, 3xx, 4xx, 5xx), unauthorized, no_connection, no_answer, broken, not_sent.";
    HttpRequestSeconds Histogram "http_request_duration_seconds" ["system"] "How long the beginning of an answer took, or its failure.";
    HttpBrokenAnswers Counter "http_broken_answers_total" ["system" "operation" "problem"] "Answers whose body did not come whole: stalled, slow, cut, encoded or too_large.";

    WebRequests Counter "web_requests_total" ["route" "method" "status"] "Requests to [web], by the path as the interface describes it (none: there is no such path) and the status of the answer.";
    WebRequestSeconds Histogram "web_request_duration_seconds" ["route"] "How long they took, waiting for changes included.";

    AlmaObjects Gauge "alma_objects" ["kind" "state"] "Objects of Alma by how they stand; what is blocked, rejected or held waits for a person.";
    AlmaFiles Gauge "alma_files" ["state"] "Photos and scans by how far they have come to Alma: pending, uploaded or failed.";
    AlmaTouched Gauge "alma_touched" [] "Objects of Alma that a change has touched and that are still to be made anew.";
    AlmaChangesBehind Gauge "alma_changes_behind" [] "Changes of the ledger that have not been followed to Alma yet.";

    RelayBehind Gauge "relay_behind_changes" [] "Changes of the ledger that PostgreSQL does not have yet.";
    RelayLastSuccess Gauge "relay_last_success_timestamp_seconds" [] "When PostgreSQL last took something, or was found to lack nothing, as Unix time; 0: never.";
    RelayStuck Gauge "relay_stuck" [] "Rows that PostgreSQL did not take, and that wait for a person.";
    RelayCleaned Counter "relay_cleaned_values_total" [] "Values that jsonb cannot hold as they are; the verbatim text is beside them.";
}
