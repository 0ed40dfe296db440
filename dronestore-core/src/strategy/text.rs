//! `text`: character by character; what is typed at one place by two stays together.
//!
//! The characters that the commits seen have inserted and none has deleted (Weidner, Kleppmann, "The Art of the
//! Fugue", 2023).
//!
//! | met | reads as |
//! |---|---|
//! | runs typed at one place | one run after the other, each whole |
//! | typed inside what was concurrently deleted | what was typed, where the deleted text was |
//! | the same characters deleted on both sides | gone |
//!
//! Stored: runs of characters, and without content those that a visible one hangs below. Not for a short value that
//! is replaced as a whole: use `latest`.

use super::diff::hunks;
use super::edits::{Change, Edits};
use super::sequence;
use super::{ReadPlace, WritePlace};
use crate::causal::Structure;
use crate::causal::sequence::{Content, Run, Runs, Splice};
use crate::error::{Error, ErrorKind, Result};
use std::string::FromUtf8Error;

const STRUCTURE: Structure<'static> = Structure::Sequence(Content::Chars);

/// The text; `None` where nothing was written.
pub(crate) fn read(place: ReadPlace<'_>) -> Result<Option<String>> {
    if place.is_empty() {
        return Ok(None);
    }
    let mut runs = Runs::new(place.body, Content::Chars)?;
    let mut text = Vec::with_capacity(place.body.len());
    while let Some(run) = runs.next()? {
        text.extend_from_slice(run.content);
    }
    String::from_utf8(text).map(Some).map_err(not_utf8)
}

/// Whether the text is this one; no allocation.
fn is(place: ReadPlace<'_>, text: &str) -> Result<bool> {
    let mut runs = Runs::new(place.body, Content::Chars)?;
    let mut rest = text.as_bytes();
    while let Some(run) = runs.next()? {
        match rest.strip_prefix(run.content) {
            Some(after) => rest = after,
            None => return Ok(false),
        }
    }
    Ok(rest.is_empty())
}

/// Writes a text: what was inserted and deleted since it was loaded, as it was done where that is known.
pub(crate) fn write(
    place: &mut WritePlace<'_>,
    new: &str,
    done: Option<&Edits>,
    default: Option<&dyn Fn() -> String>,
) -> Result<()> {
    let is_written = !place.base.is_empty();
    if !is_written && default.is_some_and(|default| default() == new) {
        return place.keep(STRUCTURE);
    }
    // Who notes what is done, and has nothing noted, has done nothing, or put another text in the place of all.
    if is_written && done.is_some_and(Edits::is_idle) && is(place.loaded(), new)? {
        return place.keep(STRUCTURE);
    }
    let old = Runs::new(place.base, Content::Chars)?.collect()?;
    let changes = match place.pen.only_asks {
        true => done.and_then(|done| done.between(&old, new)),
        false => done.and_then(|done| done.write(&old, new)),
    };
    let splices = match changes {
        Some(changes) => {
            changes.into_iter().map(|change| as_splice(change, new)).collect::<Result<Vec<_>>>()?
        }
        None => compared(&old, new)?,
    };
    if splices.is_empty() && is_written {
        return place.keep(STRUCTURE);
    }
    let deletes = splices.iter().any(|splice| splice.deleted > 0);
    sequence::write_runs(place, Content::Chars, old, &splices, deletes || new.is_empty())
}

/// The edits that make a text of that of these runs; of what both begin and end with almost nothing is copied.
fn compared<'n>(old: &[Run<'_>], new: &'n str) -> Result<Vec<Splice<'n>>> {
    let visible: Vec<&Run<'_>> = old.iter().filter(|run| run.is_visible()).collect();
    let all = new.as_bytes();
    // Whole runs in front, then whole runs at the end; what the run in between begins with is not for the latter.
    let (mut first, mut start, mut same) = (0, 0, 0);
    while let Some(run) = visible.get(first) {
        same = common(run.content, &all[start..]);
        if same < run.content.len() {
            break;
        }
        (first, start, same) = (first + 1, start + same, 0);
    }
    if first == visible.len() && start == all.len() {
        return Ok(Vec::new());
    }
    let (mut last, mut end) = (visible.len(), all.len());
    while last > first + 1
        && let content = visible[last - 1].content
        && end - start - same >= content.len()
        && all[..end].ends_with(content)
    {
        (last, end) = (last - 1, end - content.len());
    }
    let between = |start: usize, end: usize| {
        let part = new.get(start..end);
        part.ok_or_else(|| Error::corrupt("a run of a text does not end between characters"))
    };
    // Words that a change may cut into are looked at as wholes.
    let (before, after) = (between(0, start)?, between(end, all.len())?);
    let (before, after) = (before.len() - word_before(before), end + word_after(after));
    let mut middle = Vec::with_capacity(64 + start - before);
    middle.extend_from_slice(&all[before..start]);
    visible[first..last].iter().for_each(|run| middle.extend_from_slice(run.content));
    middle.extend_from_slice(&all[end..after]);
    let middle = String::from_utf8(middle).map_err(not_utf8)?;
    let mut found = edits(&middle, between(before, after)?)?;
    let skipped = new[..before].chars().count();
    found.iter_mut().for_each(|splice| splice.at += skipped);
    Ok(found)
}

/// How many bytes both begin with.
fn common(one: &[u8], other: &[u8]) -> usize {
    if other.starts_with(one) {
        return one.len();
    }
    one.iter().zip(other).take_while(|(a, b)| a == b).count()
}

#[cold]
fn not_utf8(error: FromUtf8Error) -> Error {
    Error::corrupt("a text is not UTF-8").with_source(error)
}

fn as_splice(change: Change, new: &str) -> Result<Splice<'_>> {
    let Change { at, deleted, inserted, content } = change;
    Ok(Splice { at, deleted, inserted: count(inserted)?, content: &new.as_bytes()[content] })
}

/// The edits that make one text of another, counted in characters.
///
/// What was only inserted, or only deleted, at one place is found by comparing from both ends. Everything else is
/// found word by word: by single characters a rewritten sentence would be a confetti of letters that both happen to
/// have, and a concurrent edit would land in it.
fn edits<'n>(old: &str, new: &'n str) -> Result<Vec<Splice<'n>>> {
    let mut edits = Found { splices: Vec::new(), old, bytes: 0, chars: 0 };
    let (mut start, mut old_end, mut new_end) = trim(old, new);
    if start == old_end || start == new_end {
        edits.put(start, &old[start..old_end], &new[start..new_end])?;
        return Ok(edits.splices);
    }
    // Words that the change cuts into are compared as wholes.
    start -= word_before(&old[..start]);
    let rest = word_after(&old[old_end..]);
    (old_end, new_end) = (old_end + rest, new_end + rest);
    let (old_middle, new_middle) = (&old[start..old_end], &new[start..new_end]);
    let (old_words, new_words): (Vec<_>, Vec<_>) = (words(old_middle).collect(), words(new_middle).collect());
    // Where each word begins, and behind the last where it ends.
    let starts = |words: &[&str]| -> Vec<usize> {
        let ends = words.iter().scan(0, |at, word| {
            *at += word.len();
            Some(*at)
        });
        std::iter::once(0).chain(ends).collect()
    };
    let (old_starts, new_starts) = (starts(&old_words), starts(&new_words));
    for hunk in hunks(&old_words, &new_words) {
        let old_part = &old_middle[old_starts[hunk.old.start]..old_starts[hunk.old.end]];
        let new_part = &new_middle[new_starts[hunk.new.start]..new_starts[hunk.new.end]];
        let (same, old_end, new_end) = changed(old_part, new_part);
        let at = start + old_starts[hunk.old.start] + same;
        edits.put(at, &old_part[same..old_end], &new_part[same..new_end])?;
    }
    Ok(edits.splices)
}

struct Found<'o, 'n> {
    splices: Vec<Splice<'n>>,
    old: &'o str,
    /// How far it was counted, in bytes and in characters.
    bytes: usize,
    chars: usize,
}

impl<'n> Found<'_, 'n> {
    fn put(&mut self, at: usize, deleted: &str, inserted: &'n str) -> Result<()> {
        self.chars += self.old[self.bytes..at].chars().count();
        self.bytes = at;
        self.splices.push(Splice {
            at: self.chars,
            deleted: deleted.chars().count(),
            inserted: count(inserted.chars().count())?,
            content: inserted.as_bytes(),
        });
        Ok(())
    }
}

/// A number of elements that one commit can insert.
pub(crate) fn count(number: usize) -> Result<u32> {
    u32::try_from(number).map_err(|_| {
        Error::new(ErrorKind::Unsupported, "one commit cannot insert more than 4,294,967,295 elements")
    })
}

/// What was changed within words: all, where it is more than half and not just an insertion or deletion.
fn changed(old: &str, new: &str) -> (usize, usize, usize) {
    let (start, old_end, new_end) = trim(old, new);
    let same = start + old.len() - old_end;
    let is_replaced = start < old_end && start < new_end && 2 * same < old.len().max(new.len());
    if is_replaced { (0, old.len(), new.len()) } else { (start, old_end, new_end) }
}

/// How many bytes both begin with, and where in each what both end with begins; between characters.
fn trim(old: &str, new: &str) -> (usize, usize, usize) {
    let (mut start, (mut old_end, mut new_end)) = super::diff::trim(old.as_bytes(), new.as_bytes());
    while !old.is_char_boundary(start) || !new.is_char_boundary(start) {
        start -= 1;
    }
    while !old.is_char_boundary(old_end) || !new.is_char_boundary(new_end) {
        (old_end, new_end) = (old_end + 1, new_end + 1);
    }
    (start, old_end, new_end)
}

/// The words of a text, and what is between them character by character, as are scripts that set no spaces.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let length = word_after(rest).max(first.len_utf8());
        let (word, after) = rest.split_at(length);
        rest = after;
        Some(word)
    })
}

fn in_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || char < '\u{2e80}' && char.is_alphanumeric()
}

/// How many bytes of a word a text begins with.
fn word_after(text: &str) -> usize {
    text.find(|char| !in_word(char)).unwrap_or(text.len())
}

/// How many bytes of a word a text ends with.
fn word_before(text: &str) -> usize {
    text.len() - text.trim_end_matches(in_word).len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causal::sequence::{Id, Stem};

    fn check(old: &str, new: &str, expected: &[(usize, usize, &str)]) {
        let splices = edits(old, new).unwrap();
        let found: Vec<_> = splices
            .iter()
            .map(|splice| (splice.at, splice.deleted, std::str::from_utf8(splice.content).unwrap()))
            .collect();
        assert_eq!(found, expected, "{old:?} to {new:?}");
        for length in 1..5 {
            let chars: Vec<String> = old.chars().map(String::from).collect();
            let parts: Vec<String> = chars.chunks(length).map(|part| part.concat()).collect();
            let id = Id { row: 0, index: 0 };
            let runs: Vec<Run<'_>> = parts
                .iter()
                .map(|part| Run {
                    id,
                    count: part.chars().count() as u32,
                    stem: Stem::Root,
                    content: part.as_bytes(),
                })
                .collect();
            let by_runs = compared(&runs, new).unwrap();
            let by_runs: Vec<_> = by_runs
                .iter()
                .map(|splice| (splice.at, splice.deleted, std::str::from_utf8(splice.content).unwrap()))
                .collect();
            assert_eq!(by_runs, expected, "{old:?} to {new:?} in runs of {length}");
        }
        let mut chars: Vec<char> = old.chars().collect();
        for splice in splices.iter().rev() {
            let text = std::str::from_utf8(splice.content).unwrap();
            assert_eq!(text.chars().count(), splice.inserted as usize);
            chars.splice(splice.at..splice.at + splice.deleted, text.chars());
        }
        assert_eq!(chars.into_iter().collect::<String>(), new);
    }

    #[test]
    fn edits_are_what_a_person_did() {
        check("", "abc", &[(0, 0, "abc")]);
        check("abc", "", &[(0, 3, "")]);
        check("abc", "abXc", &[(2, 0, "X")]);
        check("colour", "color", &[(4, 1, "")]);
        check("the cat sat", "the dog sat", &[(4, 3, "dog")]);
        check("the cat sat", "the cow sat", &[(4, 3, "cow")]);
        check("we recieve", "we receive", &[(6, 2, "ei")]);
        check("the cat sat on a mat", "a cat sat in a mat", &[(0, 3, "a"), (12, 1, "i")]);
        check("one two three", "one 2 three four", &[(4, 3, "2"), (13, 0, " four")]);
        check("aXbYc", "aZbWc", &[(0, 5, "aZbWc")]);
    }

    // The bytes of é and è, of 漢 and 漣 begin alike.
    #[test]
    fn edits_are_between_characters() {
        check("é", "è", &[(0, 1, "è")]);
        check("a漢字b", "a漣字b", &[(1, 1, "漣")]);
        check("漢字漢", "漣字漣", &[(0, 1, "漣"), (2, 1, "漣")]);
        check("ñ", "ñé", &[(1, 0, "é")]);
        check("ab", "aéb", &[(1, 0, "é")]);
    }
}
