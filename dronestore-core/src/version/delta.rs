//! Delta: a version told as what differs from one that the other side holds.
//!
//! ```text
//! delta      := head, origin, [rows], attribute*
//! head       := attributes << 4 | is step << 3 | has rows << 2 | deleted << 1 | is full
//! origin     := zigzag(time - time before)                                           a step: one commit made on the base
//!             | sequence, tag (4 bytes), zigzag(time - time before)                  one tip, of the sender
//!             | zigzag(created - time before), count, (actor, sequence, tag)*,       full
//!               count, (actor, sequence << 1 | deleted)*
//! rows       := count, (actor, sequence << 1 | timed, [zigzag(time - base)])*
//! attribute  := (n + 1  |  0, sized name, form), sized body
//! actor      := n + 1  |  0, 12 bytes
//! ```
//!
//! Attributes that were not written are those of the base, and so are rows that have no time here. Actors and attributes
//! are written out once and have numbers from then on; the sender is actor 0. A step is the sender's next commit on the
//! base, and its tag is the beginning of the commit's hash, which base and delta give. A delta proves nothing: whoever
//! rebuilds a version by it compares the version's hash.

mod compare;
mod read;
mod step;
mod write;

use crate::actor::ActorId;
use crate::bytes::{unzigzag, zigzag};
use crate::time::Nanotime;
pub use compare::written_since;
pub use read::{Delta, DeltaReader};
pub use step::{Step, WroteAttribute};
pub use write::{DeltaWriter, Written};

/// How many actors and attributes get numbers.
const NUMBERED: usize = 256;

/// The head's bits.
const FULL: u64 = 1;
const DELETED: u64 = 2;
const ROWS: u64 = 4;
const STEP: u64 = 8;
/// Above them: how many attributes there are.
const BITS: u32 = 4;

/// A difference of two times as it is written.
fn apart(time: Nanotime, base: Nanotime) -> u64 {
    zigzag(time.as_nanos().wrapping_sub(base.as_nanos()) as i64)
}

fn plus(base: Nanotime, apart: u64) -> Nanotime {
    Nanotime::from_nanos(base.as_nanos().wrapping_add(unzigzag(apart) as u64))
}

/// The actors that have numbers: the sender first.
#[derive(Debug)]
struct Actors(Vec<ActorId>);

impl Actors {
    fn learn(&mut self, actor: ActorId) {
        if self.0.len() < NUMBERED {
            self.0.push(actor);
        }
    }
}
