//! Assignments: `text=milk`, `tags+=food`, `rooms.hall.doors-=1`, `scores:={"a":1}`.
//!
//! ```text
//! assignment := path operator value
//! path       := name ("." name | "[" JSON "]")*
//! operator   := "=" | "+=" | "-=" | ":=" | "=@"
//! ```

use super::spot::Spot;
use crate::schema::{Schema, SchemaAttribute, Values};
use crate::{Error, ErrorKind, Result};

/// One change of one place, as it was typed.
#[derive(Debug, PartialEq)]
pub(super) struct Assignment {
    attribute: String,
    pub(super) below: Vec<Step>,
    pub(super) operator: Operator,
    /// What stands behind the operator; the name of a file for `=@`.
    pub(super) text: String,
}

/// One step down from an attribute.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// `.name`: a key or a field.
    Name(String),
    /// `["name"]`: a key as JSON.
    Json(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// `=`: this value, typed plainly.
    Set,
    /// `:=`: this value, as JSON.
    SetJson,
    /// `=@`: the content of a file.
    SetFile,
    /// `+=`: adds, inserts, appends.
    Add,
    /// `-=`: subtracts, takes away.
    Take,
}

pub(super) fn usage(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidValue, message)
}

impl Assignment {
    /// Reads one word of the command line.
    pub(super) fn parse(word: &str) -> Result<Assignment> {
        let none = || usage(format!("`{}` is no change: write `attribute=value`", word.escape_debug()));
        let (path, rest) = word.split_at(end_of_path(word).ok_or_else(none)?);
        let operators = [
            ("+=", Operator::Add),
            ("-=", Operator::Take),
            (":=", Operator::SetJson),
            ("=@", Operator::SetFile),
            ("=", Operator::Set),
        ];
        let found = operators.iter().find_map(|(sign, operator)| Some((*operator, rest.strip_prefix(sign)?)));
        let (operator, text) = found.ok_or_else(none)?;
        let start = path.find(['.', '[']).unwrap_or(path.len());
        if start == 0 {
            return Err(none());
        }
        let (attribute, below) = (path[..start].to_owned(), steps(&path[start..]).ok_or_else(none)?);
        Ok(Assignment { attribute, below, operator, text: text.to_owned() })
    }

    /// Makes the change in the values of an object.
    pub(super) fn apply(&self, schema: &Schema, values: &mut Values) -> Result<()> {
        let attribute = SchemaAttribute::find(&schema.kind, &schema.attributes, &self.attribute)?;
        let spot = Spot::of(schema, attribute);
        let before = values.get(&self.attribute).cloned();
        let after = spot.change(before, &self.below, self).map_err(|error| error.at(&self.attribute))?;
        values.insert(self.attribute.clone(), after);
        Ok(())
    }
}

/// Where the operator begins: the first `=` in no bracket, with what belongs to it before it.
fn end_of_path(word: &str) -> Option<usize> {
    let (mut depth, mut in_text, mut last) = (0usize, false, 0);
    for (at, char) in word.char_indices() {
        match char {
            '"' if depth > 0 => in_text = !in_text,
            '[' if !in_text => depth += 1,
            ']' if !in_text => depth = depth.saturating_sub(1),
            '=' if depth == 0 => {
                return Some(if word[..at].ends_with(['+', '-', ':']) { last } else { at });
            }
            _ => {}
        }
        last = at;
    }
    None
}

fn steps(mut text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    while !text.is_empty() {
        if let Some(rest) = text.strip_prefix('.') {
            let (name, rest) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
            steps.push(Step::Name(Some(name).filter(|name| !name.is_empty())?.to_owned()));
            text = rest;
        } else {
            let rest = text.strip_prefix('[')?;
            // A text may hold the bracket that would end it.
            let ends = rest.match_indices(']').map(|(at, _)| at);
            let end = ends
                .into_iter()
                .find(|end| serde_json::from_str::<serde_json::Value>(&rest[..*end]).is_ok())?;
            steps.push(Step::Json(rest[..end].to_owned()));
            text = &rest[end + 1..];
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "
        struct Note {
            #[merge(text)] text: String,
            #[merge(set)] tags: BTreeSet<String>,
            #[merge(counter)] visits: u64,
            #[merge(latest)] price: f64,
            #[merge(list)] lines: Vec<String>,
            #[merge(map(counter))] stock: BTreeMap<String, i64>,
            #[merge(map(map(latest)))] deep: BTreeMap<u8, BTreeMap<String, bool>>,
            #[merge(nested)] place: Place,
            #[merge(list(nested))] steps: Vec<Step>,
            #[merge(latest)] mood: Mood,
            #[merge(rank(draft, sent))] state: Option<String>,
            #[merge(map(rank(Low, High)))] levels: BTreeMap<String, Level>,
            #[merge(latest)] small: f32,
            #[merge(set)] days: BTreeSet<Nanotime>,
        }
        #[merge(latest)] struct Place { city: String, zip: Option<u32> }
        #[merge(latest)] struct Step { #[drone(id)] #[merge(first)] id: String, done: bool }";

    fn apply(words: &[&str]) -> Result<Values> {
        let schema = Schema::parse(SOURCE).unwrap();
        let mut values = Values::new();
        for word in words {
            Assignment::parse(word)?.apply(&schema, &mut values)?;
        }
        Ok(values)
    }

    #[test]
    fn changes_are_made_where_they_say() {
        for (words, shown) in [
            (&["text=milk = 1"][..], "milk = 1"),
            (&["text=a", "text+=b"], "ab"),
            (&["tags+=b", "tags+=a", "tags+=b"], r#"["a","b"]"#),
            (&["tags+=b", "tags+=a", "tags-=b"], r#"["a"]"#),
            (&["visits+=2", "visits-=1"], "1"),
            (&["price=1", "price+=0.5"], "1.5"),
            (&["lines:=[\"a\",\"b\"]", "lines-=a", "lines+=c"], r#"["b","c"]"#),
            (&["stock.milk+=2", "stock[\"a.]b\"]-=1"], r#"{"a.]b":-1,"milk":2}"#),
            (&["stock.milk+=2", "stock.eggs=3", "stock-=milk"], r#"{"eggs":3}"#),
            (&["deep.7.on=true"], r#"{7:{"on":true}}"#),
            (&["place.city=Paris", "place.zip=75001"], r#"{"city":"Paris","zip":75001}"#),
            (&["steps.a.done=true", "steps.b.done=false", "steps-=a"], r#"[{"done":false,"id":"b"}]"#),
            (&["mood=Calm"], "Calm"),
            (&["state=sent", "levels.a=High"], r#"{"a":"High"}"#),
            (&["state:=null"], "null"),
            (&["price=inf"], "inf"),
            (&["days+=2026-11-21T00:00:00Z"], "[1795219200000000000]"),
            (&["days:=[\"2026-11-21T00:00:00Z\",7]"], "[7,1795219200000000000]"),
        ] {
            let values = apply(words).unwrap();
            let value = values.values().next().unwrap();
            assert_eq!(super::super::show::plain(value), shown, "{words:?}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (word, message) in [
            ("text", "`text` is no change: write `attribute=value`"),
            ("=x", "`=x` is no change: write `attribute=value`"),
            ("title=x", "`Note` has no attribute `title`; it has"),
            ("visits=x", "visits: `x` is no `u64`"),
            ("tags-=x", "tags: `x` is not in it"),
            ("tags=x", "tags: `x` is no `BTreeSet<String>`: give all of it as JSON"),
            ("stock+=x", "stock: is a map: name the key"),
            ("text.a=x", "text: is `text`, one value without parts"),
            ("text-=x", "text: is `text` of type `String`: `-=` does not fit"),
            ("place.town=x", "place: `Place` has no attribute `town`"),
            ("stock[x]=1", "`stock[x]=1` is no change"),
            ("state=snt", "state: \"snt\" is not in its list, which is draft, sent; did you mean `sent`?"),
            ("levels.a=Middle", "levels: \"Middle\" is not in its list, which is Low, High"),
            ("price=1e400", "price: `1e400` is more than a `f64` holds"),
            ("small=1e39", "small: `1e39` is more than a `f32` holds"),
            ("small:=1e39", "small: `1e39` is more than a `f32` holds"),
            ("price+=1e400", "price: `1e400` is more than a `f64` holds"),
            ("days:=[\"yesterday\"]", "days: time `yesterday` has no year"),
        ] {
            let error = apply(&[word]).unwrap_err().to_string();
            assert!(error.starts_with(message), "{word}: {error}");
        }
    }
}
