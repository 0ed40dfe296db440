//! `compact`: gives space back.

use crate::Result;
use crate::cli::Exit;
use crate::cli::shell::{Shell, unwritten};
use crate::stores::RedbStore;
use serde_json::json;
use std::fs::metadata;

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
        let path = shell.repo_path()?;
        // A file that is no repo's is left alone.
        drop(shell.open()?);
        let size = || metadata(&path).map(|metadata| metadata.len()).map_err(unwritten);
        let before = size()?;
        let progress = shell.progress("compacting", None);
        RedbStore::compact(&path)?;
        drop(progress);
        let after = size()?;
        shell.answer(json!({ "before": before, "after": after }))?;
        shell.say(format_args!("{before} bytes before, {after} bytes after"))?;
        Ok(Exit::Ok)
    }
}
