//! What goes wrong in a world, and which of it.

use std::fmt;

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fault {
    /// Some replicas cannot reach the others for a while.
    Partition,
    /// Bytes of a session do not arrive, and later ones do.
    Loss,
    /// Bytes of a session arrive twice.
    Duplication,
    /// Bytes of a session arrive in another order.
    Reordering,
    /// Bytes of a session wait while other things happen: replicas write, and meet others.
    Delay,
    /// A session ends at any byte.
    Cut,
    /// A clock jumps forward or back: by seconds, an hour, a year.
    Clock,
    /// A replica dies at any read or write of its store, and comes back with what is durable. A batch that was on its way is
    /// made or not, and nobody was told.
    Crash,
    /// A store refuses a batch, or does not say what became of it; the program goes on.
    Store,
    /// A file is put back from a backup, or a copy of another replica's file is put in its place: the repo notices when it
    /// is opened.
    Backup,
    /// A machine is rolled back as a whole, which nothing can notice when the file is opened: the replica goes on under its own actor.
    Rollback,
}

impl Fault {
    const ALL: [Fault; 11] = [
        Fault::Partition,
        Fault::Loss,
        Fault::Duplication,
        Fault::Reordering,
        Fault::Delay,
        Fault::Cut,
        Fault::Clock,
        Fault::Crash,
        Fault::Store,
        Fault::Backup,
        Fault::Rollback,
    ];
}

/// Which faults strike.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Faults(u16);

impl Faults {
    /// Nothing goes wrong: sessions begin, end and are complete.
    pub const fn none() -> Faults {
        Faults(0)
    }

    /// All but [`Fault::Rollback`].
    ///
    /// After a rollback one actor has made two different writes of one name. What has met is set aside and reported, or, where the
    /// others had seen later writes of that actor, counts as seen: nothing then promises that all agree. See
    /// [`World`](super::World#after-a-rollback) for what is asked instead.
    pub const fn all() -> Faults {
        Faults::everything().without(Fault::Rollback)
    }

    const fn everything() -> Faults {
        Faults((1 << Fault::ALL.len()) - 1)
    }

    /// This fault too.
    #[must_use]
    pub const fn with(self, fault: Fault) -> Faults {
        Faults(self.0 | 1 << fault as u16)
    }

    /// Without this fault.
    #[must_use]
    pub const fn without(self, fault: Fault) -> Faults {
        Faults(self.0 & !(1 << fault as u16))
    }

    /// Whether this fault strikes.
    pub const fn has(self, fault: Fault) -> bool {
        self.0 >> fault as u16 & 1 == 1
    }

    /// Those that strike.
    pub fn iter(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.into_iter().filter(move |fault| self.has(*fault))
    }
}

/// All of them: see [`Faults::all`].
impl Default for Faults {
    fn default() -> Self {
        Faults::all()
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
