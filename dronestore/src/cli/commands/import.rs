//! `import`: lines of JSON back into a repo.

use super::note_conflicts;
use crate::cli::shell::Shell;
use crate::cli::{Exit, names, show, typed};
use crate::repo::{Arrival, MergeReport, other_database};
use crate::schema::Schema;
use crate::version::from_json;
use crate::{DatabaseId, Error, ErrorKind, Key, Repo, Result, Value};
use serde_json::{Value as Json, json};
use std::io::{BufRead, BufReader, Read};

/// Read lines of JSON that `export` wrote, or that other programs did
///
/// Versions are merged as by `sync`: what is known stays, nothing is lost, doing it again changes nothing. Lines with
/// values (as of `export --plain`) are written as by `set`, by this repo. A line that is wrong ends the import; what
/// stood before it is kept.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore import notes.jsonl
  dronestore import --foreign another-database.jsonl
  echo '{\"key\":\"/Note:a\",\"kind\":\"Note\",\"values\":{\"text\":\"milk\"}}' | dronestore import -")]
pub(in crate::cli) struct Import {
    /// The file; `-` is the standard input
    #[arg(value_name = "FILE")]
    file: String,

    /// Also where the lines are of another database
    #[arg(long)]
    foreign: bool,
}

/// How many versions are merged in one batch.
const BATCH: usize = 500;
/// The longest line: a version of 32 MiB, its bytes as two digits each, and its view beside them.
const MAX_LINE: u64 = 256 << 20;

impl Import {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let progress = shell.progress("importing", None);
        let mut inbox = Inbox::new(&repo, self.foreign);
        let taken = match self.file.as_str() {
            "-" => inbox.read(&mut shell.io.input, &|| progress.step()),
            name => {
                let file = std::fs::File::open(shell.path(name.as_ref())).map_err(|error| {
                    let kind = match error.kind() {
                        std::io::ErrorKind::NotFound => ErrorKind::NotFound,
                        _ => ErrorKind::Store,
                    };
                    Error::new(kind, format!("`{name}` cannot be read")).with_source(error)
                })?;
                inbox.read(file, &|| progress.step())
            }
        };
        drop(progress);
        // What stood before a wrong line is kept.
        inbox.flush()?;
        let Inbox { report, schemas, written, .. } = inbox;
        taken?;
        shell.answer(json!({ "schemas": schemas, "versions": show::merge(&report), "written": written }))?;
        let schemas = show::count(schemas, "new schema");
        shell.say(format_args!("{report}; {schemas}; {written} written by values"))?;
        note_conflicts(&report, shell);
        Ok(if report.forked.is_empty() { Exit::Ok } else { Exit::Found })
    }
}

/// What was read and waits to be merged.
struct Inbox<'r> {
    repo: &'r Repo,
    foreign: bool,
    database: Option<DatabaseId>,
    waiting: Vec<Arrival>,
    report: MergeReport,
    schemas: u64,
    written: u64,
}

impl<'r> Inbox<'r> {
    fn new(repo: &'r Repo, foreign: bool) -> Inbox<'r> {
        let report = MergeReport::default();
        Inbox { repo, foreign, database: None, waiting: Vec::new(), report, schemas: 0, written: 0 }
    }

    fn read(&mut self, input: impl Read, step: &dyn Fn()) -> Result<()> {
        let mut input = BufReader::new(input);
        for number in 1u64.. {
            let mut line = Vec::new();
            let failed = |error| Error::new(ErrorKind::Store, "the lines cannot be read").with_source(error);
            input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line).map_err(failed)?;
            if line.is_empty() {
                break;
            }
            let at = |error: Error| error.at(format_args!("line {number}"));
            if line.len() as u64 == MAX_LINE {
                return Err(at(Error::new(
                    ErrorKind::Unsupported,
                    format!("is longer than {MAX_LINE} bytes"),
                )));
            }
            if !line.trim_ascii().is_empty() {
                self.take(&line).map_err(at)?;
            }
            step();
        }
        Ok(())
    }

    fn take(&mut self, line: &[u8]) -> Result<()> {
        let not_json = |error| Error::new(ErrorKind::InvalidValue, "is not JSON").with_source(error);
        let line: Json = serde_json::from_slice(line).map_err(not_json)?;
        if let Some(version) = line.get("version") {
            self.waiting.push(Arrival { version: from_json(version)?, asks: false, came_of: None });
            return if self.waiting.len() >= BATCH { self.flush() } else { Ok(()) };
        }
        self.flush()?;
        if let Some(format) = line.get("dronestore") {
            return self.begin(format, &line);
        }
        if let Some(schema) = line.get("schema") {
            let schema: Schema = serde_json::from_value(schema.clone())
                .map_err(|error| Error::corrupt("is no schema").with_source(error))?;
            self.schemas += u64::from(self.repo.add_schema(&schema)?);
            return Ok(());
        }
        if let Some(values) = line.get("values").and_then(Json::as_object) {
            return self.write(&line, values);
        }
        Err(Error::new(ErrorKind::InvalidValue, "has neither a version nor a schema nor values"))
    }

    /// The first line: which format, which database.
    fn begin(&mut self, format: &Json, line: &Json) -> Result<()> {
        if format.as_u64() != Some(1) {
            return Err(Error::new(ErrorKind::Unsupported, format!("format {format} is of a later version")));
        }
        let database = line.get("database").and_then(Json::as_str);
        let database = database.ok_or_else(|| Error::corrupt("names no database"))?.parse()?;
        if !self.foreign && !self.repo.is_empty() && self.repo.database() != database {
            return Err(other_database(self.repo.database(), database));
        }
        self.database = Some(database).filter(|_| !self.foreign);
        Ok(())
    }

    /// Merges what waits, in one batch.
    fn flush(&mut self) -> Result<()> {
        if !self.waiting.is_empty() {
            let waiting = std::mem::take(&mut self.waiting);
            let (report, _) = self.repo.take_in(&waiting, &[], self.database)?;
            self.report.add(report);
        }
        Ok(())
    }

    /// Writes the values of an object.
    fn write(&mut self, line: &Json, given: &serde_json::Map<String, Json>) -> Result<()> {
        let key = line.get("key").and_then(Json::as_str);
        let key: Key = names::key(key.ok_or_else(|| Error::corrupt("has values and no `key`"))?)?;
        let kind = line.get("kind").and_then(Json::as_str).map(str::to_owned);
        let kind = kind.or_else(|| key.field().map(|kind| kind.into_owned()));
        let kind = kind.ok_or_else(|| Error::corrupt("has values and no `kind`"))?;
        let schema = self.repo.schema_of(&kind)?;
        let report = self.repo.update_values(&kind, &key, |values| {
            for (name, json) in given {
                let attributes = schema.iter().flat_map(|schema| &schema.attributes);
                let ty = attributes.into_iter().find(|known| known.name == *name).map(|known| known.ty());
                let value = Value::from_json(json)?;
                values.insert(name.clone(), ty.map_or(value.clone(), |ty| typed::fitted(value, &ty)));
            }
            Ok(())
        })?;
        self.written += u64::from(report.commit.is_some());
        Ok(())
    }
}
