//! The history in versions: every commit made on the merge of its parents' states.

use super::history::Commit;
use super::members::{Fields, Grain, attribute};
use super::people::{People, World};
use super::report::Column;
use dronestore::causal::State;
use dronestore::causal::place::{Items, Values};
use dronestore::model::{commit as commit_onto, load};
use dronestore::version::{Author, Merged, delete};
use dronestore::{ActorId, Drone, HybridClock, Key, Result, Value, Version};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// An object of the history. Its fields are what the history says, and so are their types, which change over the years.
#[derive(Drone, Debug, Clone, PartialEq)]
struct Record {
    #[merge(map(latest))]
    fields: Fields,
}

/// All objects at one commit.
type Versions<'h> = BTreeMap<&'h str, Rc<Version>>;

/// An actor and its clock.
struct Line {
    actor: ActorId,
    clock: HybridClock,
    /// The last commit that it made.
    last: usize,
}

/// The objects that a merge left otherwise than the people, and in which attributes.
type Differing<'h> = BTreeMap<&'h str, BTreeSet<String>>;

struct Replay<'p, 'h> {
    people: &'p People<'h>,
    grain: Grain,
    /// The actors of each author.
    lines: BTreeMap<u64, Vec<Line>>,
    /// The state of each commit on which another is still to be made.
    states: BTreeMap<usize, Versions<'h>>,
    column: Column,
}

/// Replays the history at this grain, and says how the merges ended.
///
/// # Errors
/// As [`Version::merge`] and [`commit`](commit_onto).
pub(super) fn replay(people: &People<'_>, grain: Grain) -> Result<Column> {
    let (lines, states, column) = (BTreeMap::new(), BTreeMap::new(), Column::default());
    let mut replay = Replay { people, grain, lines, states, column };
    let commits = &people.history.commits;
    let mut last_child = vec![0; commits.len()];
    for (place, commit) in commits.iter().enumerate() {
        commit.parents.iter().for_each(|parent| last_child[*parent] = place);
    }
    for (place, commit) in commits.iter().enumerate() {
        let state = replay.commit(place, commit).map_err(|error| error.at(format!("commit {place}")))?;
        replay.states.insert(place, state);
        replay.states.retain(|done, _| last_child[*done] > place);
    }
    Ok(replay.column)
}

impl<'h> Replay<'_, 'h> {
    /// The state after a commit: of the merged parents, and what the people had that it does not read as.
    fn commit(&mut self, place: usize, commit: &'h Commit) -> Result<Versions<'h>> {
        let people = self.people;
        let parents: Vec<Versions<'h>> =
            commit.parents.iter().map(|parent| self.states[parent].clone()).collect();
        let mut state = parents.first().cloned().unwrap_or_default();
        for parent in parents.iter().skip(1) {
            merge(&mut state, parent)?;
        }
        let left = &people.worlds[place];
        let differing = if parents.len() > 1 {
            let differing = self.differing(&state, left)?;
            self.judge(place, &parents, &state, &differing)?;
            differing.into_keys().collect()
        } else {
            commit.change.keys().chain(&commit.delete).map(String::as_str).collect()
        };
        self.write(place, commit, &mut state, &differing)?;
        Ok(state)
    }

    /// The objects that do not read as the people left them, and the attributes in which they differ.
    fn differing(&self, state: &Versions<'h>, left: &World<'h>) -> Result<Differing<'h>> {
        let mut differing = Differing::new();
        for name in state.keys().chain(left.keys()).copied() {
            let expected = left.get(name).map(|object| self.grain.fields(object)).unwrap_or_default();
            let found = read(state.get(name))?.unwrap_or_default();
            let fields = || found.keys().chain(expected.keys());
            let differ = fields().filter(|field| found.get(*field) != expected.get(*field));
            let attributes: BTreeSet<String> = differ.map(|field| attribute(field).to_owned()).collect();
            if !attributes.is_empty() {
                differing.insert(name, attributes);
            }
        }
        Ok(differing)
    }

    /// Counts how a merge ended.
    fn judge(
        &mut self,
        place: usize,
        parents: &[Versions<'h>],
        state: &Versions<'h>,
        differing: &Differing<'h>,
    ) -> Result<()> {
        let (mut conflicts, base) = (0, self.people.base(place));
        for (name, version) in state {
            let sides = || parents.iter().map(|parent| parent.get(name));
            if sides().any(|side| side.is_none_or(|side| side.hash() == version.hash())) {
                continue;
            }
            self.column.edited_apart += 1;
            self.column.edited_apart_and_as_left += u64::from(!differing.contains_key(name));
            let base = base.get(name).map(|object| self.grain.fields(object)).unwrap_or_default();
            let sides_read = sides().map(read).collect::<Result<Vec<_>>>()?;
            let is_brought_back = |(field, old): &(&String, &Value)| {
                let values = || sides_read.iter().flatten().map(|fields| fields.get(*field));
                values().any(|value| value.is_none()) && values().flatten().any(|value| value != *old)
            };
            self.column.brought_back += base.iter().filter(is_brought_back).count() as u64;
            let mut known = BTreeMap::new();
            for (field, values) in
                sides().flatten().map(|side| contested(side)).collect::<Result<Vec<_>>>()?.concat()
            {
                let most: &mut usize = known.entry(field).or_default();
                *most = values.max(*most);
            }
            // What was left undecided at an earlier merge is no conflict of this one.
            let is_new =
                |(field, values): &(String, usize)| known.get(field).is_none_or(|known| known < values);
            let new: Vec<_> = contested(version)?.into_iter().filter(is_new).collect();
            let attributes: BTreeSet<&str> = new.iter().map(|(field, _)| attribute(field)).collect();
            for attribute in &attributes {
                *self.column.attributes.entry((*attribute).to_owned()).or_default() += 1;
            }
            conflicts += u64::from(!attributes.is_empty());
        }
        self.column.merge(conflicts, differing.len() as u64);
        if !differing.is_empty() {
            let attributes = differing.values().flatten().cloned().collect();
            self.column.decided.push((place, differing.len(), attributes));
        }
        Ok(())
    }

    /// Writes what the people had.
    fn write(
        &mut self,
        place: usize,
        commit: &Commit,
        state: &mut Versions<'h>,
        names: &BTreeSet<&'h str>,
    ) -> Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        let (people, grain) = (self.people, self.grain);
        let line = self.line(place, commit.author);
        let mut author = Author { actor: line.actor, clock: &mut line.clock, wall: commit.time };
        for name in names {
            let head = state.get(name).filter(|version| !version.is_deleted()).cloned();
            let version = match (people.worlds[place].get(name), &head) {
                (Some(object), base) => {
                    let (base, head) = (base.as_deref(), state.get(name).map(|version| &**version));
                    let record = Record { fields: grain.fields(object) };
                    let key = Key::for_kind("Record", name)?;
                    commit_onto(&record, &key, base, head, &mut author)?.result.map(|done| done.version)
                }
                (None, Some(head)) => Some(delete(head, head, &mut author)?.0),
                (None, None) => None,
            };
            version.into_iter().for_each(|version| drop(state.insert(name, Rc::new(version))));
        }
        Ok(())
    }

    /// The actor for a commit of this author: one that has made no commit that this one has not seen. An actor's commits on an
    /// object come one after the other, so an author who worked on two branches at once is two actors.
    fn line(&mut self, place: usize, author: u64) -> &mut Line {
        let people = self.people;
        let lines = self.lines.entry(author).or_default();
        let free = lines.iter().position(|line| people.has_seen(place, line.last)).unwrap_or_else(|| {
            let mut bytes = [0; 12];
            bytes[..8].copy_from_slice(&author.to_be_bytes());
            bytes[8..].copy_from_slice(&(lines.len() as u32).to_be_bytes());
            let actor = ActorId::from_bytes(bytes);
            lines.push(Line { actor, clock: HybridClock::default(), last: place });
            lines.len() - 1
        });
        lines[free].last = place;
        &mut lines[free]
    }
}

/// Merges all objects of another state into one.
fn merge<'h>(ours: &mut Versions<'h>, theirs: &Versions<'h>) -> Result<()> {
    for (name, theirs) in theirs {
        let merged = match ours.get(name) {
            None => theirs.clone(),
            Some(ours) => match ours.merge(theirs)? {
                Merged::Known => continue,
                Merged::Forward => theirs.clone(),
                Merged::Joined(version) => Rc::new(version),
            },
        };
        ours.insert(name, merged);
    }
    Ok(())
}

/// What a version reads as; `None` for no object.
fn read(version: Option<&Rc<Version>>) -> Result<Option<Fields>> {
    let there = version.filter(|version| !version.is_deleted());
    there.map(|version| Ok(load::<Record>(version)?.fields)).transpose()
}

/// The fields with several different concurrent values, and how many: read from the state itself, below the map's keys.
fn contested(version: &Version) -> Result<Vec<(String, usize)>> {
    let state = State::parse(version.state_bytes())?;
    let mut attributes = version.shape().fields(state.attributes);
    let mut contested = Vec::new();
    while let Some(attribute) = attributes.next()? {
        let mut items = Items::new(attribute.body, false)?;
        while let Some(item) = items.next()? {
            let (mut entries, mut values) = (Values::new(item.body), BTreeSet::new());
            while let Some(entry) = entries.next()? {
                values.insert(entry.value);
            }
            if values.len() > 1 {
                let field = Value::from_bytes(item.key)?;
                contested.push((field.as_text().unwrap_or_default().to_owned(), values.len()));
            }
        }
    }
    Ok(contested)
}
