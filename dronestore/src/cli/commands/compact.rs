//! `compact`: gives space back.

use crate::Result;
use crate::cli::Exit;
use crate::cli::shell::Shell;
use serde_json::json;

/// Give the space back that the file does not need any more
///
/// What the repo holds stays as it is. It takes as long as writing the file anew may.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore compact")]
pub(in crate::cli) struct Compact {}

impl Compact {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let progress = shell.progress("compacting", None);
        let compacted = repo.compact()?;
        drop(progress);
        shell.answer(json!({ "before": compacted.before, "after": compacted.after }))?;
        shell.say(compacted)?;
        Ok(Exit::Ok)
    }
}
