//! New actors: random names, drawn a few at a time.

use dronestore_core::{ActorId, Error, ErrorKind, Result};
use std::cell::RefCell;

/// How many actors are drawn from the operating system at once: a system call is most of what one costs.
const DRAWN: usize = 32;

#[derive(Debug)]
struct Pool {
    /// Whose random numbers these are: the child of a fork draws its own.
    process: u32,
    left: usize,
    bytes: [u8; DRAWN * ActorId::LENGTH],
}

thread_local! {
    static POOL: RefCell<Pool> =
        const { RefCell::new(Pool { process: 0, left: 0, bytes: [0; DRAWN * ActorId::LENGTH] }) };
}

/// An actor that nobody has had before.
///
/// # Errors
/// [`Store`](ErrorKind::Store) where the operating system gives no random numbers.
pub(crate) fn random_actor() -> Result<ActorId> {
    POOL.with_borrow_mut(|pool| {
        let process = std::process::id();
        if pool.left == 0 || pool.process != process {
            pool.left = 0;
            getrandom::fill(&mut pool.bytes).map_err(|error| {
                Error::new(ErrorKind::Store, "the operating system gives no random numbers")
                    .with_source(error)
            })?;
            (pool.process, pool.left) = (process, DRAWN);
        }
        pool.left -= 1;
        let start = pool.left * ActorId::LENGTH;
        let mut actor = [0; ActorId::LENGTH];
        actor.copy_from_slice(&pool.bytes[start..start + ActorId::LENGTH]);
        Ok(ActorId::from_bytes(actor))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_actor_comes_twice() {
        let draw = || (0..5 * DRAWN).map(|_| random_actor().unwrap());
        let here: BTreeSet<ActorId> = draw().collect();
        let there: BTreeSet<ActorId> = std::thread::spawn(move || draw().collect()).join().unwrap();
        assert_eq!(here.union(&there).count(), 10 * DRAWN);
    }
}
