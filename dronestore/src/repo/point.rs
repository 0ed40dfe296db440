//! Point: a moment in the life of a repo, to ask later what has changed since.

use super::changes::{last_row, row_meta};
use super::open::mark_of;
use super::{DatabaseId, Meta, Repo, View, rows};
use dronestore_core::bytes::Reader;
use dronestore_core::{ActorId, Error, ErrorKind, Result};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::PoisonError;

/// A moment in the life of a repo: what it held when its change log had got a certain row.
///
/// [`Repo::point`] gives that of now; its text can be kept, printed, sent, and parsed again. A bundle since a point has
/// what has changed since then. It is the row itself that tells whether a log has it: so a copied file goes on from the
/// points of the original, and one that was put back from a backup is not taken for what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Point {
    /// The database.
    pub database: DatabaseId,
    /// Whose repo it was.
    pub actor: ActorId,
    /// The row's sequence, 8 bytes, and 16 bytes of its hash.
    mark: [u8; Point::MARK],
}

impl Point {
    pub(crate) const MARK: usize = 24;

    pub(crate) fn new(database: DatabaseId, actor: ActorId, mark: [u8; Point::MARK]) -> Point {
        Point { database, actor, mark }
    }

    pub(crate) fn mark(&self) -> &[u8; Point::MARK] {
        &self.mark
    }

    /// How many rows the change log has had, that one included.
    pub(crate) fn next_row(&self) -> u64 {
        let sequence = self.mark.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        sequence.saturating_add(1)
    }
}

/// Hexadecimal digits, which parse again.
impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.database, self.actor)?;
        self.mark.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Point {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let invalid =
            || Error::new(ErrorKind::InvalidValue, "that is no point of a repo: 104 hexadecimal digits are");
        let (database, rest) = text.split_at_checked(2 * DatabaseId::LENGTH).ok_or_else(invalid)?;
        let (actor, mark) = rest.split_at_checked(2 * ActorId::LENGTH).ok_or_else(invalid)?;
        if mark.len() != 2 * Point::MARK || !mark.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(invalid());
        }
        let mut bytes = [0; Point::MARK];
        for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(&mark[at..at + 2], 16).map_err(|_| invalid())?;
        }
        let (database, actor) = (database.parse(), actor.parse());
        Ok(Point::new(database.map_err(|_| invalid())?, actor.map_err(|_| invalid())?, bytes))
    }
}

impl Repo {
    /// The point where this repo is now.
    ///
    /// # Errors
    /// As [`Repo::view`].
    ///
    /// Cost: two reads of the store.
    pub fn point(&self) -> Result<Point> {
        Ok(self.view()?.point()?.0)
    }

    /// The rows of the heads that have changed since a point, in their order: a point of this repo, or of one with which
    /// this one remembers to have held the same. `None` where neither is so, where the log no longer goes back so far,
    /// and where there are more than `most`.
    ///
    /// # Errors
    /// [`Mismatch`](ErrorKind::Mismatch) for a point of another database.
    pub(crate) fn changed_since_point(
        &self,
        point: &Point,
        view: &View,
        most: usize,
    ) -> Result<Option<BTreeSet<Vec<u8>>>> {
        if point.database != self.database() {
            return Err(super::other_database(self.database(), point.database));
        }
        let sequence = match view.has_been_at(point)? {
            true => Some(point.next_row()),
            // Since both held the same, the other one has lost nothing.
            false => self.remembered((&point.actor, &[]), view)?.first().map(|known| known.sequence),
        };
        let Some(sequence) = sequence else { return Ok(None) };
        let changed = self.changed_since(sequence, most)?;
        Ok(changed.map(|changed| changed.ways.into_keys().collect()))
    }

    /// Where the rows of the change log end that the batch which began with this one has.
    pub(crate) fn batch_end(&self, first: u64) -> Result<u64> {
        let view = self.view()?;
        let mut sequence = first;
        while let Some(row) = view.snapshot.get(&rows::log(sequence))? {
            sequence += 1;
            if Reader::new(&row).byte()? == 1 {
                break;
            }
        }
        Ok(sequence)
    }
}

impl View {
    /// The point of this moment, and the totals.
    pub(crate) fn point(&self) -> Result<(Point, Meta)> {
        let lost = || Error::corrupt("the repo has lost its home row, or the totals of its change log");
        let home = self.snapshot.get(rows::HOME)?.ok_or_else(lost)?;
        let home = super::meta::Home::decode(&home)?;
        let (sequence, row) = last_row(&*self.snapshot)?;
        let meta = row_meta(&row)?.ok_or_else(lost)?;
        let mark = mark_of(sequence, &row);
        let mark = mark.first_chunk().ok_or_else(lost)?;
        // An actor that was taken because the file is a copy is not in the store before the first write.
        let actor = self.inner.totals.read().unwrap_or_else(PoisonError::into_inner).actor;
        Ok((Point::new(home.database, actor, *mark), meta))
    }

    /// Whether this repo, or the one that it is a copy of, was at this point, and the log still tells.
    pub(crate) fn has_been_at(&self, point: &Point) -> Result<bool> {
        let sequence = point.next_row() - 1;
        let row = self.snapshot.get(&rows::log(sequence))?;
        Ok(row.is_some_and(|row| mark_of(sequence, &row) == point.mark))
    }
}
