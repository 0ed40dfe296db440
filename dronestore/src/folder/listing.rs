//! Listing: what is in a folder, writer by writer.

use super::name::SegmentName;
use super::storage::{Entry, Storage};
use crate::repo::{Spans, WriterId};
use dronestore_core::Result;
use std::collections::BTreeMap;

/// What is in a folder.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) writers: BTreeMap<WriterId, Segments>,
    /// Files that are none of ours: of other programs, copies made in a conflict, half written ones.
    pub(super) ignored: usize,
    /// All segments as they are listed.
    pub(super) entries: Vec<Entry>,
}

/// The segments of one writer, by the publications that they are of.
#[derive(Debug, Default)]
pub(super) struct Segments(BTreeMap<(u64, u64), Vec<SegmentName>>);

impl Listing {
    pub(super) fn read(storage: &dyn Storage) -> Result<Listing> {
        let mut listing = Listing::default();
        let mut entries = storage.list()?;
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        for entry in entries {
            match SegmentName::parse(&entry.name) {
                Some(name) => {
                    let segments = listing.writers.entry(name.writer).or_default();
                    segments.0.entry((name.first, name.last)).or_default().push(name);
                    listing.entries.push(entry);
                }
                None => listing.ignored += usize::from(!entry.name.ends_with(".index")),
            }
        }
        Ok(listing)
    }
}

/// Whether these are all parts.
fn is_whole(parts: &[SegmentName]) -> bool {
    // They are in the order of their names.
    let follow = parts.iter().zip(1..).all(|(part, number)| part.part == number);
    follow && parts.iter().filter(|part| part.ends).count() == 1 && parts.last().is_some_and(|part| part.ends)
}

impl Segments {
    /// Those of which all parts are there: larger spans before those that they hold.
    pub(super) fn whole(&self) -> Vec<(u64, u64, &[SegmentName])> {
        let whole = self.0.iter().filter(|(_, parts)| is_whole(parts));
        let mut whole: Vec<_> = whole.map(|(span, parts)| (span.0, span.1, parts.as_slice())).collect();
        whole.sort_by_key(|(first, last, _)| (*first, u64::MAX - last));
        whole
    }

    /// How many publications are there in part only.
    pub(super) fn partial(&self) -> usize {
        self.0.values().filter(|parts| !is_whole(parts)).count()
    }

    /// Up to which publication all are there, from the first on.
    pub(super) fn reaches(&self) -> u64 {
        let mut spans = Spans::default();
        self.whole().iter().for_each(|(first, last, _)| spans.add(*first, *last));
        spans.take_at(1).unwrap_or(0)
    }

    /// The largest number of which there is a whole publication, and the largest of which there is anything.
    pub(super) fn numbers(&self) -> (u64, u64) {
        let whole = self.whole().iter().map(|(_, last, _)| *last).max().unwrap_or(0);
        (whole, self.0.keys().map(|(_, last)| *last).max().unwrap_or(0))
    }

    /// Whether there is anything of just these publications.
    pub(super) fn has(&self, first: u64, last: u64) -> bool {
        self.0.contains_key(&(first, last))
    }

    /// The last part of the newest whole publication.
    pub(super) fn newest(&self) -> Option<&SegmentName> {
        let (newest, _) = self.numbers();
        self.0.iter().rev().find(|(span, parts)| span.1 == newest && is_whole(parts))?.1.last()
    }

    /// Segments that nobody needs: others are whole and hold all of theirs.
    pub(super) fn superseded(&self) -> Vec<SegmentName> {
        let whole: Vec<(u64, u64)> = self.whole().iter().map(|(first, last, _)| (*first, *last)).collect();
        let is_held = |span: &(u64, u64)| {
            whole.iter().any(|other| other != span && other.0 <= span.0 && span.1 <= other.1)
        };
        self.0.iter().filter(|(span, _)| is_held(span)).flat_map(|(_, parts)| parts).copied().collect()
    }
}
