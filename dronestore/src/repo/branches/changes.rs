//! Changes: what merging a branch would do to the repo, object by object and field by field.

use super::handle::Branch;
use super::join::{is_another, meet};
use super::record::{self, Record};
use crate::drone::Drone;
use crate::repo::FieldDiff;
use crate::repo::View;
use crate::repo::conflicts::decisions::outcome;
use crate::repo::history::changes;
use crate::versioned::Versioned;
use dronestore_core::schema::Schema;
use dronestore_core::version::Merged;
use dronestore_core::{ActorId, Key, Result, Version};
use std::collections::BTreeMap;
use std::fmt;

/// An object that a branch has touched, and what merging it would do in the repo.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BranchChange {
    /// The kind of the object.
    pub kind: String,
    /// Its key.
    pub key: Key,
    /// The fields that would read otherwise in the repo, by their stored names: what they read as there now, and then. None where
    /// the object is deleted.
    pub fields: Vec<FieldDiff>,
    /// The places where a `conflict` would wait for a decision that does not wait for one now.
    pub conflicts: Vec<String>,
    /// Whether the repo has something newer that the branch has not seen: [`Branch::catch_up`] takes it in.
    pub is_behind: bool,
    /// Whether the two have no join, so that a merge sets one of them aside; then `fields` are what the two differ in.
    pub is_forked: bool,
    standing: Option<Version>,
    own: Version,
    merged: Version,
}

impl BranchChange {
    /// What stands in the repo; `None` where there is no such object.
    pub fn standing(&self) -> Option<&Version> {
        self.standing.as_ref()
    }

    /// What stands on the branch.
    pub fn own(&self) -> &Version {
        &self.own
    }

    /// What a merge would make of both.
    pub fn merged(&self) -> &Version {
        &self.merged
    }

    /// The object as it stands in the repo; `None` where there is none, or it reads as deleted.
    ///
    /// # Errors
    /// As [`Versioned::from_version`].
    pub fn was<T: Drone>(&self) -> Result<Option<Versioned<T>>> {
        typed(self.standing.as_ref())
    }

    /// The object as a merge would leave it; `None` where it reads as deleted then.
    ///
    /// # Errors
    /// As [`Versioned::from_version`].
    pub fn becomes<T: Drone>(&self) -> Result<Option<Versioned<T>>> {
        typed(Some(&self.merged))
    }

    /// What becomes of the object: `created`, `deleted`, `brought back` or `changed`.
    pub fn word(&self) -> &'static str {
        let is_there = |version: &Version| !version.is_deleted();
        match (&self.standing, is_there(&self.merged)) {
            (None, true) => "created",
            (Some(standing), true) if !is_there(standing) => "brought back",
            (_, true) => "changed",
            (_, false) => "deleted",
        }
    }
}

fn typed<T: Drone>(version: Option<&Version>) -> Result<Option<Versioned<T>>> {
    let there = version.filter(|version| !version.is_deleted());
    there.map(|version| Versioned::from_version(version.clone())).transpose()
}

/// A line for the object and one for each field: `age: 23 → 24`.
impl fmt::Display for BranchChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let forked = if self.is_forked { ", forks with the repo's" } else { "" };
        writeln!(f, "{} {}{forked}", self.key, self.word())?;
        self.fields.iter().try_for_each(|field| writeln!(f, "    {field}"))?;
        self.conflicts.iter().try_for_each(|path| writeln!(f, "    {path}: would wait for a decision"))
    }
}

impl Branch {
    /// What merging the branch would do to the repo now: the objects that it has touched, in the order of their kinds and keys, and
    /// in which fields they would read otherwise. Nothing is written.
    ///
    /// An object without fields is one that reads alike, or is deleted.
    ///
    /// # Errors
    /// As [`Branch::view`].
    ///
    /// Cost: a pass over the branch's rows, a read of the repo and a merge for each; three versions of each are in memory.
    pub fn changes(&self) -> Result<Vec<BranchChange>> {
        let view = self.repo.view()?;
        // Versions leave with what is told.
        self.repo.give_away();
        let (record, repo) = (self.record(&*view.snapshot)?, self.repo.actor());
        let mut schemas: BTreeMap<String, Option<Schema>> = BTreeMap::new();
        let mut found = Vec::new();
        for touched in record::touched(&record, &*view.snapshot)? {
            let own = view.read_head(touched.key, touched.bytes)?;
            if !schemas.contains_key(&touched.kind) {
                schemas.insert(touched.kind.clone(), schema_of(&view, &touched.kind)?);
            }
            let schema = schemas.get(&touched.kind).and_then(Option::as_ref);
            found.push(change(&view, own, ((&record, &repo), schema))?);
        }
        Ok(found)
    }
}

fn change(
    view: &View,
    own: Version,
    (who, schema): ((&Record, &ActorId), Option<&Schema>),
) -> Result<BranchChange> {
    let (kind, key) = (own.kind().to_owned(), own.key().clone());
    let standing = view.head(&kind, &key)?;
    let (mut is_behind, mut is_forked) = (false, false);
    let merged = match &standing {
        None => own.clone(),
        Some(standing) if is_another(who, &own, standing)? => {
            (is_behind, is_forked) = (true, true);
            own.clone()
        }
        Some(standing) => match meet(standing, &own)? {
            Some(Merged::Known) => {
                is_behind = *standing != own;
                standing.clone()
            }
            Some(Merged::Forward) => own.clone(),
            Some(Merged::Joined(version)) => {
                is_behind = true;
                version
            }
            None => {
                (is_behind, is_forked) = (true, true);
                own.clone()
            }
        },
    };
    let mut fields = match merged.is_deleted() {
        true => Vec::new(),
        false => changes(standing.as_ref().filter(|standing| !standing.is_deleted()), &merged, schema)?,
    };
    fields.retain(|field| field.old != field.new);
    let known = standing.as_ref().map_or_else(|| Ok(Vec::new()), |standing| waiting(view, standing))?;
    let mut conflicts = waiting(view, &merged)?;
    conflicts.retain(|path| !known.contains(path));
    Ok(BranchChange { conflicts, kind, key, fields, is_behind, is_forked, standing, own, merged })
}

/// The places of a version that wait for a decision.
fn waiting(view: &View, version: &Version) -> Result<Vec<String>> {
    let mut found = Vec::new();
    if version.is_deleted() || !version.may_have_rulings()? {
        return Ok(found);
    }
    for contest in version.contests()?.into_iter().filter(|contest| contest.asks) {
        if outcome(view, version, &contest)?.is_none() {
            found.push(contest.path.to_string());
        }
    }
    Ok(found)
}

fn schema_of(view: &View, kind: &str) -> Result<Option<Schema>> {
    let known = view.inner.models.schemas().into_iter().find(|schema| schema.kind == kind);
    known.map_or_else(|| view.schema_of(kind), |schema| Ok(Some(schema)))
}
