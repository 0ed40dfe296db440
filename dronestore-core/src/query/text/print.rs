//! Writing a query as its text.

use super::lexer::is_name;
use super::parser::KEYWORDS;
use crate::query::{Direction, Filter, Order, Path, Query, Root, Step};
use crate::value::Value;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.filter.is_everything() {
            parts.push(self.filter.to_string());
        }
        if let Some(key) = &self.under {
            parts.push(format!("under {}", Value::from(key.to_string())));
        }
        if !self.order.is_empty() {
            let orders: Vec<String> = self.order.iter().map(Order::to_string).collect();
            parts.push(format!("order by {}", orders.join(", ")));
        }
        if let Some(cursor) = &self.after {
            parts.push(format!("after \"{cursor}\""));
        }
        if self.offset > 0 {
            parts.push(format!("offset {}", self.offset));
        }
        if let Some(limit) = self.limit {
            parts.push(format!("limit {limit}"));
        }
        f.write_str(&parts.join(" "))
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::And(all) => joined(f, all, " and ", "true"),
            Filter::Or(any) => joined(f, any, " or ", "false"),
            Filter::Not(inner) => match &**inner {
                Filter::IsNone(path) => write!(f, "{path} is not none"),
                inner => write!(f, "not {}", Inside(inner)),
            },
            Filter::Is(path, op, value) => write!(f, "{path} {op} {value}"),
            Filter::In(path, values) => write!(f, "{path} in {}", Value::List(values.clone())),
            Filter::Has(path, value) => write!(f, "{path} has {value}"),
            Filter::StartsWith(path, text) => write!(f, "{path} starts with {}", Value::from(text.as_str())),
            Filter::Contains(path, text) => write!(f, "{path} contains {}", Value::from(text.as_str())),
            Filter::IsNone(path) => write!(f, "{path} is none"),
        }
    }
}

/// A filter inside another.
struct Inside<'f>(&'f Filter);

impl fmt::Display for Inside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Filter::And(all) | Filter::Or(all) if !all.is_empty() => write!(f, "({})", self.0),
            _ => write!(f, "{}", self.0),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, filters: &[Filter], word: &str, none: &str) -> fmt::Result {
    if filters.is_empty() {
        return f.write_str(none);
    }
    for (index, filter) in filters.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        write!(f, "{}", Inside(filter))?;
    }
    Ok(())
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.direction {
            Direction::Asc => write!(f, "{}", self.by),
            Direction::Desc => write!(f, "{} desc", self.by),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            Root::Attribute(name) => write!(f, "{}", Name(name))?,
            Root::Key => f.write_str("@key")?,
            Root::Parent => f.write_str("@parent")?,
            Root::Kind => f.write_str("@kind")?,
            Root::Created => f.write_str("@created")?,
            Root::Committed => f.write_str("@committed")?,
        }
        for step in &self.steps {
            match step {
                Step::At(Value::Text(name)) => write!(f, ".{}", Name(name))?,
                Step::At(key) => write!(f, "[{key}]")?,
                Step::Len => f.write_str(".len()")?,
                Step::Or(default) => write!(f, " ?? {default}")?,
            }
        }
        Ok(())
    }
}

/// A name, in backticks where it would not be read as one otherwise.
struct Name<'n>(&'n str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0;
        let is_plain = name.chars().all(is_name)
            && name.starts_with(|first: char| !first.is_numeric())
            && !KEYWORDS.contains(&name);
        if is_plain { f.write_str(name) } else { write!(f, "`{}`", name.replace('`', "``")) }
    }
}

/// A path is its text, in JSON and elsewhere.
impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Path, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
