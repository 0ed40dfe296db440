//! Models under test: a struct that derives `Drone`, and its spec for the oracle beside it.

use super::shown::{Shown, Val};
use super::spec::Field;
use dronestore::model::{Committed, Model, commit, fresh, load};
use dronestore::schema::Schema;
use dronestore::version::Author;
use dronestore::{Key, Result, Version};

/// A model that the oracle knows.
pub trait Specified: Model + Shown {
    fn specs() -> Vec<Field>;
}

/// What the histories do with a model. Functions behind pointers: the machinery is compiled once, not per model.
pub struct Table {
    pub kind: &'static str,
    pub fields: Vec<Field>,
    pub schema: Schema,
    pub fresh: fn() -> Result<Val>,
    pub load: fn(&Version) -> Result<Val>,
    pub commit: Commit,
}

/// A value, the object's key, its base, the head, who commits.
type Commit =
    fn(&Val, &Key, Option<&Version>, Option<&Version>, &mut Author<'_>) -> Result<Option<Committed>>;

pub fn table<M: Specified>() -> Table {
    Table {
        kind: M::KIND,
        fields: M::specs(),
        schema: Schema::of::<M>(),
        fresh: || fresh::<M>().map(|value| value.show()),
        load: |version| load::<M>(version).map(|value| value.show()),
        commit: |value, key, base, head, author| {
            commit(&M::take(value), key, base, head, author).map(|loaded| loaded.result)
        },
    }
}

/// `model!(Name { field: Type, [merge], default, spec; … })`
macro_rules! model {
    ($name:ident { $($field:ident: $ty:ty, [$($merge:tt)*], $default:expr, $spec:expr;)* }) => {
        #[derive(dronestore::Drone, Debug, Clone, PartialEq)]
        pub struct $name {
            $(#[merge($($merge)*)] #[drone(default = $default)] $field: $ty,)*
        }
        impl $name {
            /// Every field at its default.
            #[allow(dead_code)]
            pub fn start() -> Self {
                $name { $($field: $default,)* }
            }
        }
        impl $crate::laws::shown::Shown for $name {
            fn show(&self) -> $crate::laws::shown::Val {
                $crate::laws::shown::Val::List(vec![$(self.$field.show()),*])
            }
            fn take(val: &$crate::laws::shown::Val) -> Self {
                let $crate::laws::shown::Val::List(values) = val else { panic!("{val:?} is no model") };
                let mut values = values.iter();
                $name { $($field: $crate::laws::shown::Shown::take(values.next().unwrap()),)* }
            }
        }
        impl $crate::laws::models::Specified for $name {
            fn specs() -> Vec<$crate::laws::spec::Field> {
                let start = Self::start();
                vec![$($crate::laws::spec::Field {
                    name: stringify!($field),
                    spec: $spec,
                    default: start.$field.show(),
                }),*]
            }
        }
    };
}
pub(crate) use model;
