//! A disk over NBD (<https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md>) with a
//! cache of its own: what was written is on the medium only when it has been told to flush.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};

const SIZE: u64 = 192 << 20;
const SECTOR: usize = 512;

// Of the document.
const HAVE_OPTION: u64 = 0x4948_4156_454F_5054;
const OPTION_REPLY: u64 = 0x0003_E889_0455_65A9;
const REQUEST: u32 = 0x2560_9513;
const REPLY: u32 = 0x6744_6698;
const ABORT: u32 = 2;
const INFO: u32 = 6;
const GO: u32 = 7;
const ACK: u32 = 1;
const EXPORT: u32 = 3;
const UNSUPPORTED: u32 = 0x8000_0001;
/// It has flags, flushes, and writes through where a write asks for it.
const FLAGS: u16 = 1 | 4 | 8;
const FUA: u16 = 1;
const INVALID: u32 = 22;

/// What becomes of the cache when the power goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loses {
    All,
    Some,
    Nothing,
}

/// A disk, and the server of it.
pub(super) struct Disk {
    pub(super) address: SocketAddr,
    pub(super) image: PathBuf,
    medium: Arc<Mutex<Medium>>,
}

struct Medium {
    image: File,
    /// Sectors that were written and not flushed.
    cache: BTreeMap<u64, [u8; SECTOR]>,
    /// Of how many boots: who asks from before the power went is not answered.
    boot: u64,
}

impl Disk {
    /// A disk with an empty file system on it.
    pub(super) fn format(image: &Path) -> Self {
        let file = File::options().read(true).write(true).create_new(true).open(image).unwrap();
        file.set_len(SIZE).unwrap();
        let made = Command::new("mke2fs").args(["-q", "-t", "ext4"]).arg(image).status().unwrap();
        assert!(made.success());
        let medium = Medium { image: file, cache: BTreeMap::new(), boot: 0 };
        let medium = Arc::new(Mutex::new(medium));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::clone(&medium);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let medium = Arc::clone(&shared);
                // One that goes away has said all that it has to say.
                std::thread::spawn(move || drop(Client::serve(client, &medium)));
            }
        });
        Self { address, image: image.to_owned(), medium }
    }

    /// The power goes; how many sectors are lost.
    pub(super) fn power_goes(&self, loses: Loses, random: &mut fastrand::Rng) -> usize {
        let mut medium = lock(&self.medium);
        medium.boot += 1;
        let cache = std::mem::take(&mut medium.cache);
        let mut lost = 0;
        for (at, sector) in cache {
            let is_lost = match loses {
                Loses::All => true,
                Loses::Some => random.bool(),
                Loses::Nothing => false,
            };
            lost += usize::from(is_lost);
            if !is_lost {
                medium.image.write_all_at(&sector, at * SECTOR as u64).unwrap();
            }
        }
        lost
    }

    /// That nothing is left in the cache.
    pub(super) fn is_at_rest(&self) {
        assert!(lock(&self.medium).cache.is_empty(), "shut down without a flush");
    }
}

impl Medium {
    fn read(&self, at: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.image.read_exact_at(&mut bytes, at)?;
        for (place, sector) in bytes.chunks_mut(SECTOR).enumerate() {
            if let Some(cached) = self.cache.get(&(at / SECTOR as u64 + place as u64)) {
                sector.copy_from_slice(cached);
            }
        }
        Ok(bytes)
    }

    fn write(&mut self, at: u64, bytes: &[u8], is_through: bool) -> io::Result<()> {
        for (place, sector) in bytes.chunks(SECTOR).enumerate() {
            let at = at / SECTOR as u64 + place as u64;
            if is_through {
                self.cache.remove(&at);
                self.image.write_all_at(sector, at * SECTOR as u64)?;
            } else {
                self.cache.insert(at, sector.try_into().map_err(io::Error::other)?);
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        for (at, sector) in std::mem::take(&mut self.cache) {
            self.image.write_all_at(&sector, at * SECTOR as u64)?;
        }
        Ok(())
    }
}

/// A connection to the disk.
struct Client<'m> {
    stream: TcpStream,
    medium: &'m Mutex<Medium>,
    boot: u64,
}

impl<'m> Client<'m> {
    fn serve(stream: TcpStream, medium: &'m Mutex<Medium>) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let boot = lock(medium).boot;
        let mut client = Self { stream, medium, boot };
        client.greet()?;
        while client.answer()? {}
        Ok(())
    }

    fn greet(&mut self) -> io::Result<()> {
        self.stream.write_all(b"NBDMAGIC")?;
        self.stream.write_all(&HAVE_OPTION.to_be_bytes())?;
        // Fixed newstyle, without padding.
        self.stream.write_all(&3_u16.to_be_bytes())?;
        self.word()?;
        loop {
            self.read::<8>()?;
            let (option, length) = (self.word()?, self.word()?);
            let mut data = vec![0; length as usize];
            self.stream.read_exact(&mut data)?;
            match option {
                INFO | GO => {
                    let mut export = 0_u16.to_be_bytes().to_vec();
                    export.extend(SIZE.to_be_bytes());
                    export.extend(FLAGS.to_be_bytes());
                    self.option(option, EXPORT, &export)?;
                    self.option(option, ACK, &[])?;
                    if option == GO {
                        return Ok(());
                    }
                }
                ABORT => return Err(io::ErrorKind::ConnectionAborted.into()),
                _ => self.option(option, UNSUPPORTED, &[])?,
            }
        }
    }

    fn option(&mut self, option: u32, kind: u32, data: &[u8]) -> io::Result<()> {
        let mut reply = OPTION_REPLY.to_be_bytes().to_vec();
        let length = u32::try_from(data.len()).map_err(io::Error::other)?;
        for word in [option, kind, length] {
            reply.extend(word.to_be_bytes());
        }
        reply.extend(data);
        self.stream.write_all(&reply)
    }

    /// False at the end.
    fn answer(&mut self) -> io::Result<bool> {
        if self.word()? != REQUEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let flags = u16::from_be_bytes(self.read()?);
        let kind = u16::from_be_bytes(self.read()?);
        let handle = self.read::<8>()?;
        let at = u64::from_be_bytes(self.read()?);
        let length = self.word()? as usize;
        let mut data = Vec::new();
        if kind == 1 {
            data.resize(length, 0);
            self.stream.read_exact(&mut data)?;
        }
        let mut medium = lock(self.medium);
        if medium.boot != self.boot {
            return Ok(false);
        }
        let whole = |length: usize| at % SECTOR as u64 == 0 && length.is_multiple_of(SECTOR);
        let (error, answer) = match kind {
            0 if whole(length) => (0, medium.read(at, length)?),
            1 if whole(length) => (0, {
                medium.write(at, &data, flags & FUA != 0)?;
                Vec::new()
            }),
            2 => return Ok(false),
            3 => (0, {
                medium.flush()?;
                Vec::new()
            }),
            _ => (INVALID, Vec::new()),
        };
        drop(medium);
        let mut reply = REPLY.to_be_bytes().to_vec();
        reply.extend(error.to_be_bytes());
        reply.extend(handle);
        reply.extend(answer);
        self.stream.write_all(&reply)?;
        Ok(true)
    }

    fn read<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn word(&mut self) -> io::Result<u32> {
        Ok(u32::from_be_bytes(self.read()?))
    }
}

fn lock(medium: &Mutex<Medium>) -> MutexGuard<'_, Medium> {
    medium.lock().unwrap()
}

/// Runs a program of e2fsprogs on an image, in silence; its exit code.
pub(super) fn repaired(image: &Path) -> Option<i32> {
    let checked = Command::new("e2fsck")
        .args(["-f", "-y"])
        .arg(image)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    checked.unwrap().code()
}
