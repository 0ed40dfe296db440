//! `counter`: the sum of all increments and decrements.

use super::{ReadPlace, Replaces, WritePlace};
use crate::causal::Structure;
use crate::causal::place::Values;
use crate::error::{Error, ErrorKind, Result};
use crate::strategy::refused;
use crate::value;

// The story of a counter: each actor keeps one entry, its own total; the sum of the totals is the counter.
// A commit adds its difference to its actor's total as the head has it, so two handles of one repo add up.

/// The sum of the totals that stand here, wide and saturating; `None` where nothing was counted yet.
///
/// | met | reads as |
/// |---|---|
/// | +2 here, +3 there | +5 |
/// | two handles of one repo at one base, +1 each | +2 |
/// | counted beyond the field's range | the end of the range; the totals stay exact |
///
/// Stored: dot → that actor's total. Not for a value that is set rather than counted.
///
/// # Errors
/// [`InvalidValue`](ErrorKind::InvalidValue) where an entry is no integer.
pub(crate) fn sum(place: ReadPlace<'_>) -> Result<Option<i128>> {
    let mut values = Values::new(place.body);
    let mut sum = None;
    while let Some(entry) = values.next()? {
        sum = Some(total(entry.value)?.saturating_add(sum.unwrap_or(0)));
    }
    Ok(sum)
}

/// Adds a difference to the writer's own total; a difference of zero writes nothing unless asked to.
///
/// # Errors
/// [`Refused`](ErrorKind::Refused) where an unsigned counter would shrink.
pub(crate) fn add(
    place: &mut WritePlace<'_>,
    difference: i128,
    only_grows: bool,
    even_zero: bool,
) -> Result<()> {
    if difference == 0 && !even_zero {
        return place.keep(Structure::Values);
    }
    if difference < 0 && only_grows {
        return Err(refused(format!(
            "an unsigned counter only grows and cannot lose {}; use a signed integer to count down",
            difference.unsigned_abs()
        )));
    }
    // Totals saturate, and the field's type may not hold their sum.
    place.pen.reads_as_written &= difference.unsigned_abs() < 1 << 62;
    let mut own = 0i128;
    let mut values = Values::new(place.head);
    while let Some(entry) = values.next()? {
        if place.scene.is_own(entry.row) {
            own = own.saturating_add(total(entry.value)?);
            place.pen.reads_as_written &= own.unsigned_abs() < 1 << 62;
        }
    }
    let mut total = std::mem::take(&mut place.pen.scratch);
    total.clear();
    value::encode_into(&own.saturating_add(difference), &mut total)?;
    place.put(&total, Replaces::Own)?;
    place.pen.scratch = total;
    Ok(())
}

/// The total that an entry holds.
#[inline]
pub(crate) fn total(value: &[u8]) -> Result<i128> {
    match value {
        // The usual totals: a head of one or two bytes.
        [small @ ..0x18] => Ok(i128::from(*small)),
        [0x18, byte] => Ok(i128::from(*byte)),
        [0x19, high, low] => Ok(i128::from(u16::from_be_bytes([*high, *low]))),
        _ => large_total(value),
    }
}

fn large_total(value: &[u8]) -> Result<i128> {
    value::decode(value).map_err(|error| {
        Error::new(ErrorKind::InvalidValue, "a counter holds something that is no integer").with_source(error)
    })
}
