//! Every strategy: alone, inside a map, inside a nested drone.

use super::history::check;
use super::models::model;
use super::shown::Shown;
use super::spec::{Rule, SetRule, Spec, counter as signed, latest as newest, map as keyed, option as maybe};
use dronestore::strategy::{Held, Replaces, Strategy, Write};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Of concurrent texts the longest; of equally long ones the first in order.
pub struct Longest;

impl Strategy<String> for Longest {
    const NAME: &'static str = "longest";
    type State = String;

    fn write(_: &[Held<String>], _: &String, new: &String) -> dronestore::Result<Write<String>> {
        Ok(Write { state: new.clone(), replaces: Replaces::Seen })
    }

    fn read(entries: &[Held<String>]) -> dronestore::Result<String> {
        let longest = entries.iter().map(|held| &held.state).max_by_key(|text| (text.len(), Reverse(*text)));
        Ok(longest.cloned().unwrap_or_default())
    }
}

// A strategy alone: a field with the type's default, and one with a default of its own.
macro_rules! alone {
    ($ty:ty, [$($merge:tt)*], $default:expr, $other:expr, $spec:expr) => {
        model!(Alone { a: $ty, [$($merge)*], $default, $spec; b: $ty, [$($merge)*], $other, $spec; });
        model!(Inner { c: $ty, [$($merge)*], $other, $spec; d: i64, [latest], 0, newest(); });
        model!(Inside {
            x: Inner, [nested], Inner::start(), Spec::Nested(Inner::specs());
            y: BTreeMap<u8, Inner>, [map(nested)], BTreeMap::new(), keyed(Spec::Nested(Inner::specs()));
        });
    };
}

macro_rules! strategies {
    ($($name:ident: $ty:ty, [$($merge:tt)*], $default:expr, $other:expr, $spec:expr;)*) => { $(
        mod $name {
            use super::*;
            alone!($ty, [$($merge)*], $default, $other, $spec);
            model!(Mapped {
                m: BTreeMap<u8, $ty>, [map($($merge)*)], BTreeMap::new(), keyed($spec);
                n: HashMap<u8, $ty>, [map($($merge)*)], HashMap::from([(1, $other)]), keyed($spec);
            });

            #[test]
            fn keeps_the_laws() {
                check::<Alone>(3500);
                check::<Mapped>(3000);
                check::<Inside>(3500);
            }
        }
    )* };
}

strategies! {
    latest: i64, [latest], 0, 3, newest();
    conflict: i64, [conflict], 0, 3, Spec::Register(Rule::Conflict);
    max: i64, [max], 0, 3, Spec::Register(Rule::Max);
    min: i64, [min], 0, 3, Spec::Register(Rule::Min);
    first: i64, [first], 0, 3, Spec::Register(Rule::First);
    counter: i32, [counter], 0, 10, signed();
    counter_unsigned: u64, [counter], 0, 10, Spec::Counter { only_grows: true };
    flag: bool, [flag], false, true, Spec::Register(Rule::Flag);
    flag_false_wins: bool, [flag(false_wins)], false, true, Spec::Register(Rule::FlagFalseWins);
    union: BTreeSet<u8>, [union], BTreeSet::new(), BTreeSet::from([1, 7]), Spec::Set(SetRule::Union);
    set: BTreeSet<u8>, [set], BTreeSet::new(), BTreeSet::from([1, 7]), Spec::Set(SetRule::AddWins);
    set_hashed: HashSet<u8>, [set], HashSet::new(), HashSet::from([1, 7]), Spec::Set(SetRule::AddWins);
    set_remove_wins: BTreeSet<u8>, [set(remove_wins)], BTreeSet::new(), BTreeSet::from([1, 7]),
        Spec::Set(SetRule::RemoveWins);
    set_latest: BTreeSet<u8>, [set(latest)], BTreeSet::new(), BTreeSet::from([1, 7]), Spec::Set(SetRule::Latest);
    set_once: BTreeSet<u8>, [set(once)], BTreeSet::new(), BTreeSet::from([1, 7]), Spec::Set(SetRule::Once);
    list: Vec<char>, [list], Vec::new(), Vec::new(), Spec::Sequence;
    text: Box<str>, [text], Box::default(), Box::default(), Spec::Sequence;
    map_of_texts: BTreeMap<u8, Box<str>>, [map(text)], BTreeMap::new(), BTreeMap::new(), keyed(Spec::Sequence);
    rank: String, [rank("b", "a", "aa")], String::new(), "a".into(), Spec::Register(Rule::Rank);
    first_non_empty: String, [first_non_empty], String::new(), "z".into(), Spec::Register(Rule::FirstNonEmpty);
    any_of: String, [any_of(rank("a"), max)], String::new(), "z".into(), Spec::Register(Rule::AnyOf);
    by_parts: (i64, i64), [any_of(min_by("0"), max_by("1"))], (0, 0), (1, 2), Spec::Register(Rule::ByParts);
    clamped_latest: i64, [clamp(1..=3, latest)], 0, 2, Spec::Register(Rule::ClampedLatest);
    clamped_max: i64, [clamp(1..=3, max)], 0, 2, Spec::Register(Rule::ClampedMax);
    clamped_counter: i64, [clamp(1..=3, counter)], 1, 2, Spec::ClampedCounter;
    custom: String, [with = "Longest"], String::new(), "z".into(), Spec::Register(Rule::Longest);
    map_of_counters: BTreeMap<u8, i64>, [map(counter)], BTreeMap::new(), BTreeMap::from([(1, 5)]), keyed(signed());
    map_of_sets: BTreeMap<u8, BTreeSet<u8>>, [map(set)], BTreeMap::new(), BTreeMap::from([(1, BTreeSet::from([1]))]),
        keyed(Spec::Set(SetRule::AddWins));
}

// This one does not go below keys of a map but in a nested drone.
macro_rules! unkeyed {
    ($($name:ident: $ty:ty, [$($merge:tt)*], $default:expr, $other:expr, $spec:expr;)*) => { $(
        mod $name {
            use super::*;
            alone!($ty, [$($merge)*], $default, $other, $spec);

            #[test]
            fn keeps_the_laws() {
                check::<Alone>(5000);
                check::<Inside>(5000);
            }
        }
    )* };
}

unkeyed! {
    latest_object: i64, [latest_object], 0, 3, Spec::Member;
}

// A drone that may not be there.
mod option {
    use super::*;

    model!(Part {
        a: i64, [latest], 3, newest();
        b: i64, [counter], 0, signed();
        c: BTreeSet<u8>, [set], BTreeSet::new(), Spec::Set(SetRule::AddWins);
    });
    model!(Alone {
        x: Option<Part>, [nested], None, maybe(Spec::Nested(Part::specs()));
        y: i64, [latest], 0, newest();
    });
    model!(Given { x: Option<Part>, [nested], Some(Part::start()), maybe(Spec::Nested(Part::specs())); });
    model!(Below {
        m: BTreeMap<u8, Option<Part>>, [map(nested)], BTreeMap::new(), keyed(maybe(Spec::Nested(Part::specs())));
        a: Alone, [nested], Alone::start(), Spec::Nested(Alone::specs());
    });

    #[test]
    fn keeps_the_laws() {
        check::<Alone>(4000);
        check::<Given>(3000);
        check::<Below>(3000);
    }
}
