//! `import`: lines of JSON back into a repo.

use super::note_conflicts;
use crate::cli::shell::Shell;
use crate::cli::{Exit, show};
use crate::{Error, ErrorKind, Import as Lines, Result};
use serde_json::json;

/// Read lines of JSON that `export` wrote, or that other programs did
///
/// Versions are merged as by `sync`: what is known stays, nothing is lost, doing it again changes nothing. Lines with
/// values (as of `export --plain`) are written as by `set`, by this repo. A line that is wrong ends the import; what
/// stood before it is kept. Lines that were cut between two of them cannot be told from all of them: `export --output`
/// leaves no such file, a pipe may (`set -o pipefail`), a bundle notices.
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

impl Import {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let progress = shell.progress("importing", None);
        let mut lines = Lines::new(&repo).foreign(self.foreign).progress(|told| progress.reach(told.objects));
        let taken = match self.file.as_str() {
            "-" => lines.json(&mut shell.io.input),
            name => {
                let file = std::fs::File::open(shell.path(name.as_ref())).map_err(|error| {
                    let kind = match error.kind() {
                        std::io::ErrorKind::NotFound => ErrorKind::NotFound,
                        _ => ErrorKind::Store,
                    };
                    Error::new(kind, format!("`{name}` cannot be read")).with_source(error)
                })?;
                lines.json(file)
            }
        };
        drop(lines);
        drop(progress);
        let report = taken?;
        let (merged, schemas, written) = (report.merged, report.schemas, report.written);
        shell.answer(json!({ "schemas": schemas, "versions": show::merge(&merged), "written": written }))?;
        let schemas = show::count(schemas, "new schema");
        shell.say(format_args!("{merged}; {schemas}; {written} written by values"))?;
        note_conflicts(&merged, shell);
        Ok(if merged.forked.is_empty() { Exit::Ok } else { Exit::Found })
    }
}
