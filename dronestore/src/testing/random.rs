//! Repeatable numbers for random histories.

/// Xorshift (Marsaglia 2003): the same seed gives the same work everywhere.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `limit`.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Up to `longest` bytes of a small alphabet with both ends of it, so that keys meet and extend each other.
    pub(super) fn bytes(&mut self, shortest: usize, longest: usize) -> Vec<u8> {
        let length = shortest + self.below(longest - shortest + 1);
        (0..length).map(|_| [0x00, 0x01, b'a', b'b', 0x7f, 0x80, 0xfe, 0xff][self.below(8)]).collect()
    }
}
