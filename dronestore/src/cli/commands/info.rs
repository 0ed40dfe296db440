//! `info`: what a repo is.

use crate::Result;
use crate::cli::Exit;
use crate::cli::shell::Shell;
use crate::cli::table::pairs;
use serde_json::json;

/// Say which repo this is
///
/// Two repos with one hash hold the same versions of the same objects. Objects are counted with deleted ones and
/// recorded decisions.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore info
  dronestore info --repo ../other
  dronestore info --json | jq -r .hash")]
pub(in crate::cli) struct Info {}

impl Info {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let path = shell.repo_path()?;
        let repo = shell.open()?;
        let kinds = repo.view()?.kinds()?;
        shell.answer(json!({
            "repo": path.display().to_string(),
            "database": repo.database().to_string(),
            "actor": repo.actor().to_string(),
            "objects": repo.len(),
            "kinds": kinds,
            "hash": repo.hash().to_string(),
            "sequence": repo.sequence(),
        }))?;
        let shown = shell.shown(&path);
        shell.print(pairs(&[
            ("repo", shown),
            ("database", repo.database().to_string()),
            ("actor", repo.actor().to_string()),
            ("objects", repo.len().to_string()),
            ("kinds", kinds.join(", ")),
            ("hash", repo.hash().to_string()),
        ]))?;
        Ok(Exit::Ok)
    }
}
