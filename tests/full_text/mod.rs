//! Full text search: what is found against plain Rust, how the index keeps up, what it survives.

mod damage;
mod declared;
mod find;
mod history;
mod keeping;

use dronestore::{Drone, FullText, Repo};
use std::collections::{BTreeMap, BTreeSet};

/// Where a note was written.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Place {
    #[merge(latest)]
    pub city: String,
}

/// Text in every form that is searched.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Note {
    #[merge(latest)]
    #[drone(search)]
    pub title: String,
    #[merge(text)]
    #[drone(search)]
    pub text: String,
    #[merge(set)]
    #[drone(search)]
    pub tags: BTreeSet<String>,
    #[merge(latest)]
    #[drone(search)]
    pub nick: Option<String>,
    #[merge(nested)]
    #[drone(search)]
    pub place: Place,
    #[merge(map(latest))]
    #[drone(search)]
    pub more: BTreeMap<String, String>,
    #[merge(counter)]
    pub visits: i64,
}

/// Another kind, with a field of the same name.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Page {
    #[merge(latest)]
    #[drone(search)]
    pub title: String,
    #[merge(conflict)]
    #[drone(search)]
    pub summary: String,
    #[merge(latest)]
    pub hidden: String,
}

pub fn note(text: &str) -> Note {
    Note { text: text.into(), ..Note::default() }
}

/// A search over both kinds, in memory.
pub fn open(repo: &Repo) -> FullText {
    repo.full_text().model::<Note>().model::<Page>().in_memory().open().unwrap()
}

/// The names of what is found, the best first.
pub fn names(search: &FullText, query: &str) -> Vec<String> {
    let hits = search.find(query).limit(1000).run().unwrap();
    hits.iter().map(|hit| hit.key().name().into_owned()).collect()
}

/// The same in the order of the alphabet.
pub fn sorted(search: &FullText, query: &str) -> Vec<String> {
    let mut names = names(search, query);
    names.sort();
    names
}
