//! `explain`: why an attribute reads as it does.

use super::get::alive;
use crate::cli::shell::Shell;
use crate::cli::{Exit, names, places};
use crate::query::{Path, Root, Step};
use crate::version::{Explanation, Part};
use crate::{Error, ErrorKind, Result, Version, View};
use serde_json::json;
use std::collections::BTreeSet;

/// Say why an attribute reads as it does
///
/// Which writes met there, who made each and when, which of them had seen others, what won and by which rule or
/// decision. `*` marks what is read. Without an attribute, all that were written are explained.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore explain groceries text
  dronestore explain Note:groceries
  dronestore explain Person:ann address.city
  dronestore explain groceries tags --json")]
pub(in crate::cli) struct Explain {
    /// The object: its key, name, id, or version
    #[arg(value_name = "OBJECT")]
    object: String,

    /// The attribute, by its stored name, or a path below it: name.field, name["key"]
    #[arg(value_name = "PATH")]
    attribute: Option<String>,
}

impl Explain {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let version = alive(names::find(&repo, &self.object)?)?;
        let view = repo.view()?;
        let stored: BTreeSet<String> = version.attributes()?.into_iter().map(|view| view.name).collect();
        let mut explanations = Vec::new();
        match &self.attribute {
            Some(text) => explanations.push(explain(&view, &version, text, &stored)?),
            None => {
                for attribute in &stored {
                    explanations.push(view.explain(version.key(), attribute)?);
                }
            }
        }
        let schema = view.schema_of(version.kind())?;
        if !shell.json {
            for explanation in &mut explanations {
                let (attribute, parts) = (&explanation.attribute, &mut explanation.parts);
                // Below an attribute nothing says any more which place it is.
                let path = self.attribute.as_ref().and_then(|text| places::path(text, &[attribute]).ok());
                let path = path.unwrap_or_else(|| Path::attribute(attribute));
                let place = places::end(&path, schema.as_ref());
                parts.iter_mut().for_each(|part| places::explain_times(part, place.as_ref()));
            }
        }
        shell.answer(json!({ "explanations": explanations }))?;
        let last = explanations.len().saturating_sub(1);
        for (number, explanation) in explanations.iter().enumerate() {
            let text = explanation.to_string();
            let lines: Vec<&str> = text.lines().collect();
            // All are of one object, and one line at the end is true of all.
            let from = usize::from(number > 0).min(lines.len());
            let to = if number < last { lines.len().saturating_sub(1).max(from) } else { lines.len() };
            lines[from..to].iter().try_for_each(|line| shell.say(line))?;
        }
        Ok(Exit::Ok)
    }
}

/// Why an attribute, or what stands at a path below one, reads as it does.
fn explain(view: &View, version: &Version, text: &str, stored: &BTreeSet<String>) -> Result<Explanation> {
    let schema = view.schema_of(version.kind())?;
    let known = schema.iter().flat_map(|schema| &schema.attributes).map(|known| known.name.as_str());
    let names: Vec<&str> = known.chain(stored.iter().map(String::as_str)).collect();
    let path = places::path(text, &names)?;
    let Root::Attribute(name) = &path.root else {
        let message = format!("`{text}` is no attribute: nobody wrote it, and nothing is to be explained");
        return Err(Error::new(ErrorKind::InvalidValue, message));
    };
    let mut explanation = view.explain(version.key(), name)?;
    let mut parts = std::mem::take(&mut explanation.parts);
    for step in &path.steps {
        let missing = || none_below(text, &parts);
        let key = match step {
            Step::At(key) => key,
            _ => return Err(missing()),
        };
        let names = [format!("[{key}]"), format!(".{}", key.as_text().unwrap_or_default())];
        let below: Vec<Part> = parts
            .iter()
            .flat_map(|part| &part.parts)
            .filter(|part| names.contains(&part.name))
            .cloned()
            .collect();
        if below.is_empty() {
            return Err(missing());
        }
        parts = below;
    }
    if !path.steps.is_empty() {
        parts.iter_mut().for_each(|part| text.clone_into(&mut part.name));
    }
    explanation.parts = parts;
    Ok(explanation)
}

/// That nothing stands at a path, and what does near it.
fn none_below(text: &str, parts: &[Part]) -> Error {
    let names: Vec<String> =
        parts.iter().flat_map(|part| &part.parts).map(|part| format!("`{}`", part.name)).collect();
    let there = match names.is_empty() {
        true => "it has no parts that were written apart".to_owned(),
        false => format!("there are {}", names.join(", ")),
    };
    Error::new(ErrorKind::NotFound, format!("nothing is written at `{}`; {there}", text.escape_debug()))
}
