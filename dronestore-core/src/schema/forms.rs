//! Strategies as a schema spells them, back to the forms in which attributes are stored.

use crate::causal::form::{MAX_DEPTH, MAX_NAME, code, word};
use crate::error::{Error, ErrorKind, Result};

/// The codes of all that are a word; maps, options and lists of drones are put around others.
const WORDS: [u8; 19] = [
    code::LATEST,
    code::CONFLICT,
    code::MAX,
    code::MIN,
    code::FIRST,
    code::COUNTER,
    code::FLAG,
    code::FLAG_FALSE_WINS,
    code::LATEST_OBJECT,
    code::DECLARED,
    code::SET,
    code::UNION,
    code::SET_REMOVE_WINS,
    code::SET_LATEST,
    code::SET_ONCE,
    code::LIST_MOVES,
    code::NESTED,
    code::TEXT,
    code::LIST,
];

/// The bytes of the form that is spelled like this: the way back of how a form displays.
///
/// # Errors
/// [`Unsupported`](ErrorKind::Unsupported) for a strategy that this version does not know.
pub(super) fn parse(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text;
    for _ in 0..=MAX_DEPTH {
        if let Some(code) = WORDS.iter().find(|code| word(**code) == Some(rest)) {
            bytes.push(*code);
            return Ok(bytes);
        }
        if let Some(name) = rest.strip_prefix("with = \"").and_then(|rest| rest.strip_suffix('"'))
            && name.len() <= MAX_NAME
        {
            bytes.push(code::CUSTOM);
            crate::bytes::put_slice(&mut bytes, name.as_bytes());
            return Ok(bytes);
        }
        let around = [("map(", code::MAP), ("option(", code::OPTION), ("list(", code::LIST_NESTED)];
        let Some((word, code)) = around.iter().find(|(word, _)| rest.starts_with(word)) else { break };
        let Some(inner) = rest[word.len()..].strip_suffix(')') else { break };
        bytes.push(*code);
        rest = inner;
    }
    Err(Error::new(
        ErrorKind::Unsupported,
        format!("`{}` is no strategy that is known here", text.escape_debug()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causal::Form;

    #[test]
    fn forms_come_back_from_their_spelling() {
        for code in WORDS {
            let form = [code];
            assert_eq!(parse(&Form::parse(&form).unwrap().to_string()).unwrap(), form);
        }
        for text in
            ["map(map(set(once)))", "option(nested)", "map(list(nested))", "with = \"longest\"", "map(text)"]
        {
            let bytes = parse(text).unwrap();
            assert_eq!(Form::parse(&bytes).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in ["", "map", "map(", "map()", "location", "sum", "list(list)x"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&format!("{}latest{}", "map(".repeat(40), ")".repeat(40))).is_err());
    }
}
