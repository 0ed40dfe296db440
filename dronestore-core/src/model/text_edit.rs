//! TextEdit: a text that knows how it was edited.

use super::Characters;
use crate::error::{Error, ErrorKind, Result};
use crate::strategy::Edits;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Bound, Deref, RangeBounds};

/// A text for a field of the strategy `text`, in place of a `String`, that is edited at positions and remembers how.
///
/// A commit of a `String` finds what was edited by comparing; it cannot tell which of two equal letters side by
/// side was deleted, and takes a sentence that was rewritten word by word. A commit of a `TextEdit` writes what was
/// done. It is stored in the same way: one program may have a `String` where another has this.
///
/// Positions are counted in characters (`char`). It derefs to `str`.
///
/// ```
/// # use dronestore_core::model::TextEdit;
/// let mut text = TextEdit::from("I see a cat");
/// text.replace(8..11, "dog")?;
/// text.insert(2, "can ")?;
/// text.push_str(".");
/// assert_eq!(text, "I can see a dog.");
/// # Ok::<(), dronestore_core::Error>(())
/// ```
///
/// Up to 4,096 places are remembered between two commits, what is typed in one go as one; beyond that the commit
/// compares.
#[derive(Clone, Default)]
pub struct TextEdit {
    text: String,
    /// How many characters there are.
    count: usize,
    /// Where the last edit was, in characters and bytes; the next one is mostly near.
    near: (usize, usize),
    edits: Edits,
}

impl TextEdit {
    /// An empty text.
    pub fn new() -> TextEdit {
        TextEdit::default()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How many characters there are; [`str::len`] counts bytes.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Inserts a text before the character at this position.
    ///
    /// # Errors
    /// [`InvalidValue`](ErrorKind::InvalidValue) behind the end of the text.
    ///
    /// Cost: that of [`String::insert_str`], and of finding the position from the last edit.
    pub fn insert(&mut self, at: usize, text: &str) -> Result<()> {
        self.replace(at..at, text)
    }

    /// Deletes the characters at these positions.
    ///
    /// # Errors
    /// As [`TextEdit::insert`].
    pub fn delete(&mut self, range: impl RangeBounds<usize>) -> Result<()> {
        self.replace(range, "")
    }

    /// Puts a text in the place of the characters at these positions.
    ///
    /// # Errors
    /// As [`TextEdit::insert`].
    pub fn replace(&mut self, range: impl RangeBounds<usize>, text: &str) -> Result<()> {
        let start = match range.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(last) => last.saturating_add(1),
            Bound::Excluded(end) => *end,
            Bound::Unbounded => self.count,
        };
        if start > end || end > self.count {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                format!("positions {start} to {end} are not in a text of {} characters", self.count),
            ));
        }
        let (from, to) = (self.byte(start), self.byte(end));
        self.text.replace_range(from..to, text);
        if end > start {
            self.edits.delete(start, end - start);
        }
        let inserted = text.chars().count();
        if inserted > 0 {
            self.edits.insert(start, text, inserted);
        }
        self.count = self.count - (end - start) + inserted;
        self.near = (start + inserted, from + text.len());
        Ok(())
    }

    /// Appends a text.
    pub fn push_str(&mut self, text: &str) {
        let count = text.chars().count();
        if count > 0 {
            self.edits.insert(self.count, text, count);
        }
        self.text.push_str(text);
        self.count += count;
    }

    /// The byte at which a character begins.
    fn byte(&self, at: usize) -> usize {
        if self.count == self.text.len() {
            return at;
        }
        let (near, byte) = self.near;
        let forward = |from: usize, count: usize| {
            let found = self.text[from..].char_indices().nth(count);
            found.map_or(self.text.len(), |(offset, _)| from + offset)
        };
        match at.checked_sub(near) {
            Some(count) => forward(byte, count),
            None if near - at < at => {
                let found = self.text[..byte].char_indices().rev().nth(near - at - 1);
                found.map_or(0, |(found, _)| found)
            }
            None => forward(0, at),
        }
    }
}

impl Characters for TextEdit {
    fn as_text(&self) -> &str {
        &self.text
    }

    fn from_text(text: String) -> Self {
        let count = text.chars().count();
        TextEdit { text, count, ..TextEdit::default() }
    }

    fn edits(&self) -> Option<&Edits> {
        Some(&self.edits)
    }
}

impl From<String> for TextEdit {
    fn from(text: String) -> Self {
        TextEdit::from_text(text)
    }
}

impl From<&str> for TextEdit {
    fn from(text: &str) -> Self {
        TextEdit::from_text(text.to_owned())
    }
}

impl From<TextEdit> for String {
    fn from(text: TextEdit) -> String {
        text.text
    }
}

impl Deref for TextEdit {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for TextEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.text, f)
    }
}

impl fmt::Debug for TextEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

/// Equal in text, however it came about.
impl PartialEq for TextEdit {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for TextEdit {}

impl PartialEq<str> for TextEdit {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl PartialEq<&str> for TextEdit {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

impl Hash for TextEdit {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// As the text.
impl Serialize for TextEdit {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for TextEdit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer).map(TextEdit::from_text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_characters() {
        let mut text = TextEdit::from("naïve 漢字");
        for (range, with, expected) in [
            (2..3, "i", "naive 漢字"),
            (6..7, "é", "naive é字"),
            (0..0, "très ", "très naive é字"),
            (12..13, "", "très naive é"),
            (2..4, "", "tr naive é"),
            (9..10, "!", "tr naive !"),
        ] {
            text.replace(range, with).unwrap();
            assert_eq!((text.as_str(), text.count()), (expected, expected.chars().count()));
        }
        assert_eq!(text.insert(11, "x").unwrap_err().kind(), ErrorKind::InvalidValue);
        assert_eq!(text.delete(4..20).unwrap_err().kind(), ErrorKind::InvalidValue);
        text.delete(..).unwrap();
        assert!(text.is_empty());
    }
}
