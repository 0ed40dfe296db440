//! The names of segments: whose, which publications, which part. None is used twice.
//!
//! ```text
//! <actor>-<incarnation>-<first>-<last>-<part><e|m>.drone
//! ```

use crate::repo::WriterId;
use dronestore_core::ActorId;
use std::fmt;

/// The name of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SegmentName {
    pub(super) writer: WriterId,
    /// The publications that it is of: all from the first to the last.
    pub(super) first: u64,
    pub(super) last: u64,
    /// Which part of them, from 1.
    pub(super) part: u32,
    /// Whether it is the last part.
    pub(super) ends: bool,
}

impl SegmentName {
    /// The name that this is, if it is one: exactly as it was given, so that copies and renamed files are none.
    pub(super) fn parse(name: &str) -> Option<SegmentName> {
        let mut parts = name.strip_suffix(".drone")?.split('-');
        let mut next = || parts.next();
        let (actor, incarnation, first, last, part) = (next()?, next()?, next()?, next()?, next()?);
        let ends = match part.chars().last()? {
            'e' => true,
            'm' => false,
            _ => return None,
        };
        let incarnation = u64::from_str_radix(incarnation, 16).ok()?.to_be_bytes();
        let writer = WriterId { actor: actor.parse::<ActorId>().ok()?, incarnation };
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        let part = part[..part.len() - 1].parse().ok()?;
        let parsed = SegmentName { writer, first, last, part, ends };
        let is_sound = first > 0 && first <= last && part > 0 && parsed.to_string() == name;
        is_sound.then_some(parsed)
    }
}

impl fmt::Display for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SegmentName { writer, first, last, part, ends } = self;
        let (incarnation, end) = (u64::from_be_bytes(writer.incarnation), if *ends { 'e' } else { 'm' });
        write!(f, "{}-{incarnation:016x}-{first:08}-{last:08}-{part:04}{end}.drone", writer.actor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_name_parses() {
        let name = "0102030405060708090a0b0c-00000000000000ff-00000001-00000007-0002e.drone";
        let parsed = SegmentName::parse(name).unwrap();
        assert_eq!((parsed.first, parsed.last, parsed.part, parsed.ends), (1, 7, 2, true));
        assert_eq!(parsed.to_string(), name);
        let long = SegmentName { last: 123_456_789_012, ..parsed };
        assert_eq!(SegmentName::parse(&long.to_string()), Some(long));
        for (from, to) in [
            ("0002e", "0002e (1)"),
            (".drone", ".sync-conflict-20261121-101010-ABCDEFG.drone"),
            (".drone", " (Ann's conflicted copy).drone"),
            (".drone", ".drone.tmp"),
            (".drone", ".DRONE"),
            ("00000007", "7"),
            ("00000001", "00000009"),
            ("00000001", "00000000"),
            ("0002e", "0000e"),
            ("0a0b0c", "0A0B0C"),
            ("ff-", "FF-"),
            ("0102", ".0102"),
        ] {
            assert_eq!(SegmentName::parse(&name.replace(from, to)), None, "{to}");
        }
    }
}
