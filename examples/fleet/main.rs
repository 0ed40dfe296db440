//! A fleet of replicas that gossip: rounds and bytes until all have a new write, growth with their number, and what that says of a
//! million devices.
//!
//! `cargo run --release --example fleet` prints the figures of docs/FLEET.md; with the path of a file it draws the plot.
#![allow(clippy::print_stdout, reason = "a program prints")]

mod costs;
mod measure;
mod plot;

use dronestore::Result;
use measure::{Point, points};

/// How the replicas of a line in the plot fare: name, sessions that break off and replicas that are away, of a hundred.
const WEATHER: [(&str, usize, usize); 3] =
    [("all well", 0, 0), ("20 % of sessions break off", 20, 0), ("20 % of replicas away", 0, 20)];

const COUNTS: [usize; 5] = [10, 30, 100, 300, 1000];
const SEEDS: u64 = 5;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // A quick look, for tests: smaller fleets, once.
    let (counts, seeds) =
        if words.first().is_some_and(|word| word == "--quick") { (2, 1) } else { (5, SEEDS) };
    let mut lines: Vec<(&str, Vec<Point>)> = Vec::new();
    for (name, broken, away) in WEATHER {
        println!("{name}:");
        let points = points(&COUNTS[..counts], seeds, broken, away)?;
        points.iter().for_each(|point| println!("  {point}"));
        lines.push((name, points));
    }
    costs::print(counts == COUNTS.len())?;
    if let Some(path) = words.iter().find(|word| word.ends_with(".svg")) {
        std::fs::write(path, plot::svg(&lines)).map_err(|error| {
            let message = format!("cannot write `{path}`");
            dronestore::Error::new(dronestore::ErrorKind::Store, message).with_source(error)
        })?;
        println!("\n{path} is written");
    }
    Ok(())
}
