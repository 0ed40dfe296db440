//! Edits of a text as they were made, so that a commit need not look for them.

use crate::causal::sequence::{Content, Run};
use std::ops::Range;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicUsize};

/// The most edits that are remembered between two commits; beyond them the commit compares the texts.
const MOST: usize = 4096;

/// Edits of a text, in the order in which they were made; what is typed in one go is one of them.
///
/// They stay when they were written: whether that came to a version is not known here. So there are two places from which
/// they may lead on, and the next commit tries both, the later one first.
#[derive(Debug, Default)]
pub struct Edits {
    made: Vec<Edit>,
    /// All that was inserted, one after the other.
    typed: String,
    /// How many edits were made when they were last written.
    written: AtomicUsize,
    /// How many of them what they were last written onto had already.
    based: AtomicUsize,
    /// There were more than are remembered.
    too_many: bool,
    /// Whether that was found when they were written, so that they begin anew.
    anew: AtomicBool,
}

/// What was deleted behind a place and what was inserted there; counted in characters of the text as it was then.
#[derive(Debug, Clone)]
struct Edit {
    at: usize,
    deleted: usize,
    /// In bytes of what was typed.
    inserted: Range<usize>,
    count: usize,
}

impl Edits {
    /// Whether none was made since they were last written.
    pub(crate) fn is_idle(&self) -> bool {
        self.made.len() == self.written.load(Relaxed) && !self.too_many
    }

    /// Notes that so many characters were inserted at a place.
    pub(crate) fn insert(&mut self, at: usize, text: &str, count: usize) {
        match self.last() {
            Some(last) if last.at + last.count == at => {
                last.inserted.end += text.len();
                last.count += count;
            }
            _ => self.push(at, 0, text.len(), count),
        }
        if !self.too_many {
            self.typed.push_str(text);
        }
    }

    /// Notes that so many characters were deleted behind a place.
    pub(crate) fn delete(&mut self, at: usize, count: usize) {
        let start = self.made.last().map_or(0, |last| last.inserted.start);
        match self.last() {
            // What follows what was just typed.
            Some(last) if last.at + last.count == at => last.deleted += count,
            // The end of what was just typed.
            Some(last) if last.at <= at && at + count == last.at + last.count => {
                last.count -= count;
                let kept = last.count;
                let end = start + bytes_of(&self.typed[start..], kept);
                self.typed.truncate(end);
                self.made.last_mut().into_iter().for_each(|last| last.inserted.end = end);
            }
            // One more before what was just deleted.
            Some(last) if last.count == 0 && at + count == last.at => {
                (last.at, last.deleted) = (at, last.deleted + count);
            }
            _ => self.push(at, count, 0, 0),
        }
    }

    /// The last edit, if it was not written yet.
    fn last(&mut self) -> Option<&mut Edit> {
        let written = *self.written.get_mut();
        self.made.get_mut(written..)?.last_mut()
    }

    fn push(&mut self, at: usize, deleted: usize, inserted: usize, count: usize) {
        if *self.anew.get_mut() {
            *self = Edits::default();
        }
        // What even the version before the last had is of no more use.
        let had = match *self.based.get_mut() {
            0 if self.made.len() == MOST => *self.written.get_mut(),
            based => based,
        };
        if had > 0 {
            self.forget(had);
        }
        if self.made.len() == MOST {
            *self = Edits { too_many: true, ..Edits::default() };
        }
        if !self.too_many {
            let start = self.typed.len();
            self.made.push(Edit { at, deleted, inserted: start..start + inserted, count });
        }
    }

    fn forget(&mut self, count: usize) {
        self.made.drain(..count);
        let start = self.made.first().map_or(self.typed.len(), |first| first.inserted.start);
        self.typed.drain(..start);
        for edit in &mut self.made {
            edit.inserted = edit.inserted.start - start..edit.inserted.end - start;
        }
        *self.written.get_mut() -= count;
        *self.based.get_mut() = 0;
    }

    /// What they come to, where they lead from the text of these runs to the other.
    pub(crate) fn between(&self, old: &[Run<'_>], new: &str) -> Option<Vec<Change>> {
        self.find(old, new).map(|(_, changes)| changes)
    }

    /// As [`Edits::between`], and notes that they are written.
    pub(crate) fn write(&self, old: &[Run<'_>], new: &str) -> Option<Vec<Change>> {
        let found = self.find(old, new);
        self.anew.store(self.too_many, Relaxed);
        let (based, changes) =
            found.map_or((self.made.len(), None), |(based, changes)| (based, Some(changes)));
        self.based.store(based, Relaxed);
        self.written.store(self.made.len(), Relaxed);
        changes
    }

    /// From which of the edits on they lead from one text to the other, and what they come to.
    fn find(&self, old: &[Run<'_>], new: &str) -> Option<(usize, Vec<Change>)> {
        if self.too_many {
            return None;
        }
        let (written, based) = (self.written.load(Relaxed), self.based.load(Relaxed));
        let from = |from: usize| self.lead(from, old, new).map(|changes| (from, changes));
        from(written).or_else(|| if based == written { None } else { from(based) })
    }

    fn lead(&self, from: usize, old: &[Run<'_>], new: &str) -> Option<Vec<Change>> {
        let edits = self.made.get(from..)?;
        let mut pieces = Pieces { all: Vec::new(), number: 0, at: 0 };
        let count = old.iter().filter(|run| run.is_visible()).map(|run| run.count as usize).sum();
        pieces.all.push(Piece { of: Origin::Old, start: 0, count });
        for (number, edit) in edits.iter().enumerate() {
            pieces.apply(number, edit)?;
        }
        pieces.changes(&mut Typed::new(&self.typed, edits), old, new)
    }
}

impl Clone for Edits {
    fn clone(&self) -> Self {
        Edits {
            made: self.made.clone(),
            typed: self.typed.clone(),
            written: AtomicUsize::new(self.written.load(Relaxed)),
            based: AtomicUsize::new(self.based.load(Relaxed)),
            too_many: self.too_many,
            anew: AtomicBool::new(self.anew.load(Relaxed)),
        }
    }
}

/// A part of the old text and what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// In characters of the old text.
    pub(crate) at: usize,
    pub(crate) deleted: usize,
    pub(crate) inserted: usize,
    /// In bytes of the new one.
    pub(crate) content: Range<usize>,
}

/// The text as it is, in pieces of what it was and of what was typed.
struct Pieces {
    all: Vec<Piece>,
    /// Where the last edit was: the piece, and where it begins. The next one is mostly near.
    number: usize,
    at: usize,
}

/// So many characters from one on, of the old text or of what an edit typed.
#[derive(Debug, Clone, Copy)]
struct Piece {
    of: Origin,
    start: usize,
    count: usize,
}

#[derive(Debug, Clone, Copy)]
enum Origin {
    Old,
    /// The edit of this number.
    New(usize),
}

/// What was typed, edit by edit, and how far each was read: what is left of one stands in its order in the text.
struct Typed<'t> {
    text: &'t str,
    /// Of each edit the next character, and the byte at which it begins.
    next: Vec<(usize, usize)>,
}

impl<'t> Typed<'t> {
    fn new(text: &'t str, edits: &[Edit]) -> Typed<'t> {
        Typed { text, next: edits.iter().map(|edit| (0, edit.inserted.start)).collect() }
    }

    fn take(&mut self, edit: usize, start: usize, count: usize) -> Option<&'t str> {
        let (at, byte) = self.next.get_mut(edit)?;
        let begin = *byte + bytes_of(self.text.get(*byte..)?, start.checked_sub(*at)?);
        let taken = self.text.get(begin..)?;
        let taken = &taken[..bytes_of(taken, count)];
        (*at, *byte) = (start + count, begin + taken.len());
        Some(taken)
    }
}

impl Pieces {
    fn apply(&mut self, number: usize, edit: &Edit) -> Option<()> {
        self.seek(edit.at)?;
        let mut deleted = edit.deleted;
        while deleted > 0 {
            let count = self.all.get(self.number)?.count;
            if count > deleted {
                self.split(deleted);
            }
            self.all.remove(self.number);
            deleted -= count.min(deleted);
        }
        if edit.count > 0 {
            let piece = Piece { of: Origin::New(number), start: 0, count: edit.count };
            self.all.insert(self.number, piece);
        }
        Some(())
    }

    /// Goes to where a piece begins at this place, if need be by cutting one.
    fn seek(&mut self, at: usize) -> Option<()> {
        while self.at > at {
            self.number -= 1;
            self.at -= self.all[self.number].count;
        }
        while self.at < at {
            let count = self.all.get(self.number)?.count;
            if self.at + count > at {
                self.split(at - self.at);
                self.at = at;
            } else {
                self.at += count;
            }
            self.number += 1;
        }
        Some(())
    }

    fn split(&mut self, first: usize) {
        let Piece { of, start, count } = self.all[self.number];
        self.all[self.number].count = first;
        self.all.insert(self.number + 1, Piece { of, start: start + first, count: count - first });
    }

    /// The changes, where the pieces are the new text.
    fn changes(&self, typed: &mut Typed<'_>, old: &[Run<'_>], new: &str) -> Option<Vec<Change>> {
        let mut changes: Vec<Change> = Vec::new();
        let mut change = Change { at: 0, deleted: 0, inserted: 0, content: 0..0 };
        let (mut rest, mut old, mut at) = (new.as_bytes(), Old { runs: old, done: 0 }, 0);
        for &Piece { of, start, count } in &self.all {
            match of {
                Origin::New(edit) => {
                    rest = rest.strip_prefix(typed.take(edit, start, count)?.as_bytes())?;
                    change.inserted += count;
                    change.content.end = new.len() - rest.len();
                }
                Origin::Old => {
                    change.deleted = start.checked_sub(at)?;
                    old.each(change.deleted, |_| Some(()))?;
                    old.each(count, |kept| {
                        rest = rest.strip_prefix(kept)?;
                        Some(())
                    })?;
                    at = start + count;
                    let here = new.len() - rest.len();
                    let next = Change { at, deleted: 0, inserted: 0, content: here..here };
                    changes.push(std::mem::replace(&mut change, next));
                }
            }
        }
        change.deleted = old.count();
        changes.push(change);
        changes.retain(|change| change.deleted > 0 || change.inserted > 0);
        rest.is_empty().then_some(changes)
    }
}

/// What is left of a text, in runs.
struct Old<'r, 'a> {
    runs: &'r [Run<'a>],
    /// How many characters of the first run are done.
    done: u32,
}

impl Old<'_, '_> {
    /// Goes over so many characters, and shows them; `None` where there are not so many, and where `show` says so.
    fn each(&mut self, mut count: usize, mut show: impl FnMut(&[u8]) -> Option<()>) -> Option<()> {
        while count > 0 {
            let (run, behind) = self.runs.split_first()?;
            let left = if run.is_visible() { run.count - self.done } else { 0 };
            let taken = count.min(left as usize) as u32;
            if taken > 0 {
                let byte = |count| Content::Chars.length(run.content, run.count, count).ok();
                let start = if self.done == 0 { 0 } else { byte(self.done)? };
                show(&run.content[start..byte(self.done + taken)?])?;
            }
            (self.runs, self.done) = if taken == left { (behind, 0) } else { (self.runs, self.done + taken) };
            count -= taken as usize;
        }
        Some(())
    }

    fn count(&self) -> usize {
        let all: usize = self.runs.iter().filter(|run| run.is_visible()).map(|run| run.count as usize).sum();
        all - self.done as usize
    }
}

/// How many bytes the first characters of a text take.
fn bytes_of(text: &str, count: usize) -> usize {
    text.char_indices().nth(count).map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causal::sequence::{Id, Stem};

    /// A text in runs of so many characters.
    fn runs(text: &[String]) -> Vec<Run<'_>> {
        let run = |part: &'_ String| part.chars().count() as u32;
        let id = Id { row: 0, index: 0 };
        text.iter()
            .map(|part| Run { id, count: run(part), stem: Stem::Root, content: part.as_bytes() })
            .collect()
    }

    #[test]
    fn edits_come_to_the_text_that_they_made() {
        let mut state = 1u64;
        let mut below = |end: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % end
        };
        for _ in 0..20_000 {
            let letters = ['a', 'b', 'é', '漢'];
            let old: Vec<char> = (0..below(12)).map(|_| letters[below(4)]).collect();
            let (mut new, mut edits, mut near) = (old.clone(), Edits::default(), 0);
            for _ in 0..below(12) {
                let at = if below(3) > 0 { near.min(new.len()) } else { below(new.len() + 1) };
                let count = below(3);
                if below(2) == 0 && at + count <= new.len() && count > 0 {
                    new.drain(at..at + count);
                    edits.delete(at, count);
                    near = at.saturating_sub(below(2));
                } else if count > 0 {
                    let text: String = (0..count).map(|_| letters[below(4)]).collect();
                    new.splice(at..at, text.chars());
                    edits.insert(at, &text, count);
                    near = at + count;
                }
            }
            let new: String = new.into_iter().collect();
            let mut again = old.clone();
            let old: Vec<String> = old.chunks(1 + below(4)).map(|part| part.iter().collect()).collect();
            let changes = edits.between(&runs(&old), &new).unwrap();
            for change in changes.iter().rev() {
                let content = &new[change.content.clone()];
                assert_eq!(content.chars().count(), change.inserted);
                again.splice(change.at..change.at + change.deleted, content.chars());
            }
            assert_eq!(again.into_iter().collect::<String>(), new);
            assert!(
                changes.windows(2).all(|pair| pair[0].at + pair[0].deleted < pair[1].at),
                "{changes:?} touch"
            );
            assert_eq!(edits.between(&runs(&old), &(new.clone() + "!")), None);
            let longer = [&old[..], &["!".to_owned()]].concat();
            assert!(
                edits.is_idle()
                    || old.concat() == new
                    || edits.between(&runs(&longer), &new).is_none()
                    || changes.is_empty()
            );
        }
    }

    #[test]
    fn what_is_typed_in_one_go_is_one_edit() {
        let mut edits = Edits::default();
        for (at, letter) in ["h", "e", "l", "p", "l", "o"].iter().enumerate() {
            edits.insert(at, letter, 1);
            if *letter == "p" {
                edits.delete(at, 1);
                edits.insert(at, "l", 1);
                edits.delete(at, 1);
            }
        }
        assert!(edits.made.len() <= 2, "{edits:?}");
        let mut many = Edits::default();
        (0..=MOST).for_each(|at| many.insert(2 * at, "x", 1));
        assert_eq!(many.between(&[], ""), None);
    }
    #[test]
    fn edits_lead_on_from_what_was_written_last_or_before_that() {
        let mut state = 7u64;
        let mut below = |end: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % end
        };
        for _ in 0..2_000 {
            let (mut old, mut new) = (String::new(), String::new());
            let mut edits = Edits::default();
            for _ in 0..8 {
                for _ in 0..below(4) {
                    let at = below(new.len() + 1);
                    match below(3) {
                        0 if at < new.len() => {
                            new.remove(at);
                            edits.delete(at, 1);
                        }
                        _ => {
                            let letter = ["a", "b", "c"][below(3)];
                            new.insert_str(at, letter);
                            edits.insert(at, letter, 1);
                        }
                    }
                }
                let parts = [old.clone()];
                assert!(edits.between(&runs(&parts), &new).is_some(), "{old:?} {new:?} {edits:?}");
                assert!(edits.write(&runs(&parts), &new).is_some(), "{old:?} {new:?} {edits:?}");
                assert!(edits.is_idle());
                // One in three comes to nothing.
                if below(3) > 0 {
                    old.clone_from(&new);
                }
            }
            assert!(edits.made.len() <= 32);
        }
    }

    #[test]
    fn after_too_many_edits_they_begin_anew_when_they_were_written() {
        let mut many = Edits::default();
        (0..=MOST).for_each(|at| many.insert(2 * at, "x", 1));
        assert_eq!(many.write(&[], "x"), None);
        many.insert(1, "y", 1);
        let old = ["x".to_owned()];
        assert!(many.between(&runs(&old), "xy").is_some());
    }
}
