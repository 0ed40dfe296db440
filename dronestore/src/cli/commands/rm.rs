//! `rm`: deletes objects.

use super::branch;
use super::get::alive;
use crate::cli::shell::Shell;
use crate::cli::{Exit, names, show};
use crate::{Result, Transaction};
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

    /// On this branch
    #[arg(short, long, value_name = "NAME")]
    branch: Option<String>,
}

impl Rm {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let mut versions = Vec::with_capacity(self.objects.len());
        let look = || branch::view(&repo, self.branch.as_deref());
        for object in &self.objects {
            versions.push(alive(names::find_in(&look, object)?)?);
        }
        let delete = |transaction: &mut Transaction<'_>| {
            versions
                .iter()
                .try_for_each(|version| transaction.delete_object(version.kind(), version.key()).map(|_| ()))
        };
        match &self.branch {
            Some(name) => branch::find(&repo, name)?.transaction(delete)?,
            None => repo.transaction(delete)?,
        }
        let keys: Vec<String> = versions.iter().map(|version| version.key().to_string()).collect();
        shell.answer(json!({ "deleted": keys }))?;
        for version in &versions {
            shell.say(format_args!("deleted {}", show::name(version.key())))?;
        }
        Ok(Exit::Ok)
    }
}
