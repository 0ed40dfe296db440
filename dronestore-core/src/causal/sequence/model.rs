//! A naive model of sequences: every element that ever was, one by one; and random histories that hold the runs
//! against it, byte for byte.

use super::run::{Content, Id, Run, RunWriter, Runs, Stem};
use super::{Splice, splice};
use crate::causal::check::Check;
use crate::causal::join::{Fate, Join, Rows, Slot};
use crate::time::Nanotime;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// As many commits as one history may have; a commit's row is its actor times this, and its sequence.
const ROWS: u32 = 64;
const PER_ACTOR: u32 = 16;

#[derive(Default)]
struct Model {
    /// Each element by its name: what it is, and where it hangs.
    elements: BTreeMap<Id, (char, Stem)>,
    /// What each commit deleted.
    deleted: BTreeMap<u32, BTreeSet<Id>>,
}

type Seen = BTreeSet<u32>;

/// Times that go up with neither actors nor sequences, and some of which are equal.
fn times() -> Vec<Nanotime> {
    (0..ROWS).map(|row| Nanotime::from_nanos(u64::from(row * 7 % 24))).collect()
}

impl Model {
    fn is_visible(&self, id: Id, seen: &Seen) -> bool {
        let gone = seen.iter().any(|commit| self.deleted.get(commit).is_some_and(|gone| gone.contains(&id)));
        seen.contains(&id.row) && !gone
    }

    /// The visible elements and their ancestors, without some that go.
    fn nodes(&self, seen: &Seen, without: &BTreeSet<Id>) -> BTreeSet<Id> {
        let mut nodes = BTreeSet::new();
        for id in self.elements.keys().filter(|id| self.is_visible(**id, seen) && !without.contains(id)) {
            let mut at = Some(*id);
            while let Some(id) = at.filter(|id| nodes.insert(*id)) {
                at = match self.elements[&id].1 {
                    Stem::Root => None,
                    Stem::Left(parent) | Stem::Right(parent) => Some(parent),
                };
            }
        }
        nodes
    }

    /// These nodes in the order of the text.
    fn order(&self, nodes: &BTreeSet<Id>) -> Vec<Id> {
        let mut order = Vec::new();
        self.below(Stem::Root, nodes, &mut order);
        order
    }

    fn below(&self, stem: Stem, nodes: &BTreeSet<Id>, order: &mut Vec<Id>) {
        let mut siblings: Vec<&Id> = nodes.iter().filter(|id| self.elements[id].1 == stem).collect();
        siblings.sort_by_key(|id| Reverse((times()[id.row as usize], **id)));
        for id in siblings {
            self.below(Stem::Left(*id), nodes, order);
            order.push(*id);
            self.below(Stem::Right(*id), nodes, order);
        }
    }

    fn text(&self, seen: &Seen) -> Vec<Id> {
        let mut order = self.order(&self.nodes(seen, &BTreeSet::new()));
        order.retain(|id| self.is_visible(*id, seen));
        order
    }

    /// Fugue's insertion behind an element, in a tree of these nodes.
    fn insert(&mut self, nodes: &mut BTreeSet<Id>, after: Option<Id>, id: Id, what: char) {
        let order = self.order(nodes);
        let follows = match after {
            None => order.first().copied(),
            Some(after) => {
                let hangs = nodes.iter().any(|id| self.elements[id].1 == Stem::Right(after));
                let at = order.iter().position(|id| *id == after).unwrap();
                hangs.then(|| order[at + 1])
            }
        };
        let stem = match (follows, after) {
            (Some(next), _) => Stem::Left(next),
            (None, Some(after)) => Stem::Right(after),
            (None, None) => Stem::Root,
        };
        self.elements.insert(id, (what, stem));
        nodes.insert(id);
    }

    /// The canonical runs of what these commits left.
    fn body(&self, seen: &Seen) -> Vec<u8> {
        let nodes = self.nodes(seen, &BTreeSet::new());
        if nodes.is_empty() {
            return Vec::new();
        }
        let (mut out, mut writer) = (vec![0], RunWriter::new(Content::Chars));
        let texts: Vec<(Id, String)> = self
            .order(&nodes)
            .into_iter()
            .map(|id| {
                let shown = self.is_visible(id, seen).then(|| self.elements[&id].0.to_string());
                (id, shown.unwrap_or_default())
            })
            .collect();
        for (id, text) in &texts {
            let run = Run { id: *id, count: 1, stem: self.elements[id].1, content: text.as_bytes() };
            writer.put(&mut out, run);
        }
        writer.end(&mut out);
        out
    }
}

#[derive(Clone, Default)]
struct Replica {
    seen: Seen,
    body: Vec<u8>,
}

fn holds(body: &[u8]) -> Seen {
    Runs::new(body, Content::Chars).unwrap().collect().unwrap().iter().map(|run| run.id.row).collect()
}

fn join(ours: &Replica, theirs: &Replica) -> Replica {
    let (a, b) = (holds(&ours.body), holds(&theirs.body));
    let slots = |holds: &Seen, seen: &Seen| -> Vec<Slot> {
        let fate = |row: u32| match (holds.contains(&row), seen.contains(&row)) {
            (true, _) => Fate::Shared,
            (false, true) => Fate::Dead,
            (false, false) => Fate::Lives,
        };
        (0..ROWS).map(|row| Slot { to: row, fate: fate(row) }).collect()
    };
    let (ours_slots, theirs_slots) = (slots(&b, &theirs.seen), slots(&a, &ours.seen));
    let mut join = Join::default();
    let (ours_to, theirs_to) = join.restart(Rows::All);
    ours_to.extend(ours_slots);
    theirs_to.extend(theirs_slots);
    join.start(ROWS as usize);
    join.times = times();
    let mut body = Vec::new();
    join.sequence(Content::Chars, &ours.body, &theirs.body, &mut body).unwrap();
    Replica { seen: &ours.seen | &theirs.seen, body }
}

fn visible(runs: &[Run<'_>]) -> String {
    runs.iter().map(|run| std::str::from_utf8(run.content).unwrap()).collect()
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed ^ mixed >> 27) >> 33) as usize % end
    }
}

/// A commit of random edits, made on `base` and written onto `head`, by the model and by the runs.
fn commit(model: &mut Model, base: &Replica, head: &mut Replica, row: u32, random: &mut Random) {
    let loaded = model.text(&base.seen);
    let (mut splices, mut texts, mut at) = (Vec::new(), Vec::new(), 0);
    while at <= loaded.len() && splices.len() < 4 {
        at += random.below(4);
        if at > loaded.len() {
            break;
        }
        let deleted = random.below(3).min(loaded.len() - at);
        let inserted = random.below(4);
        let letter = |random: &mut Random| ['a', 'b', 'é', '漢', '😀'][random.below(5)];
        let text: String = (0..inserted).map(|_| letter(random)).collect();
        splices.push((at, deleted, inserted));
        texts.push(text);
        at += deleted + 1;
    }
    let gone: BTreeSet<Id> =
        splices.iter().flat_map(|(at, deleted, _)| &loaded[*at..at + deleted]).copied().collect();
    let mut nodes = model.nodes(&head.seen, &gone);
    let (mut index, mut after) = (0, None);
    for ((at, _, _), text) in splices.iter().zip(&texts).filter(|(_, text)| !text.is_empty()) {
        let near = loaded[..*at].iter().rev().find(|id| nodes.contains(id) && !gone.contains(id));
        // What was inserted by the edit before may be nearer than what is left of the base.
        let order = model.order(&nodes);
        let place = |id: &Id| order.iter().position(|other| other == id);
        after = near.copied().into_iter().chain(after).max_by_key(|id| place(id));
        for what in text.chars() {
            let id = Id { row, index };
            model.insert(&mut nodes, after, id, what);
            (index, after) = (index + 1, Some(id));
        }
    }
    model.deleted.insert(row, gone);
    let splices: Vec<Splice<'_>> = splices
        .iter()
        .zip(&texts)
        .filter(|((_, deleted, inserted), _)| deleted + inserted > 0)
        .map(|((at, deleted, inserted), text)| Splice {
            at: *at,
            deleted: *deleted,
            inserted: *inserted as u32,
            content: text.as_bytes(),
        })
        .collect();
    let runs = |body| Runs::new(body, Content::Chars).unwrap().collect().unwrap();
    let body = head.body.clone();
    let (loaded, found) = (runs(&base.body), runs(&body));
    let edited = splice(Content::Chars, (Some(&loaded), &found), &splices, row).unwrap();
    if base.seen == head.seen {
        // The short way for who has loaded just that.
        assert_eq!(
            written(&splice(Content::Chars, (None, &found), &splices, row).unwrap()),
            written(&edited)
        );
    }
    head.seen.insert(row);
    head.body = written(&edited);
}

fn written(runs: &[Run<'_>]) -> Vec<u8> {
    let (mut out, mut writer) = (vec![0], RunWriter::new(Content::Chars));
    runs.iter().for_each(|run| writer.put(&mut out, *run));
    writer.end(&mut out);
    if out.len() == 1 { Vec::new() } else { out }
}

fn check(model: &Model, replica: &Replica, seed: u64) {
    let expected = model.body(&replica.seen);
    let shown = |body: &[u8]| format!("{:?}", Runs::new(body, Content::Chars).unwrap().collect());
    assert_eq!(shown(&replica.body), shown(&expected), "seed {seed}");
    assert_eq!(replica.body, expected, "seed {seed}");
    if !expected.is_empty() {
        Check::new(times()).sequence(Content::Chars, &expected).unwrap();
    }
    let text: String = model.text(&replica.seen).iter().map(|id| model.elements[id].0).collect();
    assert_eq!(visible(&Runs::new(&replica.body, Content::Chars).unwrap().collect().unwrap()), text);
}

#[test]
fn a_sequence_is_a_function_of_the_commits_seen() {
    for seed in 0..20_000 {
        let mut random = Random(seed);
        let mut model = Model::default();
        let mut replicas = vec![Replica::default(); 2 + random.below(3)];
        let mut met = vec![Replica::default()];
        let mut sequences = [0u32; 4];
        for _ in 0..4 + random.below(16) {
            let who = random.below(replicas.len());
            match random.below(8) {
                0..=3 if sequences[who] < PER_ACTOR => {
                    let row = who as u32 * PER_ACTOR + sequences[who];
                    sequences[who] += 1;
                    let older: Vec<&Replica> =
                        met.iter().filter(|old| old.seen.is_subset(&replicas[who].seen)).collect();
                    let base = match random.below(3) {
                        0 => older[random.below(older.len())].clone(),
                        _ => replicas[who].clone(),
                    };
                    commit(&mut model, &base, &mut replicas[who], row, &mut random);
                }
                4 => {
                    let other = met[random.below(met.len())].clone();
                    replicas[who] = join(&replicas[who], &other);
                }
                _ => {
                    let whom = random.below(replicas.len());
                    let (one, other) =
                        (join(&replicas[who], &replicas[whom]), join(&replicas[whom], &replicas[who]));
                    assert_eq!(one.body, other.body, "seed {seed}: the two orders of a join");
                    replicas[who] = one;
                }
            }
            check(&model, &replicas[who], seed);
            met.push(replicas[who].clone());
        }
        // Grouping and repetition do not count either.
        for _ in 0..4 {
            let mut pick = || met[random.below(met.len())].clone();
            let (a, b, c) = (pick(), pick(), pick());
            let (left, right) = (join(&join(&a, &b), &c), join(&a, &join(&b, &c)));
            assert_eq!(left.body, right.body, "seed {seed}: two groupings");
            assert_eq!(join(&left, &a).body, left.body, "seed {seed}: repetition");
            check(&model, &left, seed);
        }
    }
}

#[test]
fn a_tree_a_million_deep_is_walked_without_recursion() {
    // Each element on the left of the one before it, each of another commit's.
    let runs: Vec<Run<'_>> = (0..1_000_000u32)
        .map(|row| {
            let stem = match row {
                0 => Stem::Root,
                row => Stem::Left(Id { row: row - 1, index: 0 }),
            };
            let content: &[u8] = if row == 999_999 { b"x" } else { b"" };
            Run { id: Id { row, index: 0 }, count: 1, stem, content }
        })
        .collect();
    let order = super::arrange(Content::Chars, &runs, |id| id).unwrap();
    assert_eq!((order.len(), order[0].id.row), (1_000_000, 999_999));
}
