//! The result, as a table in Markdown or as JSON.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How the merges of a history ended, one way of merging a column.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) merges: usize,
    /// Merges of which one side had seen the other.
    pub(super) fast_forwards: usize,
    pub(super) columns: Vec<(&'static str, Column)>,
}

/// How they ended one way.
#[derive(Debug, Default)]
pub(super) struct Column {
    /// Merges that ended exactly as the people left them.
    pub(super) as_left: u64,
    /// Merges with a conflict, and the objects that these lie in.
    pub(super) with_conflict: u64,
    pub(super) conflicts: u64,
    /// Merges without a conflict that did not end as the people left them.
    pub(super) otherwise: u64,
    /// Objects that did not end as the people left them.
    pub(super) to_decide: u64,
    /// Objects that both sides had edited, and those of them that ended as the people left them.
    pub(super) edited_apart: u64,
    pub(super) edited_apart_and_as_left: u64,
    /// Fields that one side had removed and the other edited; the edit stands.
    pub(super) brought_back: u64,
    /// The merges that did not end as the people left them: the commit, how many objects, in which attributes.
    pub(super) decided: Vec<(usize, usize, BTreeSet<String>)>,
    /// In how many objects a conflict lies in an attribute.
    pub(super) attributes: BTreeMap<String, u64>,
}

impl Column {
    /// Counts a merge: the objects in conflict, and those that did not end as the people left them.
    pub(super) fn merge(&mut self, conflicts: u64, differing: u64) {
        self.as_left += u64::from(differing == 0);
        self.with_conflict += u64::from(conflicts > 0);
        self.otherwise += u64::from(conflicts == 0 && differing > 0);
        self.conflicts += conflicts;
        self.to_decide += differing;
    }

    fn to_json(&self) -> Value {
        let decided = |(commit, objects, attributes): &(usize, usize, BTreeSet<String>)| json!({ "commit": commit, "objects": objects, "attributes": attributes });
        let decided: Vec<Value> = self.decided.iter().map(decided).collect();
        json!({
            "merges_as_left": self.as_left,
            "merges_with_conflict": self.with_conflict,
            "merges_otherwise": self.otherwise,
            "objects_edited_apart": self.edited_apart,
            "objects_edited_apart_as_left": self.edited_apart_and_as_left,
            "objects_with_conflict": self.conflicts,
            "objects_to_decide": self.to_decide,
            "conflicts_by_attribute": self.attributes,
            "fields_removed_and_edited": self.brought_back,
            "not_as_left": decided,
        })
    }
}

type Count = fn(&Column) -> u64;

const ROWS: [(&str, Count); 7] = [
    ("merges that end exactly as the people left them", |column| column.as_left),
    ("merges with a conflict", |column| column.with_conflict),
    ("merges without one that end otherwise", |column| column.otherwise),
    ("objects that both sides had edited", |column| column.edited_apart),
    ("of these exactly as the people left them", |column| column.edited_apart_and_as_left),
    ("objects with a conflict", |column| column.conflicts),
    ("objects to be changed to what the people left", |column| column.to_decide),
];

impl Report {
    /// All of it as JSON: `{"merges":117,…,"by_attribute":{"merges_as_left":…},…}`.
    pub(super) fn to_json(&self) -> Value {
        let mut all = json!({ "merges": self.merges, "fast_forwards": self.fast_forwards });
        for (name, column) in &self.columns {
            all[name.replace(", ", "_").replace(' ', "_")] = column.to_json();
        }
        all
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} merges; in {} one side had seen all of the other\n",
            self.merges, self.fast_forwards
        )?;
        let line = |f: &mut fmt::Formatter<'_>, first: &str, cells: Vec<String>| {
            writeln!(f, "| {first} | {} |", cells.join(" | "))
        };
        line(f, "", self.columns.iter().map(|(name, _)| (*name).to_owned()).collect())?;
        writeln!(f, "|---|{}", "---:|".repeat(self.columns.len()))?;
        for (name, count) in ROWS {
            line(f, name, self.columns.iter().map(|(_, column)| count(column).to_string()).collect())?;
        }
        for (name, column) in self.columns.iter().filter(|(_, column)| !column.attributes.is_empty()) {
            let mut attributes: Vec<_> = column.attributes.iter().collect();
            attributes.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
            let each: Vec<String> =
                attributes.iter().map(|(name, count)| format!("`{name}` {count}")).collect();
            writeln!(f, "\nconflicts {name}, objects: {}", each.join(", "))?;
        }
        for (name, column) in self.columns.iter().filter(|(_, column)| !column.decided.is_empty()) {
            let edited = column.brought_back;
            writeln!(
                f,
                "\n{name}; {edited} fields removed on one side and edited on the other stand as edited"
            )?;
            for (commit, objects, attributes) in &column.decided {
                let attributes = attributes.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                writeln!(f, "- commit {commit} was left otherwise: {objects} objects, {attributes}")?;
            }
        }
        Ok(())
    }
}
