//! `conflicts`: what waits for a decision.

use crate::cli::shell::Shell;
use crate::cli::{Exit, names, show};
use crate::repo::Conflict;
use crate::{Result, Version};
use serde_json::{Value as Json, json};

/// List what waits for a decision
///
/// Attributes of strategy `conflict` that were written apart by several. Each side has a number, by which `resolve`
/// takes it; `*` marks the one that is read until somebody decides. Exit code 1 where there are any.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore conflicts
  dronestore conflicts --kind Note
  dronestore conflicts groceries --json
  dronestore conflicts --lost")]
pub(in crate::cli) struct Conflicts {
    /// Only those of this object
    #[arg(value_name = "OBJECT")]
    object: Option<String>,

    /// Only those of objects of this kind
    #[arg(short, long, value_name = "KIND")]
    kind: Option<String>,

    /// Those that were decided, and how
    #[arg(long)]
    decided: bool,

    /// What lost against a newer write under `latest`, and would be gone with the next write
    #[arg(long, conflicts_with = "decided")]
    lost: bool,
}

impl Conflicts {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let object = self.object.as_deref().map(|object| names::find(&repo, object)).transpose()?;
        let mut conflicts = repo.all_conflicts()?;
        if let Some(kind) = self.kind.as_deref().or(object.as_ref().map(Version::kind)) {
            conflicts = conflicts.kind(kind)?;
        }
        conflicts = match (self.decided, self.lost) {
            (true, _) => conflicts.decided(),
            (_, true) => conflicts.lost(),
            _ => conflicts,
        };
        let mut found = Vec::new();
        for conflict in conflicts {
            let conflict = conflict?;
            if object.as_ref().is_none_or(|object| object.key() == conflict.key()) {
                found.push(conflict);
            }
        }
        let listed: Vec<Json> = found.iter().map(as_json).collect();
        shell.answer(json!({ "conflicts": listed }))?;
        for conflict in &found {
            show_one(conflict, shell)?;
        }
        Ok(if found.is_empty() { Exit::Ok } else { Exit::Found })
    }
}

/// What a place is called where it has no name of its own.
fn path(conflict: &Conflict) -> String {
    match conflict.path().to_string() {
        path if path.is_empty() => "latest_object".to_owned(),
        path => path,
    }
}

/// The sides in the order in which they are numbered, as their places in the conflict: the oldest first. The same on
/// every replica.
pub(super) fn in_order(conflict: &Conflict) -> Vec<usize> {
    let sides = conflict.sides();
    let mut order: Vec<usize> = (0..sides.len()).collect();
    order.sort_by_key(|side| (sides[*side].time, sides[*side].dot));
    order
}

fn show_one(conflict: &Conflict, shell: &mut Shell<'_, '_>) -> Result<()> {
    let decided = conflict.decided().map(|words| format!(", decided by {words}")).unwrap_or_default();
    shell.say(format_args!("{} {}{decided}", show::name(conflict.key()), path(conflict)))?;
    for (number, side) in in_order(conflict).into_iter().enumerate() {
        let side = &conflict.sides()[side];
        let mark = if side.value == *conflict.reads() { '*' } else { ' ' };
        let (by, time) = (show::short(side.dot.actor), show::time(side.time));
        shell.say(format_args!("  {mark} {}  {}  by {by} at {time}", number + 1, side.value))?;
    }
    Ok(())
}

fn as_json(conflict: &Conflict) -> Json {
    let side = |side: &crate::version::ContestSide| {
        json!({
            "value": side.value.to_json(),
            "actor": side.dot.actor.to_string(),
            "sequence": side.dot.sequence,
            "time": side.time.to_string(),
        })
    };
    json!({
        "key": conflict.key().to_string(),
        "kind": conflict.kind(),
        "path": conflict.path().to_string(),
        "strategy": conflict.strategy(),
        "reads": conflict.reads().to_json(),
        "decided": conflict.decided(),
        "sides": in_order(conflict).into_iter().map(|place| side(&conflict.sides()[place])).collect::<Vec<_>>(),
    })
}
