//! `stats`: how much there is of what.

use crate::cli::Exit;
use crate::cli::shell::Shell;
use crate::cli::table::{pairs, table};
use crate::{Key, Result};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Count objects, kind by kind
///
/// Bytes are those of the versions, without what the store adds. It reads every object once.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore stats
  dronestore stats --json")]
pub(in crate::cli) struct Stats {}

/// What there is of a kind.
#[derive(Default)]
struct Count {
    objects: u64,
    deleted: u64,
    bytes: u64,
    actors: usize,
}

impl Stats {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let path = shell.repo_path()?;
        let repo = shell.open()?;
        let progress = shell.progress("counting", Some(repo.len()));
        let mut kinds: BTreeMap<String, Count> = BTreeMap::new();
        for version in repo.objects(&Key::root())? {
            let version = version?;
            let count = kinds.entry(version.kind().to_owned()).or_default();
            match version.is_deleted() {
                true => count.deleted += 1,
                false => count.objects += 1,
            }
            count.bytes += version.state_bytes().len() as u64;
            count.actors = count.actors.max(version.context().entries().len());
            progress.step();
        }
        drop(progress);
        let file = std::fs::metadata(&path).map(|metadata| metadata.len()).ok();
        let conflicts = repo.all_conflicts()?.count()?;
        let listed: BTreeMap<&String, Json> =
            kinds.iter().map(|(kind, count)| (kind, as_json(count))).collect();
        shell.answer(json!({
            "kinds": listed,
            "conflicts": conflicts,
            "sequence": repo.sequence(),
            "file_bytes": file,
        }))?;
        let row = |(kind, count): (&String, &Count)| {
            let Count { objects, deleted, bytes, actors } = count;
            [kind.clone(), objects.to_string(), deleted.to_string(), bytes.to_string(), actors.to_string()]
        };
        let rows: Vec<_> = kinds.iter().map(row).collect();
        if !rows.is_empty() {
            shell.print(table(["KIND", "OBJECTS", "DELETED", "BYTES", "ACTORS"], &rows))?;
        }
        let file = file.map_or_else(|| "-".to_owned(), |bytes| format!("{bytes} bytes"));
        shell.print(pairs(&[
            ("open conflicts", conflicts.to_string()),
            ("rows of the log", repo.sequence().to_string()),
            ("file", file),
        ]))?;
        Ok(Exit::Ok)
    }
}

fn as_json(count: &Count) -> Json {
    json!({
        "objects": count.objects,
        "deleted": count.deleted,
        "bytes": count.bytes,
        "actors": count.actors,
    })
}
