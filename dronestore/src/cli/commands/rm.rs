//! `rm`: deletes objects.

use super::get::alive;
use crate::Result;
use crate::cli::shell::Shell;
use crate::cli::{Exit, names, show};
use serde_json::json;

/// Delete objects
///
/// All of them in one batch, or none. A deletion is a write: it syncs, and an edit elsewhere that has not seen it
/// brings the object back, whole.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore rm Note:groceries
  dronestore rm wqnw lxpz")]
pub(in crate::cli) struct Rm {
    /// The objects: their keys, names, ids, or versions
    #[arg(value_name = "OBJECT", required = true)]
    objects: Vec<String>,
}

impl Rm {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let mut versions = Vec::with_capacity(self.objects.len());
        for object in &self.objects {
            versions.push(alive(names::find(&repo, object)?)?);
        }
        repo.transaction(|transaction| {
            versions
                .iter()
                .try_for_each(|version| transaction.delete_object(version.kind(), version.key()).map(|_| ()))
        })?;
        let keys: Vec<String> = versions.iter().map(|version| version.key().to_string()).collect();
        shell.answer(json!({ "deleted": keys }))?;
        for version in &versions {
            shell.say(format_args!("deleted {}", show::name(version.key())))?;
        }
        Ok(Exit::Ok)
    }
}
