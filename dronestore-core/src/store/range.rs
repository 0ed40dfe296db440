//! Which keys a scan visits, and in which direction.

use std::ops::{Bound, RangeBounds};

/// Which way a scan goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest key first.
    Forward,
    /// Largest key first.
    Backward,
}

/// The keys between two bounds.
///
/// Unlike the ranges of the standard library it is one type, so that traits with a scan stay object-safe.
///
/// ```
/// use dronestore_core::store::{Range, prefix_end};
///
/// let end = prefix_end(b"log/");
/// let log = Range::prefix(b"log/", end.as_deref());
/// assert!(log.contains(b"log/7") && !log.contains(b"logs"));
/// assert!(Range::between(b"a", b"c").contains(b"b"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range<'a> {
    /// Where it begins.
    pub start: Bound<&'a [u8]>,
    /// Where it ends.
    pub end: Bound<&'a [u8]>,
}

impl<'a> Range<'a> {
    /// All keys.
    pub const ALL: Range<'static> = Range { start: Bound::Unbounded, end: Bound::Unbounded };

    /// From the start up to and without the end.
    pub fn between(start: &'a [u8], end: &'a [u8]) -> Self {
        Range { start: Bound::Included(start), end: Bound::Excluded(end) }
    }

    /// All keys that begin with `prefix`; `end` is its [`prefix_end`].
    pub fn prefix(prefix: &'a [u8], end: Option<&'a [u8]>) -> Self {
        Range { start: Bound::Included(prefix), end: end.map_or(Bound::Unbounded, Bound::Excluded) }
    }

    /// Whether no key can lie in it: it ends before it begins.
    ///
    /// Backends ask first, since the range methods of many maps panic there.
    pub fn is_empty(&self) -> bool {
        use Bound::{Excluded, Included};
        match (self.start, self.end) {
            (Included(start), Included(end)) => start > end,
            (Included(start) | Excluded(start), Included(end) | Excluded(end)) => start >= end,
            _ => false,
        }
    }

    /// Whether this key lies in it.
    pub fn contains(&self, key: &[u8]) -> bool {
        RangeBounds::<[u8]>::contains(&(self.start, self.end), key)
    }
}

/// The least key after all keys that begin with `prefix`, or `None` if there is none (a prefix of only `0xff`, or of nothing).
pub fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|&byte| byte != 0xff)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Bound::{Excluded, Included, Unbounded};

    #[test]
    fn prefix_ends_are_the_next_key() {
        let cases: [(&[u8], Option<&[u8]>); 6] = [
            (b"", None),
            (b"a", Some(b"b")),
            (b"a\xff", Some(b"b")),
            (b"a\xff\x00", Some(b"a\xff\x01")),
            (b"\xff", None),
            (b"\xff\xff", None),
        ];
        for (prefix, end) in cases {
            assert_eq!(prefix_end(prefix).as_deref(), end, "{prefix:?}");
        }
    }

    #[test]
    fn inverted_ranges_are_empty() {
        let empty = |start, end| Range { start, end }.is_empty();
        assert!(empty(Included(b"b"), Included(b"a")));
        assert!(empty(Included(b"a"), Excluded(b"a")));
        assert!(empty(Excluded(b"a"), Included(b"a")));
        assert!(empty(Excluded(b"a"), Excluded(b"a")));
        assert!(!empty(Included(b"a"), Included(b"a")));
        assert!(!empty(Unbounded, Excluded(b"a")));
        assert!(!Range::ALL.is_empty());
    }
}
