//! The guide: one page a subject; every program in it is compiled and run as a test.

#[doc = include_str!("models.md")]
pub mod models {}

#[doc = include_str!("changing.md")]
pub mod changing {}

#[doc = include_str!("strategies.md")]
pub mod strategies {}

#[doc = include_str!("declared.md")]
pub mod declared {}

#[doc = include_str!("checks.md")]
pub mod checks {}

#[doc = include_str!("merging.md")]
pub mod merging {}

#[doc = include_str!("conflicts.md")]
pub mod conflicts {}

#[doc = include_str!("repo.md")]
pub mod repo {}

#[doc = include_str!("queries.md")]
pub mod queries {}

#[doc = include_str!("live_queries.md")]
pub mod live_queries {}

#[doc = include_str!("transactions.md")]
pub mod transactions {}

#[doc = include_str!("async.md")]
pub mod asynchronous {}

#[doc = include_str!("history.md")]
pub mod history {}

#[doc = include_str!("branches.md")]
pub mod branches {}

#[doc = include_str!("indexes.md")]
pub mod indexes {}

#[cfg_attr(feature = "full-text", doc = include_str!("full_text.md"))]
#[cfg_attr(not(feature = "full-text"), doc = "Full text search, with the feature `full-text`.")]
pub mod full_text {}

#[doc = include_str!("bulk.md")]
pub mod bulk {}

#[doc = include_str!("sync.md")]
pub mod sync {}

#[doc = include_str!("bundles.md")]
pub mod bundles {}

#[doc = include_str!("stores.md")]
pub mod stores {}

#[doc = include_str!("custom.md")]
pub mod custom {}

#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("cli.md")]
pub mod cli {}
