//! `export`: everything as lines of JSON.

use crate::cli::names::key;
use crate::cli::shell::{Shell, unwritten};
use crate::cli::{Exit, show};
use crate::repo::decisions_kind;
use crate::version::to_json;
use crate::{Error, ErrorKind, Key, Repo, Result};
use serde_json::{Value as Json, json};
use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// Write objects as lines of JSON
///
/// The first line says which database it is, then come the schemas, then the objects, a line each with all that a
/// version holds: `import` brings them back, same bytes, same hash, and merges. With --plain an object is its values
/// alone, for other programs; what is written apart by several is not in it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Lines:
  {\"dronestore\":1,\"database\":\"1f9c…\"}
  {\"schema\":{…}}
  {\"version\":{\"key\":\"/Note:groceries\",…,\"state\":\"…\"}}
  {\"key\":\"/Note:groceries\",\"kind\":\"Note\",\"values\":{…}}      with --plain

Examples:
  dronestore export > notes.jsonl
  dronestore export /Shop --output shop.jsonl
  dronestore export --plain --kind Note | jq -c .values")]
pub(in crate::cli) struct Export {
    /// Only this key and what is below it
    #[arg(value_name = "KEY")]
    below: Option<String>,

    /// Only objects of this kind
    #[arg(short, long, value_name = "KIND")]
    kind: Option<String>,

    /// Into this file, which must not be there yet
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// The values alone
    #[arg(long)]
    plain: bool,
}

impl Export {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let progress = shell.progress("exporting", Some(repo.len()));
        let Some(output) = &self.output else {
            self.write(&repo, &mut shell.io.output, &|| progress.step())?;
            return Ok(Exit::Ok);
        };
        let path = shell.path(output);
        let shown = output.display();
        let file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(|error| {
            let kind = match error.kind() {
                std::io::ErrorKind::AlreadyExists => ErrorKind::Refused,
                _ => ErrorKind::Store,
            };
            Error::new(kind, format!("`{shown}` cannot be made")).with_source(error)
        })?;
        let mut file = BufWriter::new(file);
        let count = self.write(&repo, &mut file, &|| progress.step())?;
        let file = file.into_inner().map_err(|error| unwritten(error.into_error()))?;
        file.sync_all().map_err(unwritten)?;
        drop(progress);
        shell.answer(json!({ "file": path.display().to_string(), "objects": count }))?;
        shell.say(format_args!("wrote {} to {shown}", show::count(count, "object")))?;
        Ok(Exit::Ok)
    }

    fn write(&self, repo: &Repo, mut out: impl Write, step: &dyn Fn()) -> Result<u64> {
        let mut put = |line: &Json| writeln!(out, "{line}").map_err(unwritten);
        let below = self.below.as_deref().map(key).transpose()?.unwrap_or_else(Key::root);
        let is_wanted = |kind: &str| self.kind.as_ref().is_none_or(|wanted| wanted == kind);
        let view = repo.view()?;
        if !self.plain {
            put(&json!({ "dronestore": 1, "database": repo.database().to_string() }))?;
            for schema in repo.schemas()?.iter().filter(|schema| is_wanted(&schema.kind)) {
                put(&json!({ "schema": schema }))?;
            }
        }
        let mut count = 0;
        for version in repo.objects(&below)? {
            let version = version?;
            step();
            if !is_wanted(version.kind()) {
                continue;
            }
            if !self.plain {
                put(&json!({ "version": to_json(&version)? }))?;
            } else if version.is_deleted() || version.kind() == decisions_kind() {
                continue;
            } else {
                let values = show::values(&view.values(&version)?);
                put(&json!({ "key": version.key().to_string(), "kind": version.kind(), "values": values }))?;
            }
            count += 1;
        }
        Ok(count)
    }
}
