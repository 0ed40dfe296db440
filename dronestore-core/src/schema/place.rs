//! Place: what a schema knows of a place in an object.

use super::{Schema, SchemaAttribute, Type};
use crate::error::{Error, ErrorKind, Result};
use crate::nearest::did_you_mean;
use crate::quote::Quoted;
use crate::value::Value;

/// A place in an object as far as a schema knows it: of which type it is, and which drone is nested there.
///
/// ```
/// use dronestore_core::schema::Schema;
/// use dronestore_core::Value;
///
/// let schema = Schema::parse(
///     "struct Person { #[merge(nested)] home: Place } struct Place { #[merge(latest)] city: String }",
/// )?;
/// let home = schema.place("home").expect("it has one");
/// assert_eq!(home.below(&Value::from("city"))?.ty().to_string(), "String");
/// assert!(home.below(&Value::from("citty")).is_err());
/// # Ok::<(), dronestore_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Place<'s> {
    ty: Type,
    /// The schema, and the kind of the drone at the bottom of the type.
    nested: Option<(&'s Schema, &'s str)>,
}

impl Schema {
    /// The place of an attribute; `None` where the schema has none of this name.
    pub fn place(&self, name: &str) -> Option<Place<'_>> {
        self.attributes.iter().find(|attribute| attribute.name == name).map(|known| Place::of(self, known))
    }
}

impl SchemaAttribute {
    /// The attribute of this name among those of a kind.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) with the nearest name, and all that there are.
    pub fn find<'s>(
        kind: &str,
        attributes: &'s [SchemaAttribute],
        name: &str,
    ) -> Result<&'s SchemaAttribute> {
        let found = attributes.iter().find(|attribute| attribute.name == name);
        found.ok_or_else(|| no_attribute(kind, attributes, name))
    }
}

impl<'s> Place<'s> {
    fn of(schema: &'s Schema, attribute: &'s SchemaAttribute) -> Place<'s> {
        // Of what a program's own code makes, nobody else knows how it looks.
        let is_code = attribute.convert.is_some() || attribute.strategy.contains("with = ");
        let ty = if is_code { Type::Other(attribute.type_text.clone()) } else { attribute.ty() };
        Place { ty, nested: attribute.nested.as_deref().map(|kind| (schema, kind)) }
    }

    /// A place of which no more is known than its type.
    pub fn typed(ty: Type) -> Place<'static> {
        Place { ty, nested: None }
    }

    /// The type.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// The kind and the attributes of the drone that is here; `None` where none is.
    pub fn drone(&self) -> Option<(&'s str, &'s [SchemaAttribute])> {
        let (schema, kind) = self.nested.filter(|_| matches!(self.bare(), Type::Other(_)))?;
        Some((kind, schema.nested.get(kind)?))
    }

    /// The type without its options.
    fn bare(&self) -> &Type {
        let mut ty = &self.ty;
        while let Type::Option(inner) = ty {
            ty = inner;
        }
        ty
    }

    /// The place under this key of a map or field of a drone, at this number of a list.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) for a field that the drone here has not,
    /// [`InvalidValue`](ErrorKind::InvalidValue) for a key of another type, and where there are no parts.
    pub fn below(&self, key: &Value) -> Result<Place<'s>> {
        let part = |ty: &Type| Place { ty: ty.clone(), nested: self.nested };
        let invalid = |message: String| Error::new(ErrorKind::InvalidValue, message);
        match self.bare() {
            Type::Map(keys, inner) => keys.check(key).map(|()| part(inner)),
            ty @ (Type::List(inner) | Type::Set(inner)) => match key.as_u64() {
                Some(_) => Ok(part(inner)),
                None => Err(invalid(format!("a `{ty}` has numbered places, from 0, and no {key}"))),
            },
            ty @ Type::Tuple(parts) => match key.as_u64().and_then(|at| parts.get(usize::try_from(at).ok()?))
            {
                Some(inner) => Ok(part(inner)),
                None => Err(invalid(format!(
                    "a `{ty}` has {} numbered places, from 0, and no {key}",
                    parts.len()
                ))),
            },
            Type::Other(name) => match (self.nested, self.drone(), key.as_text()) {
                // The group of all `latest_object` fields has no name, and is as opaque as a program's own type.
                (Some((schema, _)), Some((kind, fields)), Some(name)) if !name.is_empty() => {
                    SchemaAttribute::find(kind, fields, name).map(|field| Place::of(schema, field))
                }
                _ => Ok(Place::typed(Type::Other(name.clone()))),
            },
            ty => Err(invalid(format!("a `{ty}` has no parts, and no {key}"))),
        }
    }
}

/// That a kind has no attribute of this name, which was meant, and which it has.
#[cold]
pub(crate) fn no_attribute<'a>(
    kind: &str,
    known: impl IntoIterator<Item = &'a SchemaAttribute> + Clone,
    name: &str,
) -> Error {
    let mut names: Vec<&str> = known.into_iter().map(|known| known.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let meant = did_you_mean(name, names.iter().copied());
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let message = format!("`{kind}` has no attribute {}; it has {}{meant}", Quoted(name), names.join(", "));
    Error::new(ErrorKind::NotFound, message)
}
