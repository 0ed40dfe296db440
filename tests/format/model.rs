//! Models with every strategy, and their values at one moment and another.

use dronestore::strategy::{Held, Replaces, Strategy, Write};
use dronestore::{Drone, Nanotime, Result};
use std::collections::{BTreeMap, BTreeSet};

/// Of concurrent texts the longest; a user's own strategy.
#[derive(Debug)]
pub struct Longest;

impl Strategy<String> for Longest {
    const NAME: &'static str = "longest";
    type State = String;

    fn write(_: &[Held<String>], _: &String, new: &String) -> Result<Write<String>> {
        Ok(Write { state: new.clone(), replaces: Replaces::Seen })
    }

    fn read(entries: &[Held<String>]) -> Result<String> {
        let texts = entries.iter().map(|held| &held.state);
        Ok(texts.max_by_key(|text| (text.len(), std::cmp::Reverse(*text))).cloned().unwrap_or_default())
    }
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Part {
    #[merge(latest)]
    pub name: String,
    #[merge(counter)]
    pub count: i64,
}

/// A drone that holds maps of itself.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Tree {
    #[merge(latest)]
    pub name: String,
    #[merge(map(nested))]
    pub children: BTreeMap<String, Tree>,
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Everything {
    #[merge(latest)]
    pub latest: Vec<Option<u8>>,
    #[merge(latest)]
    pub float: f64,
    #[merge(latest_object)]
    pub street: String,
    #[merge(latest_object)]
    pub city: Option<String>,
    #[merge(max)]
    pub max: Option<u32>,
    #[merge(min)]
    pub min: i128,
    #[merge(max)]
    pub time: Nanotime,
    #[merge(first)]
    pub first: String,
    #[merge(conflict)]
    pub conflict: (u8, String),
    #[merge(counter)]
    pub visits: u64,
    #[merge(flag)]
    pub flag: bool,
    #[merge(flag(false_wins))]
    pub open: bool,
    #[merge(with = "Longest")]
    pub longest: String,
    #[merge(nested)]
    pub part: Part,
    #[merge(union)]
    pub union: BTreeSet<String>,
    #[merge(set)]
    pub set: BTreeSet<u16>,
    #[merge(set(remove_wins))]
    pub remove_wins: BTreeSet<u8>,
    #[merge(set(latest))]
    pub set_latest: BTreeSet<char>,
    #[merge(set(once))]
    pub once: BTreeSet<String>,
    #[merge(map(latest))]
    pub map: BTreeMap<String, Vec<u8>>,
    #[merge(map(counter))]
    pub votes: BTreeMap<String, i64>,
    #[merge(map(set))]
    pub sets: BTreeMap<u8, BTreeSet<u8>>,
    #[merge(map(nested))]
    pub parts: BTreeMap<String, Part>,
    #[merge(map(map(map(counter))))]
    pub deep: BTreeMap<u8, BTreeMap<u8, BTreeMap<u8, u64>>>,
    #[merge(nested)]
    pub tree: Tree,
}

/// Texts and lists.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Page {
    #[merge(text)]
    pub text: String,
    #[merge(list)]
    pub list: Vec<(u8, String)>,
    #[merge(map(text))]
    pub notes: BTreeMap<u8, String>,
}

/// Lists that move.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Board {
    #[merge(list(moves))]
    pub lanes: Vec<String>,
    #[merge(list(nested))]
    pub tasks: Vec<Task>,
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Task {
    #[drone(id)]
    #[merge(first)]
    pub id: u8,
    #[merge(latest_object)]
    pub title: String,
    #[merge(list(nested))]
    pub parts: Vec<Task>,
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Order {
    #[merge(rank("draft", "cancelled", "shipped"))]
    pub state: String,
    #[merge(nested)]
    pub part: Option<Part>,
    #[merge(clamp(0..=9, counter))]
    pub stock: i64,
    #[merge(map(first_non_empty))]
    pub notes: BTreeMap<u8, String>,
}

fn part(name: &str, count: i64) -> Part {
    Part { name: name.into(), count }
}

fn tree(depth: usize) -> Tree {
    let children = (0..depth).take(2).map(|child| (child.to_string(), tree(depth - 1))).collect();
    Tree { name: format!("at {depth}"), children }
}

/// Every attribute is written.
pub fn one() -> Everything {
    Everything {
        latest: vec![Some(1), None, Some(255)],
        float: 0.1,
        street: "Main".into(),
        city: Some("Ur".into()),
        max: Some(7),
        min: -(1 << 70),
        time: Nanotime::from_nanos(1_500_000_000_000_000_001),
        first: "first".into(),
        conflict: (1, "draft".into()),
        visits: 3,
        flag: true,
        open: true,
        longest: "long".into(),
        part: part("wheel", 4),
        union: ["a", "b"].map(String::from).into(),
        set: [1, 300].into(),
        remove_wins: [1, 2].into(),
        set_latest: ['x', 'é'].into(),
        once: ["once".to_string()].into(),
        map: [("k".into(), vec![1, 2]), ("l".into(), vec![])].into(),
        votes: [("ann".into(), 2), ("bob".into(), -3)].into(),
        sets: [(1, [1, 2].into()), (2, [3].into())].into(),
        parts: [("saddle".into(), part("saddle", 1))].into(),
        deep: [(1, [(2, [(3, 4)].into())].into())].into(),
        tree: tree(3),
    }
}

/// Changes every attribute, each writer otherwise.
pub fn edit(value: &mut Everything, writer: u8) {
    let text = format!("by {writer}");
    value.latest.push(Some(writer));
    value.float += f64::from(writer);
    value.city = Some(text.clone());
    value.max = Some(7 + u32::from(writer));
    value.min -= i128::from(writer);
    value.conflict = (writer, text.clone());
    value.visits += u64::from(writer);
    value.flag = writer.is_multiple_of(2);
    value.open = writer.is_multiple_of(3);
    value.longest = text.repeat(usize::from(writer));
    value.part.count += i64::from(writer);
    value.union.insert(text.clone());
    value.set.remove(&1);
    value.set.insert(u16::from(writer));
    value.remove_wins.remove(&writer);
    value.set_latest.insert(char::from(b'a' + writer));
    value.once.remove("once");
    value.map.insert("k".into(), vec![writer]);
    value.map.remove("l");
    *value.votes.entry("ann".into()).or_default() += i64::from(writer);
    value.sets.entry(1).or_default().insert(writer);
    value.parts.insert(text.clone(), part(&text, 1));
    *value.deep.entry(1).or_default().entry(writer).or_default().entry(3).or_default() += 1;
    value.tree.children.remove("1");
    value.tree.children.entry("0".into()).or_default().name = text;
}
