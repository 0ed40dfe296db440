//! `get`: what an object reads as.

use crate::cli::shell::Shell;
use crate::cli::table::pairs;
use crate::cli::{Exit, names, show};
use crate::{Error, ErrorKind, Result, Version, View};
use serde_json::json;

/// Show an object, or one attribute of it
///
/// All attributes that were ever written, each with its value; an attribute alone is printed as it is. What was never
/// written reads as a default that the program knows.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore get Note:groceries
  dronestore get groceries text
  dronestore get wqnw --json")]
pub(in crate::cli) struct Get {
    /// The object: its key, name, id, or version
    #[arg(value_name = "OBJECT")]
    object: String,

    /// Only this attribute
    #[arg(value_name = "ATTRIBUTE")]
    attribute: Option<String>,
}

impl Get {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let version = alive(names::find(&repo, &self.object)?)?;
        let view = repo.view()?;
        match &self.attribute {
            Some(attribute) => get_one(&view, &version, attribute, shell),
            None => get_all(&view, &version, shell),
        }
    }
}

/// The version, of an object that is there.
pub(super) fn alive(version: Version) -> Result<Version> {
    match version.is_deleted() {
        true => Err(Error::new(ErrorKind::NotFound, format!("`{}` was deleted", version.key()))),
        false => Ok(version),
    }
}

fn get_one(view: &View, version: &Version, name: &str, shell: &mut Shell<'_, '_>) -> Result<Exit> {
    let values = view.values(version)?;
    let key = version.key();
    let default = match (values.get(name), view.schema_of(version.kind())?) {
        (Some(_), _) => None,
        (None, schema) => {
            let attributes = schema.map(|schema| schema.attributes).unwrap_or_default();
            let known = attributes.iter().find(|attribute| attribute.name == name);
            let missing = || {
                let message = format!("`{key}` has no attribute `{}`", name.escape_debug());
                Error::new(ErrorKind::NotFound, message)
            };
            known.ok_or_else(missing)?.default_value()
        }
    };
    let value = values.get(name).or(default.as_ref());
    shell.answer(json!({
        "key": key.to_string(),
        "attribute": name,
        "value": value.map(crate::Value::to_json),
    }))?;
    match value {
        Some(value) => shell.say(show::plain(value))?,
        None => shell.note(format_args!("`{name}` was never written; its program knows what it reads as")),
    }
    Ok(Exit::Ok)
}

fn get_all(view: &View, version: &Version, shell: &mut Shell<'_, '_>) -> Result<Exit> {
    let values = view.values(version)?;
    let contests = version.contests()?;
    let open: Vec<String> =
        contests.iter().filter(|contest| contest.asks).map(|contest| contest.path.to_string()).collect();
    let mut object = show::object(version);
    object.insert("values".into(), show::values(&values));
    object.insert("contested".into(), open.clone().into());
    shell.answer(object.into())?;
    let (name, hash) = (show::name(version.key()), show::short(version.hash()));
    shell.say(format_args!("{name} at version {hash}, committed {}", show::time(version.committed())))?;
    let rows: Vec<(&str, String)> =
        values.iter().map(|(name, value)| (name.as_str(), show::plain(value))).collect();
    let text = pairs(&rows);
    shell.print(text.lines().map(|line| format!("  {line}\n")).collect::<String>())?;
    for path in open {
        shell.say(format_args!(
            "  ({path} was written apart by several; `dronestore explain` says how it reads)"
        ))?;
    }
    Ok(Exit::Ok)
}
