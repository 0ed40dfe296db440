//! `sync`: both ways with another repo.

use super::{is_address, note_conflicts};
use crate::Result;
use crate::cli::shell::Shell;
use crate::cli::{Exit, show};

/// Bring this repo and another one to the same, both ways
///
/// What each side lacks is merged into it, attribute by attribute. A sync that breaks off keeps what it brought;
/// the next one goes on from there. Exit code 1 where the two are not the same at the end: somebody wrote meanwhile,
/// or something was set aside.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Over `tcp://` nothing is encrypted and whoever reaches the port can read and write: use it
in a network that is yours, or through a tunnel.

Examples:
  dronestore sync ../other
  dronestore sync tcp://192.168.1.7:7070")]
pub(in crate::cli) struct Sync {
    /// The other repo: its folder or file, or the address where it is served
    #[arg(value_name = "WITH")]
    with: String,
}

impl Sync {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let here = shell.open()?;
        let progress = shell.progress("syncing", None);
        let report = match is_address(&self.with) {
            true => here.sync(&self.with)?,
            false => here.sync_with(&shell.open_other(self.with.as_ref())?)?,
        };
        drop(progress);
        shell.answer(show::sync(&report))?;
        shell.say(&report)?;
        note_conflicts(&report.received, shell);
        for key in &report.too_large {
            let name = show::name(key);
            shell.note(format_args!("{name} is too large to travel"));
        }
        Ok(if report.in_sync { Exit::Ok } else { Exit::Found })
    }
}
