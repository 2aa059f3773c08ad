//! pgbouncer in transaction mode before the server: each transaction may get another connection,
//! and there are fewer of them than relays.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use super::copy::{Copy, Pg};
use super::server::{as_owner, give, unique};
use crate::support::entities::{account, counter, envelope};
use crate::support::{Bench, nowhere, setup, tool, wait_until};

/// A pooler in a folder of its own; it ends with the thread that made it.
struct Pooler {
    process: Child,
    settings: PathBuf,
    port: u16,
    _dir: tempfile::TempDir,
}

impl Pooler {
    /// Two connections to the server, for all that come.
    fn start(copy: &Copy) -> Self {
        let dir = tempfile::Builder::new().prefix("pooler-").tempdir().unwrap();
        let (users, settings) = (dir.path().join("users"), dir.path().join("pgbouncer.ini"));
        fs::write(&users, "\"postgres\" \"\"\n").unwrap();
        let port = nowhere().port();
        let text = format!(
            "[databases]\n* = host={} port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = trust\nauth_file = {}\n\
             pool_mode = transaction\ndefault_pool_size = 2\n",
            copy.server.socket().display(),
            copy.server.port(),
            users.display()
        );
        fs::write(&settings, text).unwrap();
        for path in [dir.path(), &users, &settings] {
            give(path);
        }
        let pooler = Self { process: run(&settings), settings, port, _dir: dir };
        pooler.answers();
        pooler
    }

    fn answers(&self) {
        wait_until("the pooler to answer", || {
            std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok()
        });
    }

    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }

    /// kill -9, and another in its place.
    fn kill_and_run(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.process = run(&self.settings);
        self.answers();
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn run(settings: &Path) -> Child {
    let mut pooler = as_owner(Path::new("pgbouncer"), true);
    pooler.arg("-q").arg(settings).stdout(Stdio::null()).stderr(Stdio::null());
    pooler.spawn().unwrap()
}

fn stir(bench: &Bench, round: u32) {
    for n in 0..12 {
        let (guid, id) = (format!("{round}-{n}"), format!("a{round}-{n}"));
        bench.uzhkh().push_request(envelope(&guid, "Account", &account(&id)));
        let reading = counter("c").replace("10.50", &format!("{round}.{n:02}"));
        bench.uzhkh().push_request(envelope(&format!("c{guid}"), "Counter", &reading));
    }
}

#[test]
fn more_relays_than_connections_share_a_pool_of_transactions() {
    let Some(copy) = Copy::new("pooled") else { return };
    if tool("pgbouncer").is_none() {
        return;
    }
    let mut pooler = Pooler::start(&copy);
    let companies: Vec<(String, Bench)> = (0..4)
        .map(|_| {
            let name = unique("pooled_company");
            let section = copy.section_of(&pooler.url(), &name, "batch = 3");
            (name, setup().every_second().section(&section).start())
        })
        .collect();
    for (_, bench) in &companies {
        stir(bench, 0);
    }
    let daemons: Vec<_> = companies.iter().map(|(_, bench)| bench.daemon()).collect();
    let records = "SELECT count(*) FROM @.record";
    wait_until("something to come", || !matches!(copy.one_or_none(records).as_str(), "" | "0"));
    pooler.kill_and_run();
    for (_, bench) in &companies {
        stir(bench, 1);
    }
    for (name, bench) in &companies {
        wait_until("the queue to be drained", || bench.uzhkh().queue_len() == 0);
        copy.wait(bench, name);
    }
    let most =
        "SELECT count(*) <= 2 FROM pg_stat_activity WHERE application_name LIKE '%pooled_company%'";
    assert_eq!(Pg::connect(&pooler.url()).try_lines(most), Ok(vec!["t".to_owned()]));
    daemons.into_iter().for_each(|daemon| drop(daemon.stop()));
    for (name, bench) in &companies {
        copy.assert_same(bench, name);
    }
}
