//! `sync`: both ways with another repo.

use super::{is_settled, note_conflicts, note_pull};
use crate::Result;
use crate::cli::other::{Other, Terms};
use crate::cli::shell::Shell;
use crate::cli::{Exit, kinds, show};
use crate::folder::Folder;
use crate::sync::{Session, SyncReport, meet};
use serde_json::json;

/// Bring this repo and another one to the same, both ways
///
/// What each side lacks is merged into it, attribute by attribute. A sync that breaks off keeps what it brought;
/// the next one goes on from there. With a shared folder it reads what others have published, and publishes. Exit
/// code 1 where the two are not the same at the end: somebody wrote meanwhile, or something was set aside. Where one
/// side asks for a part, or serves no more than one, it is that part that is the same, and the answer names it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Over `tcp://`, `http://` and `ws://` nothing is encrypted, and whoever reaches the port can
read and write: use them in a network that is yours, or through a tunnel. Over `tls://`,
`https://` and `wss://` name whom to trust by `--pin`, or go by the authorities that browsers
trust. `exec:` runs a command whose input and output are the other side.

Examples:
  dronestore sync ../other
  dronestore sync tcp://192.168.1.7:7070
  dronestore sync tcp://192.168.1.7:7070 --scope Note,/Team:red
  dronestore sync https://example.org/notes --header 'authorization: Basic bWU6c2VjcmV0'
  dronestore sync 'exec:ssh laptop dronestore --repo notes serve --stdio'
  dronestore sync ~/Dropbox/notes")]
pub(in crate::cli) struct Sync {
    /// The other repo: its folder or file, the address where it is served, or a shared folder
    #[arg(value_name = "WITH")]
    with: String,

    #[command(flatten)]
    terms: Terms,
}

impl Sync {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let here = shell.open()?;
        let other = Other::find(&self.with, shell)?;
        let progress = shell.progress("syncing", None);
        let report = match other {
            Other::Served(address) => self.terms.call(&here, &address, shell)?,
            Other::Repo(_) => {
                let there = shell.open_other(self.with.as_ref())?;
                kinds::check_both(&here, &there, &self.terms.scope())?;
                meet(Session::call(&here).within(self.terms.scope()), Session::answer(&there))?
            }
            Other::Shared(folder) => {
                self.terms.whole(&self.with)?;
                let report = sync_folder(&here, &folder, shell);
                drop(progress);
                return report;
            }
        };
        drop(progress);
        tell(&report, shell)
    }
}

fn tell(report: &SyncReport, shell: &mut Shell<'_, '_>) -> Result<Exit> {
    shell.answer(show::sync(report))?;
    shell.say(report)?;
    note_conflicts(&report.received, shell);
    for key in &report.too_large {
        let name = show::name(key);
        shell.note(format_args!("{name} is too large to travel"));
    }
    Ok(if report.in_sync { Exit::Ok } else { Exit::Found })
}

fn sync_folder(here: &crate::Repo, folder: &Folder, shell: &mut Shell<'_, '_>) -> Result<Exit> {
    let report = here.sync_folder(folder)?;
    shell.answer(json!({
        "pulled": show::pulled(&report.pulled),
        "published": show::published(&report.published),
    }))?;
    shell.say(&report.pulled)?;
    shell.say(&report.published)?;
    note_pull(&report.pulled, shell);
    let is_whole = report.published.too_large.is_empty();
    Ok(if is_settled(&report.pulled) && is_whole { Exit::Ok } else { Exit::Found })
}
