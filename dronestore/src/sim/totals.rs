//! Counters and sets, counted by hand: what each write added to what stood there before it.

use super::failure::{Found, Outcome};
use super::oracle::{Heads, Object};
use crate::{Value, Version};
use std::collections::{BTreeMap, BTreeSet};

const COUNTED: &str = "a counter reads as the sum of all that was counted";
const IN_SET: &str = "what was added to a set and never removed is in it";

#[derive(Default)]
pub(super) struct Totals(BTreeMap<Object, Tally>);

#[derive(Default)]
struct Tally {
    counted: BTreeMap<String, i128>,
    added: BTreeMap<String, BTreeSet<Value>>,
    removed: BTreeMap<String, BTreeSet<Value>>,
    /// It was deleted, or writes of it were lost: what it reads as is another matter.
    unsure: bool,
}

/// What the counters and sets of a version read as.
#[derive(Default)]
struct Reading {
    counters: BTreeMap<String, i128>,
    sets: BTreeMap<String, BTreeSet<Value>>,
}

impl Reading {
    fn of(version: Option<&Version>) -> Reading {
        let mut reading = Reading::default();
        let views = version.and_then(|version| version.attributes().ok()).unwrap_or_default();
        for view in views {
            let (name, is_counter) = (view.name, view.strategy == "counter");
            if !is_counter && view.strategy != "set" {
                continue;
            }
            match view.reading.into_value() {
                Ok(Some(Value::Integer(count))) if is_counter => {
                    reading.counters.extend(count.as_i128().map(|count| (name, count)));
                }
                Ok(Some(Value::List(items))) => {
                    reading.sets.insert(name, items.into_iter().collect());
                }
                _ => {}
            }
        }
        reading
    }
}

impl Totals {
    /// Notes what a write changed.
    pub(super) fn wrote(&mut self, object: &Object, before: Option<&Version>, after: &Version) {
        let tally = self.0.entry(object.clone()).or_default();
        tally.unsure |= after.is_deleted() || before.is_some_and(Version::is_deleted);
        if tally.unsure {
            return;
        }
        let (before, after) = (Reading::of(before), Reading::of(Some(after)));
        for (name, count) in after.counters {
            let was = before.counters.get(&name).copied().unwrap_or(0);
            let counted = tally.counted.entry(name).or_default();
            *counted = counted.saturating_add(count.saturating_sub(was));
        }
        let none = BTreeSet::new();
        for (name, items) in &after.sets {
            let was = before.sets.get(name).unwrap_or(&none);
            tally.added.entry(name.clone()).or_default().extend(items.difference(was).cloned());
        }
        for (name, was) in &before.sets {
            let items = after.sets.get(name).unwrap_or(&none);
            tally.removed.entry(name.clone()).or_default().extend(was.difference(items).cloned());
        }
    }

    /// Writes of this object were lost, as they may be.
    pub(super) fn forget(&mut self, object: &Object) {
        self.0.entry(object.clone()).or_default().unsure = true;
    }

    /// That all reads as it was counted.
    pub(super) fn check(&self, heads: &Heads) -> Outcome {
        for (object, tally) in self.0.iter().filter(|(_, tally)| !tally.unsure) {
            let Some(head) = heads.get(object) else { continue };
            let reading = Reading::of(Some(head));
            for (name, counted) in &tally.counted {
                let reads = reading.counters.get(name).copied().unwrap_or(0);
                if reads != *counted {
                    let seen =
                        format_args!("`{name}` of {head} reads as {reads}, and {counted} were counted");
                    return Err(Found::new(COUNTED, seen));
                }
            }
            for (name, added) in &tally.added {
                let there = reading.sets.get(name);
                let removed = tally.removed.get(name);
                let is_lost = |item: &&Value| {
                    !there.is_some_and(|there| there.contains(*item))
                        && !removed.is_some_and(|removed| removed.contains(*item))
                };
                if let Some(lost) = added.iter().find(is_lost) {
                    return Err(Found::new(IN_SET, format_args!("`{name}` of {head} lacks {lost}")));
                }
            }
        }
        Ok(())
    }
}
