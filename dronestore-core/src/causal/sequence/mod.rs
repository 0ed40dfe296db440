//! Sequences: lists and texts, as elements in an insertion tree.
//!
//! The tree is Fugue's (Weidner, Kleppmann, "The Art of the Fugue: Minimizing Interleaving in Collaborative Text
//! Editing", 2023). An element is named by the dot of the commit that inserted it and its index in that commit. It
//! hangs, for good, on the left or the right of another element or of the root: its *stem*. Of siblings on one side
//! the newest comes first, by the time of its commit, then by its name. The order of the text is: what hangs on the
//! left, the element, what hangs on the right.
//!
//! # The algebra
//!
//! *Visible* is what the commits seen have inserted and none of them has deleted. The state is a function of that
//! set: the visible elements, and their ancestors without content (tombstones), and nothing else.
//!
//! 1. *The visible set is that of an add-wins set*: visible in a join is what both sides show, and what one shows
//!    and the other has never seen. A name is inserted once, so a deletion that has seen it is final.
//! 2. *The order of two elements is a function of their paths to the root*, of the place where these part and, where
//!    that is between siblings, of two stamps. A path and a stamp never change, and whoever shows an element has its
//!    whole path. So no element that is missing can change the order of two that are there, and all replicas agree
//!    on the order of all elements that ever were.
//! 3. *Dropping an ancestor that nothing visible needs is harmless.* If a concurrent insertion hangs below it, the
//!    side that shows that insertion has the ancestor, because it has the whole path; the join takes it from there.
//!    So the nodes of a join are the closure of its visible set whatever was dropped before, in whatever order of
//!    merging.
//! 4. *Where an insertion goes* is decided once, by its author, in the tree that the author has after the deletions
//!    of the same commit: right of its left neighbour where nothing hangs there, else left of the element that
//!    follows. Either way nothing of that tree stands between it and its left neighbour, and a run that somebody
//!    types hangs in one chain: the runs of two authors at one place are two subtrees, and do not mix.
//! 5. *Siblings are mostly concurrent*, and any order of these would do. Where one has seen the other it has seen
//!    it deleted, or it would not hang there. With all tombstones kept it would hang on the left of that one;
//!    newest first it comes before it, too, and so before all that others have inserted behind what was deleted.
//!
//! ```text
//! sequence := dots, run*                             in the order of the text
//! run      := head, row, index, [stem], [content]    head: count << 2 | continues << 1 | visible
//! stem     := 0 | ((row + 1) << 1 | right), index    left out where the run continues: right of (row, index - 1)
//! content  := bytes - count, UTF-8  |  size, values  where visible; by the form
//! ```
//!
//! A run is a chain: each element but the first hangs on the right of the one before it, and has the next index of
//! the same commit. Runs are as long as can be. So one tree has one encoding, and reading it is reading from left to
//! right.
//!
//! Absent from this folder: strategies, differences between two texts.

mod check;
mod edit;
mod join;
#[cfg(test)]
mod model;
mod moved;
mod near;
mod needless;
mod renumber;
mod run;
mod standing;
mod tree;
mod zip;

pub use edit::{Splice, splice};
pub use run::{Content, Id, Run, RunWriter, Runs, Stem};
pub use tree::{Places, arrange, newest_first, sorted};
