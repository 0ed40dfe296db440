//! `push`: gives another repo what this one has.

use super::{one_way, tell_merge};
use crate::Result;
use crate::cli::Exit;
use crate::cli::other::is_address;
use crate::cli::shell::Shell;

/// Give another repo all that this one has, and take nothing
///
/// For a repo in a folder. Over a network both sides give and take: that is `sync`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore push ../backup")]
pub(in crate::cli) struct Push {
    /// The other repo: its folder or file
    #[arg(value_name = "REPO")]
    to: String,
}

impl Push {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        if is_address(&self.to) {
            return Err(one_way("push", &self.to));
        }
        let (here, there) = (shell.open()?, shell.open_other(self.to.as_ref())?);
        let progress = shell.progress("pushing", None);
        let report = there.merge(&here)?;
        drop(progress);
        tell_merge(&report, shell)
    }
}
