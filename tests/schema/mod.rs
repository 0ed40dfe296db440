//! Programs of several ages, and tools, on one data set.

mod diff;
