//! Forks: another repo writes under this one's actor, because one is an unnoticed copy of the other.
//!
//! What came is told from what was made here by the record of own writes (`writes`), which lives in memory since the
//! repo was opened. The meeting (`heal`) takes a new actor and writes again, under it, what was written since; what
//! it cannot heal it settles as everybody does who never wrote it (`contest`): what is not part of that is set aside,
//! where it can be listed (`list`), until it comes back under a new name.
//!
//! Absent from this folder: Rust types; renaming and settling themselves (the core has them).

mod contest;
mod heal;
mod list;
mod writes;

pub(super) use heal::{Learned, Meeting, Own};
pub use list::Forks;
