//! `list(nested)`: drones in a list, on Rust types.

use super::places::rendered;
use super::{Field, Inner, Model, Nested, Violations, forms};
use crate::causal::Form;
use crate::error::{Error, Result};
use crate::strategy::location::Placing;
use crate::strategy::{ReadPlace, WritePlace, items, list};
use crate::value;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{HashSet, VecDeque};

/// What `#[drone(id)]` on a field makes of a drone: one that is found again in a list.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no field marked `#[drone(id)]`",
    label = "the items of a `list(nested)` are told apart by their ids",
    note = "`list(nested)` fits `Vec` and `VecDeque` of types that derive `Drone` and mark the field that names an item: `#[drone(id)] #[merge(first)] id: String`",
    note = "for values that are no drones there are `list` and `list(moves)`, which fit `Vec` and `VecDeque` of serde types"
)]
pub trait Identified: Model {
    /// Appends the encoded id.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) where it cannot be stored.
    fn put_id(&self, out: &mut Vec<u8>) -> Result<()>;

    /// Takes over an encoded id.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) where it is of another type.
    fn set_id(&mut self, stored: &[u8]) -> Result<()>;

    /// What the id's type reads of an encoded id, encoded.
    ///
    /// # Errors
    /// As [`Identified::set_id`].
    fn id_again(stored: &[u8]) -> Result<Vec<u8>>;
}

/// A type that can be an id.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` cannot be an `id`",
    label = "cannot name an item of a list",
    note = "an `id` needs serde: `#[derive(Serialize, Deserialize)]` on the type, and on what it holds"
)]
pub trait Id: Sized {
    /// Appends it, encoded.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) where it cannot be stored.
    fn put(&self, out: &mut Vec<u8>) -> Result<()>;

    /// The id that is stored like this.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) where it is of another type.
    fn take(stored: &[u8]) -> Result<Self>;

    /// What the type reads of it, encoded.
    ///
    /// # Errors
    /// As [`Id::take`].
    fn again(stored: &[u8]) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(stored.len());
        Self::take(stored)?.put(&mut out)?;
        Ok(out)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Id for T {
    fn put(&self, out: &mut Vec<u8>) -> Result<()> {
        value::encode_into(self, out)
    }

    fn take(stored: &[u8]) -> Result<T> {
        value::decode(stored)
    }
}

/// `list(nested)`: drones with ids, in an order that merges.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`#[merge(list(nested))]` does not fit a field of type `{Self}`",
    label = "does not fit the strategy",
    note = "`list(nested)` fits `Vec` and `VecDeque` of types that derive `Drone` and mark a field with `#[drone(id)]`",
    note = "`latest`, `latest_object`, `first` and `conflict` fit any type that implements serde's `Serialize` and `Deserialize`"
)]
pub trait ListNested: Sized {
    /// What the attribute table says about such a field.
    const FIELD: Field;

    /// The field's value, from what is stored in its place.
    fn read(place: ReadPlace<'_>, default: fn() -> Self) -> Result<Self>;

    /// Puts the field's value into its place, where it differs from what is there.
    fn write(&self, place: &mut WritePlace<'_>, default: fn() -> Self) -> Result<()>;

    /// Notes what the drones in the list violate.
    fn check(&self, found: &mut Violations);

    /// Brings the drones in the list into their canonical form.
    fn canonicalize(&mut self);
}

macro_rules! lists {
    ($($list:ident),*) => { $(
        impl<D: Identified> ListNested for $list<D> {
            const FIELD: Field = <D as Nested>::FIELD.in_list();

            fn read(place: ReadPlace<'_>, default: fn() -> Self) -> Result<Self> {
                Ok(place.drones()?.unwrap_or_else(default))
            }

            fn write(&self, place: &mut WritePlace<'_>, default: fn() -> Self) -> Result<()> {
                place.drones(&self.iter().collect::<Vec<_>>(), &|| Some(default().into_iter().collect()))
            }

            fn check(&self, found: &mut Violations) {
                check(self.iter(), found);
            }

            fn canonicalize(&mut self) {
                self.iter_mut().for_each(Model::canonicalize);
            }
        }

        #[diagnostic::do_not_recommend]
        impl<D: Identified> Inner<$list<D>> for forms::list_nested {
            const FIELD: Field = <$list<D> as ListNested>::FIELD;

            fn read(place: ReadPlace<'_>) -> Result<Option<$list<D>>> {
                place.drones()
            }

            fn write(value: &$list<D>, place: &mut WritePlace<'_>) -> Result<()> {
                place.drones(&value.iter().collect::<Vec<_>>(), &|| None)
            }

            fn check(value: &$list<D>, found: &mut Violations) {
                ListNested::check(value, found);
            }

            fn canonicalize(value: &mut $list<D>) {
                ListNested::canonicalize(value);
            }
        }
    )* };
}
lists!(Vec, VecDeque);

fn encoded_id<D: Identified>(drone: &D) -> Result<Vec<u8>> {
    let mut id = Vec::new();
    drone.put_id(&mut id)?;
    Ok(id)
}

/// Notes what each drone violates, and ids that are there twice.
fn check<'d, D: Identified>(drones: impl Iterator<Item = &'d D>, found: &mut Violations) {
    let mut ids = HashSet::new();
    for drone in drones {
        // What cannot be encoded is refused where it is written.
        let Ok(id) = encoded_id(drone) else { continue };
        found.below_id(&id, |found| Model::check(drone, found));
        if ids.contains(&id) {
            found.below_id(&id, |found| found.push("", "is there twice: an id names one item".to_owned()));
        }
        ids.insert(id);
    }
}

/// Whether two lists would write the same where nothing stands yet.
fn is_same<D: Identified>(one: &[&D], other: &[&D]) -> Result<bool> {
    if one.is_empty() || other.is_empty() {
        return Ok(one.is_empty() && other.is_empty());
    }
    let render = |drones: &[&D]| rendered(&|place| place.drones(drones, &|| None));
    Ok(render(one)? == render(other)?)
}

impl ReadPlace<'_> {
    fn drones<D: Identified, L: FromIterator<D>>(self) -> Result<Option<L>> {
        if self.is_empty() {
            return Ok(None);
        }
        let field = <D as Nested>::FIELD;
        let standing = items::read(self, Form::trusted(field.form()))?;
        let drone = |standing: items::Standing<'_>| {
            let Some(mut drone) = self.below(standing.body).nested::<D>()? else {
                return Err(Error::corrupt("an item of a list holds nothing"));
            };
            drone.set_id(standing.key)?;
            Ok(drone)
        };
        self.table.deeper(|| standing.into_iter().map(drone).collect::<Result<L>>()).map(Some)
    }
}

impl WritePlace<'_> {
    /// Writes drones in order; `default` is what the field reads as where nothing is stored.
    fn drones<D: Identified>(&mut self, drones: &[&D], default: &dyn Fn() -> Option<Vec<D>>) -> Result<()> {
        let ids = list::Items::gather(drones.iter(), |drone, out| drone.put_id(out))?;
        let field = <D as Nested>::FIELD;
        let is_default = || match default() {
            Some(default) => is_same(&default.iter().collect::<Vec<_>>(), drones),
            None => Ok(false),
        };
        let write = |number: usize, placing: Placing<'_>, place: &mut WritePlace<'_>| match drones.get(number)
        {
            Some(drone) => place.item(*drone, placing),
            None => Err(Error::corrupt("an item has no drone")),
        };
        let form = Form::trusted(field.form());
        let base = &self.scene.base;
        base.deeper(|| items::write(self, form, &ids, &D::id_again, &is_default, &write))
    }
}
