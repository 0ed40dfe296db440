//! The simulator: worlds that hold together, planted faults that it finds, seeds that lead back.

mod models;
mod planted;
mod seeds;
mod worlds;
