//! ActorId: who makes dots.

use crate::error::{Error, ErrorKind, Result};
use crate::hash::{hex, unhex};
use std::fmt;
use std::str::FromStr;

/// Who makes dots: a repo, a branch of one, or a single handle outside any repo.
///
/// 96 random bits: enough that among a million actors who meet in one object a collision has a chance below
/// 2⁻⁵⁶, and four bytes less than a UUID in every context of every version. Displayed as 24 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorId([u8; ActorId::LENGTH]);

impl ActorId {
    /// Bytes of an actor.
    pub const LENGTH: usize = 12;

    /// An actor from its bytes; they must be random, or come from one that was.
    pub const fn from_bytes(bytes: [u8; ActorId::LENGTH]) -> Self {
        ActorId(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; ActorId::LENGTH] {
        &self.0
    }

    /// The first four bytes.
    pub(crate) fn first(self) -> [u8; 4] {
        let [a, b, c, d, ..] = self.0;
        [a, b, c, d]
    }
}

impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl fmt::Debug for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActorId({self:.8})")
    }
}

impl FromStr for ActorId {
    type Err = Error;

    /// Reads 24 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self> {
        unhex(text).map(ActorId).ok_or_else(|| {
            Error::new(ErrorKind::InvalidValue, format!("`{text}` is no actor: 24 hexadecimal digits are"))
        })
    }
}
