//! Conflicts: what waits for a decision, decisions that sync, and why a value reads as it does.
//!
//! A decision is an object like any other ([`decisions`]): it syncs, and in it every actor has one vote. A conflict
//! reads through the votes, without a write. The index ([`index`]) is of this repo alone and says which objects are
//! contested.

pub(crate) mod decisions;
mod explain;
pub(crate) mod index;
mod list;
mod resolve;
mod resolver;

pub use list::{Conflict, Conflicts};
pub use resolve::{Resolution, Rule};
pub use resolver::Resolver;

use super::rows;
use super::transaction::Transaction;
use super::view::View;
use crate::drone::Drone;
use crate::given::Given;
use crate::versioned::Versioned;
use dronestore_core::model::load_ruled;
use dronestore_core::strategy::Rulings;
use dronestore_core::{Key, Result, Version};
use std::sync::Arc;

/// Where versions are looked up: a view, or a transaction with what it has staged.
pub(crate) trait Heads {
    /// The version of an object, also of a deleted one.
    fn version_of(&self, kind: &str, key: &Key) -> Result<Option<Version>>;

    /// What a handle tells that its version leaves.
    fn given(&self) -> &Arc<Given>;
}

impl Heads for View {
    fn version_of(&self, kind: &str, key: &Key) -> Result<Option<Version>> {
        self.head(kind, key)
    }

    fn given(&self) -> &Arc<Given> {
        self.inner.given()
    }
}

impl Heads for Transaction<'_> {
    fn version_of(&self, kind: &str, key: &Key) -> Result<Option<Version>> {
        self.head(&rows::head(kind, key), key)
    }

    fn given(&self) -> &Arc<Given> {
        self.repo.inner.given()
    }
}

/// A value and the decisions that it was read by: `None` where it met no `conflict` of several entries.
pub(crate) type Decided<T> = (T, Option<Arc<Rulings>>);

/// Reads a version as a value, each conflict as the decisions that are known here say.
///
/// Cost: as without decisions, but for versions with a `conflict` of several entries.
#[inline]
pub(crate) fn load<T: Drone>(heads: &impl Heads, version: &Version) -> Result<Decided<T>> {
    match load_ruled(version, None) {
        Ok((value, false)) => Ok((value, None)),
        Ok((value, true)) => {
            let rulings = decisions::rulings(heads, version)?;
            if rulings.is_empty() {
                return Ok((value, Some(Arc::default())));
            }
            Ok((load_ruled(version, Some(&rulings))?.0, Some(Arc::new(rulings))))
        }
        // The newest side may be what no longer decodes, and another what was decided.
        Err(error) => match version.may_have_rulings() {
            Ok(true) => {
                let rulings = decisions::rulings(heads, version)?;
                Ok((load_ruled(version, Some(&rulings))?.0, Some(Arc::new(rulings))))
            }
            _ => Err(error),
        },
    }
}

/// As [`load`], as a handle.
#[inline]
pub(crate) fn handle<T: Drone>(heads: &impl Heads, version: Version) -> Result<Versioned<T>> {
    let (value, rulings) = load(heads, &version)?;
    let mut handle = Versioned::loaded(version, value, rulings);
    handle.given = Some(heads.given().clone());
    Ok(handle)
}
