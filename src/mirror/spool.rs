//! A file beside the ledger for data that does not fit into memory: unnamed, so it is
//! gone with the process and no other process can open it.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Entries in the order of their arrival; each is a few texts.
#[derive(Debug)]
pub(crate) struct Spool {
    file: BufWriter<File>,
    length: u64,
}

/// A spool being read back.
#[derive(Debug)]
pub(crate) struct Unspooled {
    file: BufReader<File>,
    at: u64,
    length: u64,
}

/// The offset of an entry, and its `N` texts.
pub(crate) type Entry<const N: usize> = (u64, [Vec<u8>; N]);

impl Spool {
    /// An empty spool in this directory.
    pub(crate) fn new(directory: &Path) -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(tempfile::tempfile_in(directory)?), length: 0 })
    }

    /// Adds an entry; returns its offset.
    pub(crate) fn append<const N: usize>(&mut self, texts: [&[u8]; N]) -> io::Result<u64> {
        let at = self.length;
        for text in texts {
            let length = text.len() as u64;
            self.file.write_all(&length.to_le_bytes())?;
            self.file.write_all(text)?;
            self.length += 8 + length;
        }
        Ok(at)
    }

    /// Reads the spool back from its first entry.
    pub(crate) fn read_back(self) -> io::Result<Unspooled> {
        let mut file = self.file.into_inner().map_err(|error| error.into_error())?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Unspooled { file: BufReader::new(file), at: 0, length: self.length })
    }
}

impl Unspooled {
    /// The next entry; `N` must be as it was appended.
    pub(crate) fn next<const N: usize>(&mut self) -> io::Result<Option<Entry<N>>> {
        if self.at == self.length {
            return Ok(None);
        }
        let at = self.at;
        let mut texts = std::array::from_fn(|_| Vec::new());
        for text in &mut texts {
            let mut length = [0; 8];
            self.file.read_exact(&mut length)?;
            let length = u64::from_le_bytes(length);
            let left = self.length - self.at;
            let length = usize::try_from(length.min(left)).map_err(io::Error::other)?;
            text.resize(length, 0);
            self.file.read_exact(text)?;
            self.at += 8 + length as u64;
        }
        Ok(Some((at, texts)))
    }
}

#[cfg(test)]
mod tests {
    use super::Spool;

    #[test]
    fn what_was_put_in_comes_out() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(dir.path()).unwrap();
        let first = spool.append([b"a".as_slice(), b"".as_slice()]).unwrap();
        let second = spool.append([b"bc".as_slice(), b"d".as_slice()]).unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        let mut back = spool.read_back().unwrap();
        let entry = back.next().unwrap();
        assert_eq!(entry, Some((first, [b"a".to_vec(), Vec::new()])));
        let entry = back.next().unwrap();
        assert_eq!(entry, Some((second, [b"bc".to_vec(), b"d".to_vec()])));
        assert_eq!(back.next::<2>().unwrap(), None);
    }
}
