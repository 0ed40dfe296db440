//! The frames of a bundle: each with its size in front and a check behind.
//!
//! ```text
//! bundle := "dronestore bundle\n", version, head, block*, end
//! frame  := type: 1 byte, size, body, check: 16 bytes
//! ```

use super::block::MOST_BLOCK;
use dronestore_core::bytes::put_varint;
use dronestore_core::{Error, ErrorKind, Hash, Result};
use std::io::{ErrorKind as Io, Read, Write};

/// What every bundle begins with.
pub(crate) const MAGIC: &[u8; 18] = b"dronestore bundle\n";
/// The version of the format.
pub(super) const FORMAT: u8 = 1;

/// The types of frames.
pub(super) mod kind {
    pub(in crate::bundle) const HEAD: u8 = 1;
    pub(in crate::bundle) const SCHEMAS: u8 = 2;
    pub(in crate::bundle) const OBJECTS: u8 = 3;
    pub(in crate::bundle) const END: u8 = 4;
}

/// The longest head: a thousand kinds of the longest names, and what else it says.
const MOST_HEAD: usize = 512 << 10;

pub(super) type Check = [u8; 16];

/// Bytes that go out as frames; says how many there were.
#[derive(Default)]
pub(crate) struct Outgoing<W> {
    out: W,
    pub(super) bytes: u64,
    /// A hash over the checks of all blocks.
    pub(super) chain: Hash,
}

impl<W: Write> Outgoing<W> {
    pub(crate) fn new(out: W) -> Self {
        Outgoing { out, bytes: 0, chain: Hash::ZERO }
    }

    pub(super) fn plain(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes += bytes.len() as u64;
        self.out.write_all(bytes).map_err(cannot_write)
    }

    /// Writes a frame; gives its check.
    pub(super) fn frame(&mut self, kind: u8, body: &[u8]) -> Result<Check> {
        let mut head = vec![kind];
        put_varint(&mut head, body.len() as u64);
        let check = check(kind, body);
        self.plain(&head)?;
        self.plain(body)?;
        self.plain(&check)?;
        if kind == kind::SCHEMAS || kind == kind::OBJECTS {
            self.chain = chained(&self.chain, &check);
        }
        Ok(check)
    }

    pub(super) fn finish(mut self) -> Result<W> {
        self.out.flush().map_err(cannot_write)?;
        Ok(self.out)
    }
}

/// 16 bytes of the hash of a frame.
fn check(kind: u8, body: &[u8]) -> Check {
    let hash = Hash::of(&[&[kind], &Hash::of(body).as_bytes()[..]].concat());
    let mut check = Check::default();
    check.copy_from_slice(&hash.as_bytes()[..16]);
    check
}

pub(super) fn chained(chain: &Hash, check: &Check) -> Hash {
    Hash::of(&[&chain.as_bytes()[..], check].concat())
}

/// Bytes that come in as frames.
pub(super) struct Incoming<R> {
    input: R,
    /// How many bytes have come in whole frames.
    pub(super) bytes: u64,
    pub(super) chain: Hash,
}

impl<R: Read> Incoming<R> {
    /// Reads what every bundle begins with.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt) where it is no bundle, [`Unsupported`](ErrorKind::Unsupported) for one of a later
    /// format, [`Store`](ErrorKind::Store) where it cannot be read.
    pub(super) fn new(input: R) -> Result<Self> {
        let mut incoming = Incoming { input, bytes: 0, chain: Hash::ZERO };
        let mut magic = [0; MAGIC.len() + 1];
        for at in 0..magic.len() {
            // What is shorter than a bundle is not a bundle either, unless it begins as one.
            incoming.exactly(&mut magic[at..=at])?;
            if MAGIC.get(at).is_some_and(|byte| *byte != magic[at]) {
                return Err(Error::corrupt("this is not a bundle"));
            }
        }
        match magic[MAGIC.len()] {
            FORMAT => Ok(incoming),
            other => {
                let message =
                    format!("a bundle of format {other} is of a later dronestore; this one reads {FORMAT}");
                Err(Error::new(ErrorKind::Unsupported, message))
            }
        }
    }

    /// The next frame: its type, its body, its check.
    ///
    /// # Errors
    /// As [`Incoming::new`]. Memory is taken as bytes come, not as the size says.
    pub(super) fn frame(&mut self) -> Result<(u8, Vec<u8>, Check)> {
        let mut kind = [0];
        self.exactly(&mut kind)?;
        let (kind, size) = (kind[0], self.size()?);
        let most = match kind {
            kind::HEAD => MOST_HEAD,
            kind::SCHEMAS | kind::OBJECTS => MOST_BLOCK,
            kind::END => 256,
            _ => return Err(Error::corrupt(format!("a bundle has no part of type {kind}"))),
        };
        if size > most as u64 {
            return Err(Error::corrupt(format!("a part of {size} bytes is longer than it may be")));
        }
        let mut body = Vec::new();
        let read = self.input.by_ref().take(size).read_to_end(&mut body).map_err(cannot_read)?;
        let mut said = Check::default();
        if (read as u64) < size {
            return Err(ends_early());
        }
        self.exactly(&mut said)?;
        if said != check(kind, &body) {
            return Err(Error::corrupt("a part is not what its check says: it was damaged on the way"));
        }
        if kind == kind::SCHEMAS || kind == kind::OBJECTS {
            self.chain = chained(&self.chain, &said);
        }
        self.bytes += size;
        Ok((kind, body, said))
    }

    fn size(&mut self) -> Result<u64> {
        let (mut size, mut byte) = (0, [0]);
        for shift in (0..35).step_by(7) {
            self.exactly(&mut byte)?;
            size |= u64::from(byte[0] & 0x7f) << shift;
            if byte[0] < 0x80 {
                let is_shortest = byte[0] > 0 || shift == 0;
                return if is_shortest {
                    Ok(size)
                } else {
                    Err(Error::corrupt("a size has a needless byte"))
                };
            }
        }
        Err(Error::corrupt("a part is longer than it may be"))
    }

    fn exactly(&mut self, bytes: &mut [u8]) -> Result<()> {
        self.input.read_exact(bytes).map_err(|error| match error.kind() {
            Io::UnexpectedEof => ends_early(),
            _ => cannot_read(error),
        })
    }

    /// Whether nothing follows.
    pub(super) fn is_at_end(&mut self) -> Result<bool> {
        Ok(self.input.by_ref().take(1).read_to_end(&mut Vec::new()).map_err(cannot_read)? == 0)
    }
}

fn ends_early() -> Error {
    Error::corrupt("the bundle ends too early: the rest of it is missing")
}

fn cannot_read(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Store, "the bundle cannot be read").with_source(error)
}

fn cannot_write(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Store, "the bundle cannot be written").with_source(error)
}
