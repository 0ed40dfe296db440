//! `explain`: why an attribute reads as it does.

use super::get::alive;
use crate::Result;
use crate::cli::shell::Shell;
use crate::cli::{Exit, names};
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
  dronestore explain groceries tags --json")]
pub(in crate::cli) struct Explain {
    /// The object: its key, name, id, or version
    #[arg(value_name = "OBJECT")]
    object: String,

    /// The attribute, by its stored name
    #[arg(value_name = "ATTRIBUTE")]
    attribute: Option<String>,
}

impl Explain {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let version = alive(names::find(&repo, &self.object)?)?;
        let view = repo.view()?;
        let attributes: BTreeSet<String> = match &self.attribute {
            Some(attribute) => [attribute.clone()].into(),
            None => version.attributes()?.into_iter().map(|view| view.name).collect(),
        };
        let mut explanations = Vec::new();
        for attribute in &attributes {
            explanations.push(view.explain(version.key(), attribute)?);
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
