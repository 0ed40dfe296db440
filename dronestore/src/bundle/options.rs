//! What a bundle is to hold, and who is told how far it is.

use crate::repo::Point;
use crate::sync::Scope;
use std::fmt;

/// Who is told how far it is.
pub(crate) type Tell<'p> = Box<dyn FnMut(&Progress) + 'p>;

/// What a bundle is to hold: everything, where nothing else is said.
#[derive(Default)]
#[non_exhaustive]
#[must_use = "options do nothing by themselves"]
pub struct BundleOptions<'p> {
    pub(super) since: Option<Point>,
    pub(super) scope: Scope,
    pub(super) progress: Option<Tell<'p>>,
}

/// How far a bundle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many objects are written or merged.
    pub objects: u64,
    /// Of how many.
    pub of: u64,
    /// How many bytes that took.
    pub bytes: u64,
}

impl<'p> BundleOptions<'p> {
    /// Everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only what has changed since a point: one of this repo, or one of a repo with which this one has synced. Where that
    /// cannot be told any more it is everything, which the summary says.
    pub fn since(mut self, point: &Point) -> Self {
        self.since = Some(*point);
        self
    }

    /// Only this part, with the decisions and the schemas that belong to it, as in a session within it. Who imports it holds a
    /// part, as after such a session.
    pub fn within(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Tells after each block, some thousand objects, how far it is.
    pub fn progress(mut self, tell: impl FnMut(&Progress) + 'p) -> Self {
        self.progress = Some(Box::new(tell));
        self
    }
}

impl fmt::Debug for BundleOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BundleOptions")
            .field("since", &self.since)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
