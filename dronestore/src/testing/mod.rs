//! For tests, yours included: the suite that every store passes, and stores that fail or count on purpose.
//!
//! | name | for |
//! |---|---|
//! | [`check_store`], [`check_durable_store`] | a store of your own: does it keep the laws of [`store`](crate::store)? |
//! | [`FaultyStore`] | what happens above when a store fails, loses an answer, or dies |
//! | [`SeededActors`] | random histories that happen again in the same way |
//! | [`CountingStore`] | how much is asked of a store: guard rails against work that grows unseen |

mod counting;
mod faulty;
mod random;
mod store_suite;

pub use crate::random::seeded::Seeded as SeededActors;
pub use counting::{CountingStore, Counts};
pub use faulty::{Fault, FaultyStore};
pub use store_suite::{check_durable_store, check_store};
