//! Which attributes of a version are not those of an earlier one.

use crate::bytes::Reader;
use crate::causal::Structure;
use crate::causal::place::Field;
use crate::causal::rows::{Spot, each_row};
use crate::causal::state::State;
use crate::error::Result;
use crate::version::Version;

/// The names of the attributes in which something else stands than in the base; `None` where one of the base is gone.
///
/// Rows are compared by the dots that they name, so what was only numbered anew is the same.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) where one of them is damaged.
///
/// Cost: linear in both.
pub fn written_since<'v>(version: &'v Version, base: &Version) -> Result<Option<Vec<&'v str>>> {
    let (after, before) = (version.state()?, base.state()?);
    let mut names = Vec::new();
    let (mut fields, mut earlier) =
        (version.shape().fields(after.attributes), base.shape().fields(before.attributes));
    let mut known = earlier.next()?;
    while let Some(field) = fields.next()? {
        let place = |field: &Field<'_>| (field.name.to_owned(), field.form.as_bytes().to_vec());
        match &known {
            Some(other) if place(other) == place(&field) => {
                if !is_same((&field, &after), (other, &before))? {
                    names.push(field.name);
                }
                known = earlier.next()?;
            }
            Some(other) if (other.name, other.form) < (field.name, field.form) => return Ok(None),
            _ => names.push(field.name),
        }
    }
    Ok(known.is_none().then_some(names))
}

/// Whether two attributes differ in nothing but the numbers of their rows.
pub(super) fn is_same(one: (&Field<'_>, &State<'_>), other: (&Field<'_>, &State<'_>)) -> Result<bool> {
    let structure = one.0.form.structure();
    let (a, b) = (spots(structure, one.0.body)?, spots(structure, other.0.body)?);
    let (mut from_a, mut from_b) = (0, 0);
    let same = a.iter().zip(&b).all(|((row_a, spot_a), (row_b, spot_b))| {
        let dots = (one.1.table.get(*row_a as usize), other.1.table.get(*row_b as usize));
        let is_same_dot =
            matches!(dots, (Some(a), Some(b)) if one.1.dot(a) == other.1.dot(b) && a.time == b.time);
        let between = (one.0.body.get(from_a..spot_a.at()), other.0.body.get(from_b..spot_b.at()));
        let more = number(one.0.body, *spot_a) & 1 == number(other.0.body, *spot_b) & 1;
        (from_a, from_b) = (behind(one.0.body, *spot_a), behind(other.0.body, *spot_b));
        is_same_dot && between.0 == between.1 && (more || !spot_a.is_dot())
    });
    Ok(same && a.len() == b.len() && one.0.body.get(from_a..) == other.0.body.get(from_b..))
}

fn spots(structure: Structure<'_>, body: &[u8]) -> Result<Vec<(u32, Spot)>> {
    let mut spots = Vec::new();
    each_row(structure, body, 0, &mut |row, spot| spots.push((row, spot)))?;
    Ok(spots)
}

/// What is written at a spot.
fn number(body: &[u8], spot: Spot) -> u64 {
    Reader::new(body.get(spot.at()..).unwrap_or_default()).varint().unwrap_or(0)
}

/// Where what is behind a spot begins.
fn behind(body: &[u8], spot: Spot) -> usize {
    let mut reader = Reader::new(body.get(spot.at()..).unwrap_or_default());
    let _ = reader.varint();
    body.len() - reader.rest().len()
}
