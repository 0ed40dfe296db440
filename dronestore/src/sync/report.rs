//! What a session came to.

use super::scope::Scope;
use crate::repo::{DatabaseId, MergeReport};
use dronestore_core::{ActorId, Key, Nanotime};
use std::fmt;

/// What a session came to, as one side saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncReport {
    /// Whether both sides held the same at the end. Where not, somebody wrote meanwhile, or something is set aside or
    /// too large to travel: see the other fields, and sync again.
    pub in_sync: bool,
    /// What both sides were about: what one asked for and the other serves. Of what is outside of it nothing is said.
    pub scope: Scope,
    /// What the versions that came in came to. `known` counts those only that came in vain.
    pub received: MergeReport,
    /// How many versions went out.
    pub sent: usize,
    /// How many of them as what differs from what the other side held.
    pub deltas: usize,
    /// Bytes that came in.
    pub bytes_in: u64,
    /// Bytes that went out.
    pub bytes_out: u64,
    /// How many times this side had to wait for the other.
    pub turns: u64,
    /// Who the other side is; `None` before it said so.
    pub peer: Option<ActorId>,
    /// Which database the other side holds; `None` before it said so.
    pub database: Option<DatabaseId>,
    /// Whether the other side bears this repo's own actor: one of the two is a copy that was not noticed, and takes
    /// a new actor when it meets what it did not write.
    pub is_copy: bool,
    /// The latest stamp of what came in, where it is more than a minute ahead of this repo's clock.
    pub ahead: Option<Nanotime>,
    /// Objects that are too large to travel: more than 32 MiB.
    pub too_large: Vec<Key>,
}

/// `in sync; received 3 new, 2 forwarded, 1 merged, 0 known; sent 4; 1200 bytes in, 900 out`.
impl fmt::Display for SyncReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SyncReport { received, sent, bytes_in, bytes_out, .. } = self;
        f.write_str(if self.in_sync { "in sync" } else { "not in sync yet" })?;
        if !self.scope.is_everything() {
            write!(f, " within {}", self.scope)?;
        }
        write!(f, "; received {received}; sent {sent}; {bytes_in} bytes in, {bytes_out} out")?;
        if self.is_copy {
            f.write_str("; the other side is a copy of this repo")?;
        }
        if let Some(ahead) = self.ahead {
            write!(f, "; the other side's clock is ahead, at {ahead}")?;
        }
        Ok(())
    }
}
