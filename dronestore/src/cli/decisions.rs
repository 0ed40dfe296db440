//! Decisions that are recorded: what was decided about a conflict, by whom, when.

use super::commands::conflicts::place;
use super::shell::Shell;
use super::{places, show};
use crate::repo::decisions_kind;
use crate::schema::Schema;
use crate::{Nanotime, Repo, Result, Value, Version};
use serde_json::{Value as Json, json};

/// What was decided about one place of one object.
pub(super) struct Decision {
    pub(super) kind: String,
    /// The key of the object.
    pub(super) object: String,
    /// The place, as `conflicts` names it.
    pub(super) place: String,
    votes: Vec<Vote>,
}

/// What one replica has decided.
struct Vote {
    actor: String,
    value: Value,
    time: Nanotime,
}

/// All that are recorded here; rules for whole kinds are none of them.
///
/// Cost: reads them all.
pub(super) fn decisions(repo: &Repo) -> Result<Vec<Decision>> {
    let (view, mut found) = (repo.view()?, Vec::new());
    for version in repo.query_kind(decisions_kind(), &Default::default())?.run()? {
        found.extend(read(&version?, &view)?);
    }
    found.sort_by(|one: &Decision, other| (&one.object, &one.place).cmp(&(&other.object, &other.place)));
    Ok(found)
}

/// The decision that an object is; none where it does not read as one.
fn read(version: &Version, view: &crate::View) -> Result<Option<Decision>> {
    let values = view.values(version)?;
    let text = |name: &str| values.get(name).and_then(Value::as_text).map(str::to_owned);
    let (Some(kind), Some(object), Some(place)) = (text("kind"), text("object"), text("place")) else {
        return Ok(None);
    };
    let vote = |(actor, vote): (&Value, &Value)| {
        let time = Nanotime::from_nanos(vote.get("time")?.as_u64()?);
        Some(Vote { actor: actor.as_text()?.to_owned(), value: vote.get("value")?.clone(), time })
    };
    let votes: Vec<Vote> =
        values.get("votes").and_then(Value::as_map).into_iter().flatten().filter_map(vote).collect();
    Ok((!object.is_empty()).then_some(Decision { kind, object, place, votes }))
}

impl Decision {
    pub(super) fn show(&self, schema: Option<&Schema>, shell: &mut Shell<'_, '_>) -> Result<()> {
        let place = place(&self.place, schema);
        let name = self.object.parse().map_or_else(|_| self.object.clone(), |key| show::name(&key));
        shell.say(format_args!("{name} {}, decided", self.place))?;
        for Vote { actor, value, time } in &self.votes {
            let (value, by) = (places::shown(value, place.as_ref()), show::short(actor));
            shell.say(format_args!("    {value}  by {by} at {}", show::time(*time)))?;
        }
        Ok(())
    }

    pub(super) fn to_json(&self) -> Json {
        let vote = |vote: &Vote| json!({ "actor": vote.actor, "value": vote.value.to_json(), "time": vote.time.to_string() });
        json!({
            "key": self.object,
            "kind": self.kind,
            "path": self.place,
            "votes": self.votes.iter().map(vote).collect::<Vec<_>>(),
        })
    }
}
