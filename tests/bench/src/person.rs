//! The record of every workload: Person of the design, with about 79 bytes of values.

use dronestore::Drone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A person as a user of dronestore writes one; the peers take their values from it.
#[derive(Drone, Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
pub struct Person {
    #[merge(latest)]
    pub first: String,
    #[merge(latest)]
    pub last: String,
    #[merge(latest)]
    pub phone: String,
    #[merge(max)]
    pub age: u32,
    #[merge(counter)]
    pub visits: u64,
    #[merge(set)]
    pub tags: BTreeSet<String>,
    #[merge(latest)]
    pub gender: Option<String>,
}

const FIRST: [&str; 8] = ["Juan", "Amelia", "Grace", "Linus", "Barbara", "Edsger", "Radia", "Leslie"];
const TAGS: [&str; 12] =
    ["climber", "rust", "chess", "sailor", "cook", "poet", "runner", "gamer", "tea", "jazz", "go", "maker"];

impl Person {
    /// The person of this number: always the same, and no two alike.
    pub fn make(id: usize) -> Person {
        Person {
            first: FIRST[id % FIRST.len()].to_owned(),
            last: format!("Benet-{id:06}"),
            phone: format!("+49 170 {id:07}"),
            age: 18 + (id % 70) as u32,
            visits: 100 + (id % 800) as u64,
            tags: (0..5).map(|tag| TAGS[(id + tag * 5) % TAGS.len()].to_owned()).collect(),
            gender: Some(if id.is_multiple_of(2) { "Female" } else { "Male" }.to_owned()),
        }
    }

    /// The person of this number with values that nothing but chance connects.
    pub fn varied(id: usize) -> Person {
        const SYLLABLES: [&str; 16] = [
            "an", "ber", "to", "mar", "li", "sa", "ro", "den", "ka", "vi", "el", "no", "ri", "hu", "go",
            "ste",
        ];
        let mut state = (id as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut below = |limit: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % limit
        };
        let mut word = || (0..2 + below(3)).map(|_| SYLLABLES[below(16) as usize]).collect::<String>();
        let (first, last) = (word(), word());
        Person {
            first,
            last,
            phone: format!("+49 170 {:07}", below(10_000_000)),
            age: 18 + below(70) as u32,
            visits: below(1_000),
            tags: (0..5).map(|_| TAGS[below(12) as usize].to_owned()).collect(),
            gender: Some(if below(2) == 0 { "Female" } else { "Male" }.to_owned()),
        }
    }

    /// The edit of every workload: two fields, one of them a counter.
    pub fn edit(&mut self, id: usize, round: u64) {
        self.phone = phone(id, round);
        self.visits += 1;
    }
}

/// The phone number that an edit of this round sets.
pub fn phone(id: usize, round: u64) -> String {
    format!("+1 555 {:03} {id:06}", round % 1000)
}

/// The name of the record of this number; ordered as the numbers are.
pub fn name(id: usize) -> String {
    format!("{id:08}")
}
