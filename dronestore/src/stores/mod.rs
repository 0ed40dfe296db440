//! Where bytes live: one file a backend, all behind [`Store`](crate::store::Store).
//!
//! | store | feature | atomic batches | ordered scan | compare-and-set | durable | other processes | witness |
//! |---|---|---|---|---|---|---|---|
//! | [`MemoryStore`] | always | yes | yes | yes | no | none | none |
//! | `RedbStore` | `redb` (default) | yes | yes | yes | yes: one sync a small batch, two a large one | shut out while it is open | device, inode, machine; an extended attribute |
//!
//! The same as data: [`capabilities`](crate::store::Store::capabilities). Every store here passes
//! `dronestore::testing::check_store` (feature `testing`), and one of your own can call it too.

mod map;
mod memory;
#[cfg(feature = "redb")]
mod redb;

pub use memory::MemoryStore;
#[cfg(feature = "redb")]
pub use redb::{RedbOptions, RedbStore};
