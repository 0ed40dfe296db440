//! `union`: all ever added.

use super::set::{Membership, Rule};
use super::{ReadPlace, refused};
use crate::causal::place::Item;
use crate::error::Result;

/// A set that only grows: what anyone added is in it for good.
///
/// | met | reads as |
/// |---|---|
/// | added here, added there | both |
/// | a commit that removes | [`Refused`](crate::ErrorKind::Refused) |
///
/// Stored: element → dots. Not for anything that may be taken back: use `set`.
#[derive(Debug, Clone, Copy)]
pub struct Union;

impl Rule for Union {
    const VOTES: bool = false;

    fn contains(item: &Item<'_>, _: ReadPlace<'_>) -> Result<bool> {
        Ok(item.is_present())
    }

    fn allows(membership: Membership, _: &Item<'_>) -> Result<()> {
        match membership {
            Membership::In => Ok(()),
            Membership::Out => {
                Err(refused("a `union` only grows and nothing can be removed from it; use `set`"))
            }
        }
    }
}
