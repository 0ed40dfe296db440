//! What the compiler says of a model that differs from its lock, put together in constant evaluation.

use crate::causal::form::{code, word};
use crate::model::Attribute;

/// The longest message, in bytes.
const LONGEST: usize = 1200;

/// What the compiler says; nothing where nothing is wrong.
#[derive(Debug, Clone, Copy)]
pub struct Finding {
    text: [u8; LONGEST],
    length: usize,
}

impl Finding {
    pub(super) const NOTHING: Finding = Finding { text: [0; LONGEST], length: 0 };

    /// Stops the compiler with what was found.
    ///
    /// # Panics
    /// Where anything was.
    #[allow(clippy::panic, reason = "a panic in a constant is an error of the compiler's")]
    #[track_caller]
    pub const fn report(self) {
        if self.length > 0 {
            let (text, _) = self.text.split_at(self.length);
            match std::str::from_utf8(text) {
                Ok(text) => panic!("{}", text),
                Err(_) => panic!("the model differs from its lock"),
            }
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.length
    }

    pub(super) const fn byte(&self, index: usize) -> u8 {
        self.text[index]
    }

    pub(super) const fn put(mut self, byte: u8) -> Finding {
        if self.length < LONGEST {
            self.text[self.length] = byte;
            self.length += 1;
        }
        self
    }

    pub(super) const fn say(self, text: &str) -> Finding {
        self.cut(text.as_bytes(), (0, text.len()))
    }

    pub(super) const fn cut(mut self, text: &[u8], (start, end): (usize, usize)) -> Finding {
        let mut index = start;
        while index < end {
            self = self.put(text[index]);
            index += 1;
        }
        self
    }

    /// The strategy of an attribute as `#[merge(…)]` has it.
    pub(super) const fn strategy(mut self, attribute: &Attribute) -> Finding {
        let (form, length) = attribute.field.form_bytes();
        let mut depth = 0;
        while depth < length && matches!(form[depth], code::MAP | code::OPTION | code::LIST_NESTED) {
            self = self.say(match form[depth] {
                code::MAP => "map(",
                code::OPTION => "option(",
                _ => "list(",
            });
            depth += 1;
        }
        if form[depth] == code::CUSTOM {
            self = self.say("with = \"").cut(form, (depth + 2, length)).say("\"");
        } else if let Some(word) = word(form[depth]) {
            self = self.say(word);
        }
        let mut closed = 0;
        while closed < depth {
            self = self.say(")");
            closed += 1;
        }
        self
    }
}

pub(super) const fn same(one: &[u8], other: &[u8]) -> bool {
    same_part(one, (0, one.len()), other)
}

pub(super) const fn same_part(text: &[u8], part: (usize, usize), other: &[u8]) -> bool {
    same_parts(text, part, other, (0, other.len()))
}

pub(super) const fn same_parts(
    one: &[u8],
    ours: (usize, usize),
    other: &[u8],
    theirs: (usize, usize),
) -> bool {
    if ours.1 - ours.0 != theirs.1 - theirs.0 {
        return false;
    }
    let mut index = 0;
    while index < ours.1 - ours.0 {
        if one[ours.0 + index] != other[theirs.0 + index] {
            return false;
        }
        index += 1;
    }
    true
}

/// A type of numbers: whether it has a sign, whether it has fractions, how many bits.
pub(super) const fn number(text: &[u8], start: usize, end: usize) -> Option<(bool, bool, u32)> {
    if end - start < 2 || end - start > 5 {
        return None;
    }
    let (signed, fractions) = match text[start] {
        b'u' => (false, false),
        b'i' => (true, false),
        b'f' => (true, true),
        _ => return None,
    };
    if same_part(text, (start + 1, end), b"size") {
        return Some((signed, fractions, 64));
    }
    let mut bits = 0;
    let mut index = start + 1;
    while index < end {
        if !text[index].is_ascii_digit() {
            return None;
        }
        bits = bits * 10 + (text[index] - b'0') as u32;
        index += 1;
    }
    Some((signed, fractions, bits))
}

/// Whether every number of one type is one of the other.
pub(super) const fn fits(one: Option<(bool, bool, u32)>, other: Option<(bool, bool, u32)>) -> bool {
    match (one, other) {
        (Some((signed, fractions, bits)), Some((wider_signed, wider_fractions, wider))) => {
            fractions == wider_fractions
                && if signed == wider_signed { wider >= bits } else { wider_signed && wider > bits }
        }
        _ => false,
    }
}
