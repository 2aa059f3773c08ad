//! A machine of QEMU that does nothing but run the service.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::disk::Disk;
use crate::support::process::BINARY;
use crate::support::{TOKEN, skip};

/// The drivers that the kernel does not have in itself, in the order in which they need one
/// another.
const MODULES: [&str; 9] = [
    "virtio_ring",
    "virtio",
    "virtio_pci_legacy_dev",
    "virtio_pci_modern_dev",
    "virtio_pci",
    "virtio_blk",
    "failover",
    "net_failover",
    "virtio_net",
];

/// Emulated, since few machines let another one be run within them; nothing but what is named.
const QEMU: &str = "-accel tcg,thread=multi -M q35 -cpu max -m 512 -smp 2 -nodefaults \
     -display none -serial stdio -no-reboot";

const INIT: &str = r#"#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in /modules/*; do insmod "$module"; done
ip link set lo up
ip addr add 10.0.2.15/24 dev eth0
ip link set eth0 up
ip route add default via 10.0.2.2
mount -t ext4 /dev/vda /data || echo "no disk"
once=
grep -q once /proc/cmdline && once=--once
/bin/uzhkh-ledger --config /config.toml run $once
echo "the service ended with $?"
umount /data
poweroff -f
"#;

/// Kernel and initramfs.
pub(super) struct Machine {
    kernel: PathBuf,
    initramfs: PathBuf,
    console: PathBuf,
}

/// The machine while it runs. Dropping it cuts its power.
pub(super) struct Run {
    qemu: Child,
    console: PathBuf,
}

impl Machine {
    /// None, and a word, where there is no kernel for it.
    pub(super) fn prepare(dir: &Path, base_url: &str) -> Option<Self> {
        let place = std::env::var_os("UZHKH_LEDGER_KERNEL").map_or("/".into(), PathBuf::from);
        let Some((kernel, modules)) = kernel(&place) else {
            skip("there is no cloud kernel: apt-get install linux-image-cloud-amd64");
            return None;
        };
        let root = dir.join("root");
        for folder in ["bin", "dev", "proc", "sys", "data", "modules", "etc/ssl/certs"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for (at, name) in MODULES.into_iter().enumerate() {
            let module = found(&modules, &format!("{name}.ko")).expect("the kernel has it");
            fs::copy(module, root.join(format!("modules/{at}-{name}.ko"))).unwrap();
        }
        let busybox = String::from_utf8(ran(Command::new("which").arg("busybox"))).unwrap();
        fs::copy(busybox.trim(), root.join("bin/busybox")).unwrap();
        let certificates = Path::new("etc/ssl/certs/ca-certificates.crt");
        fs::copy(Path::new("/").join(certificates), root.join(certificates)).unwrap();
        ran(Command::new("strip").arg("-o").arg(root.join("bin/uzhkh-ledger")).arg(BINARY));
        libraries(&root);
        // Behind QEMU's own network the outside is at this address.
        let base_url = base_url.replace("127.0.0.1", "10.0.2.2");
        let config = format!(
            "[ledger]\npath = \"/data/ledger.db\"\n[uzhkh]\nbase_url = {base_url:?}\ntoken = {TOKEN:?}\n\
             requests_schedule = \"* * * * * *\"\ndeleted_schedule = \"* * * * * *\"\n\
             [identity]\nannounce_after = \"0s\"\n"
        );
        fs::write(root.join("config.toml"), config).unwrap();
        fs::write(root.join("init"), INIT).unwrap();
        fs::set_permissions(root.join("init"), fs::Permissions::from_mode(0o755)).unwrap();
        let initramfs = dir.join("initramfs");
        let packed = "find . | cpio -o -H newc --quiet > ../initramfs";
        ran(Command::new("sh").args(["-c", packed]).current_dir(&root));
        Some(Self { kernel, initramfs, console: dir.join("console") })
    }

    /// Power on.
    pub(super) fn boot(&self, disk: &Disk, word: &str) -> Run {
        let console = fs::File::create(&self.console).unwrap();
        let qemu = Command::new("qemu-system-x86_64")
            .args(QEMU.split(' '))
            .arg("-kernel")
            .arg(&self.kernel)
            .arg("-initrd")
            .arg(&self.initramfs)
            .args(["-append", &format!("console=ttyS0 panic=-1 quiet {word}")])
            .args("-netdev user,id=net -device virtio-net-pci,netdev=net,romfile=".split(' '))
            // Not NVMe: QEMU leaves writes that are to go through in the cache there.
            .args(["-device", "virtio-blk-pci,drive=disk", "-drive"])
            .arg(format!("file=nbd://{},if=none,id=disk,format=raw,cache=none", disk.address))
            .stdin(Stdio::null())
            .stdout(console.try_clone().unwrap())
            .stderr(console)
            .spawn()
            .unwrap();
        Run { qemu, console: self.console.clone() }
    }
}

impl Run {
    pub(super) fn has_ended(&mut self) -> bool {
        self.qemu.try_wait().unwrap().is_some()
    }

    /// What the machine has said.
    pub(super) fn console(&self) -> String {
        let said = fs::read(&self.console).unwrap_or_default();
        String::from_utf8_lossy(&said).into_owned()
    }

    /// At once, whatever it does.
    pub(super) fn power_goes(mut self) {
        self.qemu.kill().unwrap();
        self.qemu.wait().unwrap();
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        drop(self.qemu.kill());
        drop(self.qemu.wait());
    }
}

/// The newest kernel of a place, and the folder of its modules.
fn kernel(place: &Path) -> Option<(PathBuf, PathBuf)> {
    let entries = fs::read_dir(place.join("boot")).ok()?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let version = names.filter_map(|name| Some(name.strip_prefix("vmlinuz-")?.to_owned()));
    let version = version.filter(|version| version.contains("cloud")).max()?;
    let modules = place.join("lib/modules").join(&version);
    modules.is_dir().then(|| (place.join(format!("boot/vmlinuz-{version}")), modules))
}

fn found(folder: &Path, name: &str) -> Option<PathBuf> {
    fs::read_dir(folder).ok()?.flatten().find_map(|entry| {
        let path = entry.path();
        if path.is_dir() { found(&path, name) } else { path.ends_with(name).then_some(path) }
    })
}

/// Copies what the service is linked with.
fn libraries(root: &Path) {
    let linked = String::from_utf8(ran(Command::new("ldd").arg(BINARY))).unwrap();
    let paths = linked.split_whitespace().filter(|word| word.starts_with('/'));
    for path in paths {
        let to = root.join(path.trim_start_matches('/'));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(path, to).unwrap();
    }
}

#[track_caller]
fn ran(command: &mut Command) -> Vec<u8> {
    let ended = command.stderr(Stdio::inherit()).output().unwrap();
    assert!(ended.status.success(), "{command:?}");
    ended.stdout
}
