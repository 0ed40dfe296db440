//! `merge`: takes in another repo.

use super::tell_merge;
use crate::Result;
use crate::cli::Exit;
use crate::cli::shell::Shell;
use std::path::PathBuf;

/// Merge another repo into this one
///
/// This repo gets all that the other has; the other stays as it is. Merging what is known already changes nothing.
/// Exit code 1 where something was set aside because it does not merge.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore merge ../other
  dronestore merge --foreign ../another-database")]
pub(in crate::cli) struct Merge {
    /// The other repo: its folder or file
    #[arg(value_name = "REPO")]
    other: PathBuf,

    /// Also where the two were begun apart, as two databases
    #[arg(long)]
    foreign: bool,
}

impl Merge {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let (here, there) = (shell.open()?, shell.open_other(&self.other)?);
        let progress = shell.progress("merging", None);
        let report = if self.foreign { here.merge_foreign(&there)? } else { here.merge(&there)? };
        drop(progress);
        tell_merge(&report, shell)
    }
}
