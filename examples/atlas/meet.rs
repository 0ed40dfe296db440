//! Meetings: two replicas merge each other, in random pairs, until nobody has news.

use super::replay::Replicas;
use super::report::Report;
use dronestore::{Hash, Key, Repo, Result};
use indicatif::ProgressBar;
use std::collections::{BTreeMap, BTreeSet};

/// Rumours reach everybody in about log2(n) + ln(n) rounds; who needs this many will never agree.
const MAX_ROUNDS: u64 = 200;

/// What merging came to, over all replicas.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Merges of one repo into another.
    pub(super) merges: u64,
    /// Those of them that brought something new.
    pub(super) with_news: u64,
    /// Versions that two replicas had moved apart, joined.
    pub(super) joined: u64,
    /// Objects of which some attribute held several concurrent writes after some merge.
    pub(super) conflicts: BTreeSet<Key>,
    /// Objects with two commits of one name. Here every actor lives in one file, so there must be none.
    pub(super) forked: BTreeSet<Key>,
}

impl Tally {
    /// Merges all of one repo into another and says whether that brought news.
    ///
    /// # Errors
    /// As [`Repo::merge`].
    pub(super) fn merge(&mut self, into: &Repo, from: &Repo) -> Result<bool> {
        let report = into.merge(from)?;
        self.merges += 1;
        self.with_news += u64::from(report.has_news());
        self.joined += report.merged as u64;
        self.forked.extend(report.forked.iter().cloned());
        if report.concurrent > 0 {
            self.look_for_conflicts(into)?;
        }
        Ok(report.has_news())
    }

    /// Adds the counts to the table, and forks to the failures.
    pub(super) fn report(&self, report: &mut Report) {
        report.count("merges", self.merges);
        report.count("merges with news", self.with_news);
        report.count("versions joined", self.joined);
        report.count("conflicts seen", self.conflicts.len() as u64);
        report.failures.extend(self.forked.iter().map(|key| format!("`{key}` has forked")));
    }

    fn look_for_conflicts(&mut self, repo: &Repo) -> Result<()> {
        for version in repo.objects(&Key::root())? {
            let version = version?;
            if version.has_concurrent_values()? {
                self.conflicts.insert(version.key().clone());
            }
        }
        Ok(())
    }
}

/// How the meetings ended.
#[derive(Debug)]
pub(super) enum Ending {
    /// Everybody holds the same, by this hash.
    Agreed(Hash),
    /// Somebody does not: who holds what.
    Disagreed(String),
}

/// Lets the replicas meet until a full round brings no news and all hashes are equal; says after how many rounds.
///
/// # Errors
/// As [`Repo::merge`].
pub(super) fn meet(
    replicas: &Replicas,
    random: &mut fastrand::Rng,
    tally: &mut Tally,
    bar: &ProgressBar,
) -> Result<(u64, Ending)> {
    let mut order: Vec<u64> = replicas.keys().copied().collect();
    for round in 1..=MAX_ROUNDS {
        random.shuffle(&mut order);
        let mut news = false;
        for pair in order.chunks(2) {
            // With an odd number the last one meets somebody who has had a meeting in this round.
            let (one, other) = (pair[0], pair.get(1).copied().unwrap_or(order[0]));
            let (a, b) = (&replicas[&one], &replicas[&other]);
            news |= tally.merge(a, b)?;
            news |= tally.merge(b, a)?;
            if a.hash() != b.hash() {
                let apart = format!(
                    "{one} and {other} have merged each other and still differ; {}",
                    holders(replicas)
                );
                return Ok((round, Ending::Disagreed(apart)));
            }
        }
        let groups = groups(replicas);
        bar.set_position(groups.values().map(Vec::len).max().unwrap_or(0) as u64);
        match groups.into_keys().collect::<Vec<_>>()[..] {
            [hash] if !news => return Ok((round, Ending::Agreed(hash))),
            _ => {}
        }
    }
    Ok((MAX_ROUNDS, Ending::Disagreed(format!("no end after {MAX_ROUNDS} rounds; {}", holders(replicas)))))
}

/// What an onlooker ends with who takes in everybody's replica, one after the other.
///
/// # Errors
/// As [`Repo::merge`].
pub(super) fn onlooker(replicas: &Replicas) -> Result<Hash> {
    let onlooker = Repo::memory()?;
    for repo in replicas.values() {
        onlooker.merge(repo)?;
    }
    Ok(onlooker.hash())
}

/// The replicas that do not hold what they say they do: every hash is recomputed from the file.
///
/// # Errors
/// As [`Repo::verify`].
pub(super) fn liars(replicas: &Replicas) -> Result<Vec<u64>> {
    let mut liars = Vec::new();
    for (author, repo) in replicas {
        if repo.verify()?.hash != repo.hash() {
            liars.push(*author);
        }
    }
    Ok(liars)
}

/// Who holds the same, by hash.
fn groups(replicas: &Replicas) -> BTreeMap<Hash, Vec<u64>> {
    let mut groups: BTreeMap<Hash, Vec<u64>> = BTreeMap::new();
    for (author, repo) in replicas {
        groups.entry(repo.hash()).or_default().push(*author);
    }
    groups
}

fn holders(replicas: &Replicas) -> String {
    let group = |(hash, authors): (&Hash, &Vec<u64>)| {
        let names: Vec<String> = authors.iter().map(u64::to_string).collect();
        format!("{hash:.8} is held by {}", names.join(", "))
    };
    groups(replicas).iter().map(group).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::super::replay::Record;
    use super::*;
    use dronestore::Drone;

    #[test]
    fn who_holds_what_is_named() {
        let first = Repo::memory().unwrap();
        let replica = || Repo::builder().replica_of(&first).open().unwrap();
        let replicas = Replicas::from([(3, replica()), (4, replica()), (5, replica())]);
        replicas[&4].save(&mut Record::named("larch").unwrap()).unwrap();
        let (holders, hash) = (holders(&replicas), replicas[&4].hash());
        assert!(holders.contains("is held by 3, 5"), "{holders}");
        assert!(holders.contains(&format!("{hash:.8} is held by 4")), "{holders}");

        let (mut tally, bar) = (Tally::default(), ProgressBar::hidden());
        let (_, ending) = meet(&replicas, &mut fastrand::Rng::with_seed(1), &mut tally, &bar).unwrap();
        assert!(matches!(ending, Ending::Agreed(agreed) if agreed == hash), "{ending:?}");
        assert_eq!((tally.with_news, tally.joined), (2, 0));
        assert_eq!(onlooker(&replicas).unwrap(), hash);
        assert!(liars(&replicas).unwrap().is_empty());
    }
}
