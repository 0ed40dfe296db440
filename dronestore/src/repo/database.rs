//! DatabaseId: what all replicas of one database share.

use dronestore_core::{Error, ErrorKind, Result};
use std::fmt;
use std::str::FromStr;

/// The name of a database: all repos that share it are replicas of one another. 128 random bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DatabaseId([u8; DatabaseId::LENGTH]);

impl DatabaseId {
    /// Bytes of an id.
    pub const LENGTH: usize = 16;

    /// An id from its bytes.
    pub const fn from_bytes(bytes: [u8; DatabaseId::LENGTH]) -> Self {
        DatabaseId(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; DatabaseId::LENGTH] {
        &self.0
    }

    /// A new database.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store) where the operating system gives no random numbers.
    pub fn random() -> Result<Self> {
        let mut bytes = [0; DatabaseId::LENGTH];
        getrandom::fill(&mut bytes).map_err(|error| {
            Error::new(ErrorKind::Store, "the operating system gives no random numbers").with_source(error)
        })?;
        Ok(DatabaseId(bytes))
    }
}

impl fmt::Display for DatabaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for DatabaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseId({self})")
    }
}

impl FromStr for DatabaseId {
    type Err = Error;

    /// Reads 32 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self> {
        let invalid = || {
            Error::new(
                ErrorKind::InvalidValue,
                format!("`{text}` is no database id: 32 hexadecimal digits are"),
            )
        };
        if text.len() != 2 * Self::LENGTH || !text.is_ascii() {
            return Err(invalid());
        }
        let mut bytes = [0; DatabaseId::LENGTH];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).map_err(|_| invalid())?;
        }
        Ok(DatabaseId(bytes))
    }
}
