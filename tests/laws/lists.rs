//! Lists that move: `list(moves)`, and `list(nested)` with lists of drones in the drones.

use super::history::check;
use super::models::model;
use super::shown::{Shown, Val};
use super::spec::{Field, Spec, counter as signed, latest as newest, map as keyed};
use dronestore::Drone;
use std::collections::BTreeMap;

macro_rules! item {
    ($name:ident { $($field:ident: $ty:ty, [$($merge:tt)*], $default:expr, $spec:expr;)* }) => {
        #[derive(Drone, Debug, Clone, PartialEq)]
        pub struct $name {
            $(#[merge($($merge)*)] #[drone(default = $default)] $field: $ty,)*
            #[drone(id)]
            #[merge(latest)]
            id: u8,
        }
        impl $name {
            fn specs() -> Vec<Field> {
                vec![$(Field {
                    name: stringify!($field),
                    spec: $spec,
                    default: <$ty as Shown>::show(&$default),
                }),*]
            }
        }
        impl Shown for Vec<$name> {
            fn show(&self) -> Val {
                Val::Items(self.iter().map(|item| (item.id, Val::List(vec![$(item.$field.show()),*]))).collect())
            }
            fn take(val: &Val) -> Self {
                let Val::Items(items) = val else { panic!("{val:?} is no list of drones") };
                let take = |(id, item): &(u8, Val)| {
                    let Val::List(values) = item else { panic!("{item:?} is no drone") };
                    let mut values = values.iter();
                    $name { $($field: Shown::take(values.next().unwrap()),)* id: *id }
                };
                items.iter().map(take).collect()
            }
        }
    };
}

item!(Tag {
    text: i64, [latest], 0, newest();
});
item!(Task {
    title: i64, [latest], 3, newest();
    hours: i64, [counter], 0, signed();
    owner: i64, [latest_object], 0, Spec::Member;
    place: i64, [latest_object], 0, Spec::Member;
    tags: Vec<Tag>, [list(nested)], Vec::new(), Spec::Items(Tag::specs());
});
model!(Alone {
    tasks: Vec<Task>, [list(nested)], Vec::new(), Spec::Items(Task::specs());
    name: i64, [latest], 0, newest();
});
model!(Below {
    m: BTreeMap<u8, Vec<Tag>>, [map(list(nested))], BTreeMap::new(), keyed(Spec::Items(Tag::specs()));
    n: BTreeMap<u8, Vec<u8>>, [map(list(moves))], BTreeMap::new(), keyed(Spec::Order);
    a: Alone, [nested], Alone::start(), Spec::Nested(Alone::specs());
});

model!(Part {
    order: Vec<u8>, [list(moves)], Vec::new(), Spec::Order;
    name: i64, [latest], 0, newest();
});
model!(Moves {
    order: Vec<u8>, [list(moves)], vec![1, 7], Spec::Order;
    orders: BTreeMap<u8, Vec<u8>>, [map(list(moves))], BTreeMap::new(), keyed(Spec::Order);
    part: Part, [nested], Part::start(), Spec::Nested(Part::specs());
});

#[test]
fn lists_of_drones_keep_the_laws() {
    check::<Alone>(8000);
    check::<Below>(4000);
}

#[test]
fn lists_that_move_keep_the_laws() {
    check::<Part>(5000);
    check::<Moves>(5000);
}
