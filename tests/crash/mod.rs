//! Nothing acknowledged is lost: a process that writes is killed at random moments, and its file read again.
//!
//! The process is this test binary, started anew with the name of one test and a file in its environment. What
//! it was told `Ok` for it writes to its output, so that the one who kills it knows what must be there.

mod child;
mod creation;
mod kills;
mod opening;
mod record;

use dronestore::Drone;

/// What is written: a value that tells the step, a sum, and a set.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Note {
    #[merge(latest)]
    pub text: String,
    #[merge(counter)]
    pub visits: u64,
    #[merge(set)]
    pub tags: std::collections::BTreeSet<String>,
}

/// How many objects a transaction writes, always the same ones and always with one text.
const GROUP: usize = 6;
