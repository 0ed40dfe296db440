//! `publish`: writes what has changed here into a shared folder.

use crate::Result;
use crate::cli::other::to_publish;
use crate::cli::shell::Shell;
use crate::cli::{Exit, show};

/// Write into a shared folder what has changed here since the last time
///
/// A shared folder is a directory that something copies around: a cloud drive, a network share, a stick. Each replica
/// writes files under a name of its own and touches those of nobody else. Others get it by `pull`; `sync` does both.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A web server that hands out the folder is enough for others to pull from it: publish with an
index, and pull from the address of that.

Examples:
  dronestore publish ~/Dropbox/notes
  dronestore publish /var/www/notes --index laptop
  dronestore publish ~/Dropbox/notes --compact")]
pub(in crate::cli) struct Publish {
    /// The folder, made if it is not there
    #[arg(value_name = "FOLDER")]
    folder: String,

    /// Also write `NAME.index`, which lists what is in the folder
    #[arg(long, value_name = "NAME")]
    index: Option<String>,

    /// Put all that was published here together into one
    #[arg(long)]
    compact: bool,
}

impl Publish {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let mut folder = to_publish(&self.folder, shell)?;
        if let Some(name) = &self.index {
            folder = folder.with_index(name)?;
        }
        let progress = shell.progress("publishing", None);
        let report = if self.compact { repo.compact_folder(&folder)? } else { repo.publish(&folder)? };
        drop(progress);
        shell.answer(show::published(&report))?;
        shell.say(&report)?;
        if let Some(name) = &self.index {
            shell.say(format_args!("{name}.index lists all that is there"))?;
        }
        for key in &report.too_large {
            shell.note(format_args!("{} is too large to travel", show::name(key)));
        }
        Ok(if report.too_large.is_empty() { Exit::Ok } else { Exit::Found })
    }
}
