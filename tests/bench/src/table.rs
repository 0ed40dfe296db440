//! The table: goal, workload, ours, theirs, ratio, what was asked, met or not.

use crate::harness::{Clock, Results};

/// What a goal asks of a row.
#[derive(Debug, Clone, Copy)]
pub enum Must {
    /// Ours is at most so many times theirs.
    Ratio(f64),
    /// Ours is at most this, whatever the others are.
    AtMost(f64),
    /// Shown for comparison; no goal speaks of it.
    Shown,
}

/// What the numbers of a row count.
#[derive(Debug, Clone, Copy)]
pub enum Unit {
    Nanos,
    Bytes,
    Count,
}

struct Row {
    goal: &'static str,
    workload: String,
    unit: Unit,
    ours: f64,
    against: String,
    theirs: Option<f64>,
    must: Must,
}

impl Row {
    fn ratio(&self) -> Option<f64> {
        self.theirs.map(|theirs| self.ours / theirs)
    }

    fn is_met(&self) -> Option<bool> {
        match self.must {
            Must::Ratio(limit) => self.ratio().map(|ratio| ratio <= limit),
            Must::AtMost(limit) => Some(self.ours <= limit),
            Must::Shown => None,
        }
    }
}

/// All rows of a run.
#[derive(Default)]
pub struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Ours against each of the others, who has a goal each.
    pub fn results(
        &mut self,
        goal: &'static str,
        workload: &str,
        clock: Clock,
        results: &Results,
        ours: &str,
        against: &[(&'static str, Must)],
    ) {
        for (theirs, must) in against {
            if results.names().any(|name| name == *theirs) {
                let costs = (results.get(ours).of(clock), results.get(theirs).of(clock));
                self.push(goal, workload, Unit::Nanos, costs.0, theirs, Some(costs.1), *must);
            }
        }
    }

    /// One row.
    #[allow(clippy::too_many_arguments)]
    pub fn push(
        &mut self,
        goal: &'static str,
        workload: &str,
        unit: Unit,
        ours: f64,
        against: &str,
        theirs: Option<f64>,
        must: Must,
    ) {
        let (workload, against) = (workload.to_owned(), against.to_owned());
        let row = Row { goal, workload, unit, ours, against, theirs, must };
        eprintln!("  {}", line(&row));
        self.rows.push(row);
    }

    /// The whole table as Markdown, and how many goals were met.
    pub fn print(&self) {
        println!("\n| goal | workload | ours | against | theirs | ours / theirs | must | met |");
        println!("|---|---|---:|---|---:|---:|---|---|");
        for row in &self.rows {
            println!("{}", line(row));
        }
        let (met, missed): (Vec<bool>, Vec<bool>) =
            self.rows.iter().filter_map(Row::is_met).partition(|met| *met);
        println!("\n{} rows met, {} not met", met.len(), missed.len());
    }
}

fn line(row: &Row) -> String {
    let must = match row.must {
        Must::Ratio(limit) => format!("≤ {} ×", short(limit)),
        Must::AtMost(limit) => format!("≤ {}", amount(row.unit, limit)),
        Must::Shown => String::new(),
    };
    let met = match row.is_met() {
        Some(true) => "met",
        Some(false) => "**not met**",
        None => "",
    };
    let theirs = row.theirs.map_or(String::new(), |theirs| amount(row.unit, theirs));
    let ratio = row.ratio().map_or(String::new(), short);
    let ours = amount(row.unit, row.ours);
    format!(
        "| {} | {} | {ours} | {} | {theirs} | {ratio} | {must} | {met} |",
        row.goal, row.workload, row.against
    )
}

fn amount(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Bytes if value >= 1048576.0 => format!("{} MiB", short(value / 1048576.0)),
        Unit::Bytes => format!("{} B", short(value)),
        Unit::Count => short(value),
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
