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
        let encoded = |context: &Context| {
            let mut bytes = Vec::new();
            context.encode(&mut bytes);
            bytes
        };
        compare(&encoded(self), &encoded(theirs))
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
        let mut lines = Lines::new(bytes);
        let mut entries: SmallVec<[Seen; 2]> = SmallVec::new();
        lines.advance()?;
        while let Some(actor) = lines.bytes.first_chunk() {
            let (actor, tag) = (ActorId::from_bytes(*actor), *lines.tag);
            entries.push(Seen { actor, sequence: lines.sequence, tag });
            lines.advance()?;
        }
        Ok(Context(entries))
    }
}

/// A cursor over the lines of an encoded context, standing at one of them or at the end.
pub(super) struct Lines<'a> {
    reader: Reader<'a>,
    /// The actor, as the number that its bytes are: in the same order.
    actor: u128,
    /// How many of the actor's commits have been seen; none at the end.
    pub(super) sequence: u64,
    tag: &'a [u8; 4],
    /// The line; no bytes at the end.
    pub(super) bytes: &'a [u8],
}

impl<'a> Lines<'a> {
    /// Behind all actors.
    const END: u128 = u128::MAX;

    /// A cursor before the first line.
    #[inline]
    fn new(bytes: &'a [u8]) -> Self {
        Lines { reader: Reader::new(bytes), actor: 0, sequence: 0, tag: &[0; 4], bytes: &[] }
    }

    /// Goes on to the next line; they must be in the order of actors.
    #[inline(always)]
    fn advance(&mut self) -> Result<()> {
        let all = self.reader.rest();
        if all.is_empty() {
            (self.actor, self.sequence, self.bytes) = (Self::END, 0, all);
            return Ok(());
        }
        let actor = number(self.reader.array_ref()?);
        let first = self.bytes.is_empty();
        self.sequence = self.reader.varint()?;
        self.tag = self.reader.array_ref()?;
        self.bytes = &all[..all.len() - self.reader.rest().len()];
        if (actor <= self.actor && !first) || self.sequence == 0 {
            return Err(Error::corrupt("a context is not in the order of its actors"));
        }
        self.actor = actor;
        Ok(())
    }
}

#[inline]
fn number(actor: &[u8; ActorId::LENGTH]) -> u128 {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = *actor;
    let high = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    u128::from(high) << 32 | u128::from(u32::from_be_bytes([i, j, k, l]))
}

/// Walks two encoded contexts side by side, actor by actor: gives of each side the line, if it has one.
///
/// # Errors
/// [`Corrupt`](ErrorKind::Corrupt), or what `each` says.
#[inline]
pub(super) fn side_by_side<'a>(
    ours: &'a [u8],
    theirs: &'a [u8],
    mut each: impl FnMut(Option<&Lines<'a>>, Option<&Lines<'a>>) -> Result<()>,
) -> Result<()> {
    let (mut a, mut b) = (Lines::new(ours), Lines::new(theirs));
    let mut order = Ordering::Equal;
    loop {
        if order != Ordering::Greater {
            a.advance()?;
        }
        if order != Ordering::Less {
            b.advance()?;
        }
        order = a.actor.cmp(&b.actor);
        if order == Ordering::Equal && a.bytes.is_empty() {
            return Ok(());
        }
        each((order != Ordering::Greater).then_some(&a), (order != Ordering::Less).then_some(&b))?;
    }
}

/// How two encoded contexts stand to each other, without taking them apart.
///
/// # Errors
/// As [`Context::compare`] and [`Context::decode`].
pub(crate) fn compare(ours: &[u8], theirs: &[u8]) -> Result<Relation> {
    let (mut ahead, mut behind) = (false, false);
    side_by_side(ours, theirs, |a, b| {
        let (x, y) = (a.map_or(0, |a| a.sequence), b.map_or(0, |b| b.sequence));
        ahead |= x > y;
        behind |= x < y;
        match (a, b) {
            (Some(a), Some(b)) if x == y && a.tag != b.tag => Err(forked(a.bytes, x)),
            _ => Ok(()),
        }
    })?;
    Ok(match (ahead, behind) {
        (false, false) => Relation::Equal,
        (true, false) => Relation::Covers,
        (false, true) => Relation::Covered,
        (true, true) => Relation::Concurrent,
    })
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
fn forked(line: &[u8], sequence: u64) -> Error {
    let actor = line.first_chunk().map_or(ActorId::from_bytes([0; 12]), |actor| ActorId::from_bytes(*actor));
    Error::new(
        ErrorKind::Forked,
        format!(
            "two different writes bear the name {actor:.8}:{sequence}: a copy of their author wrote too; both are kept apart"
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
