//! What somebody typed, as a tree.
//!
//! ```text
//! search := all (OR all)*                all := one ([AND] one)*
//! one    := [- | NOT] [field:] what [^number]
//! what   := word | begin* | "some words" | "some beg"* | "some words"~number | ( search )
//! ```
//!
//! `AND`, `OR` and `NOT` are written large, so that `cats and dogs` are three words.

use super::words::words;
use crate::{Error, ErrorKind, Result};
use dronestore_core::nearest::did_you_mean;

/// How long a text is at most, how many words it has, and how deep parentheses stand in one another.
const MOST_TEXT: usize = 4096;
const MOST_WORDS: usize = 128;
const MOST_DEPTH: usize = 32;
/// The largest factor.
const MOST_BOOST: f32 = 1000.0;

/// What is looked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Asked {
    /// There is no word in it.
    Nothing,
    All(Vec<Asked>),
    Any(Vec<Asked>),
    Not(Box<Asked>),
    /// Counts so many times as much.
    Boost(Box<Asked>, f32),
    /// These words, one behind the other, as many others between them as `slop`.
    Words {
        field: Option<usize>,
        words: Vec<String>,
        is_prefix: bool,
        slop: u32,
    },
}

/// All words of a text, nothing of which means anything else; the first of them, where there are many.
pub(super) fn plain(text: &str) -> Asked {
    let one = |text| Asked::Words { field: None, words: vec![text], is_prefix: false, slop: 0 };
    Asked::All(words(text).take(MOST_WORDS).map(|word| one(word.text)).collect())
}

/// What a text asks for, with these names of fields.
///
/// # Errors
/// [`InvalidValue`](ErrorKind::InvalidValue) with the place.
pub(super) fn parse(text: &str, names: &[String]) -> Result<Asked> {
    if text.len() > MOST_TEXT {
        let message = format!("the search is {} bytes long, at most {MOST_TEXT} are allowed", text.len());
        return Err(Error::new(ErrorKind::InvalidValue, message));
    }
    let mut parser = Parser { text, at: 0, names, words: 0 };
    let asked = parser.either(None, 0)?;
    match parser.peek() {
        Some(')') => Err(parser.fault(parser.at, "`)` closes nothing")),
        _ => Ok(asked),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    names: &'t [String],
    words: usize,
}

impl<'t> Parser<'t> {
    fn fault(&self, at: usize, what: impl std::fmt::Display) -> Error {
        Error::new(ErrorKind::InvalidValue, format!("{what}, at byte {at} of the search"))
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// The next sign that is no space.
    fn peek(&mut self) -> Option<char> {
        let rest = self.rest().trim_start();
        self.at = self.text.len() - rest.len();
        rest.chars().next()
    }

    fn eat(&mut self, sign: char) -> bool {
        let is_next = self.rest().starts_with(sign);
        self.at += if is_next { sign.len_utf8() } else { 0 };
        is_next
    }

    /// What stands here, up to a space, a quote or a parenthesis.
    fn run(&self) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|sign: char| sign.is_whitespace() || matches!(sign, '(' | ')' | '"'));
        &rest[..end.unwrap_or(rest.len())]
    }

    fn eat_word(&mut self, word: &str) -> bool {
        self.peek();
        let is_next = self.run() == word;
        self.at += if is_next { word.len() } else { 0 };
        is_next
    }

    fn either(&mut self, field: Option<usize>, depth: usize) -> Result<Asked> {
        if depth > MOST_DEPTH {
            return Err(self.fault(self.at, format_args!("parentheses stand more than {MOST_DEPTH} deep")));
        }
        let mut any = vec![self.both(field, depth)?];
        loop {
            let at = self.at;
            if !self.eat_word("OR") {
                break;
            }
            if any.last() == Some(&Asked::Nothing) {
                return Err(self.fault(at, "nothing stands before `OR`"));
            }
            any.push(self.both(field, depth)?);
            if any.last() == Some(&Asked::Nothing) {
                return Err(self.fault(self.at, "nothing stands behind `OR`"));
            }
        }
        Ok(match any.len() {
            1 => any.pop().unwrap_or(Asked::Nothing),
            _ => Asked::Any(any),
        })
    }

    fn both(&mut self, field: Option<usize>, depth: usize) -> Result<Asked> {
        let mut all = Vec::new();
        let mut is_open = false;
        loop {
            match self.peek() {
                None | Some(')') => break,
                Some(_) if self.run() == "OR" => break,
                Some(_) if self.run() == "AND" => {
                    if all.is_empty() || is_open {
                        return Err(self.fault(self.at, "nothing stands before `AND`"));
                    }
                    self.at += "AND".len();
                    is_open = true;
                }
                Some(_) => {
                    match self.one(field, depth)? {
                        Asked::Nothing => {}
                        asked => all.push(asked),
                    }
                    is_open = false;
                }
            }
        }
        if is_open {
            return Err(self.fault(self.at, "nothing stands behind `AND`"));
        }
        Ok(match all.len() {
            0 => Asked::Nothing,
            1 => all.pop().unwrap_or(Asked::Nothing),
            _ => Asked::All(all),
        })
    }

    fn one(&mut self, field: Option<usize>, depth: usize) -> Result<Asked> {
        let run = self.run();
        let is_sign =
            run.starts_with('-') && self.rest()[1..].starts_with(|sign: char| !sign.is_whitespace());
        if run == "NOT" || is_sign {
            let at = self.at;
            self.at += if is_sign { 1 } else { run.len() };
            // Signs in a row are read one after the other: this is as deep as parentheses are.
            if depth >= MOST_DEPTH {
                return Err(self.fault(at, format_args!("more than {MOST_DEPTH} stand in one another")));
            }
            if matches!(self.peek(), None | Some(')')) || matches!(self.run(), "AND" | "OR") {
                return Err(self.fault(at, "nothing stands behind `NOT`"));
            }
            return Ok(match self.one(field, depth + 1)? {
                Asked::Nothing => Asked::Nothing,
                asked => Asked::Not(Box::new(asked)),
            });
        }
        let field = self.field()?.or(field);
        let begin = self.at;
        let asked = if self.eat('(') {
            let inner = self.either(field, depth + 1)?;
            self.peek();
            if !self.eat(')') {
                return Err(self.fault(begin, "`(` is not closed"));
            }
            inner
        } else if self.eat('"') {
            self.phrase(begin, field)?
        } else {
            return self.word(field);
        };
        match self.eat('^') {
            true => {
                let (at, number) = (self.at, self.run());
                self.at += number.len();
                let factor = factor(number).ok_or_else(|| self.no_factor(at))?;
                Ok(boosted(asked, factor))
            }
            false => Ok(asked),
        }
    }

    /// `title:` in front of something.
    fn field(&mut self) -> Result<Option<usize>> {
        let run = self.run();
        let Some((name, behind)) = run.split_once(':') else { return Ok(None) };
        let is_followed = !behind.is_empty() || self.rest()[run.len()..].starts_with(['"', '(']);
        // `12:30`, `https://…`, `note: …` are no fields.
        let is_name = name.starts_with(|sign: char| sign.is_alphabetic() || sign == '_');
        if !is_name || !is_followed || behind.starts_with("//") || behind.starts_with(':') {
            return Ok(None);
        }
        let Some(place) = self.names.iter().position(|known| known == name) else {
            let hint = did_you_mean(name, self.names.iter().map(String::as_str));
            let known: Vec<String> = self.names.iter().take(16).map(|name| format!("`{name}`")).collect();
            let shown: String = name.chars().take(64).collect();
            let what = format_args!(
                "no field `{shown}` is searched{hint} (there are {}; a text with a colon stands in quotes)",
                known.join(", ")
            )
            .to_string();
            return Err(self.fault(self.at, what));
        };
        self.at += name.len() + 1;
        Ok(Some(place))
    }

    fn phrase(&mut self, begin: usize, field: Option<usize>) -> Result<Asked> {
        let Some(end) = self.rest().find('"') else {
            return Err(self.fault(begin, "`\"` is not closed"));
        };
        let text = &self.rest()[..end];
        self.at += end + 1;
        let is_prefix = self.eat('*');
        let mut slop = 0;
        if self.eat('~') {
            let digits = self.rest().find(|sign: char| !sign.is_ascii_digit()).unwrap_or(self.rest().len());
            let number = &self.rest()[..digits];
            slop = number.parse().ok().filter(|slop| *slop <= 100).ok_or_else(|| {
                self.fault(self.at, "behind `~` stands how many other words may lie between, 100 at most")
            })?;
            self.at += digits;
        }
        self.words_of(text, field, is_prefix, slop, begin)
    }

    fn word(&mut self, field: Option<usize>) -> Result<Asked> {
        let (begin, run) = (self.at, self.run());
        self.at += run.len();
        let (text, boost) = match run.rsplit_once('^') {
            Some((text, number)) if number.starts_with(|sign: char| sign.is_ascii_digit()) => {
                (text, Some(factor(number).ok_or_else(|| self.no_factor(begin + text.len() + 1))?))
            }
            _ => (run, None),
        };
        let (text, is_prefix) = match text.strip_suffix('*') {
            Some(text) => (text, true),
            None => (text, false),
        };
        let asked = self.words_of(text, field, is_prefix, 0, begin)?;
        Ok(boost.map_or(asked.clone(), |factor| boosted(asked, factor)))
    }

    fn words_of(
        &mut self,
        text: &str,
        field: Option<usize>,
        is_prefix: bool,
        slop: u32,
        begin: usize,
    ) -> Result<Asked> {
        let words: Vec<String> = words(text).map(|word| word.text).collect();
        self.words += words.len();
        if self.words > MOST_WORDS {
            return Err(self.fault(
                begin,
                format_args!("here begins word {}: {MOST_WORDS} are the most", MOST_WORDS + 1),
            ));
        }
        Ok(match words.is_empty() {
            true => Asked::Nothing,
            false => Asked::Words { field, words, is_prefix, slop },
        })
    }

    fn no_factor(&self, at: usize) -> Error {
        self.fault(at, format_args!("behind `^` stands a number above 0, {MOST_BOOST} at most"))
    }
}

fn factor(number: &str) -> Option<f32> {
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    number.parse().ok().filter(|factor| is_number && *factor > 0.0 && *factor <= MOST_BOOST)
}

fn boosted(asked: Asked, factor: f32) -> Asked {
    match asked {
        Asked::Nothing => Asked::Nothing,
        asked => Asked::Boost(Box::new(asked), factor),
    }
}

/// A word that is to be shown where it was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    /// In which field; in any, where none was named.
    pub(super) field: Option<usize>,
    pub(super) word: String,
    pub(super) is_prefix: bool,
}

impl Asked {
    /// The words that a hit may have.
    pub(super) fn marks(&self, found: &mut Vec<Mark>) {
        match self {
            Asked::Nothing | Asked::Not(_) => {}
            Asked::All(all) | Asked::Any(all) => all.iter().for_each(|asked| asked.marks(found)),
            Asked::Boost(asked, _) => asked.marks(found),
            Asked::Words { field, words, is_prefix, .. } => {
                for (place, word) in words.iter().enumerate() {
                    let is_prefix = *is_prefix && place + 1 == words.len();
                    found.push(Mark { field: *field, word: word.clone(), is_prefix });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        vec!["title".into(), "text".into(), "home.city".into()]
    }

    /// The tree as one line.
    fn shown(asked: &Asked) -> String {
        let list = |all: &[Asked]| all.iter().map(shown).collect::<Vec<_>>();
        match asked {
            Asked::Nothing => "-".to_owned(),
            Asked::All(all) => format!("({})", list(all).join(" & ")),
            Asked::Any(any) => format!("({})", list(any).join(" | ")),
            Asked::Not(asked) => format!("!{}", shown(asked)),
            Asked::Boost(asked, factor) => format!("{}^{factor}", shown(asked)),
            Asked::Words { field, words, is_prefix, slop } => {
                let field = field.map(|place| format!("{place}:")).unwrap_or_default();
                let (prefix, slop) = (if *is_prefix { "*" } else { "" }, if *slop > 0 { "~" } else { "" });
                format!("{field}{}{prefix}{slop}", words.join("+"))
            }
        }
    }

    #[test]
    fn texts_become_trees() {
        for (text, tree) in [
            ("quick", "quick"),
            ("quick Brown", "(quick & brown)"),
            ("cats and dogs", "(cats & and & dogs)"),
            ("a AND b OR c", "((a & b) | c)"),
            ("a AND (b OR c)", "(a & (b | c))"),
            ("a -b NOT c", "(a & !b & !c)"),
            ("\"quick brown\"", "quick+brown"),
            ("\"quick bro\"* fo*", "(quick+bro* & fo*)"),
            ("\"a b\"~3", "a+b~"),
            ("foo-bar", "foo+bar"),
            ("title:fox", "0:fox"),
            ("home.city:Bern", "2:bern"),
            ("text:\"a b\" title:(x OR y)", "(1:a+b & (0:x | 0:y))"),
            ("fox^2 (a b)^0.5", "(fox^2 & (a & b)^0.5)"),
            ("12:30 https://a.b note: x", "(12+30 & https+a+b & note & x)"),
            ("", "-"),
            ("  *  ... ", "-"),
            ("- x", "x"),
            ("()", "-"),
            ("c++ a^b", "(c & a+b)"),
        ] {
            assert_eq!(shown(&parse(text, &names()).unwrap()), tree, "{text}");
        }
        assert_eq!(shown(&plain("a AND (b: \"-c")), "(a & and & b & c)");
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (text, part) in [
            ("a \"b", "`\"` is not closed, at byte 2"),
            ("a (b", "`(` is not closed, at byte 2"),
            ("a b)", "`)` closes nothing, at byte 3"),
            ("OR a", "nothing stands before `OR`, at byte 0"),
            ("a OR", "nothing stands behind `OR`, at byte 4"),
            ("AND a", "nothing stands before `AND`, at byte 0"),
            ("a AND", "nothing stands behind `AND`, at byte 5"),
            ("a NOT", "nothing stands behind `NOT`, at byte 2"),
            ("titel:x", "no field `titel` is searched; did you mean `title`?"),
            ("\"a\"~x", "behind `~`"),
            ("a^0 b", "behind `^` stands a number"),
            ("(a)^x", "behind `^` stands a number"),
        ] {
            let error = parse(text, &names()).unwrap_err();
            assert!(error.to_string().contains(part), "{text}: {error}");
            assert_eq!(error.kind(), ErrorKind::InvalidValue);
        }
    }

    #[test]
    fn nothing_is_too_deep_or_too_long() {
        for text in
            ["(".repeat(4000), "-".repeat(4000), "NOT ".repeat(1000), "a ".repeat(2000), "x".repeat(5000)]
        {
            assert_eq!(parse(&text, &names()).unwrap_err().kind(), ErrorKind::InvalidValue);
        }
        assert!(parse(&format!("{}a{}", "(".repeat(30), ")".repeat(30)), &names()).is_ok());
        assert!(matches!(plain(&"a ".repeat(100_000)), Asked::All(all) if all.len() == MOST_WORDS));
    }
}
