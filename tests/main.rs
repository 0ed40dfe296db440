//! All integration tests in one binary.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, unreachable_pub)]

mod model;
