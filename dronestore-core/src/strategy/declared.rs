//! Declared strategies: what several concurrent writes mean, as data that stands in the schema.

mod data;

use super::{Change, Decision, Entry, Max, Min, Register, Replaces, newest, nothing};
use crate::error::{Error, ErrorKind, Result};
use crate::value::{self, Value};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::marker::PhantomData;

/// A strategy that is data: `rank`, `first_non_empty`, `max_by`, `min_by`, `any_of`, `clamp`.
///
/// It is written as `latest` is: a commit takes the place of what it has seen. Of several concurrent writes it keeps
/// those that fit it best; where they are still of different values the newest is read. Merging knows nothing of it:
/// two programs that declare different strategies merge alike and read differently.
///
/// As a value it is a text, `"first_non_empty"`, or a map of one entry, `{"rank": ["draft", "shipped"]}`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Declared {
    /// The newest write.
    Latest,
    /// The earliest of the concurrent writes.
    First,
    /// The largest of the concurrent writes.
    Max,
    /// The smallest of the concurrent writes.
    Min,
    /// A counter's sum; inside `clamp` only.
    Counter,
    /// The write furthest in this list; one that is not in it comes before all that are.
    Rank(Vec<Value>),
    /// A write that is not empty: null, and texts, bytes, lists and maps without content, are.
    FirstNonEmpty,
    /// The write whose part at this path is the largest; one without that part loses to one with it.
    MaxBy(Vec<String>),
    /// The write whose part at this path is the smallest; one without that part loses to one with it.
    MinBy(Vec<String>),
    /// These in turn, until one value is left.
    AnyOf(Vec<Declared>),
    /// What another strategy reads, kept within bounds.
    Clamp(Box<Clamp>),
    /// What a later version declares: kept, and not read by.
    Unknown(Value),
}

/// Bounds of a reading; what is stored may lie outside of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clamp {
    /// The least that is read.
    pub least: Option<Value>,
    /// The most that is read.
    pub most: Option<Value>,
    /// How the value is read before it is kept within the bounds.
    pub of: Declared,
}

impl Clamp {
    /// The value, or the bound that it lies beyond.
    pub fn value(&self, value: Value) -> Value {
        match (&self.least, &self.most) {
            (Some(least), _) if value < *least => least.clone(),
            (_, Some(most)) if value > *most => most.clone(),
            _ => value,
        }
    }

    fn bytes<'a>(&self, read: Cow<'a, [u8]>) -> Result<Cow<'a, [u8]>> {
        let value = Value::from_bytes(&read)?;
        let clamped = self.value(value.clone());
        if clamped == value { Ok(read) } else { clamped.to_bytes().map(Cow::Owned) }
    }
}

impl Declared {
    /// Whether this version can read by it.
    pub fn is_known(&self) -> bool {
        match self {
            Declared::Unknown(_) => false,
            Declared::AnyOf(rules) => rules.iter().all(Declared::is_known),
            Declared::Clamp(clamp) => clamp.of.is_known(),
            _ => true,
        }
    }

    /// What these entries mean; there is at least one.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt) where an entry is no value, [`Unsupported`](ErrorKind::Unsupported) where this
    /// version does not know the strategy.
    pub fn read<'a>(&self, entries: &[Entry<'a>]) -> Result<Cow<'a, [u8]>> {
        if let Declared::Clamp(clamp) = self {
            return clamp.of.read(entries).and_then(|read| clamp.bytes(read));
        }
        let mut left = entries.to_vec();
        self.narrow(&mut left)?;
        newest(&left).map(|entry| Cow::Borrowed(entry.value))
    }

    /// Keeps of the entries those that fit best; never none.
    fn narrow(&self, left: &mut Vec<Entry<'_>>) -> Result<()> {
        match self {
            Declared::Latest => {
                let row = newest(left)?.row;
                left.retain(|entry| entry.row == row);
            }
            Declared::First => {
                let row = left.iter().min_by_key(|entry| (entry.time, entry.row)).ok_or_else(nothing)?.row;
                left.retain(|entry| entry.row == row);
            }
            Declared::Max => keep_best(left, |entry| Ok(entry.value), |a, b| value::compare(a, b))?,
            Declared::Min => keep_best(left, |entry| Ok(entry.value), |a, b| value::compare(b, a))?,
            Declared::Rank(ranks) => {
                let rank = |value: Value| ranks.iter().position(|known| *known == value);
                keep_best(left, |entry| Value::from_bytes(entry.value).map(rank), Ord::cmp)?;
            }
            Declared::FirstNonEmpty => keep_best(left, |entry| Ok(!is_empty(entry.value)), Ord::cmp)?,
            Declared::MaxBy(path) => keep_best(left, |entry| part(entry.value, path), Ord::cmp)?,
            Declared::MinBy(path) => keep_best(left, |entry| part(entry.value, path), by_least)?,
            Declared::AnyOf(rules) => {
                for rule in rules {
                    rule.narrow(left)?;
                    if left.iter().all(|entry| entry.value == left[0].value) {
                        break;
                    }
                }
            }
            Declared::Counter | Declared::Clamp(_) | Declared::Unknown(_) => {
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    "this strategy was declared by a later version: the values are kept and merged, not read",
                ));
            }
        }
        Ok(())
    }

    /// What a commit puts in place of what it has seen.
    pub(crate) fn write<'a>(&self, change: &Change<'a>) -> Result<Decision<'a>> {
        match self {
            Declared::Clamp(clamp) => match clamp.of {
                Declared::Max => write_raw::<Max>(change),
                Declared::Min => write_raw::<Min>(change),
                _ => clamp.of.write(change),
            },
            _ => Ok(Decision::Put(Cow::Borrowed(change.new), Replaces::Seen)),
        }
    }
}

/// `max` and `min` compare with what is stored, not with what the bounds make of it.
fn write_raw<'a, S: Register>(change: &Change<'a>) -> Result<Decision<'a>> {
    let entries = change.base.entries()?;
    let old = if entries.is_empty() { None } else { Some(S::read(&entries, change.base.table)?) };
    match S::write(&Change { base: change.base, old: old.as_deref(), new: change.new })? {
        Decision::Leave(reason) => Ok(Decision::Leave(reason)),
        Decision::Put(..) => Ok(Decision::Put(Cow::Borrowed(change.new), Replaces::Seen)),
    }
}

fn keep_best<'a, K>(
    left: &mut Vec<Entry<'a>>,
    key: impl Fn(&Entry<'a>) -> Result<K>,
    order: impl Fn(&K, &K) -> Ordering,
) -> Result<()> {
    let keys = left.iter().map(key).collect::<Result<Vec<K>>>()?;
    let best = keys.iter().max_by(|a, b| order(a, b)).ok_or_else(nothing)?;
    let mut keep = keys.iter().map(|key| order(key, best).is_eq());
    left.retain(|_| keep.next().unwrap_or(false));
    Ok(())
}

/// The least is best, and nothing is worst.
fn by_least(a: &Option<Value>, b: &Option<Value>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => b.cmp(a),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// Null, and a text, bytes, a list or a map without content.
fn is_empty(value: &[u8]) -> bool {
    matches!(value, [0xf6 | 0x40 | 0x60 | 0x80 | 0xa0])
}

/// The part of a value at a path: the members of maps by their names, the items of lists by their numbers.
fn part(value: &[u8], path: &[String]) -> Result<Option<Value>> {
    let mut part = Value::from_bytes(value)?;
    for name in path {
        let found = match part {
            Value::Map(mut members) => members.remove(&Value::from(name.as_str())),
            Value::List(mut items) => {
                let index = name.parse().ok().filter(|index| *index < items.len());
                index.map(|index: usize| items.swap_remove(index))
            }
            _ => None,
        };
        match found {
            Some(found) => part = found,
            None => return Ok(None),
        }
    }
    Ok(Some(part).filter(|part| !part.is_null()))
}

/// A type that stands for a declared strategy in a program.
pub trait Declares: 'static {
    /// The code of the form: the strategy's own, or what is inside `clamp`.
    const CODE: u8;
    /// Whether what stands alone reads as it is.
    const PLAIN: bool;

    /// The strategy.
    fn declared() -> &'static Declared;
}

/// The register of a declared strategy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ByDeclaration<D>(PhantomData<D>);

impl<D: Declares> Register for ByDeclaration<D> {
    const PLAIN: bool = D::PLAIN;

    fn read<'a>(entries: &[Entry<'a>], _: &super::Table<'_>) -> Result<Cow<'a, [u8]>> {
        D::declared().read(entries)
    }

    fn write<'a>(change: &Change<'a>) -> Result<Decision<'a>> {
        D::declared().write(change)
    }
}
