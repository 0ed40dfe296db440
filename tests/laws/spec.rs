//! Specs: a model as the oracle knows it, and the random edits that a user of it might make.

use super::rng::Rng;
use super::shown::Val;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Latest,
    Conflict,
    Max,
    Min,
    First,
    Flag,
    FlagFalseWins,
    /// `rank("b", "a", "aa")`.
    Rank,
    /// `first_non_empty`.
    FirstNonEmpty,
    /// `any_of(rank("a"), max)`.
    AnyOf,
    /// `any_of(min_by("0"), max_by("1"))` of pairs, shown as lists.
    ByParts,
    /// `clamp(1..=3, S)`.
    ClampedLatest,
    ClampedMax,
    /// The strategy of a user: of concurrent texts the longest, of equally long ones the first in order.
    Longest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetRule {
    AddWins,
    Union,
    RemoveWins,
    Latest,
    Once,
}

#[derive(Clone, Debug)]
pub enum Spec {
    Register(Rule),
    Counter {
        only_grows: bool,
    },
    /// `clamp(1..=3, counter)`.
    ClampedCounter,
    Set(SetRule),
    /// `list` and `text`.
    Sequence,
    Map(Box<Spec>),
    /// `list(moves)`.
    Order,
    /// `list(nested)`; the fields are those beside the id.
    Items(Vec<Field>),
    /// A map with one key, 0.
    Option(Box<Spec>),
    Nested(Vec<Field>),
    /// A field of the `latest_object` group of its model.
    Member,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: &'static str,
    pub spec: Spec,
    pub default: Val,
}

pub fn latest() -> Spec {
    Spec::Register(Rule::Latest)
}

pub fn map(inner: Spec) -> Spec {
    Spec::Map(Box::new(inner))
}

pub fn option(inner: Spec) -> Spec {
    Spec::Option(Box::new(inner))
}

pub fn counter() -> Spec {
    Spec::Counter { only_grows: false }
}

impl Spec {
    /// What a user might put under a new key before editing it.
    fn blank(&self) -> Val {
        match self {
            Spec::Register(Rule::Flag | Rule::FlagFalseWins) => Val::Bool(false),
            Spec::Register(Rule::Longest | Rule::Rank | Rule::FirstNonEmpty | Rule::AnyOf) => {
                Val::Text(String::new())
            }
            Spec::Register(Rule::ByParts) => Val::List(vec![Val::Int(0), Val::Int(0)]),
            Spec::Register(_) | Spec::Counter { .. } | Spec::ClampedCounter | Spec::Member => Val::Int(0),
            Spec::Set(_) => Val::Set(BTreeSet::new()),
            Spec::Sequence => Val::Seq(Vec::new()),
            Spec::Order => Val::Order(Vec::new()),
            Spec::Items(_) => Val::Items(Vec::new()),
            Spec::Map(_) | Spec::Option(_) => Val::Map(BTreeMap::new()),
            Spec::Nested(fields) => Val::List(fields.iter().map(|field| field.default.clone()).collect()),
        }
    }

    /// The value after a random edit; now and then it is one that the strategy refuses.
    pub fn edit(&self, val: &Val, rng: &mut Rng) -> Val {
        match (self, val) {
            (Spec::Register(_), Val::Bool(_)) => Val::Bool(rng.once_in(2)),
            (Spec::Register(_), Val::Text(_)) => {
                Val::Text(["", "a", "b", "aa", "ab", "b", "ccc"][rng.below(7)].to_owned())
            }
            (Spec::Register(_), Val::List(_)) => {
                Val::List(vec![Val::Int(rng.below(3) as i64), Val::Int(rng.below(3) as i64)])
            }
            (Spec::Counter { only_grows: true }, Val::Int(count)) => {
                let less = *count > 0 && rng.once_in(20);
                Val::Int(if less { count - 1 } else { count + rng.below(4) as i64 })
            }
            (Spec::Counter { .. } | Spec::ClampedCounter, Val::Int(count)) => {
                Val::Int(count + rng.below(8) as i64 - 4)
            }
            (_, Val::Int(_)) => Val::Int(rng.below(6) as i64),
            (Spec::Set(rule), Val::Set(set)) => edit_set(*rule, set, rng),
            (Spec::Sequence, Val::Seq(elements)) => super::sequence::edit(elements, rng),
            (Spec::Order, Val::Order(items)) => Val::Order(super::ordered::edit(items, rng)),
            (Spec::Items(fields), Val::Items(items)) => super::ordered::edit_items(fields, items, rng),
            (Spec::Map(inner), Val::Map(map)) => edit_map(inner, map, 3, rng),
            (Spec::Option(inner), Val::Map(map)) => edit_map(inner, map, 1, rng),
            (Spec::Nested(fields), Val::List(values)) => {
                let mut values = values.clone();
                let index = rng.below(fields.len());
                values[index] = fields[index].spec.edit(&values[index], rng);
                Val::List(values)
            }
            (spec, val) => panic!("{val:?} does not fit {spec:?}"),
        }
    }
}

fn edit_set(rule: SetRule, set: &BTreeSet<u8>, rng: &mut Rng) -> Val {
    let mut set = set.clone();
    let element = rng.below(4) as u8;
    let adds_only = rule == SetRule::Union && !rng.once_in(20);
    if rng.once_in(8) && !adds_only {
        set.clear();
    } else if adds_only || !set.remove(&element) {
        set.insert(element);
    }
    Val::Set(set)
}

fn edit_map(inner: &Spec, map: &BTreeMap<u8, Val>, keys: usize, rng: &mut Rng) -> Val {
    let mut map = map.clone();
    let key = rng.below(keys) as u8;
    match map.get(&key).cloned() {
        _ if rng.once_in(10) => map.clear(),
        Some(_) if rng.once_in(3) => {
            map.remove(&key);
        }
        Some(value) => {
            map.insert(key, inner.edit(&value, rng));
        }
        None => {
            let mut value = inner.blank();
            for _ in 0..rng.below(3) {
                value = inner.edit(&value, rng);
            }
            map.insert(key, value);
        }
    }
    Val::Map(map)
}
