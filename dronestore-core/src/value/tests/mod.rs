//! Tests of values: random laws, golden bytes, types, JSON. Here: random values.

mod golden;
mod json;
mod laws;
mod types;

use super::{Integer, Value};

/// A small generator (xorshift64*): the same seed gives the same values everywhere.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 33) as usize % limit
    }

    fn wide(&mut self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next())
    }

    /// An integer near a power of two, where the forms of encoding change.
    fn integer(&mut self) -> Integer {
        let near = (1u128 << self.below(128)).wrapping_add(self.below(3) as u128).wrapping_sub(1);
        match self.below(4) {
            0 => self.below(5).into(),
            1 => near.into(),
            2 => (!(near as i128 & i128::MAX)).into(),
            _ => (self.wide() >> self.below(128)).into(),
        }
    }

    fn float(&mut self) -> f64 {
        let special = [0.0, -0.0, 1.0, 1.5, -4.0, 65504.0, 65505.0, 5.960464477539063e-8, f64::INFINITY, 1.1];
        let number = match self.below(4) {
            0 => special[self.below(special.len())],
            1 => f64::from(f32::from_bits(self.next() as u32)),
            2 => super::float::from_half(self.next() as u16),
            _ => f64::from_bits(self.next()),
        };
        if number.is_nan() { f64::NEG_INFINITY } else { number }
    }

    fn text(&mut self) -> String {
        let longest = if self.below(20) == 0 { 9 } else { 5 };
        let length = [0, 1, 2, 3, 5, 23, 24, 255, 256][self.below(longest)];
        let letters = ['a', 'b', '$', '\u{0}', '"', 'é', '🚁', '\u{ffff}', 'z'];
        (0..length).map(|_| letters[self.below(letters.len())]).collect()
    }

    /// Any value, nested at most so deep.
    pub(super) fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 7 } else { 10 }) {
            0 => Value::Null,
            1 => (0..self.below(4)).fold(Value::Null, |inner, _| Value::some(inner)),
            2 => Value::Bool(self.below(2) == 0),
            3 => Value::Integer(self.integer()),
            4 => Value::Float(self.float()),
            5 => Value::Bytes(self.text().into_bytes()),
            6 => Value::Text(self.text()),
            7 => (0..self.below(5)).map(|_| self.value(depth - 1)).collect(),
            8 => (0..self.below(3)).map(|_| (self.text(), self.value(depth - 1))).collect(),
            _ => (0..self.below(5)).map(|_| (self.value(depth - 1), self.value(depth - 1))).collect(),
        }
    }
}
