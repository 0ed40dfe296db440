//! Two replicas that meet: what it costs to find what differs and to bring it over, beside the peers.
//!
//! `table meet` measures every combination of library, size and difference in a process of its own, so that its
//! peak memory is its own, and prints one row each. The edits are all on one side: one field of ten bytes.

mod negentropy;
pub mod ours;
mod peers;

use crate::harness::time;
use std::fmt;
use std::process::Command;

/// What a meeting came to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Meeting {
    /// Bytes of both directions.
    pub bytes: usize,
    /// Those of them that are no versions, where that can be told.
    pub finding: Option<usize>,
    /// How often both had their say.
    pub trips: f64,
}

/// Two replicas of one data set that are about to meet.
pub trait Pair {
    /// Sets one field of ten bytes of these records, on the first side, a commit each.
    fn edit(&mut self, ids: &[usize], value: &str);

    /// They meet, until both hold the same.
    fn meet(&mut self) -> Meeting;

    /// Makes sure that they do.
    fn check(&self, ids: &[usize], value: &str);
}

/// A way to make a pair that holds so many records, both sides the same.
type Make = fn(usize) -> Box<dyn Pair>;

/// Who takes part: a name, how the pair is made, the largest size that its memory and patience allow.
const CONTESTANTS: [(&str, Make, usize); 9] = [
    ("dronestore, strangers", ours::strangers, usize::MAX),
    ("dronestore, first meeting of a process", ours::cold, usize::MAX),
    ("dronestore, remembered", ours::remembered, usize::MAX),
    ("automerge, strangers", peers::automerge_strangers, 100_000),
    ("automerge, remembered", peers::automerge_remembered, 100_000),
    ("loro", peers::loro, 100_000),
    ("yrs", peers::yrs, 100_000),
    ("negentropy, finding alone", negentropy::prepared, usize::MAX),
    ("negentropy, with its table", negentropy::cold, usize::MAX),
];

const DIFFERENCES: [usize; 5] = [0, 10, 100, 1_000, 10_000];

/// `meet`: all rows; `meet WORD…`: of those whose name has one of the words, of the sizes that are named;
/// `meet-one NUMBER SIZE DIFFERENCE`: what a process of its own does.
pub fn run(words: &[String]) {
    let sizes: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![10_000, 100_000, 1_000_000] } else { sizes };
    let names: Vec<&String> = words.iter().filter(|word| word.parse::<usize>().is_err()).collect();
    println!("| who | n | d | bytes | without versions | an edit | trips | CPU ms | peak MiB |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for size in sizes {
        for (number, (name, _, most)) in CONTESTANTS.iter().enumerate() {
            let is_wanted = names.is_empty() || names.iter().any(|word| name.contains(word.as_str()));
            if !is_wanted || size > *most {
                continue;
            }
            for difference in DIFFERENCES.into_iter().filter(|difference| *difference <= size / 2) {
                let numbers = [number, size, difference].map(|number| number.to_string());
                let program = std::env::current_exe().unwrap();
                let output = Command::new(program).arg("meet-one").args(numbers).output().unwrap();
                assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
                print!("| {name} | {size} | {difference} {}", String::from_utf8_lossy(&output.stdout));
            }
        }
    }
}

/// One row's work, in a process of its own.
pub fn one(words: &[String]) {
    let numbers: Vec<usize> = words.iter().map(|word| word.parse().unwrap()).collect();
    let [number, size, difference] = numbers[..] else { panic!("meet-one NUMBER SIZE DIFFERENCE") };
    let mut pair = CONTESTANTS[number].1(size);
    let ids: Vec<usize> = (0..difference).map(|index| index * (size / difference.max(1))).collect();
    let value = "0123456789";
    pair.edit(&ids, value);
    forget_peak();
    let before = memory("VmRSS:");
    let (cost, meeting) = time(1, || pair.meet());
    let peak = memory("VmHWM:").saturating_sub(before);
    pair.check(&ids, value);
    println!("{}", Row { meeting, difference, milliseconds: cost.cpu / 1e6, peak });
}

struct Row {
    meeting: Meeting,
    difference: usize,
    milliseconds: f64,
    /// In KiB.
    peak: usize,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Meeting { bytes, finding, trips } = self.meeting;
        write!(f, "| {bytes} | ")?;
        finding.map_or(Ok(()), |finding| write!(f, "{finding} "))?;
        write!(f, "| ")?;
        if self.difference > 0 {
            write!(f, "{:.1} ", bytes as f64 / self.difference as f64)?;
        }
        write!(f, "| {trips} | {:.2} | {:.1} |", self.milliseconds, self.peak as f64 / 1024.0)
    }
}

/// From here on the peak is measured.
fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// What the system says of this process's memory, in KiB.
fn memory(what: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
