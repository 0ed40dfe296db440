//! How long keys and values may be, the same in every store.

use super::{Expectation, Write};
use crate::error::{Error, ErrorKind, Result};

/// The longest key, in bytes. The shortest has one.
pub const KEY_LIMIT: usize = 4 << 10;

/// The longest value, in bytes: 64 MiB.
pub const VALUE_LIMIT: usize = 64 << 20;

/// Refuses keys and values that no store takes; the first thing that [`apply`](super::Store::apply) does.
///
/// One rule for all backends, or what one device saves another could not.
///
/// # Errors
/// [`Unsupported`](ErrorKind::Unsupported) for a key that is empty or over [`KEY_LIMIT`], or a value over [`VALUE_LIMIT`].
pub fn check_limits(expectations: &[Expectation<'_>], writes: &[Write<'_>]) -> Result<()> {
    expectations.iter().try_for_each(|expectation| check_key(expectation.key))?;
    writes.iter().try_for_each(|write| {
        check_key(write.key)?;
        check_value(write.value.unwrap_or_default())
    })
}

fn check_key(key: &[u8]) -> Result<()> {
    match key.len() {
        1..=KEY_LIMIT => Ok(()),
        0 => Err(Error::new(ErrorKind::Unsupported, "a stored key is empty; it needs at least one byte")),
        length => Err(Error::new(
            ErrorKind::Unsupported,
            format!("a stored key has {length} bytes, the limit is {KEY_LIMIT}; use a shorter one"),
        )),
    }
}

fn check_value(value: &[u8]) -> Result<()> {
    if value.len() <= VALUE_LIMIT {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Unsupported,
        format!(
            "a stored value has {} bytes, the limit is {VALUE_LIMIT}; keep large data elsewhere and store where",
            value.len()
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_exact() {
        let check = |key: usize, value: usize| {
            check_limits(&[], &[Write::put(&vec![1; key], &vec![2; value])]).map_err(|error| error.kind())
        };
        assert_eq!(check(1, 0), Ok(()));
        assert_eq!(check(KEY_LIMIT, VALUE_LIMIT), Ok(()));
        assert_eq!(check(0, 0), Err(ErrorKind::Unsupported));
        assert_eq!(check(KEY_LIMIT + 1, 0), Err(ErrorKind::Unsupported));
        assert_eq!(check(1, VALUE_LIMIT + 1), Err(ErrorKind::Unsupported));
        assert!(check_limits(&[Expectation::absent(b"")], &[]).is_err());
    }
}
