//! Assignments: `text=milk`, `tags+=food`, `rooms.hall.doors-=1`, `scores:={"a":1}`.
//!
//! ```text
//! assignment := path operator value
//! path       := name ("." name | "[" JSON "]")*
//! operator   := "=" | "+=" | "-=" | ":=" | "=@"
//! ```

use super::typed;
use crate::schema::{Schema, SchemaAttribute, Type, Values};
use crate::{Error, ErrorKind, Result, Value};
use std::collections::BTreeMap;

/// One change of one place, as it was typed.
#[derive(Debug, PartialEq)]
pub(super) struct Assignment {
    attribute: String,
    below: Vec<Step>,
    pub(super) operator: Operator,
    /// What stands behind the operator; the name of a file for `=@`.
    pub(super) text: String,
}

/// One step down from an attribute.
#[derive(Debug, PartialEq)]
enum Step {
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

fn usage(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
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
        let attribute = find(&schema.kind, &schema.attributes, &self.attribute)?;
        let spot = Spot { schema, attribute, strategy: &attribute.strategy, ty: attribute.ty() };
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

fn find<'s>(kind: &str, attributes: &'s [SchemaAttribute], name: &str) -> Result<&'s SchemaAttribute> {
    attributes
        .iter()
        .find(|attribute| attribute.name == name)
        .ok_or_else(|| no_attribute(kind, name, attributes.iter().map(|attribute| attribute.name.as_str())))
}

/// That a kind has no attribute of this name, and which it has.
pub(super) fn no_attribute<'n>(kind: &str, name: &str, known: impl Iterator<Item = &'n str>) -> Error {
    let names: Vec<String> = known.map(|name| format!("`{name}`")).collect();
    let message = format!("`{kind}` has no attribute `{}`; it has {}", name.escape_debug(), names.join(", "));
    Error::new(ErrorKind::NotFound, message)
}

/// A place: what is stored there, and as what.
struct Spot<'s> {
    schema: &'s Schema,
    attribute: &'s SchemaAttribute,
    strategy: &'s str,
    ty: Type,
}

fn inside<'s>(strategy: &'s str, word: &str) -> Option<&'s str> {
    strategy.strip_prefix(word)?.strip_prefix('(')?.strip_suffix(')')
}

impl<'s> Spot<'s> {
    /// The value after the change, from that before; none where nothing was written.
    fn change(&self, before: Option<Value>, below: &[Step], assignment: &Assignment) -> Result<Value> {
        let Some((step, rest)) = below.split_first() else { return self.here(before, assignment) };
        let before = before.filter(|value| !value.is_null());
        if let Some(inner) = inside(self.strategy, "map") {
            let mut entries = as_map(before)?;
            let key = step.key(self.ty.key())?;
            let ty = self.ty.inner().cloned().unwrap_or(Type::Other(String::new()));
            let spot = Spot { strategy: inner, ty, ..*self };
            let after = spot.change(entries.get(&key).cloned(), rest, assignment)?;
            entries.insert(key, after);
            return Ok(Value::Map(entries));
        }
        match self.strategy {
            "nested" | "option(nested)" => self.in_drone(before, below, assignment),
            "list(nested)" => {
                let id = self.id()?;
                let (key, name) = (step.key(Some(&id.ty()))?, Value::from(id.name.as_str()));
                let mut items = as_list(before)?;
                let at = items.iter().position(|item| item.get(&id.name) == Some(&key));
                let item = at.map(|at| items[at].clone());
                let item = item.unwrap_or_else(|| Value::Map(BTreeMap::from([(name, key)])));
                let after = match rest {
                    [] => return Err(usage("name the field of the item: `list[\"id\"].field=value`")),
                    rest => self.in_drone(Some(item), rest, assignment)?,
                };
                match at {
                    Some(at) => items[at] = after,
                    None => items.push(after),
                }
                Ok(Value::List(items))
            }
            other => Err(usage(format!("is `{other}`, one value without parts: set it as a whole"))),
        }
    }

    fn in_drone(&self, before: Option<Value>, below: &[Step], assignment: &Assignment) -> Result<Value> {
        let Some((Step::Name(name), rest)) = below.split_first() else {
            return Err(usage("name the field: `.name`"));
        };
        let (kind, attributes) = self.drone()?;
        let attribute = find(kind, attributes, name)?;
        let spot = Spot { schema: self.schema, attribute, strategy: &attribute.strategy, ty: attribute.ty() };
        let mut fields = as_map(before)?;
        // The members of a `latest_object` are read as one field without a name.
        let group = fields.get(&Value::from("")).and_then(|group| group.get(name)).cloned();
        let name = Value::from(name.as_str());
        let after = spot.change(fields.get(&name).cloned().or(group), rest, assignment)?;
        fields.insert(name, after);
        Ok(Value::Map(fields))
    }

    fn drone(&self) -> Result<(&'s str, &'s [SchemaAttribute])> {
        let kind = self.attribute.nested.as_deref();
        let found = kind.and_then(|kind| Some((kind, self.schema.nested.get(kind)?.as_slice())));
        found.ok_or_else(|| Error::corrupt("the schema does not say what is nested here"))
    }

    /// The attribute that is the id of the drones in a list.
    fn id(&self) -> Result<&'s SchemaAttribute> {
        let found = self.drone()?.1.iter().find(|attribute| attribute.id);
        found.ok_or_else(|| Error::corrupt("the schema does not say which field is the id"))
    }

    fn here(&self, before: Option<Value>, assignment: &Assignment) -> Result<Value> {
        let text = &assignment.text;
        match assignment.operator {
            Operator::Set | Operator::SetFile
                if self.strategy == "counter" && self.attribute.default.is_some() =>
            {
                Err(usage("counts from a default that only the program knows: use `+=` and `-=`"))
            }
            Operator::Set | Operator::SetFile => typed::value(text, &self.ty),
            Operator::SetJson => typed::json(text, &self.ty),
            Operator::Add => self.add(before, text),
            Operator::Take => self.take(before, text),
        }
    }

    /// What stands here, or would if it had been written.
    fn or_default(&self, before: Option<Value>) -> Result<Value> {
        let default =
            || if self.strategy == "counter" { Some(Value::from(0)) } else { self.attribute.default_value() };
        let is_attribute = self.strategy == self.attribute.strategy;
        let default = || if is_attribute { default() } else { self.ty.default_value() };
        before.or_else(default).ok_or_else(|| usage("starts from what only the program knows: use `=`"))
    }

    fn add(&self, before: Option<Value>, text: &str) -> Result<Value> {
        if inside(self.strategy, "map").is_some() {
            return Err(usage("is a map: name the key, as in `name.key=value`"));
        }
        match (self.or_default(before)?, &self.ty) {
            (Value::List(mut values), Type::Set(inner)) => {
                let value = typed::value(text, inner)?;
                values.push(value);
                values.sort();
                values.dedup();
                Ok(Value::List(values))
            }
            (Value::List(mut values), Type::List(inner)) => {
                values.push(match self.strategy {
                    "list(nested)" => typed::json(text, inner)?,
                    _ => typed::value(text, inner)?,
                });
                Ok(Value::List(values))
            }
            (Value::Text(before), Type::Text) => Ok(Value::Text(before + text)),
            (before, ty) => self.calculate(&before, ty, text, 1),
        }
    }

    fn take(&self, before: Option<Value>, text: &str) -> Result<Value> {
        let missing = || Error::new(ErrorKind::NotFound, format!("`{}` is not in it", text.escape_debug()));
        if inside(self.strategy, "map").is_some() {
            let mut entries = as_map(before)?;
            let key = Step::Name(text.to_owned()).key(self.ty.key())?;
            return entries.remove(&key).map(|_| Value::Map(entries)).ok_or_else(missing);
        }
        match (self.or_default(before)?, &self.ty) {
            (Value::List(mut values), Type::List(inner) | Type::Set(inner)) => {
                let at = match self.strategy {
                    "list(nested)" => {
                        let id = self.id()?;
                        let key = typed::value(text, &id.ty())?;
                        values.iter().position(|item| item.get(&id.name) == Some(&key))
                    }
                    _ => {
                        let value = typed::value(text, inner)?;
                        values.iter().position(|known| *known == value)
                    }
                };
                values.remove(at.ok_or_else(missing)?);
                Ok(Value::List(values))
            }
            (before, ty) => self.calculate(&before, ty, text, -1),
        }
    }

    /// Adds a number, `sign` times.
    fn calculate(&self, before: &Value, ty: &Type, text: &str, sign: i128) -> Result<Value> {
        let ty = if let Type::Option(inner) = ty { inner } else { ty };
        let beyond = || usage(format!("`{text}` leads beyond `{ty}`"));
        if let (Some(before), Type::Float(_)) = (before.as_float(), ty) {
            let number = typed::value(text, ty)?.as_float().unwrap_or_default();
            return Ok(typed::fitted(Value::try_from(before + number * sign as f64)?, ty));
        }
        let Some(before) = before.as_integer().and_then(|number| number.as_i128()) else {
            return Err(usage(format!(
                "is `{}` of type `{ty}`: `+=` and `-=` do not fit, use `=`",
                self.strategy
            )));
        };
        let number =
            text.parse::<i128>().map_err(|_| usage(format!("`{}` is no `{ty}`", text.escape_debug())))?;
        let sum = number.checked_mul(sign).and_then(|number| before.checked_add(number));
        sum.map(Value::from).ok_or_else(beyond)
    }
}

impl Step {
    /// The key that the step names, of a map with keys of this type.
    fn key(&self, ty: Option<&Type>) -> Result<Value> {
        let other = Type::Other(String::new());
        let ty = ty.unwrap_or(&other);
        match self {
            Step::Name(name) => typed::value(name, ty),
            Step::Json(text) => typed::json(text, ty),
        }
    }
}

fn as_map(value: Option<Value>) -> Result<BTreeMap<Value, Value>> {
    match value {
        None => Ok(BTreeMap::new()),
        Some(Value::Map(entries)) => Ok(entries),
        Some(other) => Err(usage(format!("{other} is no map"))),
    }
}

fn as_list(value: Option<Value>) -> Result<Vec<Value>> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::List(items)) => Ok(items),
        Some(other) => Err(usage(format!("{other} is no list"))),
    }
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
            ("text-=x", "text: is `text` of type `String`: `+=` and `-=` do not fit"),
            ("place.town=x", "place: `Place` has no attribute `town`"),
            ("stock[x]=1", "`stock[x]=1` is no change"),
        ] {
            let error = apply(&[word]).unwrap_err().to_string();
            assert!(error.starts_with(message), "{word}: {error}");
        }
    }
}
