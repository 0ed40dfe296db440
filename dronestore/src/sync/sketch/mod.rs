//! Sketches: what two strangers do not share, found from few bytes, however much they hold.
//!
//! Each side keeps a table of cells over the ids of its rows, caught up from its change log and never made within a
//! write. The difference of two sides' cells is that of their sets: what both have cancels out, and what is left is
//! taken apart id by id. How many cells that takes an estimate says; where it does not come out, more cells do, or ranges.

mod cell;
mod decode;
mod estimate;
mod exchange;
mod find;
mod kept;
mod state;
mod table;

#[cfg(test)]
mod tests;

pub(crate) use estimate::Estimate;
pub(super) use state::{Sketch, Stage};
