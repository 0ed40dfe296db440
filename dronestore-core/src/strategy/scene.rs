//! The scene: what one commit is written against.

use super::{Replaces, Table};
use crate::causal::Context;
use crate::causal::state::Rows;
use crate::time::Nanotime;
use smallvec::SmallVec;

/// The head, what the writer had seen of it, and where the commit's own row belongs.
///
/// While the commit is written its own row goes by the number after the head's last.
#[derive(Debug, Default)]
pub(crate) struct Scene<'s> {
    /// The table of the version that the writer had loaded.
    pub(crate) base: Table<'s>,
    /// The context of that version, where it is not the head's.
    pub(crate) base_context: Option<Context>,
    /// The table of the head.
    pub(crate) head_rows: Rows,
    /// The context of the head.
    pub(crate) head_context: Context,
    /// For each row of the head, whether the writer had seen it; `None` where it had seen them all.
    pub(crate) seen: Option<SmallVec<[bool; 16]>>,
    /// The actor's line in the head's context, where it has one.
    pub(crate) own_line: Option<u32>,
    /// How many rows of the head come before the commit's own.
    pub(crate) own_rank: u32,
    /// The time of the commit.
    pub(crate) time: Nanotime,
    /// The first bytes of the actor: the line on which it makes positions.
    pub(crate) line: [u8; 4],
}

impl Scene<'_> {
    /// The number of the commit's own row.
    #[inline]
    pub(crate) fn own(&self) -> u32 {
        self.head_rows.len() as u32
    }

    /// Whether a row of the head comes after the commit's own.
    #[inline]
    pub(crate) fn is_after_own(&self, row: u32) -> bool {
        row >= self.own_rank
    }

    /// Whether a write that replaces this takes away what bears this row of the head.
    #[inline]
    pub(crate) fn is_replaced(&self, row: u32, replaces: Replaces) -> bool {
        match replaces {
            Replaces::Seen => self.has_seen(row),
            Replaces::Own => self.is_own(row),
            Replaces::Loaded(base) => self.is_same_dot(row, base),
            Replaces::Nothing => false,
        }
    }

    /// Whether the writer had seen this row of the head.
    #[inline]
    pub(crate) fn has_seen(&self, row: u32) -> bool {
        match &self.seen {
            None => row < self.own(),
            Some(seen) => seen.get(row as usize).copied().unwrap_or(false),
        }
    }

    /// Whether this row of the head is the writer's own actor's.
    pub(crate) fn is_own(&self, row: u32) -> bool {
        let line = self.head_rows.get(row as usize).map(|row| row.actor);
        line.is_some() && line == self.own_line
    }

    /// Whether a row of the head and a row of what was loaded are one dot.
    fn is_same_dot(&self, head: u32, base: u32) -> bool {
        let same = || {
            let (head, base) = (self.head_rows.get(head as usize)?, self.base.row(base).ok()?);
            let base_context = self.base_context.as_ref().unwrap_or(&self.head_context);
            let head_actor = self.head_context.entries().get(head.actor as usize)?.actor;
            let base_actor = base_context.entries().get(base.actor as usize)?.actor;
            Some(head_actor == base_actor && head.sequence == base.sequence)
        };
        same().unwrap_or(false)
    }
}
