//! `completions`: for shells.

use crate::Result;
use crate::cli::shell::{Shell, unwritten};
use crate::cli::{Exit, command};

/// Print what a shell needs to complete commands and options
///
/// It does not answer in JSON: what it prints is for the shell.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore completions bash > ~/.local/share/bash-completion/completions/dronestore
  dronestore completions zsh > ~/.zfunc/_dronestore
  dronestore completions fish > ~/.config/fish/completions/dronestore.fish")]
pub(in crate::cli) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: For,
}

/// A shell that can complete.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum For {
    Bash,
    Zsh,
    Fish,
}

impl Completions {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let mut text = Vec::new();
        let mut command = command();
        let of = match self.shell {
            For::Bash => clap_complete::Shell::Bash,
            For::Zsh => clap_complete::Shell::Zsh,
            For::Fish => clap_complete::Shell::Fish,
        };
        clap_complete::generate(of, &mut command, "dronestore", &mut text);
        shell.io.output.write_all(&text).map_err(unwritten)?;
        Ok(Exit::Ok)
    }
}
