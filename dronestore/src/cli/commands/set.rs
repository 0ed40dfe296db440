//! `set`: writes attributes of an object.

use super::branch;
use crate::cli::assign::{Assignment, Operator};
use crate::cli::shell::Shell;
use crate::cli::{Exit, names, show};
use crate::schema::Values;
use crate::{Error, ErrorKind, Result};
use serde_json::json;
use std::io::Read;

/// Write attributes of an object, or make one
///
/// All changes are one commit. What is written is what the program with the Rust types would have written: each
/// attribute by its own strategy, so a `max` never sinks and a counter counts. The schema of the kind has to be here;
/// `schema add` brings one.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Changes:
  name=value       this value, as the attribute's type has it: text as it stands, numbers,
                   true and false, times as 2026-11-21T18:42:51Z; lists, sets, maps as JSON
  name:=json       this value, as JSON in any case (null, \"7\" as a text)
  name=@file       the content of a file, of the standard input for `@-`
  name+=value      adds to a number, puts into a set, appends to a list or text
  name-=value      subtracts, takes out of a set, a list, a map
  name.key=value   below a key of a map or a field of a nested object; with other
                   characters: name[\"a.b\"]=value

Examples:
  dronestore set Note:groceries text=\"milk\" tags+=food visits+=2
  dronestore set groceries 'stock.eggs-=6' done=true
  dronestore set groceries text=@list.txt 'tags:=[\"food\",\"home\"]'")]
pub(in crate::cli) struct Set {
    /// The object: its key, name, id, or version; the key of one that is not there makes it
    #[arg(value_name = "OBJECT")]
    object: String,

    /// The changes
    #[arg(value_name = "CHANGE")]
    changes: Vec<String>,

    /// On this branch
    #[arg(short, long, value_name = "NAME")]
    branch: Option<String>,
}

impl Set {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let mut changes =
            self.changes.iter().map(|word| Assignment::parse(word)).collect::<Result<Vec<_>>>()?;
        for change in changes.iter_mut().filter(|change| change.operator == Operator::SetFile) {
            change.text = read(&change.text, shell)?;
        }
        let repo = shell.open()?;
        let on = self.branch.as_deref().map(|name| branch::find(&repo, name)).transpose()?;
        let look = || branch::view(&repo, self.branch.as_deref());
        let (kind, key) = names::find_or_new(&look, &self.object)?;
        let schema = repo.schema_of(&kind)?.ok_or_else(|| {
            let message =
                format!("no schema of kind `{kind}` is here: bring one by `dronestore schema add FILE`");
            Error::new(ErrorKind::NotFound, message)
        })?;
        let change = |values: &mut Values| changes.iter().try_for_each(|one| one.apply(&schema, values));
        let report = match on {
            Some(on) => on.update_values(&kind, &key, change)?,
            None => repo.update_values(&kind, &key, change)?,
        };
        shell.answer(json!({
            "key": key.to_string(),
            "version": report.version.as_ref().map(|version| version.hash().to_string()),
            "changed": report.changed,
            "not_recorded": report.not_recorded,
        }))?;
        let name = show::name(&key);
        match &report.version {
            Some(version) => {
                let changed: Vec<&str> = report
                    .changed
                    .iter()
                    .map(|name| if name.is_empty() { "latest_object" } else { name })
                    .collect();
                let changed = if changed.is_empty() { "made".to_owned() } else { changed.join(", ") };
                shell.say(format_args!("{name} at version {}: {changed}", show::short(version.hash())))?;
            }
            None => shell.say(format_args!("{name}: nothing changed"))?,
        }
        for note in &report.not_recorded {
            shell.say(format_args!("not recorded: {note}"))?;
        }
        Ok(Exit::Ok)
    }
}

/// The content of a file, of the standard input for `-`.
fn read(name: &str, shell: &mut Shell<'_, '_>) -> Result<String> {
    let mut text = String::new();
    let result = match name {
        "-" => shell.io.input.read_to_string(&mut text),
        name => {
            std::fs::File::open(shell.path(name.as_ref())).and_then(|mut file| file.read_to_string(&mut text))
        }
    };
    match result {
        Ok(_) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::new(ErrorKind::NotFound, format!("there is no file `{name}`")))
        }
        Err(error) => {
            Err(Error::new(ErrorKind::Store, format!("`{name}` cannot be read")).with_source(error))
        }
    }
}
