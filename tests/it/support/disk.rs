//! A disk of its own, small enough to be filled.

use std::path::Path;
use std::process::{Command, Stdio};

/// A file system in memory, of this size. Dropping it unmounts it.
pub(crate) struct Disk<'a>(pub(crate) &'a Path);

impl<'a> Disk<'a> {
    /// None where nothing can be mounted.
    pub(crate) fn mount(place: &'a Path, size: &str) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(place)
            .stderr(Stdio::null())
            .status();
        mounted.is_ok_and(|status| status.success()).then(|| Self(place))
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(self.0).status();
        assert!(unmounted.unwrap().success() || std::thread::panicking());
    }
}
