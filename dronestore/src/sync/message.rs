//! Messages: what a frame may be, and what two repos say first.

use super::sketch::Estimate;
use crate::repo::{DatabaseId, Meta, Totals};
use dronestore_core::bytes::{Reader, put_varint};
use dronestore_core::{ActorId, Error, ErrorKind, Hash, Result};

/// The types of frames. docs/PROTOCOL.md describes each.
pub(crate) mod kind {
    pub(crate) const HELLO: u8 = b'd';
    pub(crate) const SAME: u8 = 1;
    pub(crate) const CHECK: u8 = 2;
    pub(crate) const ANSWER: u8 = 3;
    pub(crate) const EXCHANGE: u8 = 4;
    pub(crate) const ASK: u8 = 5;
    pub(crate) const VERSIONS: u8 = 6;
    pub(crate) const LARGE: u8 = 7;
    pub(crate) const MORE: u8 = 8;
    pub(crate) const TURN: u8 = 9;
    pub(crate) const DONE: u8 = 10;
    pub(crate) const REFUSE: u8 = 11;
    pub(crate) const SINCE: u8 = 12;
    pub(crate) const ESTIMATE: u8 = 0x10;
    pub(crate) const CELLS: u8 = 0x11;
    pub(crate) const FURTHER: u8 = 0x12;
    pub(crate) const WANTED: u8 = 0x13;
    pub(crate) const OFFERED: u8 = 0x14;
    pub(crate) const MEMORY: u8 = 0x20;
    pub(crate) const DELTAS: u8 = 0x21;
    // Said in live sessions only.
    pub(crate) const POINT: u8 = 0x30;
    pub(crate) const COMPARED: u8 = 0x31;
    pub(crate) const AGAIN: u8 = 0x32;
    pub(crate) const LOST: u8 = 0x33;
}

/// Behind the type of a hello; with it, what every session begins with.
const MAGIC: [u8; 2] = *b"rn";
/// The version of the protocol.
const PROTOCOL: u8 = 1;

/// Flags of a hello.
const OF_YOURS: u8 = 0x40;
pub(crate) const STAYS: u8 = 0x20;
const ESTIMATES: u8 = 0x10;
const SCOPED: u8 = 8;
const GOES_ON: u8 = 4;

/// 16 bytes that say what a repo holds.
pub(crate) type Digest = [u8; 16];

/// The digest of a repo: of how many objects it has, the sum of their hashes, and that the scope is everything.
pub(crate) fn digest(meta: &Meta) -> Digest {
    digest_of(meta, &[0])
}

/// As [`digest`], of the objects of a scope.
pub(crate) fn digest_of(meta: &Meta, scope: &[u8]) -> Digest {
    let mut input = b"dronestore sync ".to_vec();
    put_varint(&mut input, meta.objects);
    input.extend_from_slice(meta.hash().as_bytes());
    input.extend_from_slice(scope);
    short(&Hash::of(&input))
}

/// The first half of a hash.
pub(crate) fn short(hash: &Hash) -> Digest {
    let mut short = Digest::default();
    short.copy_from_slice(&hash.as_bytes()[..16]);
    short
}

/// What a side says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hello {
    /// Whether it would mix its data with those of another database.
    pub(crate) foreign: bool,
    /// Whether it has no object at all.
    pub(crate) empty: bool,
    /// Whether it goes on, and ends its turn later.
    pub(crate) goes_on: bool,
    /// Whether a scope follows.
    pub(crate) scoped: bool,
    /// Whether it would stay when both hold the same.
    pub(crate) stays: bool,
    pub(crate) database: DatabaseId,
    pub(crate) actor: ActorId,
    pub(crate) digest: Digest,
    /// How much there is, where cells of a sketch are asked for at once.
    pub(crate) estimate: Option<Estimate>,
}

impl Hello {
    pub(crate) fn new(totals: &Totals, foreign: bool, digest: Digest) -> Hello {
        let (database, actor, empty) = (totals.database, totals.actor, totals.meta.objects == 0);
        let (goes_on, scoped, stays) = (false, false, false);
        Hello { foreign, empty, goes_on, scoped, stays, database, actor, digest, estimate: None }
    }

    /// What stands behind the type, said to somebody who has said of which database it is.
    pub(crate) fn encode(&self, theirs: Option<DatabaseId>) -> Vec<u8> {
        let of_yours = theirs == Some(self.database);
        let mut out = [&MAGIC[..], &[PROTOCOL]].concat();
        let flags = [
            (self.foreign, 1),
            (self.empty, 2),
            (self.goes_on, GOES_ON),
            (self.scoped, SCOPED),
            (self.estimate.is_some(), ESTIMATES),
            (self.stays, STAYS),
            (of_yours, OF_YOURS),
        ];
        out.push(flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag).sum());
        if !of_yours {
            out.extend_from_slice(self.database.as_bytes());
        }
        out.extend_from_slice(self.actor.as_bytes());
        out.extend_from_slice(&self.digest);
        if let Some(estimate) = &self.estimate {
            out.extend_from_slice(&estimate.0);
        }
        out
    }

    /// Reads what came; `said` is the database of which we said that we are.
    pub(crate) fn decode(reader: &mut Reader<'_>, said: Option<DatabaseId>) -> Result<Hello> {
        if reader.array()? != MAGIC {
            return Err(Error::corrupt("what came is not the beginning of a sync"));
        }
        let protocol = reader.byte()?;
        if protocol != PROTOCOL {
            let message =
                format!("the other side speaks version {protocol} of the protocol, this one {PROTOCOL}");
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let flags = reader.byte()?;
        if flags & !(3 | GOES_ON | SCOPED | ESTIMATES | STAYS | OF_YOURS) != 0 {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "the other side asks for what this version does not know",
            ));
        }
        Ok(Hello {
            foreign: flags & 1 == 1,
            empty: flags & 2 == 2,
            scoped: flags & SCOPED != 0,
            stays: flags & STAYS != 0,
            database: match flags & OF_YOURS {
                0 => DatabaseId::from_bytes(reader.array()?),
                _ => said.ok_or_else(|| Error::corrupt("a caller names no database"))?,
            },
            actor: ActorId::from_bytes(reader.array()?),
            digest: reader.array()?,
            estimate: match flags & ESTIMATES {
                0 => None,
                _ => Some(Estimate(reader.array()?)),
            },
            goes_on: flags & GOES_ON != 0,
        })
    }
}

/// The reason that a side gives for ending a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Version = 1,
    Database = 2,
    Malformed = 3,
    Busy = 4,
    Failed = 5,
}

impl Refusal {
    /// What an error of ours comes to for the other side.
    pub(crate) fn of(error: &Error) -> Refusal {
        match error.kind() {
            ErrorKind::Unsupported => Refusal::Version,
            ErrorKind::Mismatch => Refusal::Database,
            ErrorKind::Corrupt => Refusal::Malformed,
            ErrorKind::Busy => Refusal::Busy,
            _ => Refusal::Failed,
        }
    }

    /// The error that a refusal of theirs is for us.
    pub(crate) fn error(code: u8) -> Error {
        let (kind, message) = match code {
            1 => (ErrorKind::Unsupported, "the other side does not speak this version of the protocol"),
            2 => (
                ErrorKind::Mismatch,
                "the other side holds another database; only replicas of one are synced",
            ),
            3 => (ErrorKind::Corrupt, "the other side did not understand what it was sent"),
            4 => (ErrorKind::Busy, "the other side has as many sessions as it takes; try again later"),
            _ => (ErrorKind::Store, "the other side had to end the session"),
        };
        Error::new(kind, message)
    }
}
