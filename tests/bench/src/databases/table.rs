//! The table: a row a workload, a column a database, and what was asked of ours.

use super::{Asked, OURS};
use crate::harness::{Clock, Results};

/// What is asked of a row.
#[derive(Debug, Clone, Copy)]
pub enum Must {
    /// Ours is at most so many times what this one has.
    Times(f64, &'static str),
    /// Ours is at most this.
    AtMost(f64),
    /// Shown for comparison.
    Shown,
}

/// What the numbers count.
#[derive(Debug, Clone, Copy)]
pub enum Unit {
    Nanos,
    Bytes,
}

struct Row {
    work: String,
    indexes: usize,
    unit: Unit,
    values: Vec<Option<f64>>,
    must: Must,
    is_met: Option<bool>,
}

/// All rows of a run.
pub struct Table {
    names: Vec<&'static str>,
    rows: Vec<Row>,
}

impl Table {
    pub fn new(asked: &Asked) -> Table {
        Table { names: asked.peers.iter().map(|peer| peer.0).collect(), rows: Vec::new() }
    }

    /// Times by a clock.
    pub fn times(&mut self, work: &str, indexes: usize, results: &Results, clock: Clock, must: Must) {
        let by = if matches!(clock, Clock::Wall) { "wall" } else { "CPU" };
        let value = |name: &'static str| {
            results.names().any(|known| known == name).then(|| results.get(name).of(clock))
        };
        let values = self.names.iter().map(|name| value(name)).collect();
        self.push(&format!("{work}, {by}"), indexes, Unit::Nanos, values, must);
    }

    /// Any numbers, in the order of those who take part.
    pub fn push(&mut self, work: &str, indexes: usize, unit: Unit, values: Vec<Option<f64>>, must: Must) {
        let of = |name: &str| values[self.names.iter().position(|known| *known == name)?];
        let is_met = match must {
            Must::Times(times, name) => of(OURS).zip(of(name)).map(|(ours, theirs)| ours <= theirs * times),
            Must::AtMost(most) => of(OURS).map(|ours| ours <= most),
            Must::Shown => None,
        };
        let row = Row { work: work.to_owned(), indexes, unit, values, must, is_met };
        eprintln!("  {}", self.line(&row));
        self.rows.push(row);
    }

    pub fn print(&self) {
        println!("\n| workload | indexes | {} | must | met |", self.names.join(" | "));
        println!("|---|---:|{}---|---|", "---:|".repeat(self.names.len()));
        self.rows.iter().for_each(|row| println!("{}", self.line(row)));
        let met = |is: bool| self.rows.iter().filter(|row| row.is_met == Some(is)).count();
        println!("\n{} rows met, {} not met", met(true), met(false));
    }

    fn line(&self, row: &Row) -> String {
        let ours = self.names.iter().position(|name| *name == OURS).and_then(|at| row.values[at]);
        let cell = |(name, value): (&&str, &Option<f64>)| match (value, ours) {
            (None, _) => String::new(),
            (Some(value), Some(ours)) if **name != *OURS => {
                format!("{} ({} ×)", amount(row.unit, *value), short(ours / value))
            }
            (Some(value), _) => amount(row.unit, *value),
        };
        let cells: Vec<String> = self.names.iter().zip(&row.values).map(cell).collect();
        let must = match row.must {
            Must::Times(times, name) => format!("≤ {} × {name}", short(times)),
            Must::AtMost(most) => format!("≤ {}", amount(row.unit, most)),
            Must::Shown => String::new(),
        };
        let met = row.is_met.map_or("", |is_met| if is_met { "met" } else { "**not met**" });
        format!("| {} | {} | {} | {must} | {met} |", row.work, row.indexes, cells.join(" | "))
    }
}

fn amount(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Bytes if value >= 1048576.0 => format!("{} MiB", short(value / 1048576.0)),
        Unit::Bytes => format!("{} kB", short(value / 1024.0)),
        Unit::Nanos if value >= 1e6 => format!("{} ms", short(value / 1e6)),
        Unit::Nanos if value >= 1e3 => format!("{} µs", short(value / 1e3)),
        Unit::Nanos => format!("{} ns", short(value)),
    }
}

/// Three digits.
fn short(value: f64) -> String {
    match value {
        value if value >= 100.0 || value == value.trunc() => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}
