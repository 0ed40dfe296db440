//! Ids and cells: what a sketch counts, and where.
//!
//! An id goes into the cells that the paper's mapping gives it (Yang, Gilad, Alizadeh, "Practical Rateless Set
//! Reconciliation", SIGCOMM 2024): into cell 0, and into cell i with the likelihood 1 / (1 + i/2). A cell is eight bytes:
//! its ids and their checks added without carry, and in the two lowest bits how many they are, modulo 4.

/// What one row counts as: 42 bits.
pub(crate) type Id = u64;

/// How many bits an id has.
pub(crate) const ID_BITS: u32 = 42;

/// The id of a row, from the first 8 bytes of its hash. Two databases have other ids for the same.
pub(crate) fn id_of(hash: [u8; 8], salt: u64) -> Id {
    mix(u64::from_le_bytes(hash) ^ salt) >> (64 - ID_BITS)
}

/// Stafford's thirteenth variant of the finalizer of MurmurHash3: each bit of the result depends on each that is given.
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// An id with all that is drawn from it.
#[derive(Clone, Copy)]
pub(crate) struct Item {
    pub(crate) id: Id,
    /// 64 bits that look random.
    pub(crate) drawn: u64,
}

impl Item {
    pub(crate) fn new(id: Id) -> Item {
        Item { id, drawn: mix(id | 1 << 63) }
    }

    /// The cell that holds this alone, once.
    pub(crate) fn cell(self) -> Cell {
        Cell(self.id << (64 - ID_BITS) | (self.drawn & CHECK) << 2 | 1)
    }

    /// The cells that it goes into, ascending, below `end`.
    pub(crate) fn places(self, end: usize) -> Places {
        Places { next: 0, end, state: (self.drawn >> 20) | 1 }
    }
}

/// Which bits of what is drawn from an id are its check.
const CHECK: u64 = (1 << 20) - 1;

/// The sum of some items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cell(pub(crate) u64);

impl Cell {
    pub(crate) const NONE: Cell = Cell(0);

    pub(crate) fn plus(self, other: Cell) -> Cell {
        Cell((self.0 ^ other.0) & !3 | self.0.wrapping_add(other.0) & 3)
    }

    pub(crate) fn minus(self, other: Cell) -> Cell {
        Cell((self.0 ^ other.0) & !3 | self.0.wrapping_sub(other.0) & 3)
    }

    /// The one item that it is the sum of, if it looks like one, and whether it was added or taken away.
    pub(crate) fn single(self) -> Option<(Item, bool)> {
        let is_added = match self.0 & 3 {
            1 => true,
            3 => false,
            _ => return None,
        };
        let item = Item::new(self.0 >> (64 - ID_BITS));
        (item.cell().0 | 3 == self.0 | 3).then_some((item, is_added))
    }
}

/// A walk over the cells of an item.
pub(crate) struct Places {
    next: usize,
    end: usize,
    state: u64,
}

impl Iterator for Places {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let place = self.next;
        if place >= self.end {
            return None;
        }
        self.state = self.state.wrapping_mul(0xda94_2042_e4dd_58b5);
        let wide = WIDTHS[(self.state >> (64 - WIDTH_BITS)) as usize];
        // At least one on, and up to many times as far as it has come.
        self.next = place + 1 + (((2 * place as u64 + 3) * u64::from(wide)) >> (WIDTH_SHIFT + 1)) as usize;
        Some(place)
    }
}

const WIDTH_BITS: u32 = 12;
const WIDTH_SHIFT: u32 = 22;

/// 1/√u - 1 for u from 1 down to 0, in 2^-22: how much further the next place is, drawn with the likelihood that the
/// mapping asks for. Whole numbers: all machines go to the same cells.
static WIDTHS: [u32; 1 << WIDTH_BITS] = widths();

const fn widths() -> [u32; 1 << WIDTH_BITS] {
    let mut widths = [0; 1 << WIDTH_BITS];
    let mut at = 0;
    while at < widths.len() {
        // u is the middle of its part: (2·at + 1) / 2^13.
        let ratio = (1u64 << (2 * WIDTH_SHIFT + WIDTH_BITS + 1)) / (2 * at as u64 + 1);
        widths[at] = (ratio.isqrt() - (1 << WIDTH_SHIFT)) as u32;
        at += 1;
    }
    widths
}
