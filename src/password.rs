//! Passwords of the console: hashed with argon2id, and verified against such a hash.
//!
//! A hash tells the parameters it was made with, so one that another program made is as good.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params};
use rustix::rand::{GetRandomFlags, getrandom};

/// The longest password, in bytes: hashing takes longer the longer it is.
pub(crate) const LONGEST: usize = 1024;
/// The most memory that a hash may ask for, in KiB.
const MOST_MEMORY: u32 = 1 << 20;
/// The most passes over it.
const MOST_PASSES: u32 = 64;

/// An argon2id hash as the config has it, `$argon2id$v=19$m=…`. Its text is in no `Debug`.
#[derive(Clone)]
pub struct Hash(PasswordHash);

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hash")
    }
}

impl Hash {
    /// Reads a hash.
    ///
    /// # Errors
    /// What is wrong with it, without its text.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let hash = PasswordHash::new(text).map_err(|_| "is no hash that begins with $argon2id$")?;
        let algorithm = Algorithm::try_from(hash.algorithm.as_str());
        if algorithm != Ok(Algorithm::Argon2id) {
            return Err("must be made with argon2id");
        }
        if hash.salt.is_none() || hash.hash.is_none() {
            return Err("is cut off");
        }
        let params = Params::try_from(&hash).map_err(|_| "has parameters that argon2id has not")?;
        if params.m_cost() > MOST_MEMORY || params.t_cost() > MOST_PASSES {
            return Err(
                "would take too long to verify: make one with less memory and fewer passes",
            );
        }
        Ok(Self(hash))
    }

    /// Whether it is the hash of this password. Takes a tenth of a second and blocks.
    pub fn is_of(&self, password: &str) -> bool {
        password.len() <= LONGEST
            && Argon2::default().verify_password(password.as_bytes(), &self.0).is_ok()
    }
}

/// The hash of a password, for the config.
///
/// # Errors
/// The password is empty or longer than [`LONGEST`], or the system gives no random salt.
pub(crate) fn hash(password: &str) -> Result<String, &'static str> {
    if password.is_empty() {
        return Err("the password is empty");
    }
    if password.len() > LONGEST {
        return Err("the password is longer than 1024 bytes");
    }
    let hash = Argon2::default().hash_password(password.as_bytes());
    Ok(hash.map_err(|_| "the system gives no random numbers")?.to_string())
}

/// Letters and digits that are not taken for each other.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Letters of an invented password.
const INVENTED: usize = 14;

/// A password that no one has chosen, of letters and digits.
///
/// # Errors
/// The system gives no random numbers.
pub(crate) fn invented() -> std::io::Result<String> {
    let mut bytes = [0; INVENTED];
    let filled = getrandom(&mut bytes, GetRandomFlags::empty())?;
    if filled < INVENTED {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    let letter = |byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
    Ok(bytes.iter().map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_its_password_alone() {
        let text = hash("ключ под ковриком").unwrap();
        assert!(text.starts_with("$argon2id$"), "{text}");
        assert_ne!(text, hash("ключ под ковриком").unwrap());
        let hash = Hash::parse(&text).unwrap();
        assert!(hash.is_of("ключ под ковриком"));
        assert!(!hash.is_of("ключ под Ковриком") && !hash.is_of(""));
    }

    #[test]
    fn what_is_no_argon2id_hash_is_refused() {
        for text in ["", "secret", "$2b$12$abc", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ"] {
            assert!(Hash::parse(text).is_err(), "{text}");
        }
        let other = hash("x").unwrap().replace("argon2id", "argon2i");
        assert_eq!(Hash::parse(&other).unwrap_err(), "must be made with argon2id");
        let dear = hash("x").unwrap().replace("m=19456", "m=4000000");
        assert!(Hash::parse(&dear).is_err());
    }
}
