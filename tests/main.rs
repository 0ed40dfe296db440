//! All integration tests, one folder a theme, one binary.
#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]
#![allow(clippy::print_stdout, reason = "a random test prints its seed, its helpers too")]
#![allow(
    clippy::duplicate_mod,
    reason = "the tests of queries run on a model without indexes, and on one with them"
)]

mod branches;
mod bulk;
mod bundle;
mod carriers;
mod cli;
mod crash;
mod folder;
mod format;
mod full_text;
mod history;
mod index;
mod laws;
mod laws_kit;
mod live;
mod model;
mod query;
mod random;
mod repo;
mod schema;
mod shared;
mod sim;
mod stores;
mod sync;
mod tidy;
mod traces;
mod watch;
