//! Codec: what a strategy must know of the Rust type whose encodings it is given.

use crate::error::Result;
use crate::value;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::TypeId;
use std::borrow::Cow;

/// How encodings of one type read back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Codec {
    /// Whether every encoding of the type decodes, and encodes to the same bytes again.
    exact: bool,
    again: fn(&[u8]) -> Result<Vec<u8>>,
}

impl Codec {
    /// The codec of a type.
    #[inline]
    pub(crate) fn of<T: Serialize + DeserializeOwned + 'static>() -> Codec {
        Codec { exact: is_exact::<T>(), again: |stored| value::encode(&value::decode::<T>(stored)?) }
    }

    /// The encoding of what the type reads from a stored one: a newer program may have encoded more richly.
    ///
    /// # Errors
    /// What the type says of bytes that it cannot read.
    #[inline]
    pub(crate) fn again<'a>(&self, stored: &'a [u8]) -> Result<Cow<'a, [u8]>> {
        // Bytes of another type stay what they are, and are equal to no encoding of this one.
        if self.exact { Ok(Cow::Borrowed(stored)) } else { (self.again)(stored).map(Cow::Owned) }
    }

    /// Makes sure that the type can read back what it has written.
    ///
    /// # Errors
    /// What the type says of its own encoding.
    #[inline]
    pub(crate) fn check(&self, written: &[u8]) -> Result<()> {
        if self.exact { Ok(()) } else { (self.again)(written).map(|_| ()) }
    }
}

macro_rules! one_of {
    ($id:ident: $($ty:ty),*) => { $($id == TypeId::of::<$ty>() || $id == TypeId::of::<Option<$ty>>())||* };
}

/// Decided by the compiler: what remains of it in a program is a constant.
#[inline]
fn is_exact<T: 'static>() -> bool {
    let id = TypeId::of::<T>();
    one_of!(id: String, bool, char, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_types_are_exact() {
        assert!(Codec::of::<String>().exact && Codec::of::<Option<u8>>().exact);
        assert!(!Codec::of::<Option<Option<u8>>>().exact && !Codec::of::<Vec<u8>>().exact);
    }

    #[test]
    fn what_is_exact_reads_back_as_it_is_stored() {
        fn check<T: Serialize + DeserializeOwned + 'static>(values: &[T]) {
            let codec = Codec::of::<T>();
            for value in values {
                let bytes = value::encode(value).unwrap();
                assert_eq!((codec.again)(&bytes).unwrap(), bytes);
                assert_eq!(&*codec.again(&bytes).unwrap(), bytes.as_slice());
                codec.check(&bytes).unwrap();
            }
        }
        check(&["".to_owned(), "a".repeat(300)]);
        check(&[None, Some("".to_owned())]);
        check(&[i128::MIN, 0, i128::MAX]);
        check(&[f32::MIN, -0.0, 1.5, f32::INFINITY]);
        check(&[f64::MIN, -0.0, 0.1, f64::INFINITY]);
        check(&['\0', 'é']);
    }
}
