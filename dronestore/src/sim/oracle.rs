//! What must stand at the end: the join of all that was ever durable.

use super::failure::{Found, Outcome};
use super::totals::Totals;
use crate::version::Merged;
use crate::{Key, Result, Version};
use std::collections::{BTreeMap, BTreeSet};

/// Kind and key of an object.
pub(super) type Object = (String, Key);

pub(super) const AGREE: &str = "replicas that have seen the same commits hold the same bytes";
pub(super) const KEPT: &str = "what was acknowledged is kept, and nothing else comes up";

/// What stands in a repo, by object.
pub(super) type Heads = BTreeMap<Object, Version>;

#[derive(Default)]
pub(super) struct Oracle {
    /// Of each object that was written, all that was.
    known: Heads,
    /// The objects that were ever written; others stand there as well: decisions.
    written: BTreeSet<Object>,
    pub(super) totals: Totals,
    /// Since a rollback one name may mean two writes: nothing is asked of what they come to.
    pub(super) is_blind: bool,
}

/// Both together.
pub(super) fn join(ours: &Version, theirs: &Version) -> Result<Version> {
    Ok(match ours.merge(theirs)? {
        Merged::Known => ours.clone(),
        Merged::Forward => theirs.clone(),
        Merged::Joined(version) => version,
    })
}

/// Adds a version to what is known.
fn add(known: &mut Heads, object: &Object, version: &Version) -> Outcome {
    let joined = match known.get(object) {
        Some(before) => join(before, version).map_err(|error| Found::new(AGREE, error))?,
        None => version.clone(),
    };
    known.insert(object.clone(), joined);
    Ok(())
}

impl Oracle {
    /// A write that is durable, and what stood there before it.
    pub(super) fn wrote(&mut self, object: &Object, before: Option<&Version>, after: &Version) -> Outcome {
        if self.is_blind {
            return Ok(());
        }
        add(&mut self.known, object, after)?;
        self.written.insert(object.clone());
        self.totals.wrote(object, before, after);
        Ok(())
    }

    /// That everything is still somewhere.
    pub(super) fn check(&self, replicas: &[Heads]) -> Outcome {
        if self.is_blind {
            return Ok(());
        }
        let all = together(replicas)?;
        for (object, known) in &self.known {
            let Some(found) = all.get(object) else {
                return Err(Found::new(KEPT, format_args!("{known} is gone")));
            };
            if found.hash() == known.hash() {
                continue;
            }
            let covers = |ours: &Version, theirs: &Version| ours.covers(theirs).unwrap_or(false);
            let seen = match (covers(found, known), covers(known, found)) {
                (true, true) => {
                    let seen = format_args!("{found} and {known} have seen the same commits and differ");
                    return Err(Found::new(AGREE, seen));
                }
                (true, false) => {
                    format!("{found} has seen commits that nobody was told of: more than {known}")
                }
                (false, _) => {
                    format!("{found} has not seen all that was acknowledged: {}", missing(found, known))
                }
            };
            return Err(Found::new(KEPT, seen));
        }
        self.totals.check(&all)
    }

    /// Files were put back: what stood nowhere else is gone, and was to go; what stood in them only is back.
    pub(super) fn forgive(&mut self, replicas: &[Heads]) -> Outcome {
        if self.is_blind {
            return Ok(());
        }
        let mut left = together(replicas)?;
        left.retain(|object, _| self.written.contains(object));
        let hash = |heads: &Heads, object| heads.get(object).map(Version::hash);
        for object in self.written.iter().filter(|object| hash(&left, object) != hash(&self.known, object)) {
            self.totals.forget(object);
        }
        self.known = left;
        Ok(())
    }
}

fn together(replicas: &[Heads]) -> Outcome<Heads> {
    let mut all = Heads::new();
    for (object, version) in replicas.iter().flatten() {
        if all.get(object).is_none_or(|known| known.hash() != version.hash()) {
            add(&mut all, object, version)?;
        }
    }
    Ok(all)
}

/// The commits that one has seen and the other has not.
fn missing(found: &Version, known: &Version) -> String {
    let context = found.context();
    let lines = known.context();
    let missing = lines.entries().iter().filter_map(|seen| {
        let has = context.get(&seen.actor).map_or(0, |ours| ours.sequence);
        (has < seen.sequence)
            .then(|| format!("commits {} to {} of {:.8}", has + 1, seen.sequence, seen.actor))
    });
    missing.collect::<Vec<_>>().join(", ")
}
