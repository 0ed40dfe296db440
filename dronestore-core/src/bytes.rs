//! Varints and a bounded reader: the alphabet in which every stored byte is written.

use crate::error::{Error, Result};

/// Appends an unsigned number, seven bits a byte, least first (LEB128); 1 to 10 bytes.
#[inline]
pub fn put_varint(out: &mut Vec<u8>, number: u64) {
    match number {
        0..0x80 => out.push(number as u8),
        0x80..0x4000 => out.extend_from_slice(&[number as u8 | 0x80, (number >> 7) as u8]),
        _ => put_long_varint(out, number),
    }
}

fn put_long_varint(out: &mut Vec<u8>, mut number: u64) {
    let (mut bytes, mut length) = ([0; 10], 0);
    while number >= 0x80 {
        bytes[length] = number as u8 | 0x80;
        number >>= 7;
        length += 1;
    }
    bytes[length] = number as u8;
    out.extend_from_slice(&bytes[..=length]);
}

/// Appends a length and then the bytes.
#[inline]
pub fn put_slice(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Turns a signed difference into an unsigned number that is small when the difference is.
#[inline]
pub fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// The inverse of [`zigzag`].
#[inline]
pub fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Writes what `body` appends, with its length in front, without a second buffer.
///
/// Bodies under 128 bytes, the usual case, are not moved.
#[inline]
pub fn put_sized<R>(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    let start = out.len();
    out.push(0);
    let result = body(out);
    let length = out.len() - start - 1;
    if length < 0x80 {
        out[start] = length as u8;
    } else {
        let mut header = Vec::with_capacity(5);
        put_varint(&mut header, length as u64);
        out.splice(start..=start, header);
    }
    result
}

/// Reads from the front of a slice and never past its end.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of all of `bytes`.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    /// What has not been read yet.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether everything has been read.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next byte.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) at the end of input, as for every read here.
    #[inline]
    pub fn byte(&mut self) -> Result<u8> {
        let (&first, rest) = self.rest.split_first().ok_or_else(truncated)?;
        self.rest = rest;
        Ok(first)
    }

    /// The next `count` bytes.
    #[inline]
    pub fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next `N` bytes as an array.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.array_ref().copied()
    }

    /// The next `N` bytes as an array, where they stand.
    #[inline]
    pub fn array_ref<const N: usize>(&mut self) -> Result<&'a [u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or_else(truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next varint, in its shortest form and no other.
    #[inline]
    pub fn varint(&mut self) -> Result<u64> {
        match self.rest.split_first() {
            Some((&first, rest)) if first < 0x80 => {
                self.rest = rest;
                Ok(u64::from(first))
            }
            _ => self.two_bytes(),
        }
    }

    /// A varint of two bytes, as are most that are not one.
    #[inline]
    fn two_bytes(&mut self) -> Result<u64> {
        match self.rest {
            [first, second @ 1..0x80, rest @ ..] => {
                self.rest = rest;
                Ok(u64::from(first & 0x7f) | u64::from(*second) << 7)
            }
            _ => self.long_varint(),
        }
    }

    #[inline(never)]
    fn long_varint(&mut self) -> Result<u64> {
        if let Some(word) = self.rest.first_chunk::<8>() {
            // All at once: the last byte is the first without its highest bit.
            let word = u64::from_le_bytes(*word);
            let ends = !word & 0x8080_8080_8080_8080;
            let length = ends.trailing_zeros() as usize / 8 + 1;
            if length <= 8 && self.rest[length - 1] != 0 {
                let word = word & u64::MAX >> (64 - 8 * length);
                let word = word & 0x007f_007f_007f_007f | (word & 0x7f00_7f00_7f00_7f00) >> 1;
                let word = word & 0x0000_3fff_0000_3fff | (word & 0x3fff_0000_3fff_0000) >> 2;
                self.rest = &self.rest[length..];
                return Ok(word & 0x0fff_ffff | (word & 0x0fff_ffff_0000_0000) >> 4);
            }
        }
        self.varint_by_bytes()
    }

    fn varint_by_bytes(&mut self) -> Result<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(Error::corrupt("a varint does not fit 64 bits"));
            }
            number |= bits << shift;
            if byte < 0x80 {
                if byte == 0 && shift > 0 {
                    return Err(Error::corrupt("a varint is longer than it needs to be"));
                }
                return Ok(number);
            }
        }
        Err(Error::corrupt("a varint does not fit 64 bits"))
    }

    /// The next varint as a count or length that fits memory.
    #[inline]
    pub fn length(&mut self) -> Result<usize> {
        usize::try_from(self.varint()?).map_err(|_| Error::corrupt("a length does not fit this machine"))
    }

    /// A length and then that many bytes.
    #[inline]
    pub fn slice(&mut self) -> Result<&'a [u8]> {
        let length = self.length()?;
        self.take(length)
    }

    /// A length and then that many bytes of UTF-8.
    #[inline]
    pub fn text(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.slice()?)
            .map_err(|error| Error::corrupt("a text is not UTF-8").with_source(error))
    }
}

/// Where what follows these slices begins: `count` of them from `at` on, each behind its length. It may be beyond the end, if
/// the last of them is.
#[inline]
pub(crate) fn pass_over(bytes: &[u8], mut at: usize, count: usize) -> Option<usize> {
    for _ in 0..count {
        at = match *bytes.get(at)? {
            length @ 0..0x80 => at + 1 + usize::from(length),
            _ => behind_long(bytes, at)?,
        };
    }
    Some(at)
}

/// The slice behind its length that begins at `at`, which then is where it ends.
#[inline]
pub(crate) fn slice_at<'a>(bytes: &'a [u8], at: &mut usize) -> Option<&'a [u8]> {
    let end = pass_over(bytes, *at, 1)?;
    // A length is one byte where it is not a longer varint.
    let start = match bytes[*at] {
        0..0x80 => *at + 1,
        _ => end - Reader::new(&bytes[*at..]).length().ok()?,
    };
    *at = end;
    bytes.get(start..end)
}

#[inline(never)]
fn behind_long(bytes: &[u8], at: usize) -> Option<usize> {
    let mut reader = Reader::new(bytes.get(at..)?);
    reader.slice().ok()?;
    Some(bytes.len() - reader.rest().len())
}

#[cold]
fn truncated() -> Error {
    Error::corrupt("the bytes end too early")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_round_trip_and_have_one_form() {
        let around = (0..64).flat_map(|shift| [(1 << shift) - 1, 1 << shift, 0x5555_5555_5555_5555 >> shift]);
        for number in [0, 1, 127, 128, 300, 1 << 35, u64::MAX - 1, u64::MAX].into_iter().chain(around) {
            // With and without bytes behind it.
            for behind in [&[][..], &[0x80; 9]] {
                let mut out = Vec::new();
                put_varint(&mut out, number);
                out.extend_from_slice(behind);
                let mut reader = Reader::new(&out);
                assert_eq!(reader.varint().unwrap(), number);
                assert_eq!(reader.rest(), behind);
            }
        }
        for bad in
            [&[][..], &[0x80], &[0x80, 0x00], &[0xff; 10], &[0x80; 11], &[0x80, 0x80, 0, 1, 1, 1, 1, 1]]
        {
            assert!(Reader::new(bad).varint().unwrap_err().is_corrupt(), "{bad:?}");
        }
    }

    #[test]
    fn what_is_passed_over_is_what_is_read() {
        let mut bytes = Vec::new();
        for length in [0, 3, 127, 128, 300, 1, 20_000, 5] {
            put_slice(&mut bytes, &vec![7; length]);
        }
        for count in 0..=9 {
            for end in (0..bytes.len()).filter(|end| *end < 600 || end % 997 == 0).chain([bytes.len()]) {
                let bytes = &bytes[..end];
                let mut reader = Reader::new(bytes);
                let read = (0..count).try_fold(&[][..], |_, _| reader.slice().ok());
                let passed = pass_over(bytes, 0, count).filter(|at| *at <= end);
                assert_eq!(passed, read.map(|_| end - reader.rest().len()), "{count} of {end}");
                if let Some(mut at) = count.checked_sub(1).and_then(|count| pass_over(bytes, 0, count)) {
                    assert_eq!(slice_at(bytes, &mut at), read, "{count} of {end}");
                }
            }
        }
    }

    #[test]
    fn sized_bodies_match_put_slice() {
        for length in [0, 1, 127, 128, 20_000] {
            let body = vec![7u8; length];
            let (mut expected, mut actual) = (vec![1], vec![1]);
            put_slice(&mut expected, &body);
            put_sized(&mut actual, |out| out.extend_from_slice(&body));
            assert_eq!(expected, actual);
        }
    }

    #[test]
    fn zigzag_round_trips() {
        for number in [0, 1, -1, i64::MAX, i64::MIN] {
            assert_eq!(unzigzag(zigzag(number)), number);
        }
    }
}
