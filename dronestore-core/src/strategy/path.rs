//! Paths: where in an object a value stands, through maps and nested drones.
//!
//! ```text
//! path := (0, size, name, size, form  |  1, size, key)+
//! ```

use super::{ReadPlace, map};
use crate::bytes::{Reader, put_slice};
use crate::causal::form::{Child, code};
use crate::causal::join::{MAX_NESTING, too_deep};
use crate::causal::{Form, Structure};
use crate::error::{Error, Result};
use crate::value::Value;
use std::fmt;

/// One step from an object to a value in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// The attribute of this name and form.
    Field(&'a str, Form<'a>),
    /// What stands under this key of a map, as encoded.
    Key(&'a [u8]),
}

/// Where in an object a value stands: `phone`, `phones["home"]`, `address.street`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<u8>);

impl Path {
    pub(crate) fn of(steps: &[Step<'_>]) -> Path {
        let mut bytes = Vec::new();
        for step in steps {
            match step {
                Step::Field(name, form) => {
                    bytes.push(0);
                    put_slice(&mut bytes, name.as_bytes());
                    put_slice(&mut bytes, form.as_bytes());
                }
                Step::Key(key) => {
                    bytes.push(1);
                    put_slice(&mut bytes, key);
                }
            }
        }
        Path(bytes)
    }

    /// The path that these bytes are.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Path> {
        let path = Path(bytes.to_vec());
        path.steps()?;
        Ok(path)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The steps; the first is an attribute of the object.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt); never for a path that came from this library.
    pub fn steps(&self) -> Result<Vec<Step<'_>>> {
        let mut reader = Reader::new(&self.0);
        let mut steps = Vec::new();
        while !reader.is_empty() {
            steps.push(match reader.byte()? {
                0 => Step::Field(reader.text()?, Form::parse(reader.slice()?)?),
                1 => Step::Key(reader.slice()?),
                _ => return Err(Error::corrupt("a path has a step that is neither a field nor a key")),
            });
        }
        match steps.first() {
            Some(Step::Field(..)) => Ok(steps),
            _ => Err(Error::corrupt("a path does not begin with an attribute")),
        }
    }

    /// The stored name of the object's attribute that it begins with; empty for the `latest_object` group.
    pub fn attribute(&self) -> &str {
        let mut reader = Reader::new(&self.0);
        match reader.byte() {
            Ok(0) => reader.text().unwrap_or_default(),
            _ => "",
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.steps().map_err(|_| fmt::Error)?;
        let mut optional = false;
        for (index, step) in steps.iter().enumerate() {
            // What is inside an `Option` has a key of its own, which nobody wrote.
            if std::mem::replace(
                &mut optional,
                matches!(step, Step::Field(_, form) if form.code() == code::OPTION),
            ) {
                continue;
            }
            match step {
                Step::Field("", _) => f.write_str("latest_object")?,
                Step::Field(name, _) if index == 0 => f.write_str(name)?,
                Step::Field(name, _) => write!(f, ".{name}")?,
                Step::Key(key) => match Value::from_bytes(key) {
                    Ok(key) => write!(f, "[{key}]")?,
                    Err(_) => f.write_str("[?]")?,
                },
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Path({self})")
    }
}

/// What is shown a place: the way to it, its form, itself.
pub(crate) type EachPlace<'e, 'a> = dyn FnMut(&[Step<'a>], Form<'a>, ReadPlace<'a>) -> Result<()> + 'e;

/// Shows every place of dot → value that can be reached from here, with the way to it.
pub(crate) fn each_place<'a>(
    form: Form<'a>,
    place: ReadPlace<'a>,
    steps: &mut Vec<Step<'a>>,
    each: &mut EachPlace<'_, 'a>,
) -> Result<()> {
    if place.is_empty() {
        return Ok(());
    }
    if steps.len() > MAX_NESTING {
        return Err(too_deep());
    }
    match form.structure() {
        Structure::Values => each(steps, form, place),
        Structure::Map(Child::Form(inner)) => {
            for item in map::items(place, inner)? {
                steps.push(Step::Key(item.key));
                each_place(inner, place.below(item.body), steps, each)?;
                steps.pop();
            }
            Ok(())
        }
        Structure::Nested => {
            let mut fields = place.fields()?;
            while let Some(field) = fields.next()? {
                steps.push(Step::Field(field.name, field.form));
                each_place(field.form, place.below(field.body), steps, each)?;
                steps.pop();
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
