//! How far something long has come.

use std::fmt;

/// How far an import, an export or a count has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Progress {
    /// Objects so far; of an import those that are durable.
    pub objects: u64,
    /// How many there are to look at, where it is known.
    pub total: Option<u64>,
    /// Bytes so far: of an import those read, or written where its objects came from an iterator; of an export those
    /// written; of a count those of rows.
    pub bytes: u64,
}

/// `2000 of 9000 objects, 180000 bytes`.
impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.total {
            Some(total) => write!(f, "{} of {total} objects, {} bytes", self.objects, self.bytes),
            None => write!(f, "{} objects, {} bytes", self.objects, self.bytes),
        }
    }
}

/// After how many objects somebody is told who did not ask for batches.
const STEP: u64 = 1000;

type Listen<'l> = dyn FnMut(&Progress) + 'l;

/// Who wants to know.
#[derive(Default)]
pub(super) struct Listener<'l>(Option<Box<Listen<'l>>>);

impl<'l> Listener<'l> {
    pub(super) fn new(listen: impl FnMut(&Progress) + 'l) -> Self {
        Listener(Some(Box::new(listen)))
    }

    pub(super) fn tell(&mut self, progress: &Progress) {
        if let Some(listen) = &mut self.0 {
            listen(progress);
        }
    }

    /// Tells of every thousandth object.
    pub(super) fn step(&mut self, progress: &Progress) {
        if progress.objects.is_multiple_of(STEP) {
            self.tell(progress);
        }
    }
}
