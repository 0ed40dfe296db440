//! Reading without Rust types says what the oracle says.

use super::oracle::{Commits, Path};
use super::shown::Val;
use super::spec::{Field, Rule, Spec};
use super::world::{Outcome, World, shown};
use dronestore::{Value, Version};

impl World<'_> {
    pub fn check_untyped(&self, known: Commits, version: &Version) -> Outcome {
        for (index, field) in self.table.fields.iter().enumerate() {
            if let Spec::Register(Rule::Longest) = field.spec {
                continue;
            }
            let value = self.table.schema.read(version, field.name).map_err(shown)?;
            let agrees = match field.spec {
                Spec::Member => self.member_agrees(index, Path::default(), known, value.as_ref()),
                _ => self.agrees(&field.spec, Path::default().below(index as u8), known, value.as_ref()),
            };
            if !agrees {
                return Err(format!("without its type `{}` reads as {value:?}", field.name));
            }
        }
        Ok(())
    }

    fn agrees(&self, spec: &Spec, at: Path, known: Commits, found: Option<&Value>) -> bool {
        let expected = self.oracle.shown(spec, at, known);
        match (spec, expected, found) {
            // The code of a user's strategy is what such a reader does not have.
            (Spec::Register(Rule::Longest), _, _) => true,
            (_, None, found) => found.is_none_or(Value::is_null),
            (Spec::Nested(fields), Some(_), Some(found)) => self.fields_agree(fields, at, known, found),
            (Spec::Map(inner), Some(Val::Map(expected)), Some(Value::Map(found))) => {
                let agrees = |(key, found): (&Value, &Value)| {
                    let key = key.as_u64().unwrap() as u8;
                    expected.contains_key(&key) && self.agrees(inner, at.below(key), known, Some(found))
                };
                expected.len() == found.len() && found.iter().all(agrees)
            }
            (Spec::Items(fields), Some(Val::Items(expected)), Some(Value::List(found))) => {
                let agrees = |((key, _), found): (&(u8, Val), &Value)| {
                    found.get("id").and_then(Value::as_u64) == Some(u64::from(*key))
                        && self.fields_agree(fields, at.below(*key), known, found)
                };
                expected.len() == found.len() && expected.iter().zip(found).all(agrees)
            }
            (Spec::Option(_), Some(Val::Map(expected)), None | Some(Value::Null)) => expected.is_empty(),
            (Spec::Option(inner), Some(Val::Map(expected)), found) => {
                expected.contains_key(&0) && self.agrees(inner, at.below(0), known, found)
            }
            (_, Some(expected), Some(found)) => is(&expected, found),
            (_, Some(_), None) => false,
        }
    }

    fn fields_agree(&self, fields: &[Field], at: Path, known: Commits, found: &Value) -> bool {
        fields.iter().enumerate().all(|(index, field)| match field.spec {
            Spec::Member => {
                let found = found.get("").and_then(|object| object.get(field.name));
                self.member_agrees(index, at, known, found)
            }
            _ => self.agrees(&field.spec, at.below(index as u8), known, found.get(field.name)),
        })
    }

    fn member_agrees(&self, index: usize, at: Path, known: Commits, found: Option<&Value>) -> bool {
        match (self.oracle.members(at, known).get(&(index as u8)), found) {
            (Some(expected), Some(found)) => is(expected, found),
            (expected, found) => expected.is_none() == found.is_none(),
        }
    }
}

fn is(expected: &Val, found: &Value) -> bool {
    match (expected, found) {
        (Val::Bool(expected), found) => found.as_bool() == Some(*expected),
        (Val::Int(expected), found) => found.as_i64() == Some(*expected),
        (Val::Text(expected), found) => found.as_text() == Some(expected),
        (Val::Seq(expected), Value::List(found)) => {
            expected.iter().map(|char| char.to_string()).eq(found.iter().map(|item| item.as_text().unwrap()))
        }
        (Val::Seq(expected), found) => found.as_text() == Some(&expected.iter().collect::<String>()),
        (Val::Order(expected), Value::List(found)) => {
            expected.iter().map(|item| Some(u64::from(*item))).eq(found.iter().map(Value::as_u64))
        }
        (Val::Set(expected), Value::List(found)) => {
            expected.len() == found.len()
                && expected.iter().zip(found).all(|(one, other)| other.as_u64() == Some(u64::from(*one)))
        }
        (Val::List(expected), Value::List(found)) => {
            expected.len() == found.len() && expected.iter().zip(found).all(|(one, other)| is(one, other))
        }
        _ => false,
    }
}
