//! Forms: what an attribute's bytes are made of, and by which strategy they were written.
//!
//! ```text
//! form      := code [inner form]            inner form only after 0x40 .. 0x4f
//! code      := structure << 4 | strategy    strategy 0 .. 14: built in; 15: a name follows
//! name      := length, UTF-8
//! ```
//!
//! The high half says how the bytes are built, which is all that the join needs; the low half says how they
//! are written and read. So a program that has never heard of a strategy still merges what it wrote.

use super::sequence::Content;
use crate::bytes::Reader;
use crate::error::{Error, ErrorKind, Result};
use std::fmt;

/// How the bytes at one place are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Structure<'f> {
    /// Nothing below: the presence dots of the entry are all there is.
    Unit,
    /// dot → value.
    Values,
    /// own dots, then key → (presence dots, what the child is).
    Map(Child<'f>),
    /// own dots, then (name, form) → what the form says.
    Nested,
    /// own dots, then runs of elements in an insertion tree.
    Sequence(Content),
}

/// What stands behind each key of a [`Structure::Map`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Child<'f> {
    /// Presence dots alone: sets.
    Unit,
    /// dot → value: sets that vote.
    Values,
    /// What this form says: maps.
    Form(Form<'f>),
}

impl<'f> Child<'f> {
    /// The structure below one key.
    #[inline]
    pub fn structure(self) -> Structure<'f> {
        match self {
            Child::Unit => Structure::Unit,
            Child::Values => Structure::Values,
            Child::Form(form) => form.structure(),
        }
    }
}

/// Maps of maps of maps: the deepest that one form may go.
pub const MAX_DEPTH: usize = 14;
/// The longest name of a strategy or attribute, in bytes.
pub const MAX_NAME: usize = 255;

/// The form of an attribute, borrowed from the bytes that hold it; checked when it was split off them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Form<'f>(&'f [u8]);

/// The codes of the strategies that are built in.
pub mod code {
    /// `latest`: the newest write.
    pub const LATEST: u8 = 0x10;
    /// `conflict`: the newest write, and a person is asked.
    pub const CONFLICT: u8 = 0x11;
    /// `max`: the largest ever written.
    pub const MAX: u8 = 0x12;
    /// `min`: the smallest ever written.
    pub const MIN: u8 = 0x13;
    /// `first`: the earliest write.
    pub const FIRST: u8 = 0x14;
    /// `counter`: the sum of all actors' totals.
    pub const COUNTER: u8 = 0x15;
    /// `flag`: true wins.
    pub const FLAG: u8 = 0x16;
    /// `flag(false_wins)`: false wins.
    pub const FLAG_FALSE_WINS: u8 = 0x17;
    /// `latest_object`: one map of name → value.
    pub const LATEST_OBJECT: u8 = 0x18;
    /// A declared strategy: the newest write where one stands alone; how several read, the schema says.
    pub const DECLARED: u8 = 0x19;
    /// Where an item of a list stands: among the fields of a drone in a `list(nested)`, without a name.
    pub const LOCATION: u8 = 0x1a;
    /// A user's own strategy: its name follows.
    pub const CUSTOM: u8 = 0x1f;
    /// `set`: add wins.
    pub const SET: u8 = 0x20;
    /// `union`: only grows.
    pub const UNION: u8 = 0x21;
    /// `set(remove_wins)`.
    pub const SET_REMOVE_WINS: u8 = 0x30;
    /// `set(latest)`: per element the newest add or remove.
    pub const SET_LATEST: u8 = 0x31;
    /// `set(once)`: what was removed stays removed.
    pub const SET_ONCE: u8 = 0x32;
    /// `list(moves)`: item and number → dot → where it stands.
    pub const LIST_MOVES: u8 = 0x33;
    /// `map(S)`: the form of `S` follows.
    pub const MAP: u8 = 0x40;
    /// An `Option`: a map whose one key is null; the form of what it holds follows.
    pub const OPTION: u8 = 0x41;
    /// `list(nested)`: a map of id → drone, each with its location; the form of `nested` follows.
    pub const LIST_NESTED: u8 = 0x42;
    /// `nested`: a drone inside a drone.
    pub const NESTED: u8 = 0x50;
    /// `text`: a sequence of characters, as are all of 0x60 to 0x67.
    pub const TEXT: u8 = 0x60;
    /// `list`: a sequence of values, as are all of 0x68 to 0x6f.
    pub const LIST: u8 = 0x68;
}

impl<'f> Form<'f> {
    /// Takes one form off the front of the reader.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt) where the bytes end or nest deeper than [`MAX_DEPTH`],
    /// [`Unsupported`](ErrorKind::Unsupported) for a structure of a later version of the format.
    pub fn split(reader: &mut Reader<'f>) -> Result<Form<'f>> {
        let all = reader.rest();
        for _ in 0..=MAX_DEPTH {
            let byte = reader.byte()?;
            if byte & 15 == 15 && reader.text()?.len() > MAX_NAME {
                return Err(Error::corrupt("the name of a strategy is longer than 255 bytes"));
            }
            match byte >> 4 {
                4 => continue,
                1 | 2 | 3 | 5 | 6 => return Ok(Form(&all[..all.len() - reader.rest().len()])),
                _ => {
                    return Err(Error::new(
                        ErrorKind::Unsupported,
                        format!(
                            "an attribute of form {byte:#04x} was written by a later version of dronestore"
                        ),
                    ));
                }
            }
        }
        Err(Error::corrupt(format!("maps nest deeper than {MAX_DEPTH}")))
    }

    /// The form that is exactly these bytes.
    ///
    /// # Errors
    /// As [`Form::split`].
    pub fn parse(bytes: &'f [u8]) -> Result<Form<'f>> {
        let mut reader = Reader::new(bytes);
        let form = Form::split(&mut reader)?;
        if reader.is_empty() { Ok(form) } else { Err(Error::corrupt("bytes follow a form")) }
    }

    /// A form whose bytes were checked before.
    #[inline]
    pub(crate) fn trusted(bytes: &'f [u8]) -> Form<'f> {
        Form(bytes)
    }

    /// The bytes.
    #[inline]
    pub fn as_bytes(self) -> &'f [u8] {
        self.0
    }

    /// Structure and strategy in one byte: see [`code`].
    #[inline]
    pub fn code(self) -> u8 {
        self.0[0]
    }

    /// How the bytes are built.
    #[inline]
    pub fn structure(self) -> Structure<'f> {
        match self.0[0] >> 4 {
            1 => Structure::Values,
            2 => Structure::Map(Child::Unit),
            3 => Structure::Map(Child::Values),
            4 => Structure::Map(Child::Form(Form(self.after_code()))),
            6 if self.0[0] & 8 == 0 => Structure::Sequence(Content::Chars),
            6 => Structure::Sequence(Content::Values),
            _ => Structure::Nested,
        }
    }

    /// The name, where the strategy is a user's own.
    pub fn name(self) -> Option<&'f str> {
        if self.0[0] & 15 != 15 {
            return None;
        }
        Reader::new(&self.0[1..]).text().ok()
    }

    fn after_code(self) -> &'f [u8] {
        let mut reader = Reader::new(&self.0[1..]);
        if self.0[0] & 15 == 15 {
            let _checked_when_split = reader.slice();
        }
        reader.rest()
    }
}

impl Form<'_> {
    /// Whether the source writes it so, without writing it.
    pub(crate) fn is_written(&self, text: &str) -> bool {
        match (self.name(), word(self.code())) {
            (None, Some(word)) => word == text,
            _ => self.to_string() == text,
        }
    }
}

/// The word of a built-in strategy, but for `map(…)`.
pub(crate) const fn word(code: u8) -> Option<&'static str> {
    Some(match code {
        code::LATEST => "latest",
        code::CONFLICT => "conflict",
        code::MAX => "max",
        code::MIN => "min",
        code::FIRST => "first",
        code::COUNTER => "counter",
        code::FLAG => "flag",
        code::FLAG_FALSE_WINS => "flag(false_wins)",
        code::LATEST_OBJECT => "latest_object",
        code::DECLARED => "declared",
        code::SET => "set",
        code::UNION => "union",
        code::SET_REMOVE_WINS => "set(remove_wins)",
        code::SET_LATEST => "set(latest)",
        code::SET_ONCE => "set(once)",
        code::LIST_MOVES => "list(moves)",
        code::LOCATION => "location",
        code::NESTED => "nested",
        code::TEXT => "text",
        code::LIST => "list",
        _ => return None,
    })
}

/// As in `#[merge(…)]`: `latest`, `map(counter)`, `with = "median"`.
impl fmt::Display for Form<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.name() {
            return write!(f, "with = \"{name}\"");
        }
        match (word(self.code()), self.structure()) {
            (Some(word), _) => f.write_str(word),
            (None, Structure::Map(Child::Form(inner))) if self.code() == code::OPTION => {
                write!(f, "option({inner})")
            }
            (None, Structure::Map(Child::Form(inner))) if self.code() == code::LIST_NESTED => {
                write!(f, "list({inner})")
            }
            (None, Structure::Map(Child::Form(inner))) => write!(f, "map({inner})"),
            (None, _) => write!(f, "unknown({:#04x})", self.code()),
        }
    }
}

impl fmt::Debug for Form<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Form({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_read_as_they_are_written_in_source() {
        for (bytes, text) in [
            (&[code::LATEST][..], "latest"),
            (&[code::MAP, code::MAP, code::SET_ONCE], "map(map(set(once)))"),
            (b"\x1f\x06median", "with = \"median\""),
            (b"\x40\x1f\x01m", "map(with = \"m\")"),
            (&[code::MAP, code::DECLARED], "map(declared)"),
            (&[code::OPTION, code::NESTED], "option(nested)"),
            (&[code::MAP, code::LIST_NESTED, code::NESTED], "map(list(nested))"),
            (&[code::LIST_MOVES], "list(moves)"),
            (&[0x1b], "unknown(0x1b)"),
            (&[code::MAP, code::TEXT], "map(text)"),
        ] {
            assert_eq!(Form::parse(bytes).unwrap().to_string(), text);
        }
    }

    #[test]
    fn broken_forms_are_errors() {
        for bytes in [&[][..], &[0x40], &[0x40; 40], &[0x1f, 5, b'a'], &[0x10, 0x10], &[0x1f, 1, 0xff]] {
            assert!(Form::parse(bytes).unwrap_err().is_corrupt(), "{bytes:?}");
        }
        assert_eq!(Form::parse(&[0x70]).unwrap_err().kind(), ErrorKind::Unsupported);
    }
}
