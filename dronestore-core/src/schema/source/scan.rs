//! The text of a struct, piece by piece.

use super::invalid;
use crate::error::Result;
use crate::quote::Quoted;

/// A place in a text; blanks and comments are passed over.
pub(super) struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Scanner<'t> {
        let mut scanner = Scanner { text, at: 0 };
        scanner.pass_blanks();
        scanner
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    /// The line of the place, from 1.
    pub(super) fn line(&self) -> usize {
        let before = self.text[..self.at].trim_end();
        before.matches('\n').count() + 1
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn pass(&mut self, bytes: usize) {
        self.at += bytes;
        self.pass_blanks();
    }

    fn pass_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start().len();
            self.at += blanks;
            let rest = self.rest();
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            } else {
                return;
            }
        }
    }

    /// Passes over this, if it stands here.
    pub(super) fn eat(&mut self, what: &str) -> bool {
        let is_here = self.rest().starts_with(what);
        if is_here {
            self.pass(what.len());
        }
        is_here
    }

    /// Passes over this word, if it stands here.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let is_here = self.rest().starts_with(word) && !self.rest()[word.len()..].starts_with(is_in_word);
        if is_here {
            self.pass(word.len());
        }
        is_here
    }

    pub(super) fn expect(&mut self, what: &str, shown: &str) -> Result<()> {
        if self.eat(what) { Ok(()) } else { Err(self.expected(shown)) }
    }

    /// A name.
    pub(super) fn name(&mut self, shown: &str) -> Result<&'t str> {
        let rest = self.rest();
        let raw = if rest.starts_with("r#") { 2 } else { 0 };
        let length = rest[raw..].find(|char| !is_in_word(char)).unwrap_or(rest.len() - raw);
        if length == 0 {
            return Err(self.expected(shown));
        }
        self.pass(raw + length);
        Ok(&rest[raw..raw + length])
    }

    /// What stands up to one of these signs that is in no bracket or text; the sign stays.
    pub(super) fn until(&mut self, signs: &[char]) -> &'t str {
        let rest = self.rest();
        let end = end_of(rest, signs);
        self.pass(end);
        rest[..end].trim_end()
    }

    #[cold]
    pub(super) fn expected(&self, what: &str) -> crate::Error {
        let found = self.rest().lines().next().unwrap_or_default().trim_end();
        match found {
            "" => invalid(format!("{what} is expected, and there is the end")),
            found => invalid(format!("{what} is expected, and there is {}", Quoted(found))),
        }
    }
}

pub(super) fn is_in_word(char: char) -> bool {
    char == '_' || char.is_alphanumeric()
}

/// Where one of these signs stands that is in no bracket or text.
pub(super) fn end_of(text: &str, signs: &[char]) -> usize {
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    for (at, char) in text.char_indices() {
        if in_text {
            in_text = escaped || char != '"';
            escaped = char == '\\' && !escaped;
            continue;
        }
        if depth == 0 && signs.contains(&char) {
            return at;
        }
        match char {
            '"' => in_text = true,
            '(' | '[' | '{' | '<' => depth += 1,
            ')' | ']' | '}' | '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text.len()
}

/// The parts between signs that are in no bracket or text.
pub(super) fn split(text: &str, sign: char) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), text);
    loop {
        let end = end_of(rest, &[sign]);
        parts.push(rest[..end].trim());
        match rest.get(end + sign.len_utf8()..) {
            Some(after) => rest = after,
            None => break,
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}
