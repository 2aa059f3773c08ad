//! Straight to systemd's journal, by its native protocol: a field for each value, and a
//! message that can be read without them.
//!
//! Source: <https://systemd.io/JOURNAL_NATIVE_PROTOCOL/>.

use std::fmt::{Debug, Write};
use std::io;
use std::os::unix::net::UnixDatagram;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

/// Socket of the journal.
const SOCKET: &str = "/run/systemd/journal/socket";
/// Identifier for `journalctl --identifier`.
const IDENTIFIER: &str = "uzhkh-ledger";

/// The way to the journal.
#[derive(Debug)]
pub(super) struct Journal {
    socket: UnixDatagram,
}

impl Journal {
    /// Opens the journal's socket; fails where no journal listens on it.
    pub(super) fn open() -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        // The journal discards what is empty.
        socket.send_to(&[], SOCKET)?;
        Ok(Self { socket })
    }
}

impl<S: Subscriber> Layer<S> for Journal {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let mut entry = Entry::default();
        event.record(&mut entry);
        entry.put("PRIORITY", priority(*metadata.level()));
        entry.put("SYSLOG_IDENTIFIER", IDENTIFIER);
        entry.put("TARGET", metadata.target());
        if let (Some(file), Some(line)) = (metadata.file(), metadata.line()) {
            entry.put("CODE_FILE", file);
            entry.put("CODE_LINE", &line.to_string());
        }
        let message = format!("{}{}", entry.message, entry.values);
        entry.put("MESSAGE", &message);
        // The journal may refuse the entry; there is no other place to report to.
        drop(self.socket.send_to(&entry.bytes, SOCKET));
    }
}

/// The journal's own levels, those of syslog.
fn priority(level: Level) -> &'static str {
    match level {
        Level::ERROR => "3",
        Level::WARN => "4",
        Level::INFO => "6",
        _ => "7",
    }
}

/// A line of the log on its way into the journal.
#[derive(Default)]
struct Entry {
    bytes: Vec<u8>,
    message: String,
    /// The values once more, as a line of text has them.
    values: String,
}

impl Entry {
    /// A field; its length is told, so that its value may hold anything.
    fn put(&mut self, name: &str, value: &str) {
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(b'\n');
        let length = value.len() as u64;
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(value.as_bytes());
        self.bytes.push(b'\n');
    }

    fn value(&mut self, field: &Field, value: &str, shown: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
            return;
        }
        let name = field.name().to_ascii_uppercase().replace('.', "_");
        // The journal takes no other names, and those with a dash before are its own.
        let is_taken = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_taken && name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            self.put(&name, value);
        }
        // Writing to a string never fails.
        self.values.write_fmt(format_args!(" {}={shown}", field.name())).unwrap_or_default();
    }
}

impl Visit for Entry {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        self.value(field, &text, &text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.value(field, value, &format!("{value:?}"));
    }
}
