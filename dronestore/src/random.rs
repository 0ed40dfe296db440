//! New actors: random names, drawn a few at a time.

use dronestore_core::version::end_of_kin;
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
    #[cfg(feature = "testing")]
    if seeded::is_on() {
        let mut bytes = [0; ActorId::LENGTH];
        return fill(&mut bytes).map(|()| ActorId::from_bytes(bytes));
    }
    POOL.with_borrow_mut(|pool| {
        let process = std::process::id();
        if pool.left == 0 || pool.process != process {
            pool.left = 0;
            fill(&mut pool.bytes)?;
            (pool.process, pool.left) = (process, DRAWN);
        }
        pool.left -= 1;
        let start = pool.left * ActorId::LENGTH;
        let mut actor = [0; ActorId::LENGTH];
        actor.copy_from_slice(&pool.bytes[start..start + ActorId::LENGTH]);
        Ok(ActorId::from_bytes(actor))
    })
}

/// Random numbers of the operating system, or those of a simulated world.
fn fill(bytes: &mut [u8]) -> Result<()> {
    #[cfg(feature = "testing")]
    if seeded::fill(bytes) {
        return Ok(());
    }
    getrandom::fill(bytes).map_err(|error| {
        Error::new(ErrorKind::Store, "the operating system gives no random numbers").with_source(error)
    })
}

/// An actor that nobody has had before, and that comes soon behind this one in the order of actors: behind its
/// [kin](dronestore_core::version::end_of_kin), and so soon that hardly any other stands between. It has other first bytes, by which positions in lists are made.
///
/// # Errors
/// As [`random_actor`].
pub(crate) fn actor_behind(actor: ActorId) -> Result<ActorId> {
    let mut bytes = [0; ActorId::LENGTH];
    // Not from the pool: what was drawn before may be in the copy of a machine's memory, too.
    fill(&mut bytes)?;
    let [a, b, c, d, ..] = *actor.as_bytes();
    let first = u32::from_be_bytes([a, b, c, d]);
    let step = 2 + u32::from(bytes[0]);
    // Of a million actors four have no room behind them: nothing is written again under the name of what follows.
    if let Some(first) = first.checked_add(step) {
        bytes[..4].copy_from_slice(&first.to_be_bytes());
    }
    Ok(ActorId::from_bytes(bytes))
}

/// An actor that nobody has had before, of the kin of this one and before that; `None` where there is too little room
/// for one to be new. It leaves most of the room: the next one is to stand before it.
///
/// # Errors
/// As [`random_actor`].
pub(crate) fn actor_between(actor: ActorId, next: Option<ActorId>) -> Result<Option<ActorId>> {
    let number = |actor: ActorId| actor.as_bytes().iter().fold(0, |sum, byte| sum << 8 | u128::from(*byte));
    let kin = end_of_kin(&actor);
    let (first, end) = (number(actor) + 1, number(next.map_or(kin, |next| next.min(kin))));
    let room = end.saturating_sub(first) >> 3;
    if room < 1 << 40 {
        return Ok(None);
    }
    let mut bytes = [0; 16];
    fill(&mut bytes)?;
    let chosen = (end - 1 - u128::from_be_bytes(bytes) % room).to_be_bytes();
    Ok(chosen.last_chunk().map(|bytes| ActorId::from_bytes(*bytes)))
}

/// Actors that come from a seed, for a simulated world that is to happen again in the same way.
#[cfg(feature = "testing")]
pub(crate) mod seeded {
    use dronestore_core::Hash;
    use std::cell::Cell;

    thread_local! {
        static NEXT: Cell<Option<(u64, u64)>> = const { Cell::new(None) };
    }

    /// As long as it lives, this thread draws its actors from a seed: a random history happens again in the same way.
    #[derive(Debug)]
    pub struct Seeded(());

    impl Seeded {
        /// Actors from this seed on.
        pub fn new(seed: u64) -> Seeded {
            NEXT.set(Some((seed, 0)));
            Seeded(())
        }
    }

    impl Drop for Seeded {
        fn drop(&mut self) {
            NEXT.set(None);
        }
    }

    pub(super) fn is_on() -> bool {
        NEXT.get().is_some()
    }

    /// The next numbers of the seed, if there is one.
    pub(super) fn fill(bytes: &mut [u8]) -> bool {
        let Some((seed, mut count)) = NEXT.get() else { return false };
        for part in bytes.chunks_mut(32) {
            let drawn = Hash::of(&[seed.to_be_bytes(), count.to_be_bytes()].concat());
            part.copy_from_slice(&drawn.as_bytes()[..part.len()]);
            count += 1;
        }
        NEXT.set(Some((seed, count)));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn an_actor_behind_another_is_near_and_new() {
        let actor = ActorId::from_bytes([7; ActorId::LENGTH]);
        let behind: BTreeSet<ActorId> = (0..100).map(|_| actor_behind(actor).unwrap()).collect();
        assert_eq!(behind.len(), 100);
        assert!(behind.iter().all(|other| actor < *other && other.as_bytes()[..2] == [7, 7]));
        // Each next one of its kin stands before the others, and all before whoever writes anew.
        let mut next = behind.first().copied().unwrap();
        assert!(next > end_of_kin(&actor));
        for _ in 0..60 {
            let between = actor_between(actor, Some(next)).unwrap().unwrap();
            assert!(actor < between && between < next);
            next = between;
        }
        assert_eq!(actor_between(actor, Some(actor)).unwrap(), None);
        actor_behind(ActorId::from_bytes([0xff; ActorId::LENGTH])).unwrap();
    }

    #[test]
    fn no_actor_comes_twice() {
        let draw = || (0..5 * DRAWN).map(|_| random_actor().unwrap());
        let here: BTreeSet<ActorId> = draw().collect();
        let there: BTreeSet<ActorId> = std::thread::spawn(move || draw().collect()).join().unwrap();
        assert_eq!(here.union(&there).count(), 10 * DRAWN);
    }
}
