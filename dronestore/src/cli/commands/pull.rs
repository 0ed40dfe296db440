//! `pull`: gets what another repo has.

use super::{is_settled, note_pull, one_way, tell_merge};
use crate::Result;
use crate::cli::other::Other;
use crate::cli::shell::Shell;
use crate::cli::{Exit, show};
use crate::folder::Folder;

/// Get all that another repo has, and give it nothing
///
/// From a repo in a folder, from a shared folder, or from one that a web server hands out. Where a repo is served both
/// sides give and take: that is `sync`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore pull ../other
  dronestore pull ~/Dropbox/notes
  dronestore pull https://example.org/notes/laptop.index")]
pub(in crate::cli) struct Pull {
    /// The other repo: its folder or file, a shared folder, or the address of its index
    #[arg(value_name = "FROM")]
    from: String,
}

impl Pull {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let other = Other::find(&self.from, shell)?;
        let here = shell.open()?;
        match other {
            Other::Served(address) => Err(one_way("pull", &address)),
            Other::Shared(folder) => pull(&here, &folder, shell),
            Other::Repo(_) => {
                let there = shell.open_other(self.from.as_ref())?;
                let progress = shell.progress("pulling", None);
                let report = here.merge(&there)?;
                drop(progress);
                tell_merge(&report, shell)
            }
        }
    }
}

fn pull(here: &crate::Repo, folder: &Folder, shell: &mut Shell<'_, '_>) -> Result<Exit> {
    let progress = shell.progress("pulling", None);
    let report = here.pull(folder)?;
    drop(progress);
    shell.answer(show::pulled(&report))?;
    shell.say(&report)?;
    note_pull(&report, shell);
    Ok(if is_settled(&report) { Exit::Ok } else { Exit::Found })
}
