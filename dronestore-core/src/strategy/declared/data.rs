//! A declared strategy on its way to and from a value, and as the source has it.

use super::{Clamp, Declared};
use crate::value::Value;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

impl Declared {
    /// The strategy as a value.
    pub fn to_value(&self) -> Value {
        let path = |path: &[String]| path.iter().map(String::as_str).collect::<Value>();
        match self {
            Declared::Latest => Value::from("latest"),
            Declared::First => Value::from("first"),
            Declared::Max => Value::from("max"),
            Declared::Min => Value::from("min"),
            Declared::Counter => Value::from("counter"),
            Declared::FirstNonEmpty => Value::from("first_non_empty"),
            Declared::Rank(ranks) => [("rank", Value::List(ranks.clone()))].into_iter().collect(),
            Declared::MaxBy(parts) => [("max_by", path(parts))].into_iter().collect(),
            Declared::MinBy(parts) => [("min_by", path(parts))].into_iter().collect(),
            Declared::AnyOf(rules) => {
                let rules = rules.iter().map(Declared::to_value).collect();
                [("any_of", Value::List(rules))].into_iter().collect()
            }
            Declared::Clamp(clamp) => {
                let of = Some(("of", clamp.of.to_value()));
                let least = clamp.least.clone().map(|least| ("least", least));
                let most = clamp.most.clone().map(|most| ("most", most));
                let members: Value = [least, most, of].into_iter().flatten().collect();
                [("clamp", members)].into_iter().collect()
            }
            Declared::Unknown(value) => value.clone(),
        }
    }

    /// The strategy that a value declares; [`Declared::Unknown`] where this version knows none that is so.
    pub fn from_value(value: Value) -> Declared {
        let known = known(&value);
        // What would be told in other words is of a later version too.
        known.filter(|known| known.to_value() == value).unwrap_or(Declared::Unknown(value))
    }
}

fn known(value: &Value) -> Option<Declared> {
    if let Some(word) = value.as_text() {
        return Some(match word {
            "latest" => Declared::Latest,
            "first" => Declared::First,
            "max" => Declared::Max,
            "min" => Declared::Min,
            "first_non_empty" => Declared::FirstNonEmpty,
            _ => return None,
        });
    }
    let (word, content) = value.as_map().filter(|map| map.len() == 1)?.first_key_value()?;
    let path = || -> Option<Vec<String>> {
        content.as_list()?.iter().map(|part| part.as_text().map(str::to_owned)).collect()
    };
    let inner = |value: &Value| known(value).filter(|inner| !matches!(inner, Declared::Clamp(_)));
    Some(match word.as_text()? {
        "rank" => Declared::Rank(content.as_list()?.to_vec()),
        "max_by" => Declared::MaxBy(path()?),
        "min_by" => Declared::MinBy(path()?),
        "any_of" => Declared::AnyOf(content.as_list()?.iter().map(inner).collect::<Option<_>>()?),
        "clamp" => {
            let of = content.get("of")?;
            let of = if of.as_text() == Some("counter") { Some(Declared::Counter) } else { inner(of) };
            let (least, most) = (content.get("least").cloned(), content.get("most").cloned());
            Declared::Clamp(Box::new(Clamp { least, most, of: of? }))
        }
        _ => return None,
    })
}

impl Serialize for Declared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Declared {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Declared::from_value)
    }
}

/// As in `#[merge(…)]`: `rank("draft", "shipped")`, `clamp(0..=100, counter)`.
impl fmt::Display for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Declared::Rank(ranks) => list(f, "rank", ranks),
            Declared::AnyOf(rules) => list(f, "any_of", rules),
            Declared::MaxBy(path) => write!(f, "max_by({})", Value::from(path.join("."))),
            Declared::MinBy(path) => write!(f, "min_by({})", Value::from(path.join("."))),
            Declared::Clamp(clamp) => {
                f.write_str("clamp(")?;
                clamp.least.iter().try_for_each(|least| least.fmt(f))?;
                f.write_str("..")?;
                clamp.most.iter().try_for_each(|most| write!(f, "={most}"))?;
                write!(f, ", {})", clamp.of)
            }
            Declared::Unknown(value) => write!(f, "unknown({value})"),
            word => f.write_str(word.to_value().as_text().unwrap_or_default()),
        }
    }
}

fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, word: &str, items: &[T]) -> fmt::Result {
    write!(f, "{word}(")?;
    for (index, item) in items.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        write!(f, "{separator}{item}")?;
    }
    f.write_str(")")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn declared_strategies_come_back_as_they_went() {
        let texts = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect::<Vec<_>>();
        let clamp = |least, most, of| Declared::Clamp(Box::new(Clamp { least, most, of }));
        for (declared, text) in [
            (Declared::FirstNonEmpty, "first_non_empty"),
            (Declared::Rank(texts(&["a", "b"])), r#"rank("a", "b")"#),
            (Declared::MinBy(vec!["a".into(), "0".into()]), r#"min_by("a.0")"#),
            (
                Declared::AnyOf(vec![Declared::FirstNonEmpty, Declared::Latest]),
                "any_of(first_non_empty, latest)",
            ),
            (clamp(Some(Value::from(0)), Some(Value::from(9)), Declared::Counter), "clamp(0..=9, counter)"),
            (
                clamp(None, Some(Value::from(u128::MAX)), Declared::Max),
                &format!("clamp(..={}, max)", u128::MAX),
            ),
            (Declared::Unknown(Value::from("median")), r#"unknown("median")"#),
        ] {
            let bytes = value::encode(&declared).unwrap();
            assert_eq!(value::decode::<Declared>(&bytes).unwrap(), declared);
            assert_eq!(declared.to_string(), text);
        }
    }

    #[test]
    fn what_is_told_otherwise_is_unknown_and_stays_as_it_is() {
        for json in [r#"{"rank":1}"#, r#"{"clamp":{"of":{"any_of":["counter"]}}}"#, r#""counter""#, "[]"] {
            let value = Value::from_json(&serde_json::from_str(json).unwrap()).unwrap();
            let declared = Declared::from_value(value.clone());
            assert!(!declared.is_known(), "{json}");
            assert_eq!(declared.to_value(), value);
        }
    }
}
