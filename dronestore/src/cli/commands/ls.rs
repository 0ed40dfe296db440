//! `ls`: which objects there are.

use super::branch;
use crate::cli::names::{id_length, key, object_id};
use crate::cli::shell::Shell;
use crate::cli::table::table;
use crate::cli::{Exit, kinds, show};
use crate::repo::decisions_kind;
use crate::{Key, Result, Version};
use serde_json::json;

/// List objects
///
/// One line each: a short id that names the object in other commands, the first digits of its version's hash, when it
/// was last committed, and its key.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore ls
  dronestore ls --kind Note
  dronestore ls /Shop
  dronestore ls --all --json")]
pub(in crate::cli) struct Ls {
    /// Only this key and what is below it
    #[arg(value_name = "KEY")]
    below: Option<String>,

    /// Only objects of this kind
    #[arg(short, long, value_name = "KIND")]
    kind: Option<String>,

    /// Deleted objects and recorded decisions too
    #[arg(short, long)]
    all: bool,

    /// On this branch
    #[arg(short, long, value_name = "NAME")]
    branch: Option<String>,
}

impl Ls {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        kinds::check_option(&repo, self.kind.as_deref())?;
        let below = self.below.as_deref().map(key).transpose()?.unwrap_or_else(Key::root);
        let mut objects = Vec::new();
        for version in branch::view(&repo, self.branch.as_deref())?.objects(&below)? {
            let version = version?;
            if self.is_wanted(&version) {
                objects.push(version);
            }
        }
        if shell.json {
            let objects: Vec<_> = objects.iter().map(show::object).collect();
            shell.answer(json!({ "objects": objects }))?;
            return Ok(Exit::Ok);
        }
        let ids: Vec<String> = objects.iter().map(|object| object_id(object.kind(), object.key())).collect();
        let length = id_length(ids.iter().map(String::as_str));
        let row = |(version, id): (&Version, &String)| {
            let deleted = if version.is_deleted() { " (deleted)" } else { "" };
            [
                id[..length].to_owned(),
                show::short(version.hash()),
                show::time(version.committed()),
                show::name(version.key()) + deleted,
            ]
        };
        let rows: Vec<_> = objects.iter().zip(&ids).map(row).collect();
        if !rows.is_empty() {
            shell.print(table(["ID", "VERSION", "COMMITTED", "OBJECT"], &rows))?;
        }
        Ok(Exit::Ok)
    }

    fn is_wanted(&self, version: &Version) -> bool {
        let is_shown = self.all || !version.is_deleted() && version.kind() != decisions_kind();
        is_shown && self.kind.as_ref().is_none_or(|kind| kind == version.kind())
    }
}
