//! Links in queries: the objects that link to one.

use super::{Condition, Field, Filter, Op, Path};
use crate::error::Result;
use crate::key::Key;
use crate::value::{Value, to_value};
use std::collections::{BTreeSet, HashSet, VecDeque};

/// A field in which links can be looked for: `Key`, and `Option`, `Vec`, sets of it.
#[diagnostic::on_unimplemented(
    message = "links cannot be looked for in a field of type `{Self}`",
    label = "holds no keys that a query finds",
    note = "`links_to` is for `Key`, and `Option`, `Vec`, `VecDeque`, `BTreeSet`, `HashSet` of it"
)]
pub trait LinkField {
    /// What holds where the field at this path links to this.
    ///
    /// # Errors
    /// None but those of encoding a key.
    fn links_to(path: Path, key: &Key) -> Result<Filter>;
}

impl LinkField for Key {
    fn links_to(path: Path, key: &Key) -> Result<Filter> {
        Ok(Filter::Is(path, Op::Eq, to_value(key)?))
    }
}

impl LinkField for Option<Key> {
    fn links_to(path: Path, key: &Key) -> Result<Filter> {
        Ok(Filter::Is(path, Op::Eq, Value::some(to_value(key)?)))
    }
}

macro_rules! elements {
    ($($ty:ty $(, $parameter:ident)?;)*) => { $(
        impl$(<$parameter>)? LinkField for $ty {
            fn links_to(path: Path, key: &Key) -> Result<Filter> {
                Ok(Filter::Has(path, to_value(key)?))
            }
        }
    )* };
}
elements! { Vec<Key>; VecDeque<Key>; BTreeSet<Key>; HashSet<Key, S>, S; }

impl<R, F: LinkField> Field<R, F> {
    /// It links to this object: the other end of a link, from which all that lead there are found.
    pub fn links_to(self, key: &Key) -> Condition<R> {
        Condition::new(F::links_to(self.path(), key))
    }
}
