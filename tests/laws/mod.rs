//! The laws of merging and an oracle for every strategy, by random histories and worked examples.
//!
//! A history is a list of steps over a few replicas: writes, merges, forks, saves onto a head that moved on,
//! deletes. After every step the library's reading is compared with that of a naive model ([`oracle`]) which
//! keeps the full list of writes, and its bytes with those of every other way to the same commits.
//!
//! `DRONESTORE_HISTORIES=10` runs ten times as many histories, `DRONESTORE_SEED=…` one of them.

mod check;
mod clocks;
mod defaults;
mod deltas;
mod device;
mod diff;
mod history;
mod lists;
mod mixed;
mod models;
mod moves;
mod newer;
mod oracle;
mod ordered;
mod relay;
mod removed;
mod rng;
mod sequence;
mod shown;
mod spec;
mod strategies;
mod typing;
mod untyped;
mod worked;
mod world;
