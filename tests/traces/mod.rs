//! Texts as people typed them: replayed to the exact end text, by one writer and by several at once.
//!
//! The real traces are read from the folder that `DRONESTORE_DATA` names, or from `../shared/data` beside the project, where
//! they are left out if there is none. Small invented ones are here.

mod alone;
mod together;
mod trace;
