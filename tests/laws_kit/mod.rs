//! The law kit: models that keep the laws pass, and each planted fault is found and shown in a few steps.

mod faults;
mod guesses;
mod join;
mod lists;
mod print;
mod programs;
