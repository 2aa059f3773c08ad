//! A real PostgreSQL server, started by the tests themselves as an ordinary user, in a folder of
//! its own that goes with them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use crate::support::{nowhere, skip, wait_until};

/// The password of the role `postgres`, over TCP.
pub(super) const PASSWORD: &str = "p0stgres-pa55w0rd";
/// Who owns the server where the tests are run by root, whom it refuses: nobody, in Debian.
const ORDINARY: u32 = 65534;

/// Runs the server until the tests end, however they do, and removes its folder then.
const KEEPER: &str = r#"
bin=$1 dir=$2; shift 2
trap 'kill -QUIT "$pid"; wait "$pid"; rm -rf "$dir"; exit' TERM
"$bin/postgres" -D "$dir/data" "$@" >>"$dir/log" 2>&1 &
pid=$!
wait "$pid"
rm -f "$dir/running"
"#;

/// A server.
pub(super) struct Server {
    bin: PathBuf,
    dir: PathBuf,
    port: u16,
}

/// The server that most tests share; None where this machine has no PostgreSQL.
pub(super) fn server() -> Option<&'static Server> {
    static SHARED: OnceLock<Option<Server>> = OnceLock::new();
    let shared = SHARED.get_or_init(Server::start).as_ref();
    if shared.is_none() {
        skip("postgres is missing: apt-get install postgresql");
    }
    shared
}

/// Where Debian puts the programs of the newest PostgreSQL.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let version = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let bin = PathBuf::from(format!("/usr/lib/postgresql/{version}/bin"));
            bin.join("initdb").is_file().then_some((version, bin))
        })
        .collect();
    found.sort();
    let newest = found.pop().map(|(_, bin)| bin);
    let is_needed = std::env::var_os("CI").is_some();
    assert!(newest.is_some() || !is_needed, "postgres is missing: apt-get install postgresql");
    newest
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A command that the server's owner runs.
pub(super) fn as_owner(program: &Path, is_kept: bool) -> Command {
    let mut command = Command::new("setpriv");
    if is_root() {
        let id = ORDINARY.to_string();
        command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]);
    }
    if is_kept {
        // It ends with the thread that starts it.
        command.args(["--pdeathsig", "TERM"]);
    }
    command.arg(program).stdin(Stdio::null()).current_dir("/");
    command
}

/// Makes a file the owner's.
pub(super) fn give(path: &Path) {
    if is_root() {
        chown(path, Some(ORDINARY), Some(ORDINARY)).unwrap();
    }
}

impl Server {
    /// Makes a server of its own and starts it.
    pub(super) fn start() -> Option<Self> {
        let bin = programs()?;
        let dir = tempfile::Builder::new().prefix("relay-").tempdir().unwrap().keep();
        let server = Self { bin, dir, port: nowhere().port() };
        fs::set_permissions(&server.dir, fs::Permissions::from_mode(0o711)).unwrap();
        server.make();
        server.run();
        Some(server)
    }

    fn make(&self) {
        let pwfile = self.dir.join("password");
        fs::write(&pwfile, PASSWORD).unwrap();
        give(&self.dir);
        let made = as_owner(&self.bin.join("initdb"), false)
            .arg("-D")
            .arg(self.dir.join("data"))
            .args(["-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"])
            .args(["--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile"])
            .arg(&pwfile)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        self.certify();
    }

    /// A certificate for `localhost`, and beside it that of its authority.
    fn certify(&self) {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = authority.self_signed(&key).unwrap();
        fs::write(self.ca_file(), certificate.pem()).unwrap();
        let own_key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let own = own.signed_by(&own_key, &Issuer::new(authority, key)).unwrap();
        let data = self.dir.join("data");
        for (name, text) in [("server.crt", own.pem()), ("server.key", own_key.serialize_pem())] {
            let path = data.join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            give(&path);
        }
    }

    /// Starts it, and waits until it answers.
    pub(super) fn run(&self) {
        let running = self.dir.join("running");
        fs::write(&running, "").unwrap();
        give(&running);
        let (bin, dir, port) = (self.bin.clone(), self.dir.clone(), self.port);
        let (told, begun) = channel();
        // The thread lasts as long as the server: its end is the keeper's sign.
        std::thread::spawn(move || {
            let mut keeper = as_owner(Path::new("sh"), true);
            keeper.args(["-c", KEEPER, "sh"]).arg(&bin).arg(&dir);
            keeper.args(["-p", &port.to_string(), "-k"]).arg(&dir);
            for setting in ["listen_addresses=localhost", "fsync=off", "ssl=on"] {
                keeper.args(["-c", setting]);
            }
            keeper.args(["-c", "max_connections=120", "-c", "shared_buffers=32MB"]);
            let mut keeper = keeper.spawn().unwrap();
            told.send(()).unwrap();
            keeper.wait().unwrap();
        });
        begun.recv().unwrap();
        let is_ready = self.bin.join("pg_isready");
        wait_until("the server to answer", || {
            let mut asking = Command::new(&is_ready);
            asking.arg("-q").arg("-h").arg(&self.dir).args(["-p", &self.port.to_string()]);
            asking.status().unwrap().success()
        });
    }

    /// kill -9 of the server and all its processes; answers once it is gone.
    pub(super) fn kill(&self) {
        let pid = fs::read_to_string(self.dir.join("data/postmaster.pid")).unwrap();
        let pid: u32 = pid.lines().next().unwrap().parse().unwrap();
        // Its children end with it.
        crate::support::process::signal(pid, "KILL");
        wait_until("the end of the server", || !self.dir.join("running").exists());
    }

    /// The directory of its socket.
    pub(super) fn socket(&self) -> &Path {
        &self.dir
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The certificate of the authority that has signed the server's.
    pub(super) fn ca_file(&self) -> PathBuf {
        self.dir.join("ca.pem")
    }

    /// An address over the socket, whose owner needs no password.
    pub(super) fn url(&self, role: &str) -> String {
        let (port, socket) = (self.port, self.socket().display());
        format!("postgres://{role}@:{port}/postgres?host={socket}&sslmode=disable")
    }
}

/// A name that no other test has.
pub(super) fn unique(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{name}_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
