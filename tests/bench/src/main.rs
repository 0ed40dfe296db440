//! dronestore beside its peers and the limits, in one run, as ratios.
//!
//! ```text
//! cargo run --release --bin table                    the whole table, one to two minutes
//! cargo run --release --bin table -- G1 G5           these goals alone
//! cargo run --release --bin table -- --ours          without yrs, loro and automerge: a quick look
//! cargo run --release --bin table -- --million       stores and merges of 1,000,000 records too
//! cargo run --release --bin table -- profile G4      only our side of a goal, again and again, for a profiler
//! cargo run --release --bin table -- meet            what two replicas pay that meet: G6, G7, G8; minutes
//! cargo run --release --bin table -- databases       beside databases, with 1, 3 and 10 indexes; minutes
//! ```
//!
//! Absolute times are this machine's; only ratios within one run are claims. Contestants take turns, the table
//! shows medians, by the CPU clock where nothing waits for a disk. Rows with nothing under "must" are shown for
//! comparison. Stores are made below the folder that `TMPDIR` names: let it be on a disk and not in memory.

mod bytes;
mod child;
mod core;
mod databases;
mod durable;
mod hand;
mod harness;
mod meet;
mod memory;
mod peers;
mod person;
mod profile;
mod raw;
mod reading;
mod replicas;
mod table;
mod texts;
mod traces;

use table::Table;

/// What was asked for on the command line.
pub struct Options {
    /// Whether the general libraries take part.
    pub peers: bool,
    /// Whether 1,000,000 records are tried as well.
    pub million: bool,
    /// How many turns each contestant has.
    pub repeats: usize,
    /// How many records one turn works on, where no size is named.
    pub batch: usize,
    goals: Vec<String>,
}

impl Options {
    fn parse(arguments: &[String]) -> Self {
        let flag = |name: &str| arguments.iter().any(|argument| argument == name);
        let goals = arguments.iter().filter(|argument| argument.starts_with('G')).cloned().collect();
        Options { peers: !flag("--ours"), million: flag("--million"), repeats: 21, batch: 1_000, goals }
    }

    /// Whether this goal is to be measured.
    pub fn wants(&self, goal: &str) -> bool {
        self.goals.is_empty() || self.goals.iter().any(|wanted| wanted == goal)
    }

    /// The large sizes, in order.
    pub fn sizes(&self) -> Vec<usize> {
        if self.million { vec![100_000, 1_000_000] } else { vec![100_000] }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|word| word == "profile") {
        return profile::run(&arguments[1..]);
    }
    if arguments.first().is_some_and(|word| word == "child") {
        return child::run(&arguments[1..]);
    }
    if arguments.first().is_some_and(|word| word == "meet") {
        return meet::run(&arguments[1..]);
    }
    if arguments.first().is_some_and(|word| word == "meet-one") {
        return meet::one(&arguments[1..]);
    }
    if arguments.first().is_some_and(|word| word == "databases") {
        return databases::run(&arguments[1..]);
    }
    if arguments.first().is_some_and(|word| word == "databases-child") {
        return databases::child(&arguments[1..]);
    }
    let options = Options::parse(&arguments);
    check();
    let mut table = Table::default();
    let mut section = |goals: &str, run: &dyn Fn(&mut Table)| {
        if goals.split(' ').any(|goal| options.wants(goal)) {
            eprintln!("{goals} …");
            run(&mut table);
        }
    };
    section("G1", &|table| memory::create(&options, table));
    section("G1", &|table| replicas::saving(&options, table));
    section("G2", &|table| durable::batches(&options, table));
    section("G3", &|table| durable::single(&options, table));
    section("G4", &|table| memory::edit(&options, table));
    section("G5", &|table| memory::merge(&options, table));
    section("G5", &|table| replicas::diverged(&options, table));
    section("G6", &|table| replicas::identical(&options, table));
    section("G9", &|table| bytes::heads(table));
    section("G9", &|table| bytes::bundles(&options, table));
    section("G10", &|table| bytes::one_record(&options, table));
    section("G11 G12 G13", &|table| reading::all(&options, table));
    section("G14", &|table| child::memories(&options, table));
    section("G15", &|table| texts::all(&options, table));
    section("G16", &|table| bytes::encoding(&options, table));
    table.print();
}

/// Whoever merges wrongly has no business in the table.
fn check() {
    peers::check::<peers::ours::Ours>();
    peers::check::<peers::floor::Floor>();
    peers::check::<peers::crdts::Crdts>();
    peers::check::<peers::yrs::Yrs>();
    peers::check::<peers::loro::Loro>();
    peers::check::<peers::automerge::Automerge>();
}
