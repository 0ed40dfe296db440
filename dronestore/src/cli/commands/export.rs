//! `export`: everything as lines of JSON.

use super::refuse_to_overwrite;
use crate::bundle::{beside, cannot, sync_folder};
use crate::cli::names::key;
use crate::cli::shell::Shell;
use crate::cli::{Exit, kinds, show};
use crate::{Export as Lines, Key, Repo, Result};
use serde_json::json;
use std::fs::File;
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

    /// Into this file, in place of the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Over a file that is there already
    #[arg(long, requires = "output")]
    force: bool,

    /// The values alone
    #[arg(long)]
    plain: bool,
}

impl Export {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        kinds::check_option(&repo, self.kind.as_deref())?;
        let progress = shell.progress("exporting", Some(repo.len()));
        let Some(output) = &self.output else {
            self.write(&repo, &mut shell.io.output, &|objects| progress.reach(objects))?;
            return Ok(Exit::Ok);
        };
        let path = shell.path(output);
        let shown = output.display();
        refuse_to_overwrite(output, &path, self.force)?;
        let failed = |error| cannot(output, error);
        // What is there is what it was until all is written.
        let aside = beside(&path)?;
        let write = || {
            let mut file = BufWriter::new(File::create_new(&aside).map_err(failed)?);
            let count = self.write(&repo, &mut file, &|objects| progress.reach(objects))?;
            let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
            file.sync_all().map_err(failed)?;
            std::fs::rename(&aside, &path).map_err(failed)?;
            Ok(count)
        };
        let count = write().inspect_err(|_| _ = std::fs::remove_file(&aside))?;
        sync_folder(&path);
        drop(progress);
        shell.answer(json!({ "file": path.display().to_string(), "objects": count }))?;
        shell.say(format_args!("wrote {} to {shown}", show::count(count, "object")))?;
        Ok(Exit::Ok)
    }

    fn write(&self, repo: &Repo, out: impl Write, step: &dyn Fn(u64)) -> Result<u64> {
        let below = self.below.as_deref().map(key).transpose()?.unwrap_or_else(Key::root);
        let lines = Lines::new(repo).under(&below).schemas(!self.plain).versions(!self.plain);
        let lines = match &self.kind {
            Some(kind) => lines.kind(kind),
            None => lines,
        };
        Ok(lines.progress(|progress| step(progress.objects)).json(out)?.objects)
    }
}
