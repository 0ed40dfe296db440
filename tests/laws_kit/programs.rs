//! Old and new programs in one history.

use dronestore::laws::Check;
use dronestore::strategy::{Held, Replaces, Strategy, Write};
use dronestore::{Drone, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Drone, Debug)]
struct Person {
    #[merge(latest)]
    name: String,
    #[merge(counter)]
    visits: u64,
    #[merge(set)]
    tags: BTreeSet<String>,
}

#[derive(Drone, Debug)]
#[drone(kind = "Person")]
struct OldPerson {
    #[merge(latest)]
    name: String,
    #[merge(latest)]
    visits: u64,
    #[merge(latest)]
    nick: Option<String>,
}

#[test]
fn old_programs_keep_what_they_do_not_know() {
    let report = Check::<Person>::new().older(Check::<OldPerson>::new()).run().unwrap();
    assert!(report.commits > 1000, "{report}");
}

#[derive(Drone, Debug)]
struct Other {
    #[merge(latest)]
    name: String,
}

#[test]
fn programs_of_two_kinds_do_not_meet() {
    let failure = Check::<Person>::new().older(Check::<Other>::new()).run().unwrap_err();
    assert!(failure.seen.contains("`Other` is of kind `Other`"), "{failure}");
}

trait Text {
    fn text(&self) -> &str;
    fn of(text: &str) -> Self;
}

/// A strategy whose state is an `S`.
struct Longest<S>(S);

impl<S: Text + Serialize + DeserializeOwned> Strategy<String> for Longest<S> {
    const NAME: &'static str = "longest";
    type State = S;

    fn write(_: &[Held<S>], _: &String, new: &String) -> Result<Write<S>> {
        Ok(Write { state: S::of(new), replaces: Replaces::Seen })
    }

    fn read(entries: &[Held<S>]) -> Result<String> {
        let longest = entries.iter().map(|held| held.state.text()).max_by_key(|text| (text.len(), *text));
        Ok(longest.unwrap_or_default().to_owned())
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct One {
    text: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Two {
    text: String,
    words: usize,
}

impl Text for One {
    fn text(&self) -> &str {
        &self.text
    }

    fn of(text: &str) -> Self {
        One { text: text.into() }
    }
}

impl Text for Two {
    fn text(&self) -> &str {
        &self.text
    }

    fn of(text: &str) -> Self {
        Two { text: text.into(), words: text.split(' ').count() }
    }
}

#[derive(Drone, Debug)]
struct Note {
    #[merge(with = "Longest<Two>")]
    text: String,
}

#[derive(Drone, Debug)]
#[drone(kind = "Note")]
struct OldNote {
    #[merge(with = "Longest<One>")]
    text: String,
}

#[test]
fn a_state_that_the_new_program_cannot_read_is_found() {
    Check::<Note>::new().run().unwrap();
    let failure = Check::<Note>::new().older(Check::<OldNote>::new()).run().unwrap_err();
    println!("{failure}");
    assert!(failure.law.contains("every program reads"), "{failure}");
    assert!(failure.seen.contains("missing field `words`") && failure.steps <= 5, "{failure}");
    assert!(failure.program.contains("OldNote::named"), "{failure}");
}
