//! Within a scope: which rows of a repo a session is about, and what they come to.

use super::message::{Digest, digest, digest_of};
use super::ranges::{all, row_hash};
use super::scope::Scope;
use super::session::Session;
use super::speak::key_of;
use crate::repo::{Meta, View, decision_about, decision_in_its_place, decisions_kind, rows};
use dronestore_core::store::{Direction, Range, Snapshot};
use dronestore_core::{Error, Key, Result, Version};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The rows of a scope as of one moment.
#[derive(Debug, Clone)]
pub(crate) struct Within {
    /// In their order, one behind the other.
    pub(crate) ranges: Vec<std::ops::Range<Vec<u8>>>,
    /// Those of decisions that belong to it; `None` for all.
    pub(crate) decisions: Option<Arc<BTreeSet<Vec<u8>>>>,
}

impl Within {
    /// Looks for them: some reads for each kind and key, and one of each decision.
    pub(crate) fn new(scope: &Scope, view: &View) -> Result<Within> {
        let [start, end] = all();
        if scope.is_everything() {
            return Ok(Within { ranges: vec![start..end], decisions: None });
        }
        let mut ranges = Vec::new();
        for kind in kinds(scope, &*view.snapshot)? {
            let heads = heads(scope, &kind);
            if any(&heads, &*view.snapshot)? {
                ranges.push(rows::schemas_of_kind(&kind));
                ranges.extend(heads);
            }
        }
        let about = rows::heads_of_kind(decisions_kind());
        let mut decisions = BTreeSet::new();
        let mut cursor = view.snapshot.scan(Range::between(&about.start, &about.end), Direction::Forward)?;
        while let Some((row, value)) = cursor.next()? {
            let version = view.read_head(key_of(row)?, value.into())?;
            if has(scope, &version) {
                decisions.insert(row.to_vec());
            }
        }
        if !decisions.is_empty() {
            ranges.push(rows::schemas_of_kind(decisions_kind()));
            ranges.push(about);
        }
        ranges.sort_unstable_by(|a, b| a.start.cmp(&b.start));
        Ok(Within { ranges, decisions: Some(Arc::new(decisions)) })
    }

    /// The parts of them that lie between two bounds.
    pub(crate) fn between(&self, start: &[u8], end: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
        let parts = self.ranges.iter().map(|range| (start.max(&*range.start), end.min(&*range.end)));
        parts.filter(|(start, end)| start < end).map(|(start, end)| (start.to_vec(), end.to_vec())).collect()
    }

    /// Whether a row that lies in one of the ranges belongs to them.
    pub(crate) fn has(&self, row: &[u8]) -> bool {
        let Some(decisions) = &self.decisions else { return true };
        let about = rows::heads_of_kind(decisions_kind());
        row < &about.start[..] || row >= &about.end[..] || decisions.contains(row)
    }
}

/// The kinds that there are, but that of decisions.
fn kinds(scope: &Scope, snapshot: &dyn Snapshot) -> Result<Vec<String>> {
    if let Some(kinds) = scope.kinds() {
        return Ok(kinds.iter().filter(|kind| *kind != decisions_kind()).cloned().collect());
    }
    let (range, mut kinds) = (rows::all(rows::KINDS), Vec::new());
    let mut cursor = snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
    while let Some((row, _)) = cursor.next()? {
        let kind = String::from_utf8_lossy(&row[1..]).into_owned();
        if kind != decisions_kind() {
            kinds.push(kind);
        }
    }
    Ok(kinds)
}

/// The heads of a kind, key by key.
fn heads(scope: &Scope, kind: &str) -> Vec<std::ops::Range<Vec<u8>>> {
    let all = rows::heads_of_kind(kind);
    let below = |key: &Key| {
        if key.is_root() {
            return all.clone();
        }
        let (start, end) = key.range();
        rows::heads(kind, &start..&end)
    };
    scope.keys().iter().map(below).collect()
}

fn any(ranges: &[std::ops::Range<Vec<u8>>], snapshot: &dyn Snapshot) -> Result<bool> {
    for range in ranges {
        let range = Range::between(&range.start, &range.end);
        if snapshot.scan(range, Direction::Forward)?.next()?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a version belongs to a scope: by its kind and key, or, if it is a decision, by those that it is about.
pub(super) fn has(scope: &Scope, version: &Version) -> bool {
    if scope.is_everything() || version.kind() != decisions_kind() {
        return scope.contains(version.kind(), version.key());
    }
    match decision_about(version) {
        Some((kind, Some(key))) => scope.contains(&kind, &key),
        // A rule for all objects of a kind.
        Some((kind, None)) => scope.has_kind(&kind),
        None => false,
    }
}

/// What the objects of a scope came to when the log had so many rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Summed {
    digest: Digest,
    sequence: u64,
}

impl Session {
    /// Limits the session to a scope. What is outside of it is neither compared nor given, taken or made known.
    ///
    /// A caller names what it wants; an answerer what may be had. Both go by what is in both scopes; an answerer that
    /// names none serves what the caller wants. Of what is outside it can be found out only whether the repo has any
    /// object at all.
    ///
    /// Cost: one pass over the rows of the scope to begin with, one at the end.
    #[must_use]
    pub fn within(mut self, scope: Scope) -> Session {
        self.scope = scope;
        self
    }

    /// The digest of what stands here; notes where the change log is.
    pub(super) fn digest(&mut self) -> Result<Digest> {
        if self.scope.is_everything() {
            let totals = self.repo.totals();
            return Ok(self.live.note(totals.next_row, digest(&totals.meta)));
        }
        // What is committed while it is summed may be in the sum and is in the log from there on: it is told twice at most.
        let sequence = self.repo.sequence();
        if let Some(known) = self.summed.filter(|known| known.sequence == sequence) {
            return Ok(self.live.note(known.sequence, known.digest));
        }
        let view = self.repo.view()?;
        let (within, heads, mut sum) =
            (Within::new(&self.scope, &view)?, rows::all(rows::HEADS), Meta::default());
        for (start, end) in within.between(&heads.start, &heads.end) {
            let mut cursor = view.snapshot.scan(Range::between(&start, &end), Direction::Forward)?;
            while let Some((row, value)) = cursor.next()? {
                if within.has(row) {
                    sum.objects += 1;
                    sum.add(&row_hash(row, value)?);
                }
            }
        }
        let digest = digest_of(&sum, &self.scope.encode());
        self.summed = Some(Summed { digest, sequence });
        Ok(self.live.note(sequence, digest))
    }

    /// Takes the scope that the other side names.
    pub(super) fn agree_on(&mut self, theirs: &Scope) {
        let both = self.scope.and(theirs);
        if both != self.scope {
            (self.scope, self.summed) = (both, None);
        }
        self.report.scope.clone_from(&self.scope);
    }

    /// Whether a row that stands here is in the scope.
    pub(super) fn has_row(&mut self, row: &[u8], value: &[u8]) -> Result<bool> {
        if self.scope.is_everything() {
            return Ok(true);
        }
        if row.first() == Some(&rows::HEADS) {
            let version = self.view()?.read_head(key_of(row)?, value.into())?;
            return Ok(has(&self.scope, &version));
        }
        let ranges = &self.rows_within()?.ranges;
        Ok(ranges.iter().any(|range| *range.start <= *row && *row < *range.end))
    }

    /// The rows of the scope that stand here now.
    pub(super) fn rows_within(&mut self) -> Result<&Within> {
        let within = match self.within.take() {
            Some(within) => within,
            None => {
                let scope = self.scope.clone();
                Within::new(&scope, self.view()?)?
            }
        };
        Ok(self.within.insert(within))
    }

    /// Refuses what is outside of the scope.
    pub(super) fn check_scope<'a>(
        &self,
        versions: impl Iterator<Item = &'a Version>,
        schemas: &[(Vec<u8>, Vec<u8>)],
    ) -> Result<()> {
        if self.scope.is_everything() {
            return Ok(());
        }
        for version in versions {
            if !has(&self.scope, version) || !self.may_decide(version)? {
                return Err(Error::corrupt(format!("{version} is outside of what was agreed on")));
            }
        }
        let mut kinds = schemas.iter().filter_map(|(row, _)| rows::kind_of_schema(row));
        if kinds.any(|kind| kind != decisions_kind() && !self.scope.has_kind(kind)) {
            return Err(Error::corrupt("a schema is outside of what was agreed on"));
        }
        Ok(())
    }

    /// Whether what comes as a decision is one about the scope, and not one that takes the place of another.
    fn may_decide(&self, version: &Version) -> Result<bool> {
        if version.kind() != decisions_kind() {
            return Ok(true);
        }
        let known = self.repo.view()?.version(decisions_kind(), version.key())?;
        Ok(decision_in_its_place(version) && known.is_none_or(|known| has(&self.scope, &known)))
    }
}
