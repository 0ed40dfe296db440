//! git's merge by lines of the same objects, as pretty-printed JSON: `git merge-file`.

use super::Result;
use super::people::{Object, People, World};
use super::report::Column;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Which git there is.
///
/// # Errors
/// Where there is none.
pub(super) fn version() -> Result<String> {
    let output = Command::new("git").arg("version").output().map_err(|error| format!("`git`: {error}"))?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Every object a file of its own.
///
/// # Errors
/// Where git fails.
pub(super) fn merge_objects(people: &People<'_>) -> Result<Column> {
    let (folder, mut column) = (tempfile::tempdir()?, Column::default());
    for merge in people.merges() {
        let sides = Sides::of(people, merge);
        let (mut stops, mut differing) = (0, 0);
        for name in sides.names() {
            let [base, ours, theirs, left] = sides.each(|world| world.get(name).map(|object| &**object));
            let is_apart = ours != base && theirs != base;
            let merged = match is_apart {
                false => Ok(if ours == base { theirs.map(pretty) } else { ours.map(pretty) }),
                true if ours == theirs => Ok(ours.map(pretty)),
                true => merge_object(folder.path(), base, ours, theirs)?,
            };
            let is_as_left = merged.as_ref().is_ok_and(|merged| *merged == left.map(pretty));
            stops += u64::from(merged.is_err());
            differing += u64::from(!is_as_left);
            column.edited_apart += u64::from(is_apart);
            column.edited_apart_and_as_left += u64::from(is_apart && is_as_left);
        }
        column.merge(stops, differing);
    }
    Ok(column)
}

/// All objects in one file.
///
/// # Errors
/// Where git fails.
pub(super) fn merge_files(people: &People<'_>) -> Result<Column> {
    let (folder, mut column) = (tempfile::tempdir()?, Column::default());
    for merge in people.merges() {
        let sides = Sides::of(people, merge);
        let [base, ours, theirs, left] = sides.each(pretty_world);
        let merged = if ours == base || ours == theirs {
            theirs
        } else if theirs == base {
            ours
        } else {
            merge_file(folder.path(), [&ours, &base, &theirs])?.0
        };
        let stopped = stopped_on(&merged);
        let as_left = objects(&left);
        let apart = |name: &&&str| {
            let [base, ours, theirs, _] = sides.each(|world| world.get(**name));
            ours != base && theirs != base
        };
        let merged = objects(&merged);
        let is_as_left = |name: &&str| !stopped.contains(*name) && merged.get(*name) == as_left.get(*name);
        let names = sides.names();
        column.edited_apart += names.iter().filter(apart).count() as u64;
        column.edited_apart_and_as_left +=
            names.iter().filter(apart).filter(|name| is_as_left(name)).count() as u64;
        let differing = names.iter().filter(|name| !is_as_left(name)).count();
        column.merge(stopped.len() as u64, differing as u64);
    }
    Ok(column)
}

/// The states that a merge is about: where the two parted, the two, and what the people left.
struct Sides<'p, 'h> {
    base: World<'h>,
    ours: &'p World<'h>,
    theirs: &'p World<'h>,
    left: &'p World<'h>,
}

impl<'p, 'h> Sides<'p, 'h> {
    fn of(people: &'p People<'h>, merge: usize) -> Self {
        let parents = &people.history.commits[merge].parents;
        let world = |place: usize| &people.worlds[place];
        Sides {
            base: people.base(merge),
            ours: world(parents[0]),
            theirs: world(parents[1]),
            left: world(merge),
        }
    }

    fn each<'s, R>(&'s self, of: impl Fn(&'s World<'h>) -> R) -> [R; 4] {
        [of(&self.base), of(self.ours), of(self.theirs), of(self.left)]
    }

    fn names(&self) -> BTreeSet<&'h str> {
        self.each(|world| world.keys()).into_iter().flatten().copied().collect()
    }
}

/// The merged file; `Err` where git stops: on lines, or because one side has deleted what the other has changed.
fn merge_object(
    folder: &Path,
    base: Option<&Object<'_>>,
    ours: Option<&Object<'_>>,
    theirs: Option<&Object<'_>>,
) -> Result<std::result::Result<Option<String>, Stopped>> {
    let (Some(ours), Some(theirs)) = (ours, theirs) else { return Ok(Err(Stopped)) };
    let base = base.map(pretty).unwrap_or_default();
    let (merged, conflicts) = merge_file(folder, [&pretty(ours), &base, &pretty(theirs)])?;
    Ok(if conflicts { Err(Stopped) } else { Ok(Some(merged)) })
}

struct Stopped;

/// git's merge of three texts (ours, base, theirs), and whether it has conflicts.
fn merge_file(folder: &Path, texts: [&String; 3]) -> Result<(String, bool)> {
    let names = ["ours", "base", "theirs"];
    for (name, text) in names.iter().zip(texts) {
        std::fs::write(folder.join(name), text)?;
    }
    let output = Command::new("git").current_dir(folder).args(["merge-file", "-p"]).args(names).output()?;
    // The exit code is the number of conflicts, up to 127; beyond that it is an error.
    match output.status.code() {
        Some(conflicts @ 0..=127) => Ok((String::from_utf8(output.stdout)?, conflicts > 0)),
        _ => Err(format!("git merge-file: {}", String::from_utf8_lossy(&output.stderr).trim()).into()),
    }
}

fn pretty(object: &Object<'_>) -> String {
    let members: serde_json::Map<String, serde_json::Value> =
        object.iter().map(|(name, value)| ((*name).to_owned(), value.to_json())).collect();
    format!("{:#}\n", serde_json::Value::Object(members))
}

/// One file: each object's lines, indented, below a line with its name.
fn pretty_world(world: &World<'_>) -> String {
    let mut text = String::from("{\n");
    for (name, object) in world {
        let lines = pretty(object).trim_end().replace('\n', "\n  ");
        text.push_str(&format!("  {}: {lines},\n", serde_json::Value::from(*name)));
    }
    text + "}\n"
}

/// The objects that conflicts lie in.
fn stopped_on(merged: &str) -> BTreeSet<String> {
    let (mut stopped, mut name, mut is_inside) = (BTreeSet::new(), None, false);
    for line in merged.lines() {
        match line.get(..7) {
            Some("<<<<<<<") => is_inside = true,
            Some(">>>>>>>") => is_inside = false,
            _ => {
                name = name_in(line).or(name);
                if is_inside {
                    stopped.extend(name.clone());
                }
            }
        }
    }
    stopped
}

/// The text of each object in one file.
fn objects(text: &str) -> BTreeMap<String, String> {
    let (mut objects, mut name) = (BTreeMap::<String, String>::new(), None);
    for line in text.lines() {
        name = name_in(line).or(name);
        if let Some(name) = &name
            && line.starts_with("  ")
        {
            let object = objects.entry(name.clone()).or_default();
            object.push_str(line);
            object.push('\n');
        }
    }
    objects
}

/// The name in a line that begins an object.
fn name_in(line: &str) -> Option<String> {
    let rest = line.strip_prefix("  \"")?;
    rest.strip_suffix("\": {").or_else(|| rest.strip_suffix("\": {},")).map(str::to_owned)
}
