//! `resolve`: decides a conflict.

use super::conflicts::{in_order, place};
use crate::cli::shell::Shell;
use crate::cli::{Exit, names, places, show, typed};
use crate::repo::{Conflict, Resolution};
use crate::schema::Type;
use crate::{Error, ErrorKind, Repo, Result, Value};
use serde_json::json;

/// Decide a conflict
///
/// The decision takes the place of all sides, and is recorded as this repo's vote, which syncs: where the same sides
/// meet elsewhere they read as decided. `conflicts` lists what there is to decide and the numbers of the sides; one option says how to decide.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore resolve groceries shop --side 2
  dronestore resolve groceries shop --value \"the market\"
  dronestore resolve Person:ann 'phones[\"home\"]' --newest")]
#[command(
    group = clap::ArgGroup::new("how").required(true),
    override_usage = "dronestore resolve <OBJECT> <ATTRIBUTE> <--side|--value|--value-json|--newest|--oldest>"
)]
pub(in crate::cli) struct Resolve {
    /// The object: its key, name, id, or version
    #[arg(value_name = "OBJECT")]
    object: String,

    /// Which attribute, or place below one, as `conflicts` names it
    #[arg(value_name = "ATTRIBUTE")]
    attribute: String,

    /// By the side of this number
    #[arg(long, group = "how", value_name = "NUMBER")]
    side: Option<usize>,

    /// By this value, one of the sides' or another
    #[arg(long, group = "how", value_name = "VALUE")]
    value: Option<String>,

    /// By this value, as JSON
    #[arg(long, group = "how", value_name = "JSON")]
    value_json: Option<String>,

    /// By the side that was written last
    #[arg(long, group = "how")]
    newest: bool,

    /// By the side that was written first
    #[arg(long, group = "how")]
    oldest: bool,
}

impl Resolve {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let version = names::find(&repo, &self.object)?;
        let mut open = Vec::new();
        for conflict in repo.all_conflicts()?.kind(version.kind())? {
            let conflict = conflict?;
            if conflict.key() == version.key() {
                open.push(conflict);
            }
        }
        let found = open.iter().find(|conflict| conflict.path().to_string() == self.attribute);
        let conflict = found.ok_or_else(|| none(&version, &self.attribute, &open))?;
        let resolution = self.resolution(&repo, conflict)?;
        let value = match &resolution {
            Resolution::Value(value) => value.clone(),
            Resolution::Side(side) => conflict.sides()[*side].value.clone(),
        };
        repo.resolve(conflict, resolution)?;
        shell.answer(json!({
            "key": conflict.key().to_string(),
            "path": conflict.path().to_string(),
            "value": value.to_json(),
        }))?;
        let schema = repo.schema_of(conflict.kind())?;
        let shown = places::shown(&value, place(&conflict.path().to_string(), schema.as_ref()).as_ref());
        shell.say(format_args!("{} {} is {shown}", show::name(conflict.key()), conflict.path()))?;
        Ok(Exit::Ok)
    }

    fn resolution(&self, repo: &Repo, conflict: &Conflict) -> Result<Resolution> {
        let sides = in_order(conflict);
        if let Some(number) = self.side {
            let side = number.checked_sub(1).and_then(|side| sides.get(side));
            let missing = || {
                let message =
                    format!("there is no side {number}: they are numbered from 1 to {}", sides.len());
                Error::new(ErrorKind::NotFound, message)
            };
            return side.copied().map(Resolution::Side).ok_or_else(missing);
        }
        if let Some(text) = self.value.as_ref().or(self.value_json.as_ref()) {
            let ty = value_type(repo, conflict)?;
            let value = match self.value_json.is_some() {
                true => typed::json(text, &ty)?,
                false => typed::value(text, &ty)?,
            };
            ty.check(&value)?;
            return Ok(Resolution::Value(value));
        }
        let chosen = if self.newest { sides.last() } else { sides.first() };
        chosen.copied().map(Resolution::Side).ok_or_else(|| Error::corrupt("a conflict has no sides"))
    }
}

/// The type of the value that is contested; where no schema says it, as far as its sides tell.
fn value_type(repo: &Repo, conflict: &Conflict) -> Result<Type> {
    let schema = repo.schema_of(conflict.kind())?;
    if let Some(place) = place(&conflict.path().to_string(), schema.as_ref()) {
        return Ok(place.ty().clone());
    }
    let is_text = conflict.sides().iter().all(|side| matches!(side.value, Value::Text(_)));
    Ok(if is_text { Type::Text } else { Type::Other("value".to_owned()) })
}

fn none(version: &crate::Version, attribute: &str, open: &[Conflict]) -> Error {
    let name = show::name(version.key());
    let all: Vec<String> = open.iter().map(|conflict| format!("`{}`", conflict.path())).collect();
    let message = match all.is_empty() {
        true => format!("nothing of {name} waits for a decision"),
        false => format!(
            "`{}` of {name} does not wait for a decision; {} does",
            attribute.escape_debug(),
            all.join(", ")
        ),
    };
    Error::new(ErrorKind::NotFound, message)
}
