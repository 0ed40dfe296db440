//! Arrivals: versions that another replica sent, taken in through the one gate.

use super::conflicts::decisions::Decision;
use super::watch::Cause;
use super::{DatabaseId, MergeReport, Repo, rows};
use dronestore_core::model::Model;
use dronestore_core::version::delta::Delta;
use dronestore_core::{Error, ErrorKind, Hash, Key, Nanotime, Result, Version};
use std::sync::Arc;

/// A version that came, and whether the one who sent it asks for what it has not seen.
pub(crate) struct Arrival {
    pub(crate) version: Version,
    pub(crate) asks: bool,
    /// What it was rebuilt from, if it was.
    pub(crate) came_of: Option<Base>,
}

/// A version from which another came, and how.
pub(crate) struct Base {
    pub(crate) hash: Hash,
    pub(crate) delta: Delta,
    /// Whether by one commit on it, of an actor whom it has seen: there is nothing to merge then.
    pub(crate) is_next: bool,
}

impl Repo {
    /// Merges what arrived, in one batch; gives the numbers of the arrivals whose sender lacks something that stands
    /// here now. An empty repo joins the database; of another database, nothing is taken.
    pub(crate) fn take_in(
        &self,
        arrivals: &[Arrival],
        schemas: &[(Vec<u8>, Vec<u8>)],
        database: Option<DatabaseId>,
    ) -> Result<(MergeReport, Vec<usize>)> {
        let (report, returns, _) = self.take_in_at(arrivals, schemas, database)?;
        Ok((report, returns))
    }

    /// As [`Repo::take_in`]; gives also the row of the change log with which the batch begins, if it wrote anything.
    pub(crate) fn take_in_at(
        &self,
        arrivals: &[Arrival],
        schemas: &[(Vec<u8>, Vec<u8>)],
        database: Option<DatabaseId>,
    ) -> Result<(MergeReport, Vec<usize>, u64)> {
        self.attempt(|| {
            self.write(|transaction| {
                transaction.exchanges = true;
                transaction.cause = Cause::Sync;
                let home = transaction.writer.home.database;
                match database.filter(|database| *database != home) {
                    Some(database) if transaction.writer.meta.objects == 0 => {
                        transaction.join_database(database)
                    }
                    Some(database) => return Err(other_database(home, database)),
                    None => {}
                }
                let (mut report, mut returns) = (MergeReport::default(), Vec::new());
                for (number, arrival) in arrivals.iter().enumerate() {
                    let version = &arrival.version;
                    let part = transaction.merge_from(version, arrival.came_of.as_ref())?;
                    if arrival.asks {
                        let row = rows::head(version.kind(), version.key());
                        let head = transaction.stored(&row, version.key())?;
                        returns.extend(head.filter(|head| head.hash() != version.hash()).map(|_| number));
                    }
                    report.add(part);
                }
                for (row, schema) in schemas {
                    if transaction.snapshot.get(row)?.is_none() {
                        transaction.extra.insert(row.clone(), schema.clone());
                    }
                }
                Ok((report, returns, transaction.writer.next_row))
            })
        })
    }

    /// What the repo's clock says.
    pub(crate) fn wall_time(&self) -> Nanotime {
        self.inner.clock.now()
    }

    /// Whether both are one repo in this process.
    pub(crate) fn is(&self, other: &Repo) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

/// The kind of decisions, which are to arrive before what they decide about.
pub(crate) fn decisions_kind() -> &'static str {
    Decision::KIND
}

/// Whether a decision stands under the key of what it says it is about.
pub(crate) fn decision_in_its_place(version: &Version) -> bool {
    super::conflicts::decisions::is_in_its_place(version)
}

/// What a decision is about: the kind, and the key unless it is a rule for all of it.
pub(crate) fn decision_about(version: &Version) -> Option<(String, Option<Key>)> {
    super::conflicts::decisions::about(version)
}

/// How it is told that two repos are no replicas of one another.
pub(crate) const NO_REPLICAS: &str = "they are not replicas of one another";

/// That two repos are no replicas of one another.
pub(crate) fn other_database(ours: DatabaseId, theirs: DatabaseId) -> Error {
    Error::new(
        ErrorKind::Mismatch,
        format!("database {theirs} does not sync with database {ours}: {NO_REPLICAS}"),
    )
}
