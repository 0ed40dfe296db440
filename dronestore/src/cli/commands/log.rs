//! `log`: what was changed here.

use crate::cli::shell::Shell;
use crate::cli::table::table;
use crate::cli::{Exit, names, show};
use crate::repo::{Change, decisions_kind};
use crate::{Key, Nanotime, Result, Version, View};
use serde_json::{Value as Json, json};
use std::collections::VecDeque;

/// Show what was changed here, the newest first
///
/// This is the log of changes of this repo: which objects, in which order, which attributes. It is not a history of
/// values: a repo keeps the newest version of each object and no older one, so who made a change and when is known
/// only of the last change of each object, and told as `-` of others. Changes that came by a merge or sync stand at
/// the time at which they came.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore log
  dronestore log groceries
  dronestore log -n 100 --json")]
pub(in crate::cli) struct Log {
    /// Only changes of this object
    #[arg(value_name = "OBJECT")]
    object: Option<String>,

    /// At most so many
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 30)]
    count: usize,
}

/// When and by whom, where that is known.
pub(in crate::cli) type Made = Option<(Nanotime, String)>;

impl Log {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let object = self.object.as_deref().map(|object| names::find(&repo, object)).transpose()?;
        let is_of = |change: &Change| match &object {
            Some(object) => (change.kind.as_str(), &change.key) == (object.kind(), object.key()),
            None => change.kind != decisions_kind(),
        };
        let mut changes = VecDeque::new();
        let mut left_out = 0u64;
        for change in repo.changes()? {
            let change = change?;
            if is_of(&change) {
                changes.push_back(change);
            }
            if changes.len() > self.count {
                changes.pop_front();
                left_out += 1;
            }
        }
        let view = repo.view()?;
        let mut made = Vec::with_capacity(changes.len());
        for change in changes.into_iter().rev() {
            made.push(line(&view, change)?);
        }
        if shell.json {
            let changes: Vec<Json> = made.iter().map(as_json).collect();
            shell.answer(json!({ "changes": changes, "left_out": left_out }))?;
            return Ok(Exit::Ok);
        }
        let rows: Vec<_> = made.iter().map(row).collect();
        if !rows.is_empty() {
            shell.print(table(["ROW", "VERSION", "TIME", "BY", "OBJECT", "CHANGED"], &rows))?;
        }
        if left_out > 0 {
            let (older, are) =
                (show::count(left_out, "older change"), if left_out == 1 { "is" } else { "are" });
            shell.note(format_args!("{older} {are} left out: `-n` shows more"));
        }
        Ok(Exit::Ok)
    }
}

/// Who committed a version and when; of several commits that met in it nobody alone did.
fn maker(head: &Version) -> Made {
    match head.tips().as_slice() {
        [tip] => Some((tip.time, tip.dot.actor.to_string())),
        _ => None,
    }
}

/// A change, who made it when, and the head that it made where that still stands.
pub(in crate::cli) type Line = (Made, Option<Version>, Change);

/// What is known of a change.
pub(in crate::cli) fn line(view: &View, change: Change) -> Result<Line> {
    let head = view.version(&change.kind, &change.key)?;
    let head = head.filter(|head| head.hash().as_bytes().starts_with(&change.new));
    Ok((head.as_ref().and_then(maker), head, change))
}

/// The key of what was changed.
pub(in crate::cli) fn key((.., change): &Line) -> &Key {
    &change.key
}

/// The first digits of the version that it made.
pub(in crate::cli) fn version((.., change): &Line) -> String {
    show::short(hex(&change.new))
}

/// What was changed, in words.
pub(in crate::cli) fn changed((_, head, change): &Line) -> String {
    let is_merge = head.as_ref().is_some_and(|head| head.tips().len() > 1);
    match (&change.old, &change.attributes) {
        _ if head.as_ref().is_some_and(Version::is_deleted) => "deleted".to_owned(),
        (Some(old), _) if *old == change.new => "decided".to_owned(),
        (_, Some(names)) if !names.is_empty() => {
            let name =
                |name: &String| if name.is_empty() { "latest_object".to_owned() } else { name.clone() };
            names.iter().map(name).collect::<Vec<_>>().join(", ")
        }
        _ if is_merge => "merged".to_owned(),
        (None, _) => "came".to_owned(),
        _ => "came or written".to_owned(),
    }
}

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn row(line: &Line) -> [String; 6] {
    let (made, _, change) = line;
    let (time, actor) = match made {
        Some((time, actor)) => (show::time(*time), show::short(actor)),
        None => ("-".to_owned(), "-".to_owned()),
    };
    [change.sequence.to_string(), version(line), time, actor, show::name(&change.key), changed(line)]
}

pub(in crate::cli) fn as_json(line: &Line) -> Json {
    let (made, _, change) = line;
    json!({
        "sequence": change.sequence,
        "key": change.key.to_string(),
        "kind": change.kind,
        "old": change.old.map(|id| hex(&id)),
        "new": hex(&change.new),
        "attributes": change.attributes,
        "time": made.as_ref().map(|(time, _)| time.to_string()),
        "actor": made.as_ref().map(|(_, actor)| actor),
    })
}
