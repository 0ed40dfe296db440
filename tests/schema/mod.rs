//! Programs of several ages, and tools, on one data set.

mod ages;
mod convert;
mod diff;
mod issues;
mod lock;
mod values;
