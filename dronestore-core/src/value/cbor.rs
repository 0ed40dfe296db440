//! Encode and decode: between serde's types, values and canonical bytes.

use super::decode::Decoder;
use super::encode::Encoder;
use super::texts::Texts;
use super::{Plain, Value, check};
use crate::error::{Error, Result};
use serde::de::{Deserialize, DeserializeOwned};
use serde::ser::Serialize;

/// The canonical encoding of anything serde can describe.
///
/// ```
/// use dronestore_core::value::{decode, encode};
/// assert_eq!(encode("abc")?, b"\x63abc");
/// assert_eq!(decode::<Option<u32>>(&encode(&Some(7u32))?)?, Some(7));
/// # Ok::<(), dronestore_core::Error>(())
/// ```
///
/// # Errors
/// [`InvalidValue`](crate::ErrorKind::InvalidValue) for a NaN, for a map with one key twice, beyond
/// [`MAX_DEPTH`](super::MAX_DEPTH), and for what the type's own `Serialize` refuses.
#[inline]
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    Encoder::new(&mut out).whole(value)?;
    Ok(out)
}

/// Appends the canonical encoding to `out`; after an error `out` is as it was.
///
/// # Errors
/// As for [`encode`].
#[inline]
pub fn encode_into<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<()> {
    let start = out.len();
    let result = Encoder::new(out).whole(value);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

/// The value of type `T` that `bytes` encode, all of them.
///
/// The bytes are taken to be canonical, which [`check`] makes sure of for bytes from outside. Others are an error or
/// some value, never a panic, and never an allocation beyond a constant times their length.
///
/// # Errors
/// [`InvalidValue`](crate::ErrorKind::InvalidValue) if they encode a value of another type, with what was expected
/// and found, [`Corrupt`](crate::ErrorKind::Corrupt) if they encode nothing.
#[inline]
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    decode_borrowed(bytes)
}

/// The value of type `T` that the first item in `bytes` encodes, and the length of that item; `texts` may hold what was
/// checked among the bytes before.
///
/// # Errors
/// As for [`decode`].
#[inline]
pub(crate) fn decode_first<'a, T: DeserializeOwned>(bytes: &'a [u8], texts: Texts<'a>) -> Result<(T, usize)> {
    let mut decoder = Decoder::with_texts(bytes, texts);
    let value = T::deserialize(&mut decoder)?;
    Ok((value, decoder.at))
}

/// As [`decode`], for types that borrow texts and bytes from the encoding.
///
/// # Errors
/// As for [`decode`].
#[inline]
pub fn decode_borrowed<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T> {
    let mut decoder = Decoder::new(bytes);
    let value = T::deserialize(&mut decoder)?;
    decoder.end()?;
    Ok(value)
}

/// Anything serde can describe as a [`Value`].
///
/// # Errors
/// As for [`encode`].
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value> {
    decode(&encode(value)?)
}

/// A [`Value`] as a type of one's own.
///
/// # Errors
/// [`InvalidValue`](crate::ErrorKind::InvalidValue) if it is a value of another type.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T> {
    decode(&encode(value)?)
}

impl Value {
    /// The one canonical encoding of this value.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) for a NaN, for a [`Value::Some`] around anything but null or
    /// another `Some`, and beyond [`MAX_DEPTH`](super::MAX_DEPTH).
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        encode(self)
    }

    /// The value that `bytes` encode, canonically and all of them.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) for anything else, as [`check`] says.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        if let Some(plain) = Plain::of(bytes) {
            return Ok(plain.into());
        }
        if check(bytes)? != bytes.len() {
            return Err(Error::corrupt("bytes follow after the end of a value"));
        }
        decode(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_is_what_the_whole_way_reads() {
        let mut all: Vec<Vec<u8>> = Vec::new();
        for first in 0..=0xff {
            all.push(vec![first]);
            all.extend((0..=0xff).map(|second| vec![first, second]));
            for second in [0, 1, 0x17, 0x18, 0x61, 0x80, 0xc3, 0xff] {
                all.push(
                    [vec![first, second], b"abcdefghijklmnopqrstuvwxyz"[..usize::from(second) % 26].to_vec()]
                        .concat(),
                );
                all.push(
                    [vec![first, second, 0, 7], vec![b'a'; 300]].concat()[..usize::from(first).max(4)]
                        .to_vec(),
                );
                all.push(vec![first, second, 1, 0, 2]);
                all.push(vec![first, second, 0xa9]);
            }
        }
        let mut plain = 0;
        for bytes in all {
            if let Some(value) = Plain::of(&bytes).map(Value::from) {
                plain += 1;
                assert_eq!(check(&bytes).unwrap(), bytes.len(), "{bytes:x?}");
                assert_eq!(decode::<Value>(&bytes).unwrap(), value, "{bytes:x?}");
                assert_eq!(value.to_bytes().unwrap(), bytes);
            }
        }
        assert!(plain > 400, "{plain}");
    }
}
