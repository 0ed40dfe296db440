//! The law kit: models that keep the laws pass, and each planted fault is found and shown in a few steps.

mod checks;
mod faults;
mod guesses;
mod join;
mod lists;
mod meetings;
mod print;
mod programs;
mod quiet;
