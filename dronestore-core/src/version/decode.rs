//! A version as bytes that travel: written out in full, believed only when everything about it is right.
//!
//! ```text
//! version := 0x01, size, key, hash (32 bytes), size, shape, state
//! ```

use super::{Shape, Version};
use crate::bytes::{Reader, put_slice};
use crate::causal::check::Check;
use crate::causal::state::State;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Hash;
use crate::key::Key;

/// The number that every version begins with: the version of the format.
pub(crate) const FORMAT: u8 = 1;

/// What a version takes beyond key, shape and state, at most: the format, the hash, two sizes.
pub(crate) const HEAD_BYTES: usize = 1 + 32 + 10;

/// The most bytes that one object may take.
pub(crate) const MAX_BYTES: usize = 32 << 20;

impl Version {
    /// The version written out, to travel or to be kept outside a store.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (key, shape, state) = (self.key.as_encoded(), self.shape.as_bytes(), self.state_bytes());
        let mut out = Vec::with_capacity(key.len() + shape.len() + state.len() + 40);
        out.push(FORMAT);
        put_slice(&mut out, key);
        out.extend_from_slice(self.hash.as_bytes());
        put_slice(&mut out, shape);
        out.extend_from_slice(state);
        out
    }

    /// A version that came from outside: decoded strictly, its hash recomputed.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt) for anything but the one encoding of a version under its own hash,
    /// [`Unsupported`](ErrorKind::Unsupported) for a later format or more than 32 MiB.
    ///
    /// Cost: linear in the bytes; memory at most a small multiple of them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Version> {
        if bytes.len() > MAX_BYTES {
            return Err(Error::new(ErrorKind::Unsupported, "a version of more than 32 MiB is not accepted"));
        }
        let mut reader = Reader::new(bytes);
        match reader.byte()? {
            FORMAT => {}
            other => {
                let message = format!(
                    "a version of format {other} is of a later dronestore, or no version at all; this one reads {FORMAT}"
                );
                return Err(Error::new(ErrorKind::Unsupported, message));
            }
        }
        let key = Key::from_encoded(reader.slice()?)?;
        let hash = Hash::from_bytes(reader.array()?);
        let shape = Shape::parse(reader.slice()?)?;
        let version = Version { key, shape, hash, bytes: reader.rest().into(), start: 0 };
        version.verify()?;
        Ok(version)
    }

    /// Checks everything that can be checked without another version: one canonical encoding, rows that are
    /// all borne by something, and the hash.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt), naming the object and what is wrong.
    pub fn verify(&self) -> Result<()> {
        self.check().map_err(|error| error.at(&self.key))?;
        let found = self.recompute_hash();
        if found != self.hash {
            return Err(Error::corrupt(format!(
                "{}: the bytes hash to {found:.8} and not to {:.8}",
                self.key, self.hash
            )));
        }
        Ok(())
    }

    /// A version that came without its hash: checked as [`Version::verify`] does, and given the hash of its bytes.
    ///
    /// Whoever sent it has to have said in another way which version it is.
    ///
    /// # Errors
    /// As [`Version::verify`].
    ///
    /// Cost: linear in the bytes.
    pub fn with_its_hash(mut self) -> Result<Version> {
        self.check().map_err(|error| error.at(&self.key))?;
        self.hash = self.recompute_hash();
        Ok(self)
    }

    /// As [`Version::verify`], without the hash.
    pub(super) fn check(&self) -> Result<()> {
        let state = State::parse(self.state_bytes())?;
        let mut check = Check::new(state.table.iter().map(|row| row.time).collect());
        for tip in &state.tips {
            check.mark(tip.row)?;
        }
        let mut fields = self.shape.fields(state.attributes);
        while let Some(field) = fields.next()? {
            check.body(field.form, field.body).map_err(|error| error.at(field.name))?;
        }
        if check.all_used() { Ok(()) } else { Err(Error::corrupt("the table has a row that nothing bears")) }
    }
}
