//! Dispatch: whom a change of one kind may concern, found without asking each.

use super::event::{Event, Seen, Side};
use super::queue::Watcher;
use crate::repo::query::{Columns, Plan};
use dronestore_core::query::{Filter, Op, Path, Query};
use dronestore_core::{Key, Result, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) type Group = BTreeMap<u64, Arc<Watcher>>;

/// Who watches a kind.
#[derive(Default)]
pub(crate) struct KindWatch {
    /// Whom every change may concern.
    pub(crate) all: Group,
    /// Those below a key.
    under: BTreeMap<Key, Group>,
    /// Those that want one value somewhere.
    equal: Vec<Equal>,
    /// Those that read by the schemas that the repo has.
    pub(crate) untyped: Group,
    /// The most events that any of them has asked to keep.
    pub(crate) capacity: usize,
}

/// Watchers that want a value at one path.
struct Equal {
    path: Path,
    is_typed: bool,
    columns: Columns,
    by: BTreeMap<Value, Group>,
}

/// Where a watcher is found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Place {
    Every,
    Under(Key),
    Equal(Path, Vec<Value>),
}

impl Place {
    /// The narrowest place for a query.
    pub(crate) fn of(query: &Query) -> Place {
        if let Some(key) = query.under.as_ref().filter(|key| !key.is_root()) {
            return Place::Under(key.clone());
        }
        let wants = |filter: &Filter| match filter {
            Filter::Is(path, Op::Eq, value) => Some((path.clone(), vec![bucket(value)])),
            Filter::In(path, values) => Some((path.clone(), values.iter().map(bucket).collect())),
            _ => None,
        };
        let found = match &query.filter {
            Filter::And(all) => all.iter().find_map(wants),
            other => wants(other),
        };
        found.map_or(Place::Every, |(path, values)| Place::Equal(path, values))
    }
}

/// One value for all that count as equal; others may share it.
fn bucket(value: &Value) -> Value {
    const MOST: f64 = i128::MAX as f64;
    let float = match value {
        Value::Integer(number) => number.as_i128().map_or(f64::INFINITY, |number| number as f64),
        Value::Float(float) => *float,
        other => return other.clone(),
    };
    // Zero has one sign here, and what is beyond 127 bits one place.
    Value::Float(if float == 0.0 {
        0.0
    } else if float >= MOST {
        f64::INFINITY
    } else {
        float
    })
}

impl KindWatch {
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty() && self.under.is_empty() && self.equal.is_empty()
    }

    pub(crate) fn add(&mut self, watcher: &Arc<Watcher>, place: &Place, is_typed: bool, plan: Plan) {
        if !is_typed {
            self.untyped.insert(watcher.id, watcher.clone());
        }
        match place {
            Place::Every => drop(self.all.insert(watcher.id, watcher.clone())),
            Place::Under(key) => {
                self.under.entry(key.clone()).or_default().insert(watcher.id, watcher.clone());
            }
            Place::Equal(path, values) => {
                let known = self.equal.iter().position(|equal| equal.is_at(path, is_typed));
                let index = known.unwrap_or_else(|| {
                    let (path, columns) = (path.clone(), plan.columns);
                    self.equal.push(Equal { path, is_typed, columns, by: BTreeMap::new() });
                    self.equal.len() - 1
                });
                for value in values {
                    let group = self.equal[index].by.entry(value.clone()).or_default();
                    group.insert(watcher.id, watcher.clone());
                }
            }
        }
    }

    pub(crate) fn remove(&mut self, id: u64, place: &Place, is_typed: bool) {
        self.untyped.remove(&id);
        match place {
            Place::Every => drop(self.all.remove(&id)),
            Place::Under(key) => remove(&mut self.under, key, id),
            Place::Equal(path, values) => {
                for equal in self.equal.iter_mut().filter(|equal| equal.is_at(path, is_typed)) {
                    values.iter().for_each(|value| remove(&mut equal.by, value, id));
                }
                self.equal.retain(|equal| !equal.by.is_empty());
            }
        }
    }

    /// Whether a change of this object may concern anybody.
    pub(crate) fn may_want(&self, key: &Key) -> bool {
        !self.all.is_empty() || !self.equal.is_empty() || self.above(key).next().is_some()
    }

    fn above(&self, key: &Key) -> impl Iterator<Item = &Group> {
        let keys = (!self.under.is_empty()).then(|| std::iter::once(key.clone()).chain(key.ancestors()));
        keys.into_iter().flatten().filter_map(|key| self.under.get(&key))
    }

    /// Calls this with each watcher of the kind; with one perhaps several times.
    pub(crate) fn everybody(&self, mut found: impl FnMut(&Arc<Watcher>)) {
        let equal = self.equal.iter().flat_map(|equal| equal.by.values());
        let groups = std::iter::once(&self.all).chain(self.under.values()).chain(equal);
        groups.flat_map(Group::values).for_each(&mut found);
    }

    /// Calls this with each watcher, but those whom everything may concern, whom an event may concern; with one perhaps twice.
    pub(crate) fn each(&self, event: &Event, mut found: impl FnMut(&Arc<Watcher>)) {
        let mut tell = |group: &Group| group.values().for_each(&mut found);
        self.above(event.new.version.key()).for_each(&mut tell);
        for equal in &self.equal {
            let sides = event.old.iter().chain([&event.new]).filter_map(Side::present);
            for side in sides {
                match equal.value(side) {
                    Ok(value) => equal.by.get(&value).into_iter().for_each(&mut tell),
                    // Whoever asks about it is to be told so.
                    Err(_) => equal.by.values().for_each(&mut tell),
                }
            }
        }
    }
}

impl Equal {
    fn is_at(&self, path: &Path, is_typed: bool) -> bool {
        self.path == *path && self.is_typed == is_typed
    }

    fn value(&self, side: &Side) -> Result<Value> {
        let seen = Seen { side, columns: &self.columns };
        Ok(bucket(&*self.path.read(&seen)?))
    }
}

fn remove<K: Ord>(groups: &mut BTreeMap<K, Group>, at: &K, id: u64) {
    if let Some(group) = groups.get_mut(at) {
        group.remove(&id);
        if group.is_empty() {
            groups.remove(at);
        }
    }
}
