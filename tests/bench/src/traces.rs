//! Real editing traces: what people typed, character by character, alone and at once.

use flate2::read::GzDecoder;
use serde::Deserialize;
use std::fs::File;
use std::path::PathBuf;

/// A trace.
#[derive(Deserialize)]
pub struct Trace {
    #[serde(rename = "endContent")]
    pub end: String,
    pub txns: Vec<Txn>,
}

/// What was done at once.
#[derive(Deserialize)]
pub struct Txn {
    /// Position, how many characters were deleted there, what was inserted.
    pub patches: Vec<(usize, usize, String)>,
    /// Who did it; traces of one writer do not say.
    #[serde(default)]
    pub agent: usize,
    /// On the merge of which earlier ones; traces of one writer do not say.
    #[serde(default)]
    pub parents: Vec<usize>,
}

impl Trace {
    /// A trace by its name, from the folder that `DRONESTORE_DATA` names or from `../shared/data` beside the project; `None`
    /// where there is no such folder.
    ///
    /// Positions count characters, which the peers do not all do: only traces in which every character is a byte will do.
    pub fn read(name: &str) -> Option<Trace> {
        let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
        let folder = std::env::var_os("DRONESTORE_DATA").map_or_else(beside, PathBuf::from);
        let path = folder.join("traces").join(name).with_extension("json.gz");
        let Ok(file) = File::open(&path) else {
            eprintln!("  no `{}`: left out", path.display());
            return None;
        };
        let trace: Trace = serde_json::from_reader(GzDecoder::new(file)).unwrap();
        assert!(trace.patches().all(|(_, _, inserted)| inserted.is_ascii()), "{name} is not ASCII");
        Some(trace)
    }

    /// All edits in the order of the file.
    pub fn patches(&self) -> impl Iterator<Item = &(usize, usize, String)> {
        self.txns.iter().flat_map(|txn| &txn.patches)
    }

    /// How many writers there are.
    pub fn agents(&self) -> usize {
        self.txns.iter().map(|txn| txn.agent + 1).max().unwrap_or(0)
    }

    /// What one writer did while nobody else did anything, as one act; positions stay what they are.
    #[must_use]
    pub fn in_stretches(self) -> Trace {
        let mut children = vec![0; self.txns.len()];
        self.txns.iter().flat_map(|txn| &txn.parents).for_each(|parent| children[*parent] += 1);
        let (mut txns, mut moved): (Vec<Txn>, Vec<usize>) = (Vec::new(), Vec::new());
        let mut last = None;
        for (number, mut txn) in self.txns.into_iter().enumerate() {
            let goes_on = number > 0
                && txn.parents == [number - 1]
                && last == Some(txn.agent)
                && children[number - 1] == 1;
            last = Some(txn.agent);
            if goes_on {
                txns.last_mut().unwrap().patches.append(&mut txn.patches);
            } else {
                txn.parents.iter_mut().for_each(|parent| *parent = moved[*parent]);
                txns.push(txn);
            }
            moved.push(txns.len() - 1);
        }
        Trace { end: self.end, txns }
    }

    /// How many others were made on each, and by writers other than its own: these need it as it was.
    pub fn wanted(&self) -> Vec<usize> {
        let mut wanted = vec![0; self.txns.len()];
        for txn in &self.txns {
            for parent in txn.parents.iter().filter(|parent| self.txns[**parent].agent != txn.agent) {
                wanted[*parent] += 1;
            }
        }
        wanted
    }
}
