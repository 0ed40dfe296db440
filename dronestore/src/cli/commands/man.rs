//! `man`: the manual.

use crate::bundle::cannot;
use crate::cli::shell::{Shell, unwritten};
use crate::cli::{Exit, command};
use crate::{Error, ErrorKind, Result};
use clap_mangen::Man as Page;
use std::path::PathBuf;

/// Print the manual page, of the whole or of one command
///
/// It does not answer in JSON: what it prints is for `man`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore man | man -l -
  dronestore man set | man -l -
  dronestore man --folder ~/.local/share/man/man1")]
pub(in crate::cli) struct Man {
    /// The command
    #[arg(value_name = "COMMAND")]
    command: Option<String>,

    /// Write all pages into this folder, a file each; it is made if it is not there
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    folder: Option<PathBuf>,
}

impl Man {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        if let Some(folder) = &self.folder {
            let folder = shell.path(folder);
            std::fs::create_dir_all(&folder).map_err(|error| cannot(&folder, error))?;
            let whole = page(command())?;
            std::fs::write(folder.join("dronestore.1"), whole).map_err(unwritten)?;
            for known in command().get_subcommands().filter(|known| !known.is_hide_set()) {
                let (name, text) = (known.get_name().to_owned(), page(named(known))?);
                std::fs::write(folder.join(format!("dronestore-{name}.1")), text).map_err(unwritten)?;
            }
            return Ok(Exit::Ok);
        }
        let text = match &self.command {
            None => page(command())?,
            Some(name) => {
                let whole = command();
                let missing = || {
                    Error::new(ErrorKind::NotFound, format!("there is no command `{}`", name.escape_debug()))
                };
                page(named(whole.find_subcommand(name).ok_or_else(missing)?))?
            }
        };
        shell.io.output.write_all(&text).map_err(unwritten)?;
        Ok(Exit::Ok)
    }
}

/// A command under its whole name.
fn named(known: &clap::Command) -> clap::Command {
    let name = format!("dronestore-{}", known.get_name());
    known.clone().name(name.clone()).bin_name(name.replace('-', " "))
}

fn page(command: clap::Command) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    Page::new(command).render(&mut text).map_err(unwritten)?;
    Ok(text)
}
