//! `conflicts`: what waits for a decision.

use crate::cli::decisions::{Decision, decisions};
use crate::cli::shell::Shell;
use crate::cli::{Exit, kinds, names, places, show};
use crate::repo::Conflict;
use crate::schema::{Place, Schema};
use crate::{Result, Version};
use serde_json::{Value as Json, json};

/// List what waits for a decision
///
/// Attributes of strategy `conflict` that were written apart by several. Each side has a number, by which `resolve`
/// takes it; `*` marks the one that is read until somebody decides. Exit code 1 where there are any. With `--decided`: the
/// decisions that are recorded, here or where they came from, and what still stands apart and reads by them.
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

    /// What was decided, and by whom
    #[arg(long)]
    decided: bool,

    /// What lost against a newer write under `latest`, and would be gone with the next write
    #[arg(long, conflicts_with = "decided")]
    lost: bool,
}

impl Conflicts {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        kinds::check_option(&repo, self.kind.as_deref())?;
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
        let mut decisions = if self.decided { decisions(&repo)? } else { Vec::new() };
        decisions.retain(|decision| {
            let kind = self.kind.as_deref().or(object.as_ref().map(Version::kind));
            kind.is_none_or(|kind| decision.kind == kind)
                && object.as_ref().is_none_or(|object| object.key().to_string() == decision.object)
        });
        let mut answer = json!({ "conflicts": found.iter().map(as_json).collect::<Vec<_>>() });
        if let (true, Json::Object(members)) = (self.decided, &mut answer) {
            members.insert("decisions".into(), decisions.iter().map(Decision::to_json).collect());
        }
        shell.answer(answer)?;
        for conflict in &found {
            let schema = repo.schema_of(conflict.kind())?;
            show_one(conflict, schema.as_ref(), shell)?;
        }
        for decision in &decisions {
            let schema = repo.schema_of(&decision.kind)?;
            // The sides of what still stands apart were just shown, and how it was decided.
            let is_shown = |conflict: &Conflict| {
                conflict.key().to_string() == decision.object && path(conflict) == decision.place
            };
            if !found.iter().any(is_shown) {
                decision.show(schema.as_ref(), shell)?;
            }
        }
        Ok(if found.is_empty() && decisions.is_empty() { Exit::Ok } else { Exit::Found })
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

/// The place of what is contested, as far as the schema knows it.
pub(in crate::cli) fn place<'s>(path: &str, schema: Option<&'s Schema>) -> Option<Place<'s>> {
    let names: Vec<&str> =
        schema.iter().flat_map(|schema| &schema.attributes).map(|known| known.name.as_str()).collect();
    places::end(&places::path(path, &names).ok()?, schema)
}

fn show_one(conflict: &Conflict, schema: Option<&Schema>, shell: &mut Shell<'_, '_>) -> Result<()> {
    let place = place(&conflict.path().to_string(), schema);
    let decided = conflict.decided().map(|words| format!(", decided by {words}")).unwrap_or_default();
    shell.say(format_args!("{} {}{decided}", show::name(conflict.key()), path(conflict)))?;
    for (number, side) in in_order(conflict).into_iter().enumerate() {
        let side = &conflict.sides()[side];
        let mark = if side.value == *conflict.reads() { '*' } else { ' ' };
        let (by, time) = (show::short(side.dot.actor), show::time(side.time));
        let value = places::shown(&side.value, place.as_ref());
        shell.say(format_args!("  {mark} {}  {value}  by {by} at {time}", number + 1))?;
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
