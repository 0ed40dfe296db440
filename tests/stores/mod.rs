//! Every store passes one suite; what is special about one is beside it.

mod damage;
mod faulty;
mod large;
mod memory;
mod redb;
mod suite;
