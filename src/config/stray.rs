//! Files in the credentials directory that nothing asks for: a secret under a misspelt name.

use std::fmt;

use super::reader::nearest;
use super::resolved::Secrets;
use super::secret::{Environment, FROM_DIRECTORY, credential_names};

/// A file in the credentials directory that is no secret of the config. Its content was not
/// read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// The name of the file.
    pub name: String,
    /// The name that was meant, as far as can be told.
    pub meant: Option<String>,
}

impl fmt::Display for Stray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the credentials directory holds {:?}, which is no secret of this config",
            self.name
        )?;
        match &self.meant {
            Some(meant) => write!(f, "; did you mean {meant}?"),
            None => f.write_str("; remove it, or correct its name"),
        }
    }
}

impl Environment {
    /// The files that nothing has asked for, in order. None where the command uses not all
    /// secrets, or this user may not look into the directory.
    pub(super) fn strays(&self) -> Vec<Stray> {
        let files = self.credentials.as_ref().and_then(|directory| directory.read_dir().ok());
        let Some(files) = files.filter(|_| self.secrets == Secrets::All) else {
            return Vec::new();
        };
        let asked = self.credentials_asked.borrow();
        let known: Vec<String> = asked.iter().cloned().chain(credential_names()).collect();
        let names = files.flatten().filter(|file| file.path().is_file());
        let names = names.map(|file| file.file_name().to_string_lossy().into_owned());
        let names = names.map(|name| match name.strip_prefix(FROM_DIRECTORY) {
            Some(rest) => rest.to_owned(),
            None => name,
        });
        let mut strays: Vec<Stray> = names
            .filter(|name| !name.starts_with('.') && !known.contains(name))
            .map(|name| Stray { meant: nearest(&name, &known).cloned(), name })
            .collect();
        strays.sort_by(|one, other| one.name.cmp(&other.name));
        strays
    }
}
