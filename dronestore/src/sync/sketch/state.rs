//! What a session knows of its sketch.

use super::cell::{Cell, Id, id_of};
use super::decode::{Difference, peel};
use super::kept::{Beside, first, salt, schemas};
use super::table::{CELLS, Group, PARTS, Table};
use crate::repo::Repo;
use dronestore_core::bytes::{Reader, put_varint};
use dronestore_core::{Error, Hash, Result};
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

/// How many ids travel in a frame, and are taken in a session.
const FRAME_IDS: usize = 4096;
const MOST_IDS: usize = 4 * PARTS * CELLS;
/// How many versions are noted as those that need not be given any more.
const MOST_SETTLED: usize = 1 << 17;
/// How often more cells are asked for.
const ROUNDS: u32 = 4;

/// Where the sketch of a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in super::super) enum Stage {
    /// It was not tried.
    #[default]
    Untried,
    /// The caller waits for cells.
    Waiting,
    /// Both go by it.
    Used,
    /// They do not.
    No,
}

/// A table as it was when the session came to it, with what it does not count.
pub(super) struct Held {
    pub(super) table: Arc<Table>,
    pub(super) schemas: Vec<Id>,
    pub(super) salt: u64,
}

impl Held {
    pub(super) fn new(repo: &Repo) -> Result<Held> {
        let table = repo.beside(|beside: &mut Beside| beside.table(repo))?;
        let salt = salt(repo.database());
        let schemas = schemas(&*repo.view()?.snapshot, salt)?;
        Ok(Held { table, schemas: schemas.into_iter().map(|(id, _)| id).collect(), salt })
    }

    pub(super) fn cells(&self, group: Group, first: usize, end: usize) -> Vec<Cell> {
        self.table.cells(group, first, end, &self.schemas)
    }
}

/// A row to be given.
pub(super) struct Giving {
    pub(super) row: Vec<u8>,
    /// Whether the other side may have something newer of it.
    pub(super) may_be_old: bool,
}

/// What a session knows of its sketch.
#[derive(Default)]
pub(in super::super) struct Sketch {
    pub(in super::super) stage: Stage,
    pub(super) held: Option<Held>,
    /// The other side's cells, by group: those that are not decoded yet.
    cells: BTreeMap<usize, Vec<Cell>>,
    found: Difference,
    rounds: u32,
    /// Cells that are to be said: a group, from where, to where.
    pub(super) saying: VecDeque<(Group, usize, usize)>,
    cells_asked: usize,
    /// Ids that the other side asks for, and those that it has and we may lack.
    pub(super) asked: Vec<Id>,
    pub(super) offered: Vec<Id>,
    ids_heard: usize,
    pub(super) giving: VecDeque<Giving>,
    /// Versions that the other side has or has no need of.
    settled: HashSet<Id>,
    /// How often all heads were passed over for ids.
    pub(super) passes: u32,
    salt: u64,
}

/// What came of the cells.
pub(super) enum Decoded {
    All(Difference),
    /// These cells are lacking: a group, from where, how many.
    Lacking(Vec<(Group, usize, usize)>),
    Never,
}

impl Sketch {
    /// All that takes memory goes.
    pub(in super::super) fn clear(&mut self) {
        *self = Sketch { stage: self.stage, ..Sketch::default() };
    }

    /// From here on both go by ranges.
    pub(in super::super) fn give_up(&mut self) {
        self.stage = Stage::No;
        self.clear();
    }

    pub(super) fn hold(&mut self, held: Held) -> &Held {
        self.salt = held.salt;
        self.held.insert(held)
    }

    /// Takes cells that came.
    pub(super) fn take_cells(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        let (group, first, count) = (reader.length()?, reader.length()?, reader.length()?);
        let wrong = || Error::corrupt("cells of a sketch are not those that were asked for");
        let cells = self.cells.entry(group).or_default();
        if !Group(group).is_valid() || first != cells.len() || count == 0 || count > CELLS - first {
            return Err(wrong());
        }
        for _ in 0..count {
            cells.push(Cell(u64::from_le_bytes(reader.array()?)));
        }
        if self.cells.len() > PARTS { Err(wrong()) } else { Ok(()) }
    }

    pub(super) fn has_cells(&self) -> bool {
        !self.cells.is_empty()
    }

    /// Takes apart what is there.
    pub(super) fn decode(&mut self) -> Result<Decoded> {
        let Some(held) = &self.held else { return Ok(Decoded::Never) };
        if self.rounds == 0 && !is_everything(self.cells.keys().copied()) {
            return Err(Error::corrupt("the cells of a sketch are not of everything"));
        }
        let (mut open, mut lacking) = (BTreeMap::new(), Vec::new());
        for (number, theirs) in std::mem::take(&mut self.cells) {
            let group = Group(number);
            match peel(group, &held.cells(group, 0, theirs.len()), &theirs) {
                Some(found) => {
                    self.found.ours.extend(found.ours);
                    self.found.theirs.extend(found.theirs);
                }
                None => more_cells(group, theirs, &mut open, &mut lacking),
            }
        }
        self.cells = open;
        self.rounds += 1;
        Ok(match lacking.len() {
            0 if self.cells.is_empty() => Decoded::All(std::mem::take(&mut self.found)),
            0 => Decoded::Never,
            _ if self.rounds >= ROUNDS => Decoded::Never,
            _ => Decoded::Lacking(lacking),
        })
    }

    /// Takes a question for more cells.
    pub(super) fn take_question(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        let (group, first, count) = (Group(reader.length()?), reader.length()?, reader.length()?);
        self.cells_asked = self.cells_asked.saturating_add(count);
        let is_valid = group.is_valid() && count > 0 && first <= CELLS && count <= CELLS - first;
        if !is_valid || self.cells_asked > 2 * PARTS * CELLS {
            return Err(Error::corrupt("cells are asked for that no sketch has"));
        }
        self.saying.push_back((group, first, first + count));
        Ok(())
    }

    /// Takes a frame of ids.
    pub(super) fn read_ids(&mut self, reader: &mut Reader<'_>) -> Result<Vec<Id>> {
        let (mut ids, mut last) = (Vec::new(), 0u64);
        while !reader.is_empty() {
            last = last.saturating_add(reader.varint()?);
            ids.push(last);
        }
        self.ids_heard += ids.len();
        if self.ids_heard > MOST_IDS || ids.is_empty() {
            return Err(Error::corrupt("the other side names more rows than a sketch finds"));
        }
        Ok(ids)
    }

    /// Notes a version that the other side has or has no need of.
    pub(in super::super) fn settle(&mut self, hash: &Hash) {
        if self.stage == Stage::Used && self.settled.len() < MOST_SETTLED {
            self.settled.insert(id_of(first(hash.as_bytes()), self.salt));
        }
    }

    pub(super) fn salt(&self) -> u64 {
        self.salt
    }

    pub(super) fn is_settled(&self, hash: &Hash) -> bool {
        self.settled.contains(&id_of(first(hash.as_bytes()), self.salt))
    }

    /// Whether there is anything left to say.
    pub(in super::super) fn has_more(&self) -> bool {
        !(self.saying.is_empty()
            && self.asked.is_empty()
            && self.offered.is_empty()
            && self.giving.is_empty())
    }
}

/// Ids, each as what it has beyond the one before, in frames that are not too long.
pub(super) fn frames_of(mut ids: Vec<Id>) -> Vec<Vec<u8>> {
    ids.sort_unstable();
    let frame = |ids: &[Id]| {
        let (mut out, mut last) = (Vec::new(), 0);
        for id in ids {
            put_varint(&mut out, id - last);
            last = *id;
        }
        out
    };
    ids.chunks(FRAME_IDS).map(frame).collect()
}

/// Whether groups are all of one level.
fn is_everything(groups: impl Iterator<Item = usize> + Clone) -> bool {
    let Some(first) = groups.clone().next() else { return false };
    Group::all_of(Group(first).level()).map(|group| group.0).eq(groups)
}

/// What to ask for where a group did not come out: half as many cells again, or its halves; nothing where it has no more.
fn more_cells(
    group: Group,
    cells: Vec<Cell>,
    open: &mut BTreeMap<usize, Vec<Cell>>,
    lacking: &mut Vec<(Group, usize, usize)>,
) {
    let (have, more) = (cells.len(), cells.len() / 2 + 16);
    if have + more <= CELLS || 2 * group.0 >= 2 * PARTS {
        let more = more.min(CELLS - have);
        if more > 0 {
            lacking.push((group, have, more));
        }
        open.insert(group.0, cells);
        return;
    }
    for half in [2 * group.0, 2 * group.0 + 1] {
        open.insert(half, Vec::new());
        lacking.push((Group(half), 0, (3 * have / 4 + 32).min(CELLS)));
    }
}
