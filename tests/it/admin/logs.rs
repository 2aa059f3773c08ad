//! The log: a form for people, for programs and for the journal; none tells a secret.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::support::process::{BINARY, Daemon, begin, command, finish, signal};
use crate::support::{API_KEY, Bench, LINK, TOKEN, setup, skip, tool, wait_until};
use simulator::{Endpoint, FaultKind};

/// What entries carry here, and no log may.
const MARKERS: [&str; 4] = ["Тайнова", "tainova@example.com", "+7 900 000-11-22", "Секретный"];

/// A bench whose `[log]` says this, with entries of every fate.
fn bench(log: &str) -> Bench {
    let bench = setup().every_second().section(&format!("[log]\n{log}")).start();
    let person = r#"{"Id":"--3","Surname":"Тайнова","Name":4321.98,"Email":"tainova@example.com","Phone":"+7 900 000-11-22"}"#;
    bench.uzhkh().push_request(format!(
        r#"{{"Guid":"g1","Account":{{"Id":"--2","AccountNumber":"1","Persons":[{person}]}}}}"#
    ));
    bench.uzhkh().push_request(format!(r#"{{"Guid":"g2","Tank":{person}}}"#));
    bench.uzhkh().push_request(format!(r#"{{"Guid":"g3","Resident":{person}, oops }}"#));
    bench.uzhkh().push_deleted(r#"{"Guid":"d1","Id":"Тайнова","Type":"Секретный"}"#);
    bench.fault(FaultKind::Error500, Endpoint::DeletedItems, 1000);
    bench
}

#[track_caller]
fn clean(log: &str) {
    for secret in MARKERS.iter().chain(&[TOKEN, API_KEY, LINK]) {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[test]
fn people_read_lines_of_text_without_colours_where_there_is_no_terminal() {
    let bench = bench("");
    let ended = bench.fail();
    assert!(ended.stderr.contains("WARN poll failed source=\"uzhkh\""), "{}", ended.stderr);
    assert!(!ended.stderr.contains('\x1b'), "{}", ended.stderr);
    clean(&ended.stderr);
}

#[test]
fn programs_read_a_json_object_a_line_that_tells_no_secret() {
    let bench = bench("level = \"trace\"\nformat = \"json\"");
    let ended = bench.fail();
    clean(&ended.stderr);
    let (log, last) = ended.stderr.trim_end().rsplit_once('\n').unwrap();
    assert!(last.starts_with("uzhkh-ledger: "), "what ends it is for people: {last}");
    let lines: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let failed = lines.iter().find(|line| line["message"] == "poll failed").unwrap();
    assert_eq!(failed["level"], "WARN");
    assert_eq!(failed["source"], "uzhkh");
    assert_eq!(failed["feed"], "DeletedItems");
    assert!(failed["timestamp"].as_str().unwrap().ends_with('Z'), "{failed}");
    assert!(lines.iter().any(|line| line["message"] == "quarantined"));
    assert!(lines.iter().any(|line| line["level"] == "DEBUG"));
}

/// A journal of ours, in the place of the system's.
struct Journal {
    socket: UnixDatagram,
}

impl Journal {
    fn start(directory: &Path) -> Self {
        let socket = UnixDatagram::bind(directory.join("socket")).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self { socket }
    }

    /// The next entry: its fields.
    fn next(&self) -> BTreeMap<String, String> {
        let mut bytes = vec![0; 1 << 18];
        let length = self.socket.recv(&mut bytes).unwrap();
        fields(&bytes[..length])
    }
}

/// The fields of an entry, each as its name, a line's end, eight bytes of length, the
/// value and a line's end.
fn fields(mut entry: &[u8]) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    while let Some(end) = entry.iter().position(|byte| *byte == b'\n') {
        let name = String::from_utf8(entry[..end].to_vec()).unwrap();
        let (length, rest) = entry[end + 1..].split_at(8);
        let length = usize::try_from(u64::from_le_bytes(length.try_into().unwrap())).unwrap();
        let value = String::from_utf8(rest[..length].to_vec()).unwrap();
        assert_eq!(rest[length], b'\n');
        entry = &rest[length + 1..];
        fields.insert(name, value);
    }
    fields
}

/// A service that does not outlive its test.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Whether `/run` can be another directory for one process.
fn has_namespaces() -> bool {
    let Some(mut unshare) = tool("unshare") else { return false };
    let tried = unshare.args(["--mount", "sh", "-c", "mount -t tmpfs none /run"]).status();
    let has_them = tried.is_ok_and(|status| status.success());
    if !has_them {
        skip("no mount namespace can be made here");
    }
    has_them
}

/// The program in a mount namespace where `/run` is empty but for a journal, if one is
/// given.
fn beside_journal(config: &Path, arguments: &[&str], journal: Option<&Path>) -> Command {
    let mount = match journal {
        Some(directory) => {
            let directory = directory.display();
            format!(
                "mkdir -p /run/systemd/journal && mount --bind {directory} /run/systemd/journal &&"
            )
        }
        None => String::new(),
    };
    let script = format!("mount -t tmpfs none /run && {mount} exec \"$@\"");
    let plain = command(config, arguments);
    let mut inside = Command::new("unshare");
    inside.args(["--mount", "sh", "-c", &script, "sh", BINARY]).args(plain.get_args());
    for (variable, _) in plain.get_envs() {
        inside.env_remove(variable);
    }
    inside
}

#[test]
fn the_journal_gets_fields_and_a_message_that_can_be_read_and_nothing_else_does() {
    if !has_namespaces() {
        return;
    }
    let bench = bench("level = \"trace\"");
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::start(directory.path());
    let stderr = File::create(bench.dir.path().join("stderr")).unwrap();
    let file = stderr.metadata().unwrap();
    let mut service = beside_journal(&bench.config(), &["run"], Some(directory.path()));
    service.env("JOURNAL_STREAM", format!("{}:{}", file.dev(), file.ino())).stderr(stderr);
    let mut service = Service(service.spawn().unwrap());
    let mut said = String::new();
    let deadline = Instant::now() + Duration::from_secs(90);
    let mut next = |message: &str| loop {
        assert!(Instant::now() < deadline, "no {message}: {said}");
        let entry = journal.next();
        said.push_str(&format!("{entry:?}\n"));
        if entry.get("MESSAGE").is_some_and(|text| text.starts_with(message)) {
            return entry;
        }
    };
    let failed = next("poll failed");
    let wanted = [
        ("PRIORITY", "4"),
        ("SYSLOG_IDENTIFIER", "uzhkh-ledger"),
        ("SOURCE", "uzhkh"),
        ("FEED", "DeletedItems"),
    ];
    for (name, value) in wanted {
        assert_eq!(failed.get(name).map(String::as_str), Some(value), "{failed:?}");
    }
    let message = "poll failed source=\"uzhkh\" feed=\"DeletedItems\"";
    assert!(failed["MESSAGE"].starts_with(message), "{failed:?}");
    assert!(failed["CODE_FILE"].ends_with("poll_log.rs"), "{failed:?}");
    signal(service.0.id(), "TERM");
    assert_eq!(next("stopped")["PRIORITY"], "6");
    assert!(service.0.wait().unwrap().success());
    clean(&said);
    let stderr = fs::read_to_string(bench.dir.path().join("stderr")).unwrap();
    assert_eq!(stderr, "", "never both");
}

#[test]
fn a_journal_that_is_not_there_is_named_where_it_was_asked_for() {
    if !has_namespaces() {
        return;
    }
    let bench = bench("format = \"journald\"");
    let ended = finish(beside_journal(&bench.config(), &["run"], None));
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("the journal cannot be reached"), "{}", ended.stderr);
}

#[test]
fn another_stream_than_the_journal_gets_text() {
    let bench = bench("");
    let mut pass = command(&bench.config(), &["run", "--once"]);
    pass.env("JOURNAL_STREAM", "1:2");
    let ended = finish(pass);
    assert!(ended.stderr.contains("WARN poll failed"), "{}", ended.stderr);
}

#[test]
fn the_environment_goes_before_the_config_and_our_own_variable_first() {
    let bench = bench("level = \"debug\"");
    let log = |variables: &[(&str, &str)]| {
        let mut pass = command(&bench.config(), &["run", "--once"]);
        pass.envs(variables.iter().copied());
        finish(pass).stderr
    };
    assert!(log(&[]).contains("DEBUG"));
    let quiet = log(&[("RUST_LOG", "warn")]);
    assert!(!quiet.contains("DEBUG") && !quiet.contains("INFO"), "{quiet}");
    let ours = log(&[("RUST_LOG", "warn"), ("UZHKH_LEDGER_LOG", "debug")]);
    assert!(ours.contains("DEBUG"), "{ours}");
    // What is blank asks for nothing, and what is no level silences nobody.
    for variables in [("RUST_LOG", ""), ("UZHKH_LEDGER_LOG", " ")] {
        assert!(log(&[variables]).contains("DEBUG"), "{variables:?}");
    }
    for level in ["warning", "uzhkh_ledger", "=="] {
        let told = log(&[("UZHKH_LEDGER_LOG", level)]);
        assert!(told.contains("UZHKH_LEDGER_LOG must be one of off, error"), "{told}");
        assert!(told.contains("DEBUG"), "{told}");
    }
}

/// Waits for a line in the log.
#[track_caller]
fn wait_for(daemon: &Daemon, line: &str) {
    wait_until(line, || daemon.log().contains(line));
}

#[test]
fn a_hangup_reads_the_level_again_and_nothing_else() {
    let bench = bench("level = \"info\"");
    let write = |from: &str, to: &str| {
        let text = fs::read_to_string(bench.config()).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(bench.config(), text.replace(from, to)).unwrap();
    };
    let daemon = bench.daemon();
    wait_for(&daemon, "running");
    assert!(!daemon.log().contains("DEBUG"));
    write("level = \"info\"", "level = \"debug\"");
    daemon.signal("HUP");
    wait_for(&daemon, "read [log] of the config again");
    wait_for(&daemon, "DEBUG");
    write("level = \"debug\"", "level = \"inof\"");
    daemon.signal("HUP");
    wait_for(&daemon, "ERROR the config is wrong: the log stays as it is");
    wait_for(&daemon, "log.level: must be one of off, error, warn, info, debug, trace");
    let so_far = daemon.log().len();
    wait_until("it still says what it said", || daemon.log()[so_far..].contains("DEBUG"));
    write("level = \"inof\"", "level = \"info\"\nformat = \"json\"");
    daemon.signal("HUP");
    wait_for(&daemon, "log.format is another now, which the next start takes up");
    daemon.stop();
}

#[test]
fn a_hangup_leaves_alone_what_the_environment_says() {
    let bench = bench("level = \"debug\"");
    let mut service = command(&bench.config(), &["run"]);
    service.env("UZHKH_LEDGER_LOG", "info");
    let daemon = begin(service);
    wait_for(&daemon, "running");
    daemon.signal("HUP");
    wait_for(
        &daemon,
        "log.level has no say: the environment has one variable=\"UZHKH_LEDGER_LOG\"",
    );
    assert!(!daemon.log().contains("DEBUG"));
    daemon.stop();
}
