//! Location: the writes that say where an item of a list stands.
//!
//! ```text
//! location := dot → position, as bytes  |  dot → [position, time]
//! ```
//!
//! Of concurrent moves the newer one counts. Whoever edits an item writes its position again, because a removal beside
//! it takes away what it has seen; so that this is no move, the time goes along of the move that it repeats. A move
//! says its time where it is not later than one that it has seen, whose author's clock is ahead.

use super::position::is_position;
use super::{ReadPlace, Replaces, WritePlace};
use crate::error::Result;
use crate::time::Nanotime;
use crate::value::{self, Value};

/// Where an item of a list is to stand.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Placing<'p> {
    /// Where it stood.
    Again,
    /// Here.
    At(&'p [u8]),
}

/// The position that counts; nothing where there is none.
pub(crate) fn read(place: ReadPlace<'_>) -> Result<Option<&[u8]>> {
    match place.single()? {
        Some(value) => Ok(parse(value).map(|(position, _)| position)),
        None => Ok(moves(place)?.max().map(|(_, position)| position)),
    }
}

/// Which of the entries here counts, by its number among them.
pub(crate) fn winner(place: ReadPlace<'_>) -> Result<Option<usize>> {
    let entries = place.entries()?;
    let moves = entries.iter().enumerate().filter_map(|(number, entry)| {
        let (position, time) = parse(entry.value)?;
        Some((time.unwrap_or(entry.time), position, number))
    });
    Ok(moves.max().map(|(_, _, number)| number))
}

/// The times and positions of the moves that stand here.
fn moves<'a>(place: ReadPlace<'a>) -> Result<impl Iterator<Item = (Nanotime, &'a [u8])>> {
    let entries = place.entries()?.into_iter();
    Ok(entries.filter_map(|entry| {
        let (position, time) = parse(entry.value)?;
        Some((time.unwrap_or(entry.time), position))
    }))
}

/// Writes where the item stands, in place of what the writer has seen of that.
pub(crate) fn write(place: &mut WritePlace<'_>, placing: Placing<'_>) -> Result<()> {
    let seen = if place.base.is_empty() { None } else { moves(place.loaded())?.max() };
    match (placing, seen) {
        (Placing::At(position), Some((time, _))) if time >= place.scene.time => {
            place.put(&encode(position, Some(time.saturating_next()))?, Replaces::Seen)
        }
        (Placing::At(position), _) => place.put(&encode(position, None)?, Replaces::Seen),
        (Placing::Again, Some((time, position))) => {
            // No change by itself: it is taken back where nothing else of the item changes.
            let changed = place.pen.changed;
            place.put(&encode(position, Some(time))?, Replaces::Seen)?;
            place.pen.changed = changed;
            Ok(())
        }
        (Placing::Again, None) => place.keep(crate::causal::Structure::Values),
    }
}

/// The position that an entry holds, and the time where it says one; nothing where it was not written as one.
pub(crate) fn parse(entry: &[u8]) -> Option<(&[u8], Option<Nanotime>)> {
    let (bytes, time) = match entry.split_first()? {
        (0x82, parts) => {
            let (bytes, time) = parts.split_at(value::item_len(parts).ok()?);
            (bytes, Some(Nanotime::from_nanos(value::decode(time).ok()?)))
        }
        _ => (entry, None),
    };
    let position = match *bytes {
        [head @ 0x40..=0x57, ref rest @ ..] if rest.len() == usize::from(head - 0x40) => rest,
        [0x58, _, ref rest @ ..] | [0x59, _, _, ref rest @ ..] => rest,
        _ => return None,
    };
    is_position(position).then_some((position, time))
}

fn encode(position: &[u8], time: Option<Nanotime>) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(position.len() + 13);
    if time.is_some() {
        out.push(0x82);
    }
    value::encode_into(&Value::Bytes(position.to_vec()), &mut out)?;
    if let Some(time) = time {
        value::encode_into(&time.as_nanos(), &mut out)?;
    }
    Ok(out)
}
