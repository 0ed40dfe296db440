//! What a query makes of many objects: counts, sums, the least and the greatest, in groups or of all.

use super::find::Find;
use crate::drone::Drone;
use dronestore_core::query::{Field, Path, compare_numbers};
use dronestore_core::value::{Integer, from_value};
use dronestore_core::{Error, ErrorKind, Result, Value};
use serde::de::DeserializeOwned;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Objects in groups that agree in a field.
///
/// Each way of asking makes one pass and keeps one value a group.
#[derive(Debug)]
pub struct Groups<T, F> {
    find: Find<T>,
    by: Field<T, F>,
}

/// All objects as one group.
pub(super) struct All<T>(Find<T>);

impl<T: Drone> Find<T> {
    pub(super) fn group_by_nothing(self) -> All<T> {
        All(self)
    }
}

impl<T: Drone> All<T> {
    pub(super) fn sum<F: DeserializeOwned>(self, field: Field<T, F>) -> Result<F> {
        let sum = self.fold(&field.path(), Some(Value::from(0)), add)?;
        from_value(&sum.unwrap_or_default()).map_err(|error| error.at(field.path()))
    }

    pub(super) fn min<F: DeserializeOwned>(self, field: Field<T, F>) -> Result<Option<F>> {
        self.best(&field, Ordering::Less)
    }

    pub(super) fn max<F: DeserializeOwned>(self, field: Field<T, F>) -> Result<Option<F>> {
        self.best(&field, Ordering::Greater)
    }

    fn best<F: DeserializeOwned>(self, field: &Field<T, F>, wanted: Ordering) -> Result<Option<F>> {
        let best = self.fold(&field.path(), None, |best, value| Ok(better(best, value, wanted)))?;
        best.map(|value| from_value(&value).map_err(|error| error.at(field.path()))).transpose()
    }

    fn fold(
        self,
        path: &Path,
        start: Option<Value>,
        step: impl Fn(Value, Value) -> Result<Value>,
    ) -> Result<Option<Value>> {
        let mut folded = start;
        self.0.each(std::slice::from_ref(path), |record| {
            let value = path.read(record)?.into_owned();
            if !value.is_null() {
                folded = Some(match folded.take() {
                    Some(before) => {
                        step(before, value).map_err(|error| error.at(path).at(record.version.key()))?
                    }
                    None => value,
                });
            }
            Ok(())
        })?;
        Ok(folded)
    }
}

impl<T: Drone, F: DeserializeOwned + Ord> Groups<T, F> {
    pub(super) fn by(find: Find<T>, by: Field<T, F>) -> Self {
        Groups { find, by }
    }

    /// How many objects each group has.
    ///
    /// # Errors
    /// As [`Find::select`].
    pub fn count(self) -> Result<BTreeMap<F, usize>> {
        let (mut counts, by) = (BTreeMap::<Value, usize>::new(), self.by.path());
        self.find.each(std::slice::from_ref(&by), |record| {
            *counts.entry(by.read(record)?.into_owned()).or_default() += 1;
            Ok(())
        })?;
        typed(counts, &by, Ok)
    }

    /// The sum of a field of numbers in each group.
    ///
    /// # Errors
    /// As [`Find::sum`].
    pub fn sum<G: DeserializeOwned>(self, field: Field<T, G>) -> Result<BTreeMap<F, G>> {
        let path = field.path();
        self.fold(&path, Some(Value::from(0)), add, |value| {
            from_value(&value.unwrap_or_default()).map_err(|error: Error| error.at(&path))
        })
    }

    /// The least value of a field in each group; `None` where there is none.
    ///
    /// # Errors
    /// As [`Find::select`].
    pub fn min<G: DeserializeOwned>(self, field: Field<T, G>) -> Result<BTreeMap<F, Option<G>>> {
        self.best(&field, Ordering::Less)
    }

    /// The greatest value of a field in each group; `None` where there is none.
    ///
    /// # Errors
    /// As [`Find::select`].
    pub fn max<G: DeserializeOwned>(self, field: Field<T, G>) -> Result<BTreeMap<F, Option<G>>> {
        self.best(&field, Ordering::Greater)
    }

    fn best<G: DeserializeOwned>(
        self,
        field: &Field<T, G>,
        wanted: Ordering,
    ) -> Result<BTreeMap<F, Option<G>>> {
        let path = field.path();
        let typed = |value: Option<Value>| {
            value.map(|value| from_value(&value).map_err(|error| error.at(&path))).transpose()
        };
        self.fold(&path, None, |best, value| Ok(better(best, value, wanted)), typed)
    }

    fn fold<G>(
        self,
        path: &Path,
        start: Option<Value>,
        step: impl Fn(Value, Value) -> Result<Value>,
        finish: impl Fn(Option<Value>) -> Result<G>,
    ) -> Result<BTreeMap<F, G>> {
        let (mut groups, by) = (BTreeMap::<Value, Option<Value>>::new(), self.by.path());
        self.find.each(&[by.clone(), path.clone()], |record| {
            let group = groups.entry(by.read(record)?.into_owned()).or_insert_with(|| start.clone());
            let value = path.read(record)?.into_owned();
            if !value.is_null() {
                *group = Some(match group.take() {
                    Some(before) => {
                        step(before, value).map_err(|error| error.at(path).at(record.version.key()))?
                    }
                    None => value,
                });
            }
            Ok(())
        })?;
        typed(groups, &by, finish)
    }
}

/// Groups by the values of their field's own type.
fn typed<F: DeserializeOwned + Ord, V, G>(
    groups: BTreeMap<Value, V>,
    by: &Path,
    finish: impl Fn(V) -> Result<G>,
) -> Result<BTreeMap<F, G>> {
    let one = |(group, value): (Value, V)| {
        let group = from_value(&group).map_err(|error| error.at(by))?;
        Ok((group, finish(value)?))
    };
    groups.into_iter().map(one).collect()
}

fn better(best: Value, value: Value, wanted: Ordering) -> Value {
    if compare_numbers(&value, &best) == wanted { value } else { best }
}

/// Whole numbers are added exactly.
fn add(sum: Value, value: Value) -> Result<Value> {
    let float = |value: &Value| match value {
        Value::Integer(number) => number.as_i128().map(|number| number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    };
    if let (Value::Integer(sum), Value::Integer(value)) = (&sum, &value) {
        let added = sum.as_i128().zip(value.as_i128()).and_then(|(sum, value)| sum.checked_add(value));
        let beyond = || Error::new(ErrorKind::InvalidValue, "the sum is beyond what a whole number can be");
        return added.map(|number| Value::Integer(Integer::from(number))).ok_or_else(beyond);
    }
    match (float(&sum), float(&value)) {
        (Some(sum), Some(value)) => Ok(Value::Float(sum + value)),
        _ => Err(Error::new(ErrorKind::InvalidValue, format!("{value} is no number and cannot be added"))),
    }
}
