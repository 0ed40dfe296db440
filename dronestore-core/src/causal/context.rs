//! Dots and contexts: which commits a version has seen.

use crate::actor::ActorId;
use crate::bytes::{Reader, put_varint};
use crate::error::{Error, ErrorKind, Result};
use smallvec::SmallVec;
use std::cmp::Ordering;
use std::fmt;

/// The name of one commit on one object: who made it, and the how manieth of theirs it is, from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dot {
    /// Who made the commit.
    pub actor: ActorId,
    /// The how manieth of this actor's commits on this object it is.
    pub sequence: u64,
}

impl fmt::Display for Dot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.actor, self.sequence)
    }
}

impl fmt::Debug for Dot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dot({:.8}:{})", self.actor, self.sequence)
    }
}

/// One actor's line in a [`Context`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The actor.
    pub actor: ActorId,
    /// All of the actor's commits up to this one have been seen.
    pub sequence: u64,
    /// The first four bytes of the hash of that commit: equal sequences with different tags betray a fork.
    pub tag: [u8; 4],
}

/// Which commits a version has seen: a version vector, one line an actor, in the order of actors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context(SmallVec<[Seen; 2]>);

/// How two contexts stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Both have seen the same.
    Equal,
    /// Ours has seen all that theirs has, and more.
    Covers,
    /// Theirs has seen all that ours has, and more.
    Covered,
    /// Each has seen something that the other has not.
    Concurrent,
}

impl Context {
    /// The lines, in the order of actors.
    #[inline]
    pub fn entries(&self) -> &[Seen] {
        &self.0
    }

    /// Whether nothing has been seen.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where this actor's line is, or where it would be.
    #[inline]
    pub fn position(&self, actor: &ActorId) -> Result<usize, usize> {
        self.0.binary_search_by(|seen| seen.actor.cmp(actor))
    }

    /// The actor's line. Logarithmic in the number of actors.
    pub fn get(&self, actor: &ActorId) -> Option<&Seen> {
        self.position(actor).ok().map(|index| &self.0[index])
    }

    /// Whether this commit has been seen.
    pub fn contains(&self, dot: &Dot) -> bool {
        self.get(&dot.actor).is_some_and(|seen| seen.sequence >= dot.sequence)
    }

    /// Records a commit as the actor's last.
    pub fn advance(&mut self, seen: Seen) {
        match self.position(&seen.actor) {
            Ok(index) => self.0[index] = seen,
            Err(index) => self.0.insert(index, seen),
        }
    }

    /// How two contexts stand to each other; linear in the number of actors.
    ///
    /// # Errors
    /// [`Forked`](ErrorKind::Forked) where both have seen one commit that is not the same commit.
    pub fn compare(&self, theirs: &Context) -> Result<Relation> {
        let (mut ahead, mut behind) = (false, false);
        for pair in pairs(&self.0, &theirs.0) {
            match pair {
                (Some(a), Some(b)) => match a.sequence.cmp(&b.sequence) {
                    Ordering::Greater => ahead = true,
                    Ordering::Less => behind = true,
                    Ordering::Equal if a.tag != b.tag => return Err(forked(a)),
                    Ordering::Equal => {}
                },
                (Some(_), None) => ahead = true,
                (None, Some(_)) => behind = true,
                (None, None) => {}
            }
        }
        Ok(match (ahead, behind) {
            (false, false) => Relation::Equal,
            (true, false) => Relation::Covers,
            (false, true) => Relation::Covered,
            (true, true) => Relation::Concurrent,
        })
    }

    /// All that either has seen. Call [`Context::compare`] first: this one does not look for forks.
    #[must_use]
    pub fn join(&self, theirs: &Context) -> Context {
        let mut joined = SmallVec::new();
        joined.extend(pairs(&self.0, &theirs.0).filter_map(|pair| match pair {
            (Some(a), Some(b)) if b.sequence > a.sequence => Some(*b),
            (a, b) => a.or(b).copied(),
        }));
        Context(joined)
    }

    /// Appends the lines: actor (12 bytes), sequence (varint), tag (4 bytes) each.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for seen in &self.0 {
            out.extend_from_slice(seen.actor.as_bytes());
            put_varint(out, seen.sequence);
            out.extend_from_slice(&seen.tag);
        }
    }

    /// Reads what [`Context::encode`] wrote, all of it and in no other order.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt).
    pub fn decode(bytes: &[u8]) -> Result<Context> {
        let mut reader = Reader::new(bytes);
        let mut entries: SmallVec<[Seen; 2]> = SmallVec::new();
        while !reader.is_empty() {
            let seen = Seen {
                actor: ActorId::from_bytes(reader.array()?),
                sequence: reader.varint()?,
                tag: reader.array()?,
            };
            if entries.last().is_some_and(|last| last.actor >= seen.actor) || seen.sequence == 0 {
                return Err(Error::corrupt("a context is not in the order of its actors"));
            }
            entries.push(seen);
        }
        Ok(Context(entries))
    }
}

/// Walks two ordered lists side by side.
fn pairs<'a>(
    ours: &'a [Seen],
    theirs: &'a [Seen],
) -> impl Iterator<Item = (Option<&'a Seen>, Option<&'a Seen>)> {
    let (mut ours, mut theirs) = (ours.iter().peekable(), theirs.iter().peekable());
    std::iter::from_fn(move || match (ours.peek(), theirs.peek()) {
        (None, None) => None,
        (Some(a), Some(b)) => Some(match a.actor.cmp(&b.actor) {
            Ordering::Less => (ours.next(), None),
            Ordering::Greater => (None, theirs.next()),
            Ordering::Equal => (ours.next(), theirs.next()),
        }),
        _ => Some((ours.next(), theirs.next())),
    })
}

#[cold]
fn forked(seen: &Seen) -> Error {
    Error::new(
        ErrorKind::Forked,
        format!(
            "two different writes bear the name {:.8}:{}: a copy of their author wrote too; both are kept apart",
            seen.actor, seen.sequence
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(lines: &[(u8, u64, u8)]) -> Context {
        let mut context = Context::default();
        for &(actor, sequence, tag) in lines {
            context.advance(Seen { actor: ActorId::from_bytes([actor; 12]), sequence, tag: [tag; 4] });
        }
        context
    }

    #[test]
    fn contexts_compare_as_sets_of_dots() {
        for (a, b, relation) in [
            (&[][..], &[][..], Relation::Equal),
            (&[(1, 2, 0)], &[(1, 2, 0)], Relation::Equal),
            (&[(1, 3, 0)], &[(1, 2, 9)], Relation::Covers),
            (&[(1, 2, 0)], &[(1, 2, 0), (2, 1, 0)], Relation::Covered),
            (&[(1, 2, 0)], &[(2, 1, 0)], Relation::Concurrent),
            (&[(1, 2, 0), (2, 1, 0)], &[(1, 1, 0), (2, 2, 0)], Relation::Concurrent),
        ] {
            assert_eq!(context(a).compare(&context(b)).unwrap(), relation, "{a:?} {b:?}");
        }
        let forked = context(&[(1, 2, 0)]).compare(&context(&[(1, 2, 1)])).unwrap_err();
        assert_eq!(forked.kind(), ErrorKind::Forked);
    }

    #[test]
    fn contexts_round_trip_and_refuse_disorder() {
        let joined = context(&[(3, 300, 1), (1, 1, 2)]).join(&context(&[(2, 9, 3), (3, 4, 5)]));
        let mut bytes = Vec::new();
        joined.encode(&mut bytes);
        assert_eq!(Context::decode(&bytes).unwrap(), joined);
        let mut twice = bytes.clone();
        twice.extend_from_slice(&bytes);
        assert!(Context::decode(&twice).unwrap_err().is_corrupt());
        assert!(Context::decode(&bytes[..bytes.len() - 1]).unwrap_err().is_corrupt());
    }
}
