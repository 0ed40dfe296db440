//! Contests: the places of a version where concurrent writes of different values stand.

use super::Version;
use crate::bytes::put_slice;
use crate::causal::form::{Child, code};
use crate::causal::{Dot, Form, Structure};
use crate::error::Result;
use crate::hash::Hash;
use crate::strategy::conflict::{Side, read_entry};
use crate::strategy::path::each_place;
use crate::strategy::{Entry, Path, ReadPlace, Rulings, Step, Table, newest};
use crate::time::Nanotime;
use crate::value::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A place where concurrent writes of different values stand, under `conflict`, `latest` or `latest_object`.
#[derive(Debug, Clone, PartialEq)]
pub struct Contest {
    /// Where in the object.
    pub path: Path,
    /// The strategy there, as in `#[merge(…)]`.
    pub strategy: String,
    /// Whether a person is asked: whether the strategy is `conflict`.
    pub asks: bool,
    /// The writes, in the order of (actor, sequence).
    pub sides: Vec<ContestSide>,
    /// Which side is read where nothing was decided.
    pub newest: usize,
    /// What is contested: kind, key, path and the different values, whoever wrote them and however often. Where each
    /// side was written to end one and the same conflict, that one's fingerprint.
    pub fingerprint: Hash,
    offset: usize,
}

/// One of the concurrent writes of a [`Contest`].
#[derive(Debug, Clone, PartialEq)]
pub struct ContestSide {
    /// What was written.
    pub value: Value,
    /// Its encoding.
    pub encoded: Arc<[u8]>,
    /// Who wrote it, and the how manieth of their commits on this object it was.
    pub dot: Dot,
    /// When, by the writer's hybrid clock.
    pub time: Nanotime,
    /// Other sides that the writer had seen and left standing.
    pub read_past: Vec<Dot>,
    /// The fingerprint of the conflict that it was written to end.
    pub decides: Option<Hash>,
}

impl Contest {
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }
}

impl Version {
    /// The places where concurrent writes of different values stand.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where the bytes are not a state.
    ///
    /// Cost: a few nanoseconds an attribute that has no such place; linear in maps and nested drones that may; decodes
    /// the values of places that are contested.
    pub fn contests(&self) -> Result<Vec<Contest>> {
        let mut contests = Vec::new();
        self.each_contest(CONTESTED, |steps, form, place| {
            contests.extend(contest(self, steps, form, place)?);
            Ok(())
        })?;
        Ok(contests)
    }

    /// The conflicts that read otherwise than their newest side, because of what `decided` gives for them.
    ///
    /// # Errors
    /// As [`Version::contests`], and what `decided` gives.
    pub fn rulings(&self, mut decided: impl FnMut(&Contest) -> Result<Option<Arc<[u8]>>>) -> Result<Rulings> {
        let mut rulings = Rulings::default();
        for contest in self.contests()?.iter().filter(|contest| contest.asks) {
            if let Some(value) = decided(contest)? {
                rulings.push(contest.offset, contest.fingerprint, value);
            }
        }
        Ok(rulings)
    }

    /// Whether several entries stand in one `conflict`; decodes no value.
    ///
    /// # Errors
    /// As [`Version::contests`].
    pub fn may_have_rulings(&self) -> Result<bool> {
        let mut any = false;
        self.each_contest(&[code::CONFLICT], |_, _, _| {
            any = true;
            Ok(())
        })?;
        Ok(any)
    }

    /// Shows every place of several entries whose strategy is one of these.
    fn each_contest(
        &self,
        codes: &[u8],
        mut each: impl FnMut(&[Step<'_>], Form<'_>, ReadPlace<'_>) -> Result<()>,
    ) -> Result<()> {
        let (table, bytes) = Table::of_state(self.state_bytes())?;
        let mut fields = self.shape().fields(bytes);
        while let Some(field) = fields.next()? {
            let place = ReadPlace { body: field.body, table: &table };
            // The usual field: nothing is to be looked for, or one entry stands there.
            if !can_hold(field.form, codes)
                || field.form.structure() == Structure::Values && place.single()?.is_some()
            {
                continue;
            }
            let mut steps = vec![Step::Field(field.name, field.form)];
            each_place(field.form, place, &mut steps, &mut |steps, form, place| {
                let is_contested = codes.contains(&form.code()) && place.single()?.is_none();
                if is_contested { each(steps, form, place) } else { Ok(()) }
            })?;
        }
        Ok(())
    }
}

/// The strategies under which one of several concurrent writes wins because it is newer.
const CONTESTED: &[u8] = &[code::CONFLICT, code::LATEST, code::LATEST_OBJECT];

/// Whether a place of one of these strategies can be at or below one of this form.
fn can_hold(form: Form<'_>, codes: &[u8]) -> bool {
    match form.structure() {
        Structure::Values => codes.contains(&form.code()),
        Structure::Map(Child::Form(inner)) => can_hold(inner, codes),
        Structure::Nested => true,
        _ => false,
    }
}

fn contest(
    version: &Version,
    steps: &[Step<'_>],
    form: Form<'_>,
    place: ReadPlace<'_>,
) -> Result<Option<Contest>> {
    let entries = place.entries()?;
    let asks = form.code() == code::CONFLICT;
    let mut sides = Vec::with_capacity(entries.len());
    for entry in &entries {
        sides.push(side(entry, asks, place.table)?);
    }
    let values: BTreeSet<&[u8]> = sides.iter().map(|side| &*side.encoded).collect();
    if values.len() < 2 {
        return Ok(None);
    }
    let path = Path::of(steps);
    let first = sides[0].decides;
    let fingerprint = match first.filter(|_| sides.iter().all(|side| side.decides == first)) {
        Some(fingerprint) => fingerprint,
        None => fingerprint(version, &path, &values),
    };
    let read = if asks { read_entry(&entries, place.table)?.row } else { newest(&entries)?.row };
    let newest = entries.iter().position(|entry| entry.row == read).unwrap_or_default();
    let offset = place.table.offset(&entries).unwrap_or(usize::MAX);
    Ok(Some(Contest { path, strategy: form.to_string(), asks, sides, newest, fingerprint, offset }))
}

pub(crate) fn side(entry: &Entry<'_>, asks: bool, table: &Table<'_>) -> Result<ContestSide> {
    let (encoded, read_past, decides) = match asks {
        true => {
            let side = Side::parse(entry.value)?;
            (side.value, side.read_past(), side.decides())
        }
        false => (entry.value, Vec::new(), None),
    };
    Ok(ContestSide {
        value: Value::from_bytes(encoded)?,
        encoded: encoded.into(),
        dot: table.dot(entry.row)?,
        time: entry.time,
        read_past,
        decides,
    })
}

fn fingerprint(version: &Version, path: &Path, values: &BTreeSet<&[u8]>) -> Hash {
    let mut bytes = b"dronestore conflict".to_vec();
    put_slice(&mut bytes, version.kind().as_bytes());
    put_slice(&mut bytes, version.key().as_encoded());
    put_slice(&mut bytes, path.as_bytes());
    for value in values {
        put_slice(&mut bytes, value);
    }
    Hash::of(&bytes)
}
