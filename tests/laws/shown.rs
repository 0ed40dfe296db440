//! Values as the oracle sees them: no Rust type of a model, no encoding of the library.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Val {
    Int(i64),
    Bool(bool),
    Text(String),
    Set(BTreeSet<u8>),
    /// A list or text.
    Seq(Vec<char>),
    Map(BTreeMap<u8, Val>),
    /// A `list(moves)`.
    Order(Vec<u8>),
    /// A `list(nested)`: the ids, and the other fields.
    Items(Vec<(u8, Val)>),
    /// The fields of a model, in the order of its source.
    List(Vec<Val>),
}

impl fmt::Debug for Val {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Val::Int(value) => value.fmt(f),
            Val::Bool(value) => value.fmt(f),
            Val::Text(value) => value.fmt(f),
            Val::Set(value) => value.fmt(f),
            Val::Seq(value) => value.iter().collect::<String>().fmt(f),
            Val::Map(value) => value.fmt(f),
            Val::Order(value) => value.fmt(f),
            Val::Items(value) => f.debug_map().entries(value.iter().map(|(key, val)| (key, val))).finish(),
            Val::List(value) => f.debug_list().entries(value).finish(),
        }
    }
}

/// A field's type on its way to and from the oracle's values.
pub trait Shown {
    fn show(&self) -> Val;
    fn take(val: &Val) -> Self;
}

macro_rules! shown {
    ($($ty:ty: $variant:ident, $show:expr, $take:expr;)*) => { $(
        impl Shown for $ty {
            fn show(&self) -> Val {
                Val::$variant($show(self))
            }
            fn take(val: &Val) -> Self {
                match val {
                    Val::$variant(value) => $take(value),
                    other => panic!("{other:?} is no {}", stringify!($ty)),
                }
            }
        }
    )* };
}
shown! {
    i64: Int, |value: &i64| *value, |value: &i64| *value;
    i32: Int, |value: &i32| i64::from(*value), |value: &i64| *value as i32;
    u64: Int, |value: &u64| *value as i64, |value: &i64| *value as u64;
    bool: Bool, |value: &bool| *value, |value: &bool| *value;
    String: Text, String::clone, String::clone;
    Vec<u8>: Order, Vec::clone, Vec::clone;
    Vec<char>: Seq, Vec::clone, Vec::clone;
    Box<str>: Seq, |value: &str| value.chars().collect(), |value: &Vec<char>| value.iter().collect::<String>().into();
    BTreeSet<u8>: Set, BTreeSet::clone, BTreeSet::clone;
    HashSet<u8>: Set, |value: &HashSet<u8>| value.iter().copied().collect(),
        |value: &BTreeSet<u8>| value.iter().copied().collect();
}

impl Shown for (i64, i64) {
    fn show(&self) -> Val {
        Val::List(vec![Val::Int(self.0), Val::Int(self.1)])
    }
    fn take(val: &Val) -> Self {
        match val {
            Val::List(parts) => (i64::take(&parts[0]), i64::take(&parts[1])),
            other => panic!("{other:?} is no pair"),
        }
    }
}

// Maps are filled one by one: each `collect` of an iterator of its own brings a whole sort with it.

fn show_map<'v, V: Shown + 'v>(entries: impl IntoIterator<Item = (&'v u8, &'v V)>) -> Val {
    let mut shown = BTreeMap::new();
    for (key, value) in entries {
        shown.insert(*key, value.show());
    }
    Val::Map(shown)
}

fn take_map<V: Shown>(val: &Val, mut take: impl FnMut(u8, V)) {
    let Val::Map(map) = val else { panic!("{val:?} is no map") };
    map.iter().for_each(|(key, value)| take(*key, V::take(value)));
}

/// An option is a map with one key, 0.
impl<V: Shown> Shown for Option<V> {
    fn show(&self) -> Val {
        show_map(self.iter().map(|value| (&0, value)))
    }
    fn take(val: &Val) -> Self {
        let Val::Map(map) = val else { panic!("{val:?} is no option") };
        map.get(&0).map(V::take)
    }
}

impl<V: Shown> Shown for BTreeMap<u8, V> {
    fn show(&self) -> Val {
        show_map(self)
    }
    fn take(val: &Val) -> Self {
        let mut taken = BTreeMap::new();
        take_map(val, |key, value| drop(taken.insert(key, value)));
        taken
    }
}

impl<V: Shown> Shown for HashMap<u8, V> {
    fn show(&self) -> Val {
        show_map(self)
    }
    fn take(val: &Val) -> Self {
        let mut taken = HashMap::new();
        take_map(val, |key, value| drop(taken.insert(key, value)));
        taken
    }
}
