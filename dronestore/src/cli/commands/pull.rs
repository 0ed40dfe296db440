//! `pull`: gets what another repo has.

use super::{is_address, one_way, tell_merge};
use crate::Result;
use crate::cli::Exit;
use crate::cli::shell::Shell;

/// Get all that another repo has, and give it nothing
///
/// For a repo in a folder. Over a network both sides give and take: that is `sync`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore pull ../other")]
pub(in crate::cli) struct Pull {
    /// The other repo: its folder or file
    #[arg(value_name = "REPO")]
    from: String,
}

impl Pull {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        if is_address(&self.from) {
            return Err(one_way("pull", &self.from));
        }
        let (here, there) = (shell.open()?, shell.open_other(self.from.as_ref())?);
        let progress = shell.progress("pulling", None);
        let report = here.merge(&there)?;
        drop(progress);
        tell_merge(&report, shell)
    }
}
