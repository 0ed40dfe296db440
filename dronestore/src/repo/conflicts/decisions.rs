//! Decisions: objects of a reserved kind, in which every actor has one vote.

use super::{Heads, Rule};
use dronestore_core::bytes::put_slice;
use dronestore_core::strategy::Rulings;
use dronestore_core::version::Contest;
use dronestore_core::{ErrorKind, Hash, Key, Result, Value, Version};
use dronestore_derive::Drone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What was decided about one conflict, or about all conflicts of a kind or attribute.
///
/// Its key is `/dronestore.Decision:<fingerprint>`. It merges like any object: each actor writes its own vote.
#[derive(Drone, Debug, Clone)]
#[drone(kind = "dronestore.Decision")]
pub(crate) struct Decision {
    /// The kind of the object.
    #[merge(latest)]
    pub(crate) kind: String,
    /// The key of the object; empty for a rule.
    #[merge(latest)]
    pub(crate) object: String,
    /// What is contested, for people.
    #[merge(latest)]
    pub(crate) place: String,
    /// The last vote of each actor.
    #[merge(map(latest))]
    pub(crate) votes: BTreeMap<String, Vote>,
}

/// One actor's vote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Vote {
    /// The value, or the name of a rule.
    pub(crate) value: Value,
    /// When, in nanoseconds since 1970 by the actor's hybrid clock.
    pub(crate) time: u64,
}

/// What votes came to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) value: Value,
    pub(crate) encoded: Vec<u8>,
    /// How it came, for people.
    pub(crate) words: String,
}

/// The key of the decision about a conflict.
pub(crate) fn key(fingerprint: &Hash) -> Result<Key> {
    use dronestore_core::model::Model;
    Key::for_kind(Decision::KIND, &fingerprint.to_string())
}

/// The key of the rule for an attribute of a kind; for all of the kind's where none is named.
pub(crate) fn rule_key(kind: &str, attribute: Option<&str>) -> Result<Key> {
    let mut bytes = b"dronestore rule".to_vec();
    put_slice(&mut bytes, kind.as_bytes());
    if let Some(attribute) = attribute {
        put_slice(&mut bytes, attribute.as_bytes());
    }
    key(&Hash::of(&bytes))
}

/// What a decision is about: the kind, and the key unless it is a rule for all objects of the kind; `None` where that is
/// not known here.
pub(crate) fn about(version: &Version) -> Option<(String, Option<Key>)> {
    let decision: Decision = dronestore_core::model::load(version).ok()?;
    let key = match decision.object.is_empty() {
        true => None,
        false => Some(decision.object.parse().ok()?),
    };
    Some((decision.kind, key))
}

/// Whether a decision stands under the key of what it says it is about, as far as that can be told: that of a rule is made
/// of its kind and attribute.
pub(crate) fn is_in_its_place(version: &Version) -> bool {
    use dronestore_core::model::load;
    let Ok(decision) = load::<Decision>(version) else { return false };
    let attribute = Some(decision.place.as_str()).filter(|place| *place != "*");
    let fits = |rule: Key| rule == *version.key();
    !decision.object.is_empty() || rule_key(&decision.kind, attribute).is_ok_and(fits)
}

/// The decision of this key, where there is one.
pub(crate) fn decision(heads: &impl Heads, key: &Key) -> Result<Option<Decision>> {
    use dronestore_core::model::{Model, load};
    let version = heads.version_of(Decision::KIND, key)?.filter(|version| !version.is_deleted());
    match version.map(|version| load(&version)).transpose() {
        // One that this program cannot read decides nothing here: what it is about stays readable, and is listed.
        Err(error) if error.kind() == ErrorKind::InvalidValue => Ok(None),
        other => other,
    }
}

/// The value with the most votes; of equally many the one with the newest vote, then the one with the larger hash.
pub(crate) fn tally(votes: &BTreeMap<String, Vote>) -> Result<Option<Outcome>> {
    let mut counted: BTreeMap<Vec<u8>, (usize, u64, &Value)> = BTreeMap::new();
    for vote in votes.values() {
        let entry = counted.entry(vote.value.to_bytes()?).or_insert((0, 0, &vote.value));
        *entry = (entry.0 + 1, entry.1.max(vote.time), entry.2);
    }
    let rank =
        |(bytes, (count, time, _)): &(&Vec<u8>, &(usize, u64, &Value))| (*count, *time, Hash::of(bytes));
    let Some((encoded, (count, _, value))) = counted.iter().max_by_key(rank) else { return Ok(None) };
    let ties = counted.values().filter(|(other, _, _)| other == count).count() > 1;
    let mut words = format!("{count} of {} votes", votes.len());
    if ties {
        // Writing to a String cannot fail.
        let _ = write!(words, ", the newest among equals");
    }
    Ok(Some(Outcome { value: (*value).clone(), encoded: encoded.clone(), words }))
}

/// What is known to be decided about a conflict: by votes on it, by a rule for its attribute, by one for its kind.
///
/// Cost: at most three reads.
pub(crate) fn outcome(heads: &impl Heads, version: &Version, contest: &Contest) -> Result<Option<Outcome>> {
    if !contest.asks {
        return Ok(None);
    }
    // The index finds the object by what the decision says of itself: one that says something else decides nothing.
    let is_about =
        |decision: &Decision| decision.kind == version.kind() && version.key().to_string() == decision.object;
    if let Some(decision) = decision(heads, &key(&contest.fingerprint)?)?.filter(is_about)
        && let Some(outcome) = tally(&decision.votes)?
    {
        return Ok(Some(outcome));
    }
    for attribute in [Some(contest.path.attribute()), None] {
        let rule = decision(heads, &rule_key(version.kind(), attribute)?)?;
        let Some(decision) = rule.filter(|rule| rule.kind == version.kind() && rule.object.is_empty()) else {
            continue;
        };
        let Some(winner) = tally(&decision.votes)? else { continue };
        let rule = winner.value.as_text().and_then(Rule::from_name);
        if let Some(side) = rule.and_then(|rule| rule.choose(contest)) {
            let rule = winner.value.as_text().unwrap_or_default();
            let whose = attribute.map_or_else(|| version.kind().to_owned(), |name| format!("`{name}`"));
            let words = format!("the rule `{rule}` for {whose}, {}", winner.words);
            let side = &contest.sides[side];
            return Ok(Some(Outcome { value: side.value.clone(), encoded: side.encoded.to_vec(), words }));
        }
    }
    Ok(None)
}

/// What is decided about the conflicts of a version.
pub(crate) fn rulings(heads: &impl Heads, version: &Version) -> Result<Rulings> {
    version.rulings(|contest| Ok(outcome(heads, version, contest)?.map(|outcome| outcome.encoded.into())))
}
