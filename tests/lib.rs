//! The integration tests of dronestore live in `main.rs` and the folders beside it.
