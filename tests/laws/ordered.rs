//! The oracle of `list(moves)` and `list(nested)`: each item with the moves of it that nobody who has seen them has
//! replaced.
//!
//! A position is the library's choice. What the oracle asks of it is what a position is for: that the list reads as its
//! author left it, that as few items move as can be, that nobody but who moves an item changes where it is.

use super::diff::{Diff, Refused};
use super::oracle::{Commits, Op, Oracle, Path};
use super::rng::Rng;
use super::shown::Val;
use super::spec::{Field, Spec};
use super::world::{Outcome, World};
use dronestore::Version;
use dronestore::causal::form::Child;
use dronestore::causal::place::{Fields, Items, Values};
use dronestore::causal::{Dot, Form, State, Structure};
use dronestore::value::{decode, item_len};
use std::collections::BTreeMap;

/// What a commit is to do to one list.
#[derive(Debug)]
pub struct Plan {
    at: Path,
    /// Each item's key, as loaded and as it is to be.
    old: Vec<u8>,
    new: Vec<u8>,
    /// Those whose fields change.
    edited: Vec<u8>,
}

/// The fields of the drones of a list, and what they are to be.
pub type Drones<'d> = (&'d [Field], &'d [(u8, Val)]);

/// A position that stands in a version: where, whose, and the time that it says.
struct Stood {
    at: Path,
    dot: Dot,
    position: Vec<u8>,
    time: Option<u64>,
}

pub fn edit(old: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut new = old.to_vec();
    match rng.below(8) {
        0 => new.clear(),
        1 | 2 if !new.is_empty() => drop(new.remove(rng.below(new.len()))),
        3 if new.len() > 1 => {
            for at in 0..new.len() {
                let other = rng.below(new.len());
                new.swap(at, other);
            }
        }
        4..6 if new.len() > 1 => {
            let item = new.remove(rng.below(new.len()));
            new.insert(rng.below(new.len() + 1), item);
        }
        _ => {
            for _ in 0..1 + rng.below(3) {
                let item = rng.below(9) as u8;
                if !new.contains(&item) {
                    new.insert(rng.below(new.len() + 1), item);
                }
            }
        }
    }
    new
}

pub fn edit_items(fields: &[Field], old: &[(u8, Val)], rng: &mut Rng) -> Val {
    let spec = Spec::Nested(fields.to_vec());
    let mut items: BTreeMap<u8, Val> = old.iter().cloned().collect();
    if !old.is_empty() && rng.once_in(2) {
        let key = old[rng.below(old.len())].0;
        let edited = spec.edit(&items[&key], rng);
        items.insert(key, edited);
    }
    let keys: Vec<u8> = old.iter().map(|(key, _)| *key).collect();
    let keys = if items.values().eq(old.iter().map(|(_, val)| val)) || rng.once_in(2) {
        edit(&keys, rng)
    } else {
        keys
    };
    let blank = || Val::List(fields.iter().map(|field| field.default.clone()).collect());
    let item = |key: u8| match items.get(&key) {
        Some(item) => (key, item.clone()),
        None => (key, spec.edit(&blank(), &mut Rng::new(key.into()))),
    };
    Val::Items(keys.into_iter().map(item).collect())
}

impl Oracle {
    /// The moves of an item that stand, with the times that count.
    fn places(&self, at: Path, known: Commits) -> Vec<(u64, &[u8])> {
        let places = || {
            self.standing(at, known).filter_map(|write| match &write.op {
                Op::Place { position, time } if write.path == at => {
                    let time = time.unwrap_or(self.commits[write.commit].stamp.0);
                    Some((write.commit, time, position.as_slice()))
                }
                _ => None,
            })
        };
        let replaced = |commit| places().any(|(later, ..)| self.commits[later].seen >> commit & 1 == 1);
        places()
            .filter(|(commit, ..)| !replaced(*commit))
            .map(|(_, time, position)| (time, position))
            .collect()
    }

    /// The keys of the items, in order.
    pub fn order(&self, at: Path, known: Commits) -> Vec<u8> {
        let mut keys: Vec<u8> =
            self.standing(at, known).filter_map(|write| write.path.part_after(at)).collect();
        keys.sort_unstable();
        keys.dedup();
        let position = |key: u8| self.places(at.below(key), known).into_iter().max().map(|(_, at)| at);
        keys.sort_by_key(|key| (position(*key).is_none(), position(*key)));
        keys
    }
}

impl Diff<'_> {
    /// Notes what is to happen to a list; `items` are what its drones are to be.
    pub fn order(&mut self, at: Path, new: &[u8], items: Option<Drones<'_>>) -> Result<(), Refused> {
        let old = self.oracle.order(at, self.base);
        let is_new = !self.oracle.is_written(at, self.base);
        for key in old.iter().filter(|key| !new.contains(key)) {
            self.ops.push((at.below(*key), Op::Remove));
            self.ops.push((at, Op::Touch));
        }
        let mut edited = Vec::new();
        for (key, item) in items.map_or(&[][..], |(_, items)| items) {
            let before = (self.ops.len(), self.lists.len());
            if !old.contains(key) {
                self.ops.push((at.below(*key), Op::Touch));
            }
            let Val::List(values) = item else { panic!("{item:?} is no drone") };
            self.fields(items.unwrap().0, at.below(*key), values)?;
            if before < (self.ops.len(), self.lists.len()) {
                edited.push(*key);
            }
        }
        if is_new && new.is_empty() {
            self.ops.push((at, Op::Touch));
        }
        if old != new || !edited.is_empty() {
            self.lists.push(Plan { at, old, new: new.to_vec(), edited });
        }
        Ok(())
    }
}

impl World<'_> {
    /// What a commit has written about places, where it may write that.
    pub fn placed(
        &self,
        lists: &[Plan],
        base: Commits,
        dot: &Dot,
        version: &Version,
    ) -> Result<Vec<(Path, Op)>, String> {
        let mut made: Vec<Stood> = locations(version, &self.table.fields);
        made.retain(|stood| stood.dot == *dot);
        let mut ops = Vec::new();
        for list in lists {
            let mut wrote = BTreeMap::new();
            made.retain(|stood| {
                let key = (list.old.iter().chain(&list.new)).find(|key| list.at.below(**key) == stood.at);
                if let Some(key) = key {
                    wrote.insert(*key, (stood.position.clone(), stood.time));
                }
                key.is_none()
            });
            self.check_list(list, base, &wrote)?;
            let op = |(key, (position, time))| (list.at.below(key), Op::Place { position, time });
            ops.extend(wrote.into_iter().map(op));
        }
        match made.is_empty() {
            true => Ok(ops),
            false => Err(format!("{} places were written that should not be", made.len())),
        }
    }

    fn check_list(
        &self,
        list: &Plan,
        base: Commits,
        wrote: &BTreeMap<u8, (Vec<u8>, Option<u64>)>,
    ) -> Outcome {
        let stood = |key: u8| self.oracle.places(list.at.below(key), base).into_iter().max();
        let mut moved = 0;
        for key in &list.new {
            let again = stood(*key).map(|(time, position)| (position.to_vec(), Some(time)));
            let is_known = list.old.contains(key);
            match wrote.get(key) {
                Some(wrote) if is_known && Some(wrote) == again.as_ref() && list.edited.contains(key) => {}
                Some(wrote) if is_known && Some(wrote) == again.as_ref() => {
                    return Err(format!("the place of {key} was written again without an edit"));
                }
                Some(_) => moved += usize::from(is_known && stood(*key).is_some()),
                None if !is_known => return Err(format!("{key} came and has no place")),
                None if list.edited.contains(key) && stood(*key).is_some() => {
                    return Err(format!("{key} was edited, and its place not written again"));
                }
                None => {}
            }
        }
        let kept: Vec<usize> =
            list.new.iter().filter_map(|key| list.old.iter().position(|old| old == key)).collect();
        // An item that has no place, or the place of another, may have to move with them.
        let places: std::collections::BTreeSet<_> =
            list.old.iter().map(|key| stood(*key).map(|at| at.1)).collect();
        if places.len() == list.old.len() && !places.contains(&None) && moved != kept.len() - ascending(&kept)
        {
            return Err(format!("{moved} moved from {:?} to {:?}", list.old, list.new));
        }
        Ok(())
    }
}

/// How long the longest ascending part is, by trying all.
fn ascending(numbers: &[usize]) -> usize {
    let mut best = vec![0; numbers.len()];
    for (at, number) in numbers.iter().enumerate() {
        let before = (0..at).filter(|before| numbers[*before] < *number).map(|before| best[before]).max();
        best[at] = 1 + before.unwrap_or(0);
    }
    best.into_iter().max().unwrap_or(0)
}

/// All positions that stand in a version.
fn locations(version: &Version, fields: &[Field]) -> Vec<Stood> {
    let state = State::parse(version.state_bytes()).unwrap();
    let mut found = Vec::new();
    let mut walk = version.shape().fields(state.attributes);
    while let Some(field) = walk.next().unwrap() {
        if let Some((path, spec)) = below(fields, field.name, Path::default()) {
            look(&state, spec, field.form, field.body, path, &mut found);
        }
    }
    found
}

fn below<'s>(fields: &'s [Field], name: &str, at: Path) -> Option<(Path, &'s Spec)> {
    let index = fields.iter().position(|field| field.name == name)?;
    Some((at.below(index as u8), &fields[index].spec))
}

fn look(state: &State<'_>, spec: &Spec, form: Form<'_>, body: &[u8], at: Path, found: &mut Vec<Stood>) {
    if body.is_empty() {
        return;
    }
    match (spec, form.structure()) {
        (Spec::Order, Structure::Map(Child::Values)) => {
            let mut items = Items::new(body, false).unwrap();
            while let Some(item) = items.next().unwrap() {
                let (item_key, _): (u8, u64) = decode(item.key).unwrap();
                stood(state, item.body, at.below(item_key), found);
            }
        }
        (Spec::Items(fields), Structure::Map(Child::Form(_))) => {
            let mut items = Items::new(body, false).unwrap();
            while let Some(item) = items.next().unwrap() {
                drone(state, fields, item.body, at.below(decode(item.key).unwrap()), found);
            }
        }
        (Spec::Map(inner) | Spec::Option(inner), Structure::Map(Child::Form(form))) => {
            let mut items = Items::new(body, false).unwrap();
            while let Some(item) = items.next().unwrap() {
                let key: Option<u8> = decode(item.key).unwrap();
                look(state, inner, form, item.body, at.below(key.unwrap_or(0)), found);
            }
        }
        (Spec::Nested(fields), _) => drone(state, fields, body, at, found),
        _ => {}
    }
}

fn drone(state: &State<'_>, fields: &[Field], body: &[u8], at: Path, found: &mut Vec<Stood>) {
    let mut walk = Fields::new(body).unwrap();
    while let Some(field) = walk.next().unwrap() {
        if field.form.to_string() == "location" {
            stood(state, field.body, at, found);
        } else if let Some((path, spec)) = below(fields, field.name, at) {
            look(state, spec, field.form, field.body, path, found);
        }
    }
}

fn stood(state: &State<'_>, body: &[u8], at: Path, found: &mut Vec<Stood>) {
    let mut values = Values::new(body);
    while let Some(entry) = values.next().unwrap() {
        let dot = state.dot(&state.table[entry.row as usize]);
        let (bytes, time) = match entry.value.split_first().unwrap() {
            (0x82, parts) => {
                let (bytes, time) = parts.split_at(item_len(parts).unwrap());
                (bytes, Some(decode(time).unwrap()))
            }
            _ => (entry.value, None),
        };
        let dronestore::Value::Bytes(position) = dronestore::Value::from_bytes(bytes).unwrap() else {
            panic!("{bytes:02x?} is no position");
        };
        found.push(Stood { at, dot, position, time });
    }
}
