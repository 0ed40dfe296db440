//! Quoted: a text from outside, as an error message shows it.

use std::fmt::{self, Write};

/// A text in backticks, on one line, cut after [`Quoted::LIMIT`] characters.
///
/// A message must not be able to forge a second line of a log, nor grow with a hostile input.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl Quoted<'_> {
    const LIMIT: usize = 80;
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('`')?;
        let mut characters = self.0.chars();
        for character in characters.by_ref().take(Self::LIMIT) {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        f.write_str(if characters.next().is_some() { "…`" } else { "`" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_one_short_line() {
        assert_eq!(Quoted("/a é").to_string(), "`/a é`");
        assert_eq!(Quoted("a\nb\0").to_string(), "`a\\nb\\u{0}`");
        assert_eq!(Quoted(&"é".repeat(80)).to_string(), format!("`{}`", "é".repeat(80)));
        assert_eq!(Quoted(&"é".repeat(81)).to_string(), format!("`{}…`", "é".repeat(80)));
    }
}
