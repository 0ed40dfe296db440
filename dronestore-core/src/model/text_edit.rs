//! TextEdit: a text that knows how it was edited.

use super::Characters;
use super::gap::Gap;
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
#[derive(Clone)]
pub struct TextEdit {
    text: Gap,
    /// How many characters there are.
    count: usize,
    edits: Edits,
}

impl TextEdit {
    /// An empty text.
    pub fn new() -> TextEdit {
        TextEdit::default()
    }

    /// The text.
    ///
    /// Cost: after an edit a copy of the text, once.
    pub fn as_str(&self) -> &str {
        self.text.as_str()
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
    /// Cost: by how far it is from the last edit, and almost nothing beside that.
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
            let message = match start > end {
                true => format!("a range begins at {start} and ends before, at {end}"),
                false => format!("position {end} is behind the end of a text of {} characters", self.count),
            };
            return Err(Error::new(ErrorKind::InvalidValue, message));
        }
        let inserted = text.chars().count();
        self.text.replace(self.count, start, end - start, text, inserted);
        if end > start {
            self.edits.delete(start, end - start);
        }
        if inserted > 0 {
            self.edits.insert(start, text, inserted);
        }
        self.count = self.count - (end - start) + inserted;
        Ok(())
    }

    /// Appends a text.
    pub fn push_str(&mut self, text: &str) {
        let (end, inserted) = (self.count, text.chars().count());
        self.text.replace(end, end, 0, text, inserted);
        if inserted > 0 {
            self.edits.insert(end, text, inserted);
        }
        self.count += inserted;
    }
}

/// Empty.
impl Default for TextEdit {
    fn default() -> Self {
        TextEdit { text: Gap::new(String::new()), count: 0, edits: Edits::default() }
    }
}

impl Characters for TextEdit {
    fn as_text(&self) -> &str {
        self.as_str()
    }

    fn from_text(text: String) -> Self {
        let count = text.chars().count();
        TextEdit { text: Gap::new(text), count, edits: Edits::default() }
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
        text.text.into_string()
    }
}

impl Deref for TextEdit {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for TextEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl fmt::Debug for TextEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Equal in text, however it came about.
impl PartialEq for TextEdit {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for TextEdit {}

impl PartialEq<str> for TextEdit {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for TextEdit {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl Hash for TextEdit {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// As the text.
impl Serialize for TextEdit {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
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
