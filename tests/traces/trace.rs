//! A trace: reading it, and what a commit of it is.

use flate2::read::GzDecoder;
use serde::Deserialize;
use std::fs::File;
use std::path::PathBuf;

/// What people typed.
#[derive(Deserialize)]
pub struct Trace {
    #[serde(default, rename = "startContent")]
    pub start: String,
    #[serde(rename = "endContent")]
    pub end: String,
    pub txns: Vec<Txn>,
}

/// What one of them did at once.
#[derive(Deserialize)]
pub struct Txn {
    /// Position, how many characters were deleted there, what was inserted; in characters.
    pub patches: Vec<(usize, usize, String)>,
    #[serde(default)]
    pub agent: usize,
    /// On the merge of which earlier ones it was made.
    #[serde(default)]
    pub parents: Vec<usize>,
}

impl Trace {
    /// A real one, where there is the folder.
    pub fn real(name: &str) -> Option<Trace> {
        let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data"));
        let folder = std::env::var_os("DRONESTORE_DATA").map_or_else(beside, PathBuf::from);
        let path = folder.join("traces").join(name).with_extension("json.gz");
        match File::open(&path) {
            Ok(file) => Some(serde_json::from_reader(GzDecoder::new(file)).unwrap()),
            Err(_) => {
                println!("no `{}`: only the small trace is replayed", path.display());
                None
            }
        }
    }

    /// One that is here.
    pub fn small(text: &str) -> Trace {
        serde_json::from_str(text).unwrap()
    }

    /// How many writers there are.
    pub fn agents(&self) -> usize {
        self.txns.iter().map(|txn| txn.agent + 1).max().unwrap_or(0)
    }

    /// The acts by their numbers, from and to: each by itself, or those together that one writer did while nobody else did any.
    pub fn commits(&self, stretches: bool) -> Vec<(usize, usize)> {
        let mut children = vec![0; self.txns.len()];
        self.txns.iter().flat_map(|txn| &txn.parents).for_each(|parent| children[*parent] += 1);
        let goes_on = |number: usize| {
            let (last, txn) = (&self.txns[number - 1], &self.txns[number]);
            txn.parents == [number - 1] && txn.agent == last.agent && children[number - 1] == 1
        };
        let mut commits = Vec::new();
        for number in 0..self.txns.len() {
            match commits.last_mut() {
                Some((_, to)) if stretches && goes_on(number) => *to = number + 1,
                _ => commits.push((number, number + 1)),
            }
        }
        commits
    }
}
