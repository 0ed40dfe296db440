//! The lock of a schema: the stored attributes of one kind as a committed text, which the compiler compares.
//!
//! ```text
//! lock := comment* line*
//! line := name, tab, strategy, tab, type, [tab, "removed"], newline     ascending by name
//! ```
//!
//! In a name a backslash, a tab and the ends of lines are written `\\`, `\t`, `\n`, `\r`. A removed attribute stays in
//! the lock: its data stays in the stores, and its name must not come to mean something else.

use super::Schema;
use crate::error::{Error, Result};
use crate::model::{Attribute, Model};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What stands at the end of the line of an attribute that no field has any more.
pub(super) const REMOVED: &str = "removed";

/// The lock of a model, as it is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The text of the file.
    pub text: String,
    /// What would no longer be read, in words: a conversion that stores another type than is stored.
    pub misread: Vec<String>,
}

impl Lock {
    /// The lock of a model, from the text of the one that there was.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) naming the line of `before` that is none of a lock.
    pub fn of<T: Model>(before: Option<&str>) -> Result<Lock> {
        Schema::of::<T>().lock(before, &stored_types(T::ATTRIBUTES))
    }
}

impl Schema {
    /// The name of the lock's file: the kind, everything but letters, digits, `_` and `-` as `%` and two digits.
    pub fn lock_file(&self) -> String {
        let mut name = String::new();
        for byte in self.kind.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') {
                name.push(char::from(byte));
            } else {
                // Writing to a String cannot fail.
                let _ = write!(name, "%{byte:02x}");
            }
        }
        name + ".schema"
    }

    fn lock(&self, before: Option<&str>, stored: &BTreeMap<&str, String>) -> Result<Lock> {
        let mut lines: BTreeMap<String, String> = BTreeMap::new();
        let mut locked: BTreeMap<String, String> = BTreeMap::new();
        let mut misread = Vec::new();
        for (name, line) in before.map(parse).transpose()?.unwrap_or_default() {
            let mut columns = line.split('\t').skip(1);
            let (strategy, ty) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
            lines.insert(name.clone(), format!("{name}\t{strategy}\t{ty}\t{REMOVED}\n"));
            locked.insert(name, ty.to_owned());
        }
        for attribute in &self.attributes {
            let name = escaped(&attribute.name);
            let ty = match (stored.get(attribute.name.as_str()), locked.get(&name)) {
                (None, _) => attribute.type_text.clone(),
                // What is stored stays what it was where a conversion stands before it.
                (Some(stored), Some(before)) if without_paths(before) == *stored => before.clone(),
                (Some(stored), before) => {
                    misread.extend(before.map(|before| {
                        let through = attribute.convert.as_deref().unwrap_or_default();
                        format!(
                            "`{}` is stored as `{before}`, and `{through}` stores `{stored}`: \
                             it would read nothing of what is stored",
                            attribute.name
                        )
                    }));
                    stored.clone()
                }
            };
            lines.insert(name.clone(), format!("{name}\t{}\t{ty}\n", attribute.strategy));
        }
        let mut text = format!(
            "# What is stored of kind `{}`, held against the program by the compiler. A test writes it; commit it.\n",
            self.kind.escape_debug()
        );
        text.extend(lines.into_values());
        Ok(Lock { text, misread })
    }
}

/// What the conversions of a model store, by the stored names of the attributes.
fn stored_types(attributes: &'static [Attribute]) -> BTreeMap<&'static str, String> {
    let members = attributes.iter().flat_map(|attribute| attribute.members);
    let members = members.map(|member| (member.name, &member.source));
    let all = attributes.iter().map(|attribute| (attribute.name, &attribute.source)).chain(members);
    all.filter_map(|(name, source)| Some((name, without_paths((source.stored?)())))).collect()
}

/// A type as it is spelled with every name imported, and without spaces.
fn without_paths(ty: &str) -> String {
    let mut text = String::new();
    for char in ty.chars().filter(|char| !char.is_whitespace()) {
        text.push(char);
        if text.ends_with("::") {
            let path =
                text.trim_end_matches(|char: char| char == ':' || char == '_' || char.is_alphanumeric());
            text.truncate(path.len());
        }
    }
    text
}

fn parse(lock: &str) -> Result<BTreeMap<String, String>> {
    let mut lines = BTreeMap::new();
    for line in lock.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let columns = line.split('\t').count();
        match line.split_once('\t') {
            Some((name, _)) if columns == 3 || columns == 4 => {
                lines.insert(name.to_owned(), line.to_owned());
            }
            _ => return Err(Error::corrupt(format!("`{}` is no line of a lock", line.escape_debug()))),
        }
    }
    Ok(lines)
}

fn escaped(name: &str) -> String {
    let mut text = String::new();
    for char in name.chars() {
        match char {
            '\\' => text.push_str("\\\\"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            // A name that looks like a comment.
            '#' if text.is_empty() => text.push_str("\\#"),
            other => text.push(other),
        }
    }
    text
}
