//! The text form: `/Comedy/MontyPython/Actor:JohnCleese`, both ways.

use super::encode::{check_limits, put_namespace};
use super::{Key, Namespace};
use crate::error::{Error, ErrorKind, Result};
use crate::quote::Quoted;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt::{self, Write};
use std::str::FromStr;
use std::sync::Arc;

impl FromStr for Key {
    type Err = Error;

    /// Reads a key from its text.
    ///
    /// # Errors
    /// [`InvalidKey`](ErrorKind::InvalidKey), with the place, if the text is none: no `/` in front, an empty
    /// namespace, field or name, a second `:` in a namespace, a control character or a `%` that are not escaped,
    /// escapes that are not UTF-8, or more than the limits allow.
    fn from_str(text: &str) -> Result<Key> {
        parse(text).map_err(|fault| match fault {
            Fault::Here(at, problem) => invalid(format!("key {} {problem} at byte {at}", Quoted(text))),
            Fault::Start => {
                invalid(format!("key {} does not start with `/`: put one in front", Quoted(text)))
            }
            Fault::Long => invalid(format!(
                "key {} is longer than {} bytes encoded: shorten its names",
                Quoted(text),
                Key::MAX_BYTES
            )),
            Fault::Other(error) => error,
        })
    }
}

impl TryFrom<&str> for Key {
    type Error = Error;

    fn try_from(text: &str) -> Result<Key> {
        text.parse()
    }
}

/// What is wrong with a text, before the whole text is known to the message.
enum Fault {
    Here(usize, Cow<'static, str>),
    Start,
    Long,
    Other(Error),
}

fn parse(text: &str) -> Result<Key, Fault> {
    // An escape makes one byte of three, nothing makes less, so this refuses no key and bounds the work.
    if text.len() > 3 * Key::MAX_BYTES {
        return Err(Fault::Long);
    }
    let rest = text.strip_prefix('/').ok_or(Fault::Start)?;
    if rest.is_empty() {
        return Ok(Key::root());
    }
    refuse_controls(text)?;
    let mut out = Vec::with_capacity(text.len());
    let (mut at, mut depth) = (1, 0);
    for namespace in rest.split('/') {
        put_text(&mut out, namespace, at)?;
        at += namespace.len() + 1;
        depth += 1;
    }
    if out.len() > Key::MAX_BYTES {
        return Err(Fault::Long);
    }
    check_limits(out.len(), depth, text).map_err(Fault::Other)?;
    Ok(Key(Arc::from(out)))
}

/// A newline at the end of a key that was read from a file is a mistake, not a name.
fn refuse_controls(text: &str) -> Result<(), Fault> {
    match text.char_indices().find(|(_, character)| character.is_control()) {
        None => Ok(()),
        Some((at, character)) => {
            let mut escaped = String::new();
            // Writing into a string does not fail.
            let _ = escape(character, &mut escaped);
            Err(Fault::Here(
                at,
                format!("has a control character (written `{escaped}` if it is meant)").into(),
            ))
        }
    }
}

/// Appends the encoded form of one namespace, whose text stands at byte `at` of the whole.
fn put_text(out: &mut Vec<u8>, text: &str, at: usize) -> Result<(), Fault> {
    let fault = |at: usize, problem: &'static str| Err(Fault::Here(at, problem.into()));
    let (field, name) = match text.split_once(':') {
        _ if text.is_empty() => return fault(at, "has an empty namespace"),
        None => (None, text),
        Some(("", _)) => return fault(at, "has an empty field"),
        Some((field, name)) => (Some(field), name),
    };
    let name_at = at + text.len() - name.len();
    if name.is_empty() {
        return fault(name_at, "has an empty name");
    }
    if let Some(second) = name.find(':') {
        return fault(name_at + second, "has a second `:` in a namespace (written `%3A` inside a name)");
    }
    let field = field.map(|field| unescape(field, at)).transpose()?;
    let name = unescape(name, name_at)?;
    put_namespace(out, field.as_deref(), &name).map_err(Fault::Other)
}

/// Replaces the escapes in a part that stands at byte `at` of the whole.
fn unescape(part: &str, at: usize) -> Result<Cow<'_, str>, Fault> {
    let mut out = String::new();
    let mut rest = part;
    while let Some(percent) = rest.find('%') {
        let here = at + part.len() - rest.len() + percent;
        out.push_str(&rest[..percent]);
        // A raw character is always whole, so the escapes that touch one another must be whole characters too.
        let run: Vec<u8> = escapes(&rest[percent..]).collect();
        if run.is_empty() {
            let problem = "has a `%` that begins no escape (a percent sign is written `%25`)";
            return Err(Fault::Here(here, problem.into()));
        }
        let text = std::str::from_utf8(&run).map_err(|error| {
            Fault::Here(here + 3 * error.valid_up_to(), "has escapes that are not UTF-8".into())
        })?;
        out.push_str(text);
        rest = &rest[percent + 3 * run.len()..];
    }
    if rest.len() == part.len() {
        return Ok(Cow::Borrowed(part));
    }
    out.push_str(rest);
    Ok(Cow::Owned(out))
}

/// The bytes of the escapes at the front of a text, up to the first thing that is none.
fn escapes(text: &str) -> impl Iterator<Item = u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    text.as_bytes().chunks_exact(3).map_while(move |escape| match *escape {
        [b'%', high, low] => u8::try_from(digit(high)? << 4 | digit(low)?).ok(),
        _ => None,
    })
}

/// Writes a character as the text form has it.
fn escape(character: char, out: &mut impl Write) -> fmt::Result {
    if !matches!(character, '/' | ':' | '%') && !character.is_control() {
        return out.write_char(character);
    }
    let mut buffer = [0; 4];
    character.encode_utf8(&mut buffer).bytes().try_for_each(|byte| write!(out, "%{byte:02X}"))
}

#[cold]
fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidKey, message)
}

/// The canonical text, which parses back to the same key.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_char('/');
        }
        self.namespaces().try_for_each(|namespace| write!(f, "/{namespace}"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

/// The canonical text, `Actor:JohnCleese`.
impl fmt::Display for Namespace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = self.field() {
            field.chars().try_for_each(|character| escape(character, f))?;
            f.write_char(':')?;
        }
        self.name().chars().try_for_each(|character| escape(character, f))
    }
}

impl fmt::Debug for Namespace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Namespace({self})")
    }
}

/// As its canonical text.
impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// From its text.
impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key as text, such as `/Person:ann`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Key, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_texts_are_displayed_as_they_were_parsed() {
        for text in [
            "/",
            "/a",
            "/Comedy/MontyPython/Actor:JohnCleese",
            "/Person:a%2Fb%3Ac%25",
            "/./..:.",
            "/ a b ",
            "/é/日本:\u{10ffff}",
            "/%00%01%02:%0A%7F%C2%80",
        ] {
            let key: Key = text.parse().unwrap();
            assert_eq!(key.to_string(), text);
            assert_eq!(format!("{key:?}"), format!("Key({text})"));
            let json = serde_json::to_string(&key).unwrap();
            assert_eq!(serde_json::from_str::<Key>(&json).unwrap(), key);
        }
    }

    #[test]
    fn needless_escapes_are_read_and_not_written() {
        for (text, canonical) in [("/%41%62", "/Ab"), ("/%c3%a9x:%2f", "/éx:%2F"), ("/%3a:a%3A", "/%3A:a%3A")]
        {
            assert_eq!(text.parse::<Key>().unwrap().to_string(), canonical);
        }
    }

    #[test]
    fn errors_name_the_value_and_the_place() {
        for (text, message) in [
            ("", "key `` does not start with `/`: put one in front"),
            ("a/b", "key `a/b` does not start with `/`: put one in front"),
            ("/a//b", "key `/a//b` has an empty namespace at byte 3"),
            ("//", "key `//` has an empty namespace at byte 1"),
            ("/a/", "key `/a/` has an empty namespace at byte 3"),
            ("/é/:x", "key `/é/:x` has an empty field at byte 4"),
            ("/:", "key `/:` has an empty field at byte 1"),
            ("/a/x:", "key `/a/x:` has an empty name at byte 5"),
            (
                "/P:a:b",
                "key `/P:a:b` has a second `:` in a namespace (written `%3A` inside a name) at byte 4",
            ),
            (
                "/P:a%",
                "key `/P:a%` has a `%` that begins no escape (a percent sign is written `%25`) at byte 4",
            ),
            (
                "/%zz",
                "key `/%zz` has a `%` that begins no escape (a percent sign is written `%25`) at byte 1",
            ),
            (
                "/%+1",
                "key `/%+1` has a `%` that begins no escape (a percent sign is written `%25`) at byte 1",
            ),
            (
                "/%4é",
                "key `/%4é` has a `%` that begins no escape (a percent sign is written `%25`) at byte 1",
            ),
            ("/x:%41%FF", "key `/x:%41%FF` has escapes that are not UTF-8 at byte 6"),
            ("/%C3é", "key `/%C3é` has escapes that are not UTF-8 at byte 1"),
            ("/a\n", "key `/a\\n` has a control character (written `%0A` if it is meant) at byte 2"),
        ] {
            let error = text.parse::<Key>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidKey);
            assert_eq!(error.to_string(), message);
            assert_eq!(Key::try_from(text).unwrap_err().to_string(), message);
            let json = serde_json::to_string(text).unwrap();
            assert!(serde_json::from_str::<Key>(&json).unwrap_err().to_string().starts_with(message));
        }
    }

    #[test]
    fn limits_hold_for_texts() {
        let longest = format!("/{}", "a".repeat(1023));
        assert_eq!(longest.parse::<Key>().unwrap().as_encoded().len(), 1024);
        for text in [format!("{longest}a"), "/%00".repeat(512), "/a".repeat(1 << 20)] {
            let message = text.parse::<Key>().unwrap_err().to_string();
            assert!(message.ends_with("is longer than 1024 bytes encoded: shorten its names"), "{message}");
            assert!(message.len() < 200);
        }
        assert!("/%61".repeat(64).parse::<Key>().is_ok());
        let message = "/a".repeat(65).parse::<Key>().unwrap_err().to_string();
        assert!(message.ends_with("has 65 namespaces, at most 64 are allowed"), "{message}");
    }
}
