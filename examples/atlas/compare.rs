//! One line of history in one repo, compared with the same line in plain maps.

use super::history::{Attributes, Commit, History};
use super::replay::{AuthorsClock, CACHE_BYTES, Record, write};
use super::report::Report;
use dronestore::{Repo, Result, Value};
use indicatif::ProgressBar;
use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;
use std::path::Path;

/// Objects as plain maps: what any correct replay of one line of history must give.
type Plain = BTreeMap<String, Attributes>;

/// Replays the first-parent chain of the last commit both ways and compares attribute by attribute.
///
/// # Errors
/// As the repo's methods; a difference is no error but a failure in the report.
pub(super) fn compare(
    history: &History,
    folder: &Path,
    report: &mut Report,
    bar: &ProgressBar,
) -> Result<()> {
    let clock = AuthorsClock::default();
    let builder = Repo::builder().path(folder.join("first-parent.drone")).cache_bytes(CACHE_BYTES);
    let repo = builder.clock(clock.clone()).open()?;
    let (mut plain, mut retyped) = (Plain::new(), BTreeSet::new());
    let chain = history.first_parents();
    bar.set_length(chain.len() as u64);
    for commit in &chain {
        write(&repo, &clock, commit)?;
        apply(commit, &mut plain, &mut retyped);
        bar.inc(1);
    }
    report.count("commits", chain.len() as u64);
    report.count("objects in the repo", repo.iter::<Record>()?.count() as u64);
    report.count("objects in plain maps", plain.len() as u64);
    report.count("attributes compared", plain.values().map(|attributes| attributes.len() as u64).sum());
    report.count("attributes that changed type", retyped.len() as u64);
    report.text("repo hash", repo.hash());
    let differences = differences(&plain, &repo)?;
    report.count("differences", differences.len() as u64);
    report.failures.extend(differences);
    Ok(())
}

/// Applies a commit, and notes which attributes of which objects were given a value of another type.
fn apply(commit: &Commit, plain: &mut Plain, retyped: &mut BTreeSet<(String, String)>) {
    for (name, change) in &commit.change {
        let attributes = plain.entry(name.clone()).or_default();
        for (attribute, value) in &change.set {
            if attributes.get(attribute).is_some_and(|old| discriminant(old) != discriminant(value)) {
                retyped.insert((name.clone(), attribute.clone()));
            }
        }
        change.apply(attributes);
    }
    for name in &commit.delete {
        plain.remove(name);
    }
}

/// Every attribute that is not the same on both sides, and every object that is on one only.
fn differences(plain: &Plain, repo: &Repo) -> Result<Vec<String>> {
    let mut stored = Plain::new();
    for record in repo.iter::<Record>()? {
        let record = record?;
        stored.insert(record.key().name().into_owned(), record.attributes.clone());
    }
    let mut differences = Vec::new();
    let names: BTreeSet<&String> = plain.keys().chain(stored.keys()).collect();
    for name in names {
        match (plain.get(name), stored.get(name)) {
            (Some(plain), Some(stored)) => differ(name, plain, stored, &mut differences),
            (Some(_), None) => differences.push(format!("`{name}` is missing in the repo")),
            _ => differences.push(format!("`{name}` is in the repo only")),
        }
    }
    Ok(differences)
}

fn differ(name: &str, plain: &Attributes, stored: &Attributes, differences: &mut Vec<String>) {
    let shown = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), Value::to_string);
    let attributes: BTreeSet<&String> = plain.keys().chain(stored.keys()).collect();
    for attribute in attributes {
        let (expected, found) = (plain.get(attribute), stored.get(attribute));
        if expected != found {
            let (expected, found) = (shown(expected), shown(found));
            differences.push(format!(
                "`{name}`: `{attribute}` is {found} in the repo and {expected} in the plain map"
            ));
        }
    }
}
