//! The lock of a schema: the stored attributes of one kind as a committed text, which the compiler compares.
//!
//! ```text
//! lock := comment* line*
//! line := name, tab, strategy, tab, type, [tab, "removed"], newline     ascending by name
//! ```
//!
//! In a name a backslash, a tab and the ends of lines are written `\\`, `\t`, `\n`, `\r`. A removed attribute stays in
//! the lock: its data stays in the stores, and its name must not come to mean something else.

use super::{Schema, SchemaAttribute};
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What stands at the end of the line of an attribute that no field has any more.
pub(super) const REMOVED: &str = "removed";

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

    /// The text of the lock, from the one that there was.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) naming the line of `before` that is none of a lock.
    pub fn lock(&self, before: Option<&str>) -> Result<String> {
        let mut lines: BTreeMap<String, String> = BTreeMap::new();
        let mut stored_types: BTreeMap<String, String> = BTreeMap::new();
        for (name, line) in before.map(parse).transpose()?.unwrap_or_default() {
            let mut columns = line.split('\t').skip(1);
            let (strategy, ty) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
            lines.insert(name.clone(), format!("{name}\t{strategy}\t{ty}\t{REMOVED}\n"));
            stored_types.insert(name, ty.to_owned());
        }
        for attribute in &self.attributes {
            let name = escaped(&attribute.name);
            let ty = locked_type(attribute, stored_types.get(&name));
            lines.insert(name.clone(), format!("{name}\t{}\t{ty}\n", attribute.strategy));
        }
        let mut text = format!(
            "# What is stored of kind `{}`, held against the program by the compiler. A test writes it; commit it.\n",
            self.kind.escape_debug()
        );
        text.extend(lines.into_values());
        Ok(text)
    }
}

/// What is stored stays what it was where a conversion stands before it.
fn locked_type(attribute: &SchemaAttribute, before: Option<&String>) -> String {
    match (&attribute.convert, before) {
        (Some(_), Some(before)) => before.clone(),
        (Some(path), None) => format!("{} through {path}", attribute.type_text),
        (None, _) => attribute.type_text.clone(),
    }
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
