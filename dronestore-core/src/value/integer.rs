//! Integer: a whole number from `i128::MIN` to `u128::MAX`.

use crate::error::{Error, ErrorKind};
use std::fmt;
use std::str::FromStr;

/// A whole number that holds every value of every integer type of Rust.
///
/// ```
/// use dronestore_core::value::Integer;
/// assert!(Integer::from(-1) < Integer::from(u128::MAX));
/// assert_eq!(Integer::from(300).as_u64(), Some(300));
/// assert_eq!(u8::try_from(Integer::from(7)).ok(), Some(7));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Integer {
    natural: bool,
    // The number in two's complement, by words, which keeps a `Value` at 32 bytes. Negative numbers order among
    // themselves as their bits do, so the derived order is that of numbers.
    high: u64,
    low: u64,
}

impl Integer {
    /// The number as `i64`, if it fits.
    pub fn as_i64(self) -> Option<i64> {
        self.as_i128()?.try_into().ok()
    }

    /// The number as `u64`, if it fits.
    pub fn as_u64(self) -> Option<u64> {
        self.as_i128()?.try_into().ok()
    }

    /// The number as `i128`, if it fits.
    pub fn as_i128(self) -> Option<i128> {
        let number = self.bits() as i128;
        ((number >= 0) == self.natural).then_some(number)
    }

    /// The number as `u128`, if it is not negative.
    pub fn as_u128(self) -> Option<u128> {
        self.natural.then_some(self.bits())
    }

    fn bits(self) -> u128 {
        u128::from(self.high) << 64 | u128::from(self.low)
    }

    #[inline]
    fn new(natural: bool, bits: u128) -> Self {
        Integer { natural, high: (bits >> 64) as u64, low: bits as u64 }
    }
}

impl From<u128> for Integer {
    fn from(number: u128) -> Self {
        Integer::new(true, number)
    }
}

macro_rules! from_and_to {
    ($($kind:ident),*) => {$(
        impl From<$kind> for Integer {
            #[inline]
            fn from(number: $kind) -> Self {
                let number = number as i128;
                Integer::new(number >= 0, number as u128)
            }
        }

        try_into_kind!($kind, as_i128);
    )*};
}

macro_rules! try_into_kind {
    ($kind:ident, $through:ident) => {
        impl TryFrom<Integer> for $kind {
            type Error = Error;

            fn try_from(number: Integer) -> Result<Self, Error> {
                number
                    .$through()
                    .and_then(|wide| wide.try_into().ok())
                    .ok_or_else(|| invalid(format!("{number} does not fit {}", stringify!($kind))))
            }
        }
    };
}

from_and_to!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, usize);
try_into_kind!(u128, as_u128);

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_i128() {
            Some(number) => fmt::Display::fmt(&number, f),
            None => fmt::Display::fmt(&self.bits(), f),
        }
    }
}

impl fmt::Debug for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Integer {
    type Err = Error;

    /// Reads decimal digits, with a sign or without.
    fn from_str(text: &str) -> Result<Self, Error> {
        text.parse::<i128>().map(Integer::from).or_else(|_| text.parse::<u128>().map(Integer::from)).map_err(
            |cause| invalid(format!("`{text}` is no integer of at most 128 bits")).with_source(cause),
        )
    }
}

#[cold]
fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidValue, message)
}
