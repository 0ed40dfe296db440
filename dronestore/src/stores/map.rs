//! A walk over a persistent map that stands still while others write.

use crate::store::{Bytes, Direction, Range};
use imbl::OrdMap;
use std::ops::Bound;

/// The map's own iterators borrow it, and a cursor has to own what it walks. So it fetches references to a few pairs at a
/// time and seeks again from the last one.
pub(super) struct MapCursor<V> {
    map: OrdMap<Bytes, V>,
    start: Bound<Bytes>,
    end: Bound<Bytes>,
    direction: Direction,
    /// Fetched pairs, the next one last.
    chunk: Vec<(Bytes, V)>,
}

impl<V: Clone> MapCursor<V> {
    /// Large enough that the seek is lost in the walk, small enough for those who look at one pair only.
    const CHUNK: usize = 32;

    pub(super) fn new(map: &OrdMap<Bytes, V>, range: Range<'_>, direction: Direction) -> Self {
        let (start, end) = (range.start.map(Bytes::from), range.end.map(Bytes::from));
        MapCursor { map: map.clone(), start, end, direction, chunk: Vec::new() }
    }

    /// The next pair, without going on.
    pub(super) fn peek(&mut self) -> Option<&(Bytes, V)> {
        if self.chunk.is_empty() {
            self.fetch();
        }
        self.chunk.last()
    }

    pub(super) fn next(&mut self) -> Option<(Bytes, V)> {
        self.peek()?;
        self.chunk.pop()
    }

    /// Leaves nothing to walk over.
    pub(super) fn end(&mut self) {
        (self.map, self.chunk) = (OrdMap::new(), Vec::new());
    }

    fn fetch(&mut self) {
        let range = Range { start: borrow(&self.start), end: borrow(&self.end) };
        if range.is_empty() {
            return;
        }
        let pairs = self.map.range::<_, [u8]>((range.start, range.end));
        let pair = |(key, value): (&Bytes, &V)| (key.clone(), value.clone());
        match self.direction {
            Direction::Forward => self.chunk.extend(pairs.take(Self::CHUNK).map(pair)),
            Direction::Backward => self.chunk.extend(pairs.rev().take(Self::CHUNK).map(pair)),
        }
        let Some((last, _)) = self.chunk.last() else { return self.end() };
        match self.direction {
            Direction::Forward => self.start = Bound::Excluded(last.clone()),
            Direction::Backward => self.end = Bound::Excluded(last.clone()),
        }
        self.chunk.reverse();
    }
}

fn borrow(bound: &Bound<Bytes>) -> Bound<&[u8]> {
    bound.as_ref().map(|bytes| &**bytes)
}
