//! Programs that a machine may not have. Where `CI` is set each of them has to be there.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Says, past the test harness, that this test is skipped and why.
pub(crate) fn skip(why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // Where standard error is closed the test is skipped in silence.
    drop(writeln!(std::io::stderr(), "{test}: skipped: {why}"));
}

/// A program by its name, to be given its arguments. None, and a word on standard error, where
/// this machine does not have it.
///
/// # Panics
///
/// Where `CI` is set and the program is missing.
#[track_caller]
pub(crate) fn tool(name: &str) -> Option<Command> {
    let found = Command::new(name)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if found.is_ok() {
        return Some(Command::new(name));
    }
    let why = match name {
        "schemathesis" | "openapi-spec-validator" => {
            format!("{name} is missing: pip install {name}")
        }
        _ => format!("{name} is missing: apt-get install {}", package(name)),
    };
    assert!(std::env::var_os("CI").is_none(), "{why}");
    skip(&why);
    None
}

/// The package that brings a program.
fn package(program: &str) -> &str {
    match program {
        "promtool" => "prometheus",
        "systemd-analyze" | "systemd-sysusers" => "systemd",
        "chromedriver" => "chromium-driver",
        "dpkg-deb" => "dpkg",
        "unshare" | "mount" => "util-linux",
        "qemu-system-x86_64" => "qemu-system-x86",
        "busybox" => "busybox-static",
        "mke2fs" | "e2fsck" | "debugfs" => "e2fsprogs",
        "strip" => "binutils",
        name => name,
    }
}
