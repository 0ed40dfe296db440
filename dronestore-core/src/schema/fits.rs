//! Whether a strategy and a type go together, as far as the spelling of the type tells; what does instead.

use super::{SchemaAttribute, Type};
use crate::error::{Error, ErrorKind, Result};
use crate::strategy::Declared;

impl SchemaAttribute {
    /// Refuses a strategy that no value of the type could be written by; a program's own type may be anything.
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid) with what the strategy is for, and what fits the type.
    pub fn check(&self) -> Result<()> {
        // What is stored is of another type, which only the program knows.
        if self.convert.is_some() {
            return Ok(());
        }
        fit(&self.strategy, self.declared.as_ref(), &self.ty())
            .map_err(|error| error.at(format_args!("`{}`", self.name)))
    }
}

fn fit(strategy: &str, declared: Option<&Declared>, ty: &Type) -> Result<()> {
    if let Type::Other(_) = ty {
        return Ok(());
    }
    if let Some(inner) = strategy.strip_prefix("map(").and_then(|rest| rest.strip_suffix(')')) {
        return match ty {
            Type::Map(_, values) => fit(inner, declared, values),
            _ => Err(unfit("map(…)", "maps", ty)),
        };
    }
    let is_opaque = |ty: &Type| matches!(ty, Type::Other(_));
    let (fits, what) = match strategy {
        "counter" => (matches!(ty, Type::Integer(_)), "whole numbers"),
        "flag" | "flag(false_wins)" => (*ty == Type::Bool, "`bool`"),
        "text" => (*ty == Type::Text, "`String`"),
        "list" | "list(moves)" => (matches!(ty, Type::List(_)), "`Vec` and `VecDeque`"),
        "list(nested)" => {
            (matches!(ty, Type::List(inner) if is_opaque(inner)), "lists of structs that the text describes")
        }
        "nested" | "option(nested)" => {
            (matches!(ty, Type::Option(inner) if is_opaque(inner)), "a struct that the text describes")
        }
        "union" => (matches!(ty, Type::Set(_)), "`BTreeSet` and `HashSet`"),
        word if word == "set" || word.starts_with("set(") => {
            (matches!(ty, Type::Set(_)), "`BTreeSet` and `HashSet`")
        }
        "max" | "min" => (is_ordered(ty), "numbers, texts, times, `bool`, options and tuples of these"),
        "declared" => match declared {
            Some(Declared::Rank(_)) => (is_name(ty), "unit enums and `String`"),
            _ => return Ok(()),
        },
        _ => return Ok(()),
    };
    if fits { Ok(()) } else { Err(unfit(&declared.map_or_else(|| strategy.to_owned(), word), what, ty)) }
}

fn word(declared: &Declared) -> String {
    match declared {
        Declared::Rank(_) => "rank(…)".to_owned(),
        other => other.to_string(),
    }
}

fn is_name(ty: &Type) -> bool {
    match ty {
        Type::Option(inner) => is_name(inner),
        ty => matches!(ty, Type::Text | Type::Char | Type::Key | Type::Other(_)),
    }
}

fn is_ordered(ty: &Type) -> bool {
    match ty {
        Type::List(_) | Type::Set(_) | Type::Map(..) => false,
        Type::Option(inner) => is_ordered(inner),
        Type::Tuple(parts) => parts.iter().all(is_ordered),
        _ => true,
    }
}

#[cold]
fn unfit(strategy: &str, what: &str, ty: &Type) -> Error {
    let others = match ty {
        Type::Bool => "`flag`, `latest`, `max`",
        Type::Integer(_) => "`counter`, `latest`, `max`, `min`",
        Type::Text => "`text`, `latest`, `max`, `rank(…)`",
        Type::List(_) => "`list`, `latest`",
        Type::Set(_) => "`set`, `union`, `latest`",
        Type::Map(..) => "`map(…)`, `latest`",
        _ => "`latest`, `first`, `conflict`",
    };
    let message = format!("`{strategy}` is for {what} and does not fit `{ty}`; what fits is {others}");
    Error::new(ErrorKind::Invalid, message)
}

#[cfg(test)]
mod tests {
    use crate::schema::Schema;

    #[test]
    fn what_fits_is_taken_and_what_does_not_is_told() {
        let parse = |field: &str| {
            Schema::parse(&format!(
                "struct A {{ {field} }} struct B {{ #[drone(id)] #[merge(first)] id: u8 }}"
            ))
        };
        for field in [
            "#[merge(counter)] a: i32",
            "#[merge(counter)] a: Wrapping",
            "#[merge(max)] a: Option<(u8, String)>",
            "#[merge(set(latest))] a: HashSet<Mood>",
            "#[merge(map(map(counter)))] a: BTreeMap<u8, HashMap<String, u8>>",
            "#[merge(nested)] a: Option<B>",
            "#[merge(nested)] a: B",
            "#[merge(map(nested))] a: BTreeMap<u8, B>",
            "#[merge(list(nested))] a: Vec<B>",
            "#[merge(rank(x, y))] a: String",
            "#[merge(clamp(0..=9, counter))] a: i8",
            "#[merge(counter)] #[drone(convert = \"my::seconds\")] a: String",
            "#[merge(text)] a: Box<str>",
        ] {
            parse(field).unwrap_or_else(|error| panic!("{field}: {error}"));
        }
        for (field, message) in [
            (
                "#[merge(counter)] a: String",
                "`a`: `counter` is for whole numbers and does not fit `String`; what fits is `text`, `latest`, `max`, `rank(…)`",
            ),
            ("#[merge(clamp(0..=9, counter))] a: f32", "`a`: `clamp(0..=9, counter)` is for whole numbers"),
            (
                "#[merge(set)] a: Vec<u8>",
                "`a`: `set` is for `BTreeSet` and `HashSet` and does not fit `Vec<u8>`",
            ),
            ("#[merge(map(text))] a: BTreeMap<u8, u8>", "`a`: `text` is for `String` and does not fit `u8`"),
            ("#[merge(map(latest))] a: Vec<u8>", "`a`: `map(…)` is for maps"),
            ("#[merge(max)] a: Vec<u8>", "`a`: `max` is for numbers"),
            ("#[merge(flag)] a: u8", "`a`: `flag` is for `bool`"),
            ("#[merge(rank(x))] a: u8", "`a`: `rank(…)` is for unit enums"),
        ] {
            let error = parse(field).unwrap_err().to_string();
            assert!(error.starts_with(message), "{field}: {error}");
        }
    }
}
