//! Members: sets and maps taken back one by one, where others have written beside.

use dronestore_core::version::Part;
use dronestore_core::{Result, Value, Version};
use std::collections::{BTreeMap, BTreeSet};

/// Whether an attribute of this strategy has members that stand apart from one another.
pub(super) fn has_members(strategy: &str) -> bool {
    let word = strategy.split('(').next().unwrap_or_default();
    matches!(word, "set" | "union" | "map")
}

/// What is left of a set or a map when what was done to it is taken back.
#[derive(Debug, PartialEq)]
pub(super) struct Parted {
    pub(super) value: Value,
    /// The members that stay, because others have written to them since.
    pub(super) kept: Vec<Value>,
}

/// Takes back what led from the old value to the new one, member by member, as far as a member is this repo's own; the others
/// stay as they are now. Of sums what was added goes, whatever others added.
pub(super) fn without(
    (old, new): (&Value, &Value),
    now: &Value,
    (has_sums, is_own): (bool, impl Fn(&Value) -> bool),
) -> Parted {
    let is_map = [old, new, now].iter().any(|value| matches!(value, Value::Map(_)));
    let (old, new, mut members) = (members_of(old), members_of(new), members_of(now));
    let mut kept = Vec::new();
    let touched: BTreeSet<&Value> = old.keys().chain(new.keys()).collect();
    for member in touched.into_iter().filter(|member| old.get(*member) != new.get(*member)) {
        if members.get(member) == old.get(member) {
            continue;
        }
        if let (true, Some(sum)) = (has_sums, members.get(member).and_then(number)) {
            let of = |values: &BTreeMap<Value, Value>| values.get(member).and_then(number).unwrap_or(0);
            if members.get(member) != new.get(member) || !is_own(member) {
                // What others added stays.
                let sum = sum.checked_sub(of(&new)).and_then(|rest| rest.checked_add(of(&old)));
                match sum.map(Value::from) {
                    Some(sum) => drop(members.insert(member.clone(), sum)),
                    None => kept.push(member.clone()),
                }
                continue;
            }
        }
        if members.get(member) != new.get(member) || !is_own(member) {
            kept.push(member.clone());
            continue;
        }
        match old.get(member) {
            Some(value) => members.insert(member.clone(), value.clone()),
            None => members.remove(member),
        };
    }
    let value = match is_map {
        true => Value::Map(members),
        false => Value::List(members.into_keys().collect()),
    };
    Parted { value, kept }
}

fn number(value: &Value) -> Option<i128> {
    match value {
        Value::Integer(number) => i128::try_from(*number).ok(),
        _ => None,
    }
}

/// The members of a set, or what stands under the keys of a map.
fn members_of(value: &Value) -> BTreeMap<Value, Value> {
    match value {
        Value::Map(entries) => entries.clone(),
        Value::List(members) => members.iter().map(|member| (member.clone(), Value::Null)).collect(),
        _ => BTreeMap::new(),
    }
}

type Writer = (String, u64);

/// Who wrote what stands in an attribute: actors and sequences, in all of it and at each member.
#[derive(Debug, Default)]
pub(super) struct Writers {
    all: BTreeSet<Writer>,
    members: BTreeMap<String, BTreeSet<Writer>>,
}

impl Writers {
    pub(super) fn of(version: &Version, attribute: &str) -> Result<Writers> {
        let mut writers = Writers::default();
        for part in version.explain(attribute, |_| Ok(None))?.parts {
            for member in &part.parts {
                gather(member, writers.members.entry(member.name.clone()).or_default());
            }
            gather(&part, &mut writers.all);
        }
        Ok(writers)
    }

    /// Whether all that was written since is this actor's.
    pub(super) fn are_all_of(&self, own: &str, then: &Writers) -> bool {
        are_of(&self.all, own, &then.all)
    }

    /// Whether all that was written since to a member is this actor's.
    pub(super) fn are_of(&self, member: &Value, own: &str, then: &Writers) -> bool {
        let (name, nobody) = (format!("[{member}]"), BTreeSet::new());
        let of = |writers: &'_ Writers| writers.members.get(&name).cloned().unwrap_or_default();
        are_of(self.members.get(&name).unwrap_or(&nobody), own, &of(then))
    }
}

fn are_of(now: &BTreeSet<Writer>, own: &str, then: &BTreeSet<Writer>) -> bool {
    now.iter().all(|writer| writer.0 == own || then.contains(writer))
}

fn gather(part: &Part, found: &mut BTreeSet<Writer>) {
    found.extend(part.writes.iter().map(|write| (write.actor.clone(), write.sequence)));
    part.parts.iter().for_each(|part| gather(part, found));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Value {
        Value::from_json(&serde_json::from_str(json).unwrap()).unwrap()
    }

    #[test]
    fn members_go_back_and_others_stay() {
        for (old, new, now, comes_to, kept) in [
            (r#"["a"]"#, r#"["a","b"]"#, r#"["a","b","c"]"#, r#"["a","c"]"#, 0),
            (r#"["a","b"]"#, r#"["a"]"#, r#"["a","c"]"#, r#"["a","b","c"]"#, 0),
            (r#"["a"]"#, r#"["x"]"#, r#"["x","y"]"#, r#"["a","x","y"]"#, 1),
            (r#"{"a":1}"#, r#"{"a":2,"b":1}"#, r#"{"a":2,"b":7,"c":1}"#, r#"{"a":1,"b":7,"c":1}"#, 1),
            (r#"{"a":1}"#, r#"{}"#, r#"{"b":1}"#, r#"{"a":1,"b":1}"#, 0),
        ] {
            let others = Value::from("x");
            let is_own = |member: &Value| *member != others;
            let parted = without((&value(old), &value(new)), &value(now), (false, is_own));
            assert_eq!(parted.value, value(comes_to), "{old} {new} {now}");
            assert_eq!(parted.kept.len(), kept, "{old} {new} {now}");
        }
        let (old, new) = (value(r#"{"a":1}"#), value(r#"{"a":3,"b":1}"#));
        let parted = without((&old, &new), &value(r#"{"a":13,"b":1}"#), (true, |_: &Value| true));
        assert_eq!((parted.value, parted.kept.len()), (value(r#"{"a":11}"#), 0));
    }
}
