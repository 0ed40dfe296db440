//! The words of a query, each with its place.

use super::{MOST_TEXT, hints};
use crate::error::{Error, ErrorKind, Result};
use crate::quote::Quoted;
use crate::time::Nanotime;
use crate::value::{Integer, Value};

/// One word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    /// A name or a keyword.
    Name(String),
    /// A name in backticks, which is no keyword.
    Quoted(String),
    /// A pseudo-field, without its `@`.
    Pseudo(String),
    /// A number, a text, bytes, a time.
    Literal(Value),
    /// A sign.
    Sign(&'static str),
    /// There is no more.
    End,
}

/// A word and the byte at which it begins.
pub(super) struct Token {
    pub(super) word: Word,
    pub(super) at: usize,
}

/// The longer ones first.
const SIGNS: [&str; 17] =
    ["!=", "<=", ">=", "??", "=", "<", ">", "(", ")", "[", "]", "{", "}", ",", ":", ".", "-"];

/// All words of a text, the end last.
pub(super) fn words(text: &str) -> Result<Vec<Token>> {
    if text.len() > MOST_TEXT {
        return Err(refused(MOST_TEXT, "a query has at most 65536 bytes"));
    }
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_while(char::is_whitespace);
        let at = lexer.at;
        let word = lexer.word()?;
        let is_end = word == Word::End;
        tokens.push(Token { word, at });
        if is_end {
            return Ok(tokens);
        }
    }
}

/// What is wrong with a query, and where.
pub(super) fn refused(at: usize, what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidValue, format!("query, byte {at}: {what}"))
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|character| !wanted(character)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn word(&mut self) -> Result<Word> {
        let Some(first) = self.rest().chars().next() else { return Ok(Word::End) };
        match first {
            '"' => self.text().map(|text| Word::Literal(Value::from(text))),
            '`' => self.quoted(),
            '@' => {
                self.at += 1;
                Ok(Word::Pseudo(self.skip_while(is_name).to_owned()))
            }
            'h' if self.rest().starts_with("h'") => self.bytes(),
            '0'..='9' => self.number(),
            _ if is_name(first) => Ok(Word::Name(self.skip_while(is_name).to_owned())),
            _ => match SIGNS.iter().find(|sign| self.rest().starts_with(**sign)) {
                Some(sign) => {
                    self.at += sign.len();
                    Ok(Word::Sign(sign))
                }
                None => {
                    let hint = hints::of_sign(self.rest());
                    let sign = first.to_string();
                    Err(refused(self.at, format_args!("{} has no meaning here{hint}", Quoted(&sign))))
                }
            },
        }
    }

    /// A text as JSON writes it.
    fn text(&mut self) -> Result<String> {
        let start = self.at;
        let mut is_escaped = false;
        let inside = self.rest()[1..].find(|character| {
            let ends = character == '"' && !is_escaped;
            is_escaped = character == '\\' && !is_escaped;
            ends
        });
        let end = inside.map(|length| start + 1 + length + 1);
        let end = end.ok_or_else(|| refused(start, "the text that begins here does not end"))?;
        self.at = end;
        serde_json::from_str(&self.text[start..end])
            .map_err(|cause| refused(start, "this is no text as JSON has it").with_source(cause))
    }

    fn quoted(&mut self) -> Result<Word> {
        let start = self.at;
        let mut name = String::new();
        self.at += 1;
        loop {
            name.push_str(self.skip_while(|character| character != '`'));
            match self.rest() {
                rest if rest.starts_with("``") => {
                    name.push('`');
                    self.at += 2;
                }
                "" => return Err(refused(start, "the name that begins here does not end")),
                _ => {
                    self.at += 1;
                    return Ok(Word::Quoted(name));
                }
            }
        }
    }

    fn bytes(&mut self) -> Result<Word> {
        let start = self.at;
        self.at += 2;
        let digits = self.skip_while(|character| character.is_ascii_hexdigit());
        let is_whole = self.rest().starts_with('\'') && digits.len().is_multiple_of(2);
        if !is_whole {
            return Err(refused(start, "bytes are written as h'00ff'"));
        }
        self.at += 1;
        let byte =
            |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let bytes = digits.as_bytes().chunks(2).filter_map(byte).collect();
        Ok(Word::Literal(Value::Bytes(bytes)))
    }

    /// A number, or a time where it goes on like one.
    fn number(&mut self) -> Result<Word> {
        let start = self.at;
        let year = self.rest().as_bytes().split_first_chunk::<4>();
        if year.is_some_and(|(year, rest)| year.iter().all(u8::is_ascii_digit) && rest.first() == Some(&b'-'))
        {
            let text =
                self.skip_while(|character| character.is_ascii_alphanumeric() || "-:.+".contains(character));
            let time: Nanotime = text.parse().map_err(|cause: Error| {
                refused(start, "this is no time as in RFC 3339").with_source(cause)
            })?;
            return Ok(Word::Literal(Value::from(time.as_nanos())));
        }
        self.skip_while(|character| character.is_ascii_digit());
        let mut is_whole = true;
        let goes_on = |rest: &str| rest[1..].starts_with(|character: char| character.is_ascii_digit());
        if self.rest().starts_with('.') && goes_on(self.rest()) {
            is_whole = false;
            self.at += 1;
            self.skip_while(|character| character.is_ascii_digit());
        }
        if self.rest().starts_with(['e', 'E']) {
            is_whole = false;
            self.at += 1;
            if self.rest().starts_with(['+', '-']) {
                self.at += 1;
            }
            self.skip_while(|character| character.is_ascii_digit());
        }
        let text = &self.text[start..self.at];
        let number = if is_whole {
            text.parse::<Integer>().ok().map(Value::Integer)
        } else {
            text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::Float)
        };
        number.map(Word::Literal).ok_or_else(|| refused(start, format_args!("{} is no number", Quoted(text))))
    }
}

pub(super) fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}
