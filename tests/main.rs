//! All integration tests, one folder a theme, one binary.
#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

mod folder;
mod laws;
mod model;
mod repo;
mod stores;
mod ui;
