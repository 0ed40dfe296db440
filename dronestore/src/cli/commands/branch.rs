//! `branch`: edits that stay apart until they are merged or discarded.

use super::tell_merge;
use crate::cli::shell::Shell;
use crate::cli::table::table;
use crate::cli::{Exit, places, show};
use crate::repo::decisions_kind;
use crate::{Branch as Opened, BranchChange, BranchInfo, Error, ErrorKind, Repo, Result, Value, View};
use serde_json::{Value as Json, json};

/// List branches, make one, merge it, end it
///
/// A branch is a name for edits that stay apart from the repo: `get`, `set`, `rm` and `ls` work on it with `--branch`. What it
/// has touched is its own; everything else reads as the repo does. It never leaves the repo: no sync and no bundle knows of it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without a name the branches are listed. With one it is made, or done to as the option says.
Merging and catching up go object by object and field by field, as between two replicas.

Examples:
  dronestore branch draft
  dronestore set groceries text=milk --branch draft
  dronestore branch draft --diff
  dronestore branch draft --merge
  dronestore branch draft --discard")]
pub(in crate::cli) struct Branch {
    /// The branch
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// Show what merging it would do to the repo; exit code 1 if anything
    #[arg(long, requires = "name", conflicts_with_all = ["catch_up", "merge", "discard"])]
    diff: bool,

    /// Take what is newer in the repo into the objects that the branch has touched
    #[arg(long, requires = "name", conflicts_with_all = ["merge", "discard"])]
    catch_up: bool,

    /// Merge what it has touched into the repo; it may go on then
    #[arg(long, requires = "name")]
    merge: bool,

    /// End it: what it has touched and nobody merged is gone. With --merge, afterwards
    #[arg(long, requires = "name")]
    discard: bool,
}

impl Branch {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let Some(name) = &self.name else { return list(&repo, shell) };
        match self {
            Branch { diff: false, catch_up: false, merge: false, discard: false, .. } => {
                make(&repo, name, shell)
            }
            Branch { diff: true, .. } => diff(&find(&repo, name)?, shell),
            Branch { catch_up: true, .. } => tell_merge(&find(&repo, name)?.catch_up()?, shell),
            Branch { merge: true, discard, .. } => merge(&find(&repo, name)?, discard, shell),
            _ => discard(&find(&repo, name)?, shell),
        }
    }
}

/// The branch that a command is told to work on.
pub(super) fn find(repo: &Repo, name: &str) -> Result<Opened> {
    repo.find_branch(name)?.ok_or_else(|| {
        let name = name.escape_debug();
        let message = format!("there is no branch `{name}`: `dronestore branch {name}` makes it");
        Error::new(ErrorKind::NotFound, message)
    })
}

/// What stands in the repo, or on the branch that is named.
pub(super) fn view(repo: &Repo, branch: Option<&str>) -> Result<View> {
    branch.map_or_else(|| repo.view(), |name| find(repo, name)?.view())
}

fn list(repo: &Repo, shell: &mut Shell<'_, '_>) -> Result<Exit> {
    let branches = repo.branches()?;
    shell.answer(json!({ "branches": branches.iter().map(as_json).collect::<Vec<_>>() }))?;
    let row = |branch: &BranchInfo| {
        let BranchInfo { name, objects, created, written, .. } = branch;
        [name.clone(), objects.to_string(), show::time(*created), show::time(*written)]
    };
    let rows: Vec<_> = branches.iter().map(row).collect();
    if !rows.is_empty() {
        shell.print(table(["BRANCH", "OBJECTS", "CREATED", "WRITTEN"], &rows))?;
    }
    Ok(Exit::Ok)
}

fn as_json(branch: &BranchInfo) -> Json {
    json!({
        "name": branch.name,
        "objects": branch.objects,
        "created": branch.created.to_string(),
        "written": branch.written.to_string(),
        "actor": branch.actor.to_string(),
    })
}

fn make(repo: &Repo, name: &str, shell: &mut Shell<'_, '_>) -> Result<Exit> {
    let was_there = repo.find_branch(name)?.is_some();
    let info = repo.branch(name)?.info()?;
    shell.answer(json!({ "made": !was_there, "branch": as_json(&info) }))?;
    match was_there {
        true => shell.say(info)?,
        false => shell.say(format_args!("made branch {name}"))?,
    }
    Ok(Exit::Ok)
}

fn merge(branch: &Opened, discard: bool, shell: &mut Shell<'_, '_>) -> Result<Exit> {
    let report = branch.merge()?;
    if discard {
        branch.discard()?;
    }
    tell_merge(&report, shell)
}

fn discard(branch: &Opened, shell: &mut Shell<'_, '_>) -> Result<Exit> {
    let info = branch.discard()?;
    shell.answer(json!({ "discarded": as_json(&info) }))?;
    let objects = show::count(info.objects, "object");
    shell.say(format_args!("discarded branch {}, which had {objects} of its own", info.name))?;
    Ok(Exit::Ok)
}

fn diff(branch: &Opened, shell: &mut Shell<'_, '_>) -> Result<Exit> {
    let (changes, view) = (branch.changes()?, branch.view()?);
    let objects: Vec<Json> = changes.iter().map(change_as_json).collect();
    shell.answer(json!({ "objects": objects }))?;
    for change in &changes {
        show_one(change, &view, shell)?;
    }
    Ok(if changes.is_empty() { Exit::Ok } else { Exit::Found })
}

fn show_one(change: &BranchChange, view: &View, shell: &mut Shell<'_, '_>) -> Result<()> {
    let name = show::name(&change.key);
    if change.kind == decisions_kind() {
        return shell.say(format_args!("{name}: another state of a decision"));
    }
    let behind = if change.is_behind { ", and the repo has newer" } else { "" };
    let forked = if change.is_forked { "; the two have no join" } else { "" };
    shell.say(format_args!("{name} {}{behind}{forked}", change.word()))?;
    let schema = view.schema_of(&change.kind)?;
    for field in &change.fields {
        let place = schema.as_ref().and_then(|schema| schema.place(&field.name));
        let shown = |value: &Option<Value>| {
            value.as_ref().map_or_else(|| "nothing".to_owned(), |value| places::shown(value, place.as_ref()))
        };
        shell.say(format_args!("  {}: {} → {}", field.name, shown(&field.old), shown(&field.new)))?;
    }
    for path in &change.conflicts {
        shell.say(format_args!("  {path}: would wait for a decision"))?;
    }
    Ok(())
}

fn change_as_json(change: &BranchChange) -> Json {
    let fields = change.fields.iter().map(|field| {
        json!({
            "name": field.name,
            "strategy": field.strategy,
            "old": field.old.as_ref().map(Value::to_json),
            "new": field.new.as_ref().map(Value::to_json),
        })
    });
    json!({
        "key": change.key.to_string(),
        "kind": change.kind,
        "change": change.word(),
        "behind": change.is_behind,
        "forked": change.is_forked,
        "conflicts": change.conflicts,
        "fields": fields.collect::<Vec<_>>(),
    })
}
