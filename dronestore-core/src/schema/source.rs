//! A schema from text: the struct as a program has it, JSON, or the text of a lock.
//!
//! ```text
//! source := struct+                              the model, then the drones that are nested in it
//! struct := attribute* ["pub"] "struct" name "{" (field ",")* "}"
//! field  := attribute* ["pub"] name ":" type
//! ```
//!
//! Comments and attributes other than `merge` and `drone` are passed over, so a struct can be copied as it stands.

mod fields;
mod scan;
mod strategy;

use super::{Schema, SchemaAttribute, forms};
use crate::error::{Error, ErrorKind, Result};
use crate::version::check_name;
use fields::Struct;
use scan::Scanner;
use std::collections::{BTreeMap, BTreeSet};

/// The longest text that is read.
const MAX_BYTES: usize = 1 << 20;

impl Schema {
    /// Reads a schema from text: Rust structs with their `#[merge(…)]` (the first is the model, the others are nested
    /// in it), JSON as this type serializes, or the text of a [`Lock`](super::Lock).
    ///
    /// ```
    /// use dronestore_core::schema::Schema;
    ///
    /// let schema = Schema::parse("struct Note { #[merge(text)] text: String, #[merge(set)] tags: BTreeSet<String> }")?;
    /// assert_eq!((schema.kind.as_str(), schema.attributes.len()), ("Note", 2));
    /// assert_eq!(Schema::parse(&schema.to_string())?, schema);
    /// # Ok::<(), dronestore_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid) naming the line and what is wrong there, [`Unsupported`](ErrorKind::Unsupported)
    /// for what is code and no data: `with = "…"`, `flatten`.
    ///
    /// Cost: linear in the text, which may be 1 MiB long.
    pub fn parse(text: &str) -> Result<Schema> {
        if text.len() > MAX_BYTES {
            return Err(invalid(format!("a schema of {} bytes is longer than {MAX_BYTES}", text.len())));
        }
        let schema = match text.trim_start().chars().next() {
            None => return Err(invalid("there is no schema in an empty text")),
            Some('{') => {
                let not_json = |error| invalid("the text is no schema as JSON").with_source(error);
                serde_json::from_str(text).map_err(not_json)?
            }
            _ if text.lines().any(|line| line.contains('\t') && !line.starts_with(['#', ' ', '\t'])) => {
                from_lock(text)?
            }
            _ => from_source(text)?,
        };
        schema.check()?;
        Ok(schema)
    }

    /// Refuses what no program could have: a kind or an attribute without a usable name, two attributes of one name, a
    /// strategy that is none or does not fit its type, something nested that is not described.
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid) naming what it is; [`Unsupported`](ErrorKind::Unsupported) for a strategy that is not
    /// known here, which may be one of a later version.
    ///
    /// Cost: linear in the schema.
    pub fn check(&self) -> Result<()> {
        check_name(&self.kind, "the kind").map_err(|error| error.of_kind(ErrorKind::Invalid))?;
        for attributes in std::iter::once(&self.attributes).chain(self.nested.values()) {
            let mut names = BTreeSet::new();
            for SchemaAttribute { name, .. } in attributes {
                check_name(name, "an attribute's name").map_err(|error| error.of_kind(ErrorKind::Invalid))?;
                if !names.insert(name) {
                    return Err(invalid(format!("`{}` is described twice", name.escape_debug())));
                }
            }
        }
        for attribute in self.attributes.iter().chain(self.nested.values().flatten()) {
            forms::parse(&attribute.strategy)
                .map_err(|error| error.at(format_args!("`{}`", attribute.name)))?;
            attribute.check()?;
            if attribute.strategy.contains("nested") && self.nested_in(attribute).is_none() {
                let message = format!("the text does not describe what is nested in `{}`", attribute.name);
                return Err(invalid(message));
            }
        }
        Ok(())
    }

    fn nested_in(&self, attribute: &SchemaAttribute) -> Option<&Vec<SchemaAttribute>> {
        self.nested.get(attribute.nested.as_ref()?)
    }
}

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Invalid, message)
}

fn from_source(text: &str) -> Result<Schema> {
    let mut scanner = Scanner::new(text);
    let mut structs: Vec<Struct> = Vec::new();
    while !scanner.is_at_end() {
        structs.push(
            Struct::read(&mut scanner).map_err(|error| error.at(format_args!("line {}", scanner.line())))?,
        );
    }
    let kinds: BTreeMap<String, String> =
        structs.iter().map(|known| (known.name.clone(), known.kind.clone())).collect();
    for known in &mut structs {
        known.name_nested(&kinds)?;
    }
    let mut structs = structs.into_iter();
    let model = structs.next().ok_or_else(|| invalid("there is no struct in the text"))?;
    let (first, attributes) = (model.kind.clone(), model.attributes());
    let mut others: BTreeMap<String, Vec<SchemaAttribute>> =
        structs.map(|nested| (nested.kind.clone(), nested.attributes())).collect();
    // A drone may hold maps of itself.
    if attributes.iter().chain(others.values().flatten()).any(|known| known.nested.as_ref() == Some(&first)) {
        others.insert(first.clone(), attributes.clone());
    }
    Ok(Schema { kind: first, attributes, nested: others })
}

/// What a lock says: names, strategies and types; what is nested and what is declared it does not know.
fn from_lock(text: &str) -> Result<Schema> {
    let first = text.lines().next().unwrap_or_default();
    let kind = first.split("of kind `").nth(1).and_then(|rest| rest.split('`').next());
    let kind =
        kind.ok_or_else(|| invalid("the first line of a lock says the kind: ``# … of kind `Note` …``"))?;
    let mut attributes = Vec::new();
    for (number, line) in
        text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
    {
        match line.split('\t').collect::<Vec<_>>().as_slice() {
            [name, "declared", _] => {
                let message =
                    format!("a lock does not say how `{name}` is read: add the struct in place of its lock");
                return Err(invalid(message));
            }
            [name, strategy, ty] => attributes.push(fields::plain(name, strategy, ty)),
            [_, _, _, "removed"] => {}
            _ => return Err(invalid(format!("line {}: no line of a lock", number + 1))),
        }
    }
    Ok(Schema { kind: kind.to_owned(), attributes, nested: BTreeMap::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUSE: &str = r#"
        // What a program has, copied.
        #[derive(Drone, Debug)]
        #[drone(kind = "House")]
        #[merge(latest)]
        pub struct Home {
            pub street: String,
            #[merge(map(nested))]
            pub rooms: std::collections::BTreeMap<String, Room>, // by name
            #[merge(nested)]
            #[drone(rename = "cellar")]
            below: Option<Room>,
            #[merge(rank(Draft, "sold"))]
            #[drone(default = "Draft".into())]
            state: String,
            #[merge(clamp(0..=5, max))] stars: u8,
            #[drone(required)] owner: String,
            #[drone(skip)] cache: u8,
        }

        #[merge(counter)]
        struct Room { doors: u32 }
    "#;

    #[test]
    fn a_struct_is_read_as_it_is_copied() {
        let schema = Schema::parse(HOUSE).unwrap();
        assert_eq!(schema.kind, "House");
        let shown: Vec<String> = schema
            .attributes
            .iter()
            .map(|known| format!("{} {} {}", known.name, known.strategy, known.type_text))
            .collect();
        assert_eq!(
            shown,
            [
                "cellar option(nested) Option<Room>",
                "owner latest String",
                "rooms map(nested) std::collections::BTreeMap<String, Room>",
                "stars max u8",
                "state declared String",
                "street latest String",
            ]
        );
        assert_eq!(schema.attributes[4].merge(), r#"rank("Draft", "sold")"#);
        assert_eq!(schema.attributes[3].merge(), "clamp(0..=5, max)");
        assert!(schema.attributes[1].required);
        assert_eq!(schema.nested["Room"][0].strategy, "counter");
        let json = serde_json::to_string(&schema).unwrap();
        assert_eq!(Schema::parse(&json).unwrap(), schema);
    }

    #[test]
    fn a_lock_is_read() {
        let lock = "# What is stored of kind `Note`, held against the program.\nold\tlatest\tu8\tremoved\ntext\ttext\tString\n";
        let schema = Schema::parse(lock).unwrap();
        assert_eq!(schema.to_string(), "struct Note {\n    #[merge(text)] text: String,\n}");
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (text, message) in [
            ("", "there is no schema in an empty text"),
            ("{", "the text is no schema as JSON"),
            ("enum A {}", "line 1: `struct` is expected, and there is `enum A {}`"),
            ("struct A {\n  text: String,\n}", "line 2: `text` has no strategy: put `#[merge(…)]` before it"),
            ("struct A {\n #[merge(sum)] n: u8 }", "line 2: `n`: `sum` is no strategy that is known here"),
            ("struct A { #[merge(nested)] b: B }", "`b` is of type `B`, which the text does not describe"),
            (
                "struct A { #[merge(with = \"x\")] b: B }",
                "line 1: `b`: `with` is the program's own code, and no data; leave the field out",
            ),
            ("struct A { #[merge(latest)] b: B", "line 1: `}` or a field is expected, and there is the end"),
        ] {
            assert_eq!(Schema::parse(text).unwrap_err().to_string(), message, "{text}");
        }
        assert!(Schema::parse(&"[".repeat(100_000)).is_err());
        assert!(Schema::parse(&format!("struct A {{ #[merge({})] a: u8 }}", "map(".repeat(50_000))).is_err());
    }
}
