//! Processes whose clock is wrong.

use std::process::Command;

use super::tool;

/// Has a command run with a clock that is ahead or behind by this: `+3y`, `-2h`. None where
/// this machine has no faketime.
pub(crate) fn shifted(mut command: Command, by: &str) -> Option<Command> {
    // What faketime starts itself would not be killed with it: its library is enough.
    let library = tool("faketime")?.args(["-f", "+0", "printenv", "LD_PRELOAD"]).output().unwrap();
    let library = String::from_utf8(library.stdout).unwrap();
    assert!(library.contains("faketime"), "{library}");
    command.env("LD_PRELOAD", library.trim()).env("FAKETIME", by);
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    Some(command)
}
