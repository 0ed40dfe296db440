//! One model that uses all strategies, in three ages of its program, in one history.

use dronestore::Drone;
use dronestore::laws::Check;
use std::collections::{BTreeMap, BTreeSet, HashMap};

mod first {
    use super::*;

    /// The beginning: a few fields, one of them of a type and one of a strategy that will change.
    #[derive(Drone, Debug)]
    #[drone(kind = "Work")]
    pub struct Work {
        #[merge(latest)]
        pub title: String,
        #[merge(latest)]
        pub visits: u64,
        #[merge(max)]
        pub best: u32,
        #[merge(set)]
        pub tags: BTreeSet<String>,
        #[merge(map(counter))]
        pub stock: BTreeMap<String, i64>,
        #[merge(nested)]
        pub site: Site,
        #[merge(rank("open", "shut"))]
        pub state: String,
    }

    #[derive(Drone, Debug, Default)]
    #[drone(kind = "Site")]
    pub struct Site {
        #[merge(latest)]
        pub name: String,
    }
}

mod second {
    use super::*;

    /// All strategies at once; `visits` is another attribute beside the old one, `title` bears another name in Rust.
    #[derive(Drone, Debug)]
    #[drone(kind = "Work")]
    pub struct Work {
        #[merge(latest)]
        #[drone(rename = "title")]
        pub name: String,
        #[merge(counter)]
        pub visits: i64,
        #[merge(max)]
        pub best: u32,
        #[merge(min)]
        pub worst: i16,
        #[merge(first)]
        pub maker: String,
        #[merge(conflict)]
        pub owner: String,
        #[merge(flag)]
        pub done: bool,
        #[merge(flag(false_wins))]
        #[drone(default = true)]
        pub alive: bool,
        #[merge(latest_object)]
        pub street: String,
        #[merge(latest_object)]
        pub number: Option<u16>,
        #[merge(union)]
        pub ever: BTreeSet<u8>,
        #[merge(set)]
        pub tags: BTreeSet<String>,
        #[merge(set(remove_wins))]
        pub shy: BTreeSet<u8>,
        #[merge(set(latest))]
        pub votes: BTreeSet<u8>,
        #[merge(set(once))]
        pub once: BTreeSet<u8>,
        #[merge(map(counter))]
        pub stock: HashMap<String, i64>,
        #[merge(map(map(latest)))]
        pub prices: BTreeMap<u8, BTreeMap<u8, String>>,
        #[merge(map(nested))]
        pub sites: BTreeMap<u8, Site>,
        #[merge(nested)]
        pub site: Site,
        #[merge(nested)]
        pub branch: Option<Site>,
        #[merge(list)]
        pub steps: Vec<u8>,
        #[merge(list(moves))]
        pub order: Vec<u8>,
        #[merge(list(nested))]
        pub stops: Vec<Stop>,
        #[merge(text)]
        pub story: String,
        #[merge(rank("open", "shut"))]
        pub state: String,
        #[merge(first_non_empty)]
        pub hint: String,
        #[merge(max_by("0"))]
        pub peak: (i32, String),
        #[merge(any_of(first_non_empty, latest))]
        pub nick: String,
        #[merge(clamp(0..=9, counter))]
        pub level: i32,
    }

    #[derive(Drone, Debug, Default)]
    #[drone(kind = "Site")]
    pub struct Site {
        #[merge(latest)]
        pub name: String,
        #[merge(counter)]
        pub seen: u32,
        #[merge(text)]
        pub notes: String,
    }

    #[derive(Drone, Debug, Default)]
    #[drone(kind = "Stop")]
    pub struct Stop {
        #[drone(id)]
        #[merge(latest)]
        pub id: u8,
        #[merge(counter)]
        pub nights: u32,
    }
}

mod third {
    use super::*;

    /// Later: fields are gone, a number is wider, others read in other ways.
    #[derive(Drone, Debug)]
    #[drone(kind = "Work")]
    pub struct Work {
        #[merge(latest)]
        pub title: String,
        #[merge(counter)]
        pub visits: i64,
        #[merge(max)]
        pub best: u64,
        #[merge(set(remove_wins))]
        pub tags: BTreeSet<String>,
        #[merge(map(nested))]
        pub sites: BTreeMap<u8, Site>,
        #[merge(text)]
        pub story: String,
        #[merge(latest)]
        pub steps: Vec<u8>,
        #[merge(list(nested))]
        pub stops: Vec<Stop>,
        #[merge(rank("shut", "open"))]
        pub state: String,
        #[merge(conflict)]
        pub owner: String,
    }

    #[derive(Drone, Debug, Default)]
    #[drone(kind = "Site")]
    pub struct Site {
        #[merge(counter)]
        pub seen: u32,
        #[merge(set)]
        pub marks: BTreeSet<u8>,
    }

    #[derive(Drone, Debug, Default)]
    #[drone(kind = "Stop")]
    pub struct Stop {
        #[drone(id)]
        #[merge(latest)]
        pub id: u8,
        #[merge(latest)]
        pub place: String,
    }
}

#[test]
fn a_model_of_all_strategies_keeps_the_laws() {
    let report =
        Check::<second::Work>::new().histories(1000).run().unwrap_or_else(|failure| panic!("{failure}"));
    assert!(report.commits > 4000, "{report}");
}

#[test]
fn programs_of_three_ages_keep_the_laws_together() {
    let report = Check::<second::Work>::new()
        .older(Check::<first::Work>::new())
        .older(Check::<third::Work>::new())
        .histories(1000)
        .run()
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert!(report.commits > 4000, "{report}");
}
