//! The result, as a table or as JSON.

use serde_json::{Map, Value, json};
use std::fmt;
use std::path::Path;
use std::time::Duration;

/// What was found, row by row, and what went wrong.
#[derive(Debug, Default)]
pub(super) struct Report {
    rows: Vec<Row>,
    /// Why the result is not what it has to be; empty if it is.
    pub(super) failures: Vec<String>,
}

#[derive(Debug)]
struct Row {
    name: &'static str,
    unit: &'static str,
    value: Value,
    shown: String,
}

impl Report {
    /// A number of things.
    pub(super) fn count(&mut self, name: &'static str, count: u64) {
        self.row(name, "", json!(count), grouped(count));
    }

    /// A number that is a name: to be copied, so without separators.
    pub(super) fn number(&mut self, name: &'static str, number: u64) {
        self.row(name, "", json!(number), number.to_string());
    }

    /// A text.
    pub(super) fn text(&mut self, name: &'static str, text: impl fmt::Display) {
        let text = text.to_string();
        self.row(name, "", json!(text), text);
    }

    /// A size.
    pub(super) fn bytes(&mut self, name: &'static str, bytes: u64) {
        self.row(name, "_bytes", json!(bytes), sized(bytes));
    }

    /// A duration.
    pub(super) fn time(&mut self, name: &'static str, time: Duration) {
        self.row(name, "_ms", json!(time.as_millis() as u64), format!("{:.2} s", time.as_secs_f64()));
    }

    /// The most memory that this process had, where the system says so.
    pub(super) fn peak_memory(&mut self) {
        match peak_memory_bytes() {
            Some(bytes) => self.bytes("peak memory", bytes),
            None => self.row("peak memory", "_bytes", Value::Null, "not available here".to_owned()),
        }
    }

    fn row(&mut self, name: &'static str, unit: &'static str, value: Value, shown: String) {
        self.rows.push(Row { name, unit, value, shown });
    }

    /// All of it as JSON: `{"replicas":131,…,"failures":[]}`.
    pub(super) fn to_json(&self) -> Value {
        let entry = |row: &Row| (row.name.replace(' ', "_") + row.unit, row.value.clone());
        let mut map: Map<String, Value> = self.rows.iter().map(entry).collect();
        map.insert("failures".to_owned(), json!(self.failures));
        Value::Object(map)
    }
}

/// The rows, numbers to the right.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |text: fn(&Row) -> usize| self.rows.iter().map(text).max().unwrap_or(0);
        let names = width(|row| row.name.len());
        let values = width(|row| if row.value.is_string() { 0 } else { row.shown.len() });
        for Row { name, value, shown, .. } in &self.rows {
            match value {
                Value::String(_) => writeln!(f, "{name:names$}  {shown}")?,
                _ => writeln!(f, "{name:names$}  {shown:>values$}")?,
            }
        }
        Ok(())
    }
}

/// `22,763`.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `16.9 KiB`, `1.5 MiB`.
fn sized(bytes: u64) -> String {
    let kibibytes = bytes as f64 / 1024.0;
    if kibibytes < 1000.0 { format!("{kibibytes:.1} KiB") } else { format!("{:.1} MiB", kibibytes / 1024.0) }
}

/// Linux tells it in `/proc`, other systems do not.
fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// How long the files in a folder are together.
///
/// # Errors
/// Where the folder cannot be read.
pub(super) fn folder_bytes(folder: &Path) -> std::io::Result<u64> {
    std::fs::read_dir(folder)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_and_json_say_the_same() {
        let mut report = Report::default();
        report.count("object edits", 22_763);
        report.number("seed", 4711);
        report.text("repo hash", "1f9c");
        report.time("time", Duration::from_millis(1234));
        report.bytes("on disk", 3 << 19);
        let table = "\
object edits   22,763\nseed             4711\nrepo hash     1f9c\ntime           1.23 s\non disk       1.5 MiB\n";
        assert_eq!(report.to_string(), table);
        assert_eq!(
            report.to_json(),
            json!({"object_edits":22_763,"seed":4711,"repo_hash":"1f9c","time_ms":1234,"on_disk_bytes":1_572_864,"failures":[]})
        );
    }
}
