//! `stats`: how much there is of what.

use crate::cli::Exit;
use crate::cli::shell::Shell;
use crate::cli::table::pairs;
use crate::{KindStats, Result};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Count objects and bytes, by kind and by what they serve
///
/// Bytes are those of rows, without what the store adds. It reads every row once.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore stats
  dronestore stats --json")]
pub(in crate::cli) struct Stats {}

impl Stats {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let progress = shell.progress("counting", Some(repo.len()));
        let stats = repo.stats_with(|told| progress.reach(told.objects))?;
        drop(progress);
        let conflicts = repo.all_conflicts()?.count()?;
        let kind = |counted: &KindStats| {
            json!({
                "objects": counted.objects,
                "deleted": counted.deleted,
                "bytes": counted.bytes(),
                "actors": counted.actors,
            })
        };
        let kinds: BTreeMap<&String, Json> =
            stats.kinds.iter().map(|(name, counted)| (name, kind(counted))).collect();
        shell.answer(json!({
            "kinds": kinds,
            "conflicts": conflicts,
            "sequence": repo.sequence(),
            "file_bytes": stats.stored,
            "rows": stats,
        }))?;
        shell.print(stats.to_string())?;
        shell.print(pairs(&[
            ("open conflicts", conflicts.to_string()),
            ("rows of the log ever", repo.sequence().to_string()),
        ]))?;
        Ok(Exit::Ok)
    }
}
