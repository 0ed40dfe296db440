//! What must hold of every version, whatever way it came about.

use super::oracle::{Commits, Path};
use super::spec::{Rule, Spec};
use super::world::{Outcome, World, bits, shown};
use dronestore::version::{Author, Merged, join_in_full};
use dronestore::{ActorId, HybridClock, Nanotime, Version};

impl World<'_> {
    /// Bytes, hash, reading, tips: all are functions of the commits seen.
    pub fn check(&mut self, known: Commits, version: &Version) -> Outcome {
        if let Some((_, met)) = self.met.iter().find(|(met, _)| *met == known) {
            return same(met, version, || format!("two versions that have seen {}", bits(known)));
        }
        self.met.push((known, version.clone()));
        let bytes = version.to_bytes();
        let back =
            Version::from_bytes(&bytes).map_err(|error| format!("strict reading: {}", shown(error)))?;
        if back.to_bytes() != bytes {
            return Err("bytes change when they are read and written".into());
        }
        same(&back, version, || "a version and its copy".into())?;
        self.check_reading(known, &back)?;
        self.check_causality(known, &back)?;
        self.check_silence(&back)
    }

    fn check_reading(&self, known: Commits, version: &Version) -> Outcome {
        let found = (self.table.load)(version).map_err(shown)?;
        let expected = self.oracle.fields(&self.table.fields, Path::default(), known);
        if found != expected {
            return Err(format!("having seen {} reads {found:?}, by the oracle {expected:?}", bits(known)));
        }
        let conflicted = self.table.fields.iter().enumerate().any(|(index, field)| {
            matches!(field.spec, Spec::Register(Rule::Conflict)) && {
                let values = self.oracle.values(Path::default().below(index as u8), known);
                values.windows(2).any(|pair| pair[0].1 != pair[1].1)
            }
        });
        if conflicted && !version.is_conflicted().map_err(shown)? {
            return Err("a conflict is not listed".into());
        }
        Ok(())
    }

    fn check_causality(&self, known: Commits, version: &Version) -> Outcome {
        let tips = self.oracle.tips(known);
        let commit = |tip: &usize| &self.oracle.commits[*tip];
        let mut expected: Vec<_> = tips.iter().map(|tip| (commit(tip).stamp, commit(tip).deletes)).collect();
        expected.sort_by_key(|((_, actor, sequence), _)| (*actor, *sequence));
        let found = version.tips().into_iter();
        let found: Vec<_> = found
            .map(|tip| ((tip.time.as_nanos(), *tip.dot.actor.as_bytes(), tip.dot.sequence), tip.deleted))
            .collect();
        if found != expected {
            return Err(format!("tips are {found:?}, by the oracle {expected:?}"));
        }
        if version.is_deleted() != tips.iter().all(|tip| commit(tip).deletes) {
            return Err("deleted, or not, against its tips".into());
        }
        let creations = self.oracle.commits.iter().enumerate().filter(|(index, _)| known >> index & 1 == 1);
        let created = creations.filter(|(_, commit)| commit.creates).map(|(_, commit)| commit.stamp.0).min();
        if Some(version.created().as_nanos()) != created {
            return Err(format!("created {}, by the oracle {created:?}", version.created().as_nanos()));
        }
        Ok(())
    }

    /// What was loaded and not edited is no change.
    fn check_silence(&self, version: &Version) -> Outcome {
        let value = (self.table.load)(version).map_err(shown)?;
        let mut clock = HybridClock::default();
        let mut author =
            Author { actor: ActorId::from_bytes([7; 12]), clock: &mut clock, wall: Nanotime::from_nanos(1) };
        let committed = (self.table.commit)(&value, &self.key, Some(version), Some(version), &mut author)
            .map_err(shown)?;
        match committed {
            None => Ok(()),
            Some(committed) => Err(format!("a commit without an edit wrote {:?}", committed.changed)),
        }
    }

    /// The join with another version met before, both ways and by the short ways.
    pub fn check_against_another(&mut self, known: Commits, version: &Version) -> Outcome {
        let pick = (known.count_ones() as usize * 7 + self.oracle.writes.len()) % self.met.len();
        let (other_known, other) = self.met[pick].clone();
        let joined = join_in_full(version, &other).map_err(shown)?;
        let commuted = join_in_full(&other, version).map_err(shown)?;
        same(&joined, &commuted, || "the two orders of a join".into())?;
        let covers = |theirs: &Version| joined.covers(theirs).map_err(shown);
        if !covers(version)? || !covers(&other)? {
            return Err("a join does not cover what went into it".into());
        }
        let short = match version.merge(&other).map_err(shown)? {
            Merged::Known => version.clone(),
            Merged::Forward => other.clone(),
            Merged::Joined(joined) => joined,
        };
        same(&joined, &short, || "the full join and the short way".into())?;
        same(&joined, &join_in_full(&joined, &other).map_err(shown)?, || "a join done twice".into())?;
        self.check(known | other_known, &joined)
    }

    /// All that was met, joined in another order and grouping.
    pub fn check_all_orders(&mut self, rng: &mut super::rng::Rng) -> Outcome {
        let mut heap = self.met.clone();
        while heap.len() > 1 {
            let (a, one) = heap.swap_remove(rng.below(heap.len()));
            let index = rng.below(heap.len());
            let (b, other) = heap[index].clone();
            let joined = join_in_full(&one, &other).map_err(shown)?;
            if let Some((_, met)) = self.met.iter().find(|(met, _)| *met == a | b) {
                same(met, &joined, || format!("two ways to {}", bits(a | b)))?;
            }
            heap[index] = (a | b, joined);
        }
        match heap.pop() {
            Some((known, all)) => {
                self.check(known, &all)?;
                self.check_untyped(known, &all)
            }
            None => Ok(()),
        }
    }
}

fn same(one: &Version, other: &Version, what: impl FnOnce() -> String) -> Outcome {
    let parts = |version: &Version| (version.hash(), version.shape().as_bytes().to_vec());
    if parts(one) != parts(other) || one.state_bytes() != other.state_bytes() {
        let what = what();
        return Err(format!("{what} differ:\n  {:02x?}\n  {:02x?}", one.state_bytes(), other.state_bytes()));
    }
    Ok(())
}
