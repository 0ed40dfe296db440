//! What two versions of one object differ in, without Rust types.

use super::Version;
use crate::error::{Error, ErrorKind, Result};
use crate::strategy::{ReadPlace, Reading, Table};
use std::collections::BTreeMap;
use std::fmt;

/// What two versions of one object differ in, as a reader sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Diff {
    /// The attributes that read differently, by name and strategy; the members of a `latest_object` each by its own
    /// name.
    pub attributes: Vec<AttributeDiff>,
    /// Whether the object reads as deleted, on our side and on theirs.
    pub deleted: (bool, bool),
}

/// One attribute that reads differently on two sides.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeDiff {
    /// The stored name.
    pub name: String,
    /// The strategy, as in `#[merge(…)]`.
    pub strategy: String,
    /// What it reads as in the version that was asked.
    pub ours: Reading,
    /// What it reads as in the other.
    pub theirs: Reading,
}

impl Diff {
    /// Whether the two sides read alike. Their hashes may differ: one may have seen more that came to the same.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.deleted.0 == self.deleted.1
    }
}

impl Version {
    /// What this version and another of the same object differ in: whatever wrote them, no Rust type is needed.
    ///
    /// An attribute whose strategy is code that is not here differs where its entries do; its readings are
    /// [`Reading::Unknown`].
    ///
    /// # Errors
    /// [`Mismatch`](ErrorKind::Mismatch) for versions of two objects, [`Corrupt`](ErrorKind::Corrupt) where either's
    /// bytes are not a state.
    ///
    /// Cost: reads both; nothing where the hashes are equal.
    pub fn diff(&self, theirs: &Version) -> Result<Diff> {
        self.diff_where(theirs, |_| true)
    }

    /// As [`Version::diff`], of the attributes whose stored names are wanted (that of the `latest_object` group is empty): for
    /// one who knows that the others are the same.
    ///
    /// # Errors
    /// As [`Version::diff`]. Cost: reads these attributes of both.
    pub fn diff_where(&self, theirs: &Version, is_wanted: impl Fn(&str) -> bool) -> Result<Diff> {
        if (self.kind(), self.key()) != (theirs.kind(), theirs.key()) {
            return Err(Error::new(
                ErrorKind::Mismatch,
                format!("{theirs} of kind `{}` is not a version of `{}`", theirs.kind(), self.key()),
            ));
        }
        let mut diff = Diff { attributes: Vec::new(), deleted: (self.is_deleted(), theirs.is_deleted()) };
        if self == theirs {
            return Ok(diff);
        }
        let (mut ours, mut theirs) = (readings(self, &is_wanted)?, readings(theirs, &is_wanted)?);
        let names: std::collections::BTreeSet<Name> = ours.keys().chain(theirs.keys()).cloned().collect();
        for name in names {
            let (ours, theirs) =
                (ours.remove(&name).unwrap_or_default(), theirs.remove(&name).unwrap_or_default());
            if ours != theirs {
                let (name, strategy) = name;
                let (ours, theirs) = (ours.reading, theirs.reading);
                diff.attributes.push(AttributeDiff { name, strategy, ours, theirs });
            }
        }
        Ok(diff)
    }
}

/// Stored name and strategy.
type Name = (String, String);

/// What an attribute reads as, and, where that is not known, what it holds.
#[derive(PartialEq)]
struct Side {
    reading: Reading,
    held: Vec<(String, Vec<u8>)>,
}

impl Default for Side {
    fn default() -> Self {
        Side { reading: Reading::Default, held: Vec::new() }
    }
}

fn readings(version: &Version, is_wanted: &dyn Fn(&str) -> bool) -> Result<BTreeMap<Name, Side>> {
    let mut sides = BTreeMap::new();
    for view in version.attributes_where((), None, is_wanted)? {
        let name = (view.name, view.strategy);
        sides.insert(name, Side { reading: view.reading, held: Vec::new() });
    }
    if sides.values().any(|side| side.reading == Reading::Unknown) {
        hold(version, &mut sides)?;
    }
    Ok(sides)
}

/// Puts beside each unknown reading the entries it was not made from, each under its dot.
fn hold(version: &Version, sides: &mut BTreeMap<Name, Side>) -> Result<()> {
    let (table, bytes) = Table::of_state(version.state_bytes())?;
    let mut fields = version.shape().fields(bytes);
    while let Some(field) = fields.next()? {
        let name = (field.name.to_owned(), field.form.to_string());
        let Some(side) = sides.get_mut(&name).filter(|side| side.reading == Reading::Unknown) else {
            continue;
        };
        let place = ReadPlace { body: field.body, table: &table };
        side.held = match field.form.structure() {
            crate::causal::Structure::Values => {
                let held = place.entries()?.into_iter();
                held.map(|entry| Ok((table.dot(entry.row)?.to_string(), entry.value.to_vec())))
                    .collect::<Result<_>>()?
            }
            // Of a structure that no strategy here knows the bytes are all there is to compare; they name rows, so
            // equal states of other company may be told apart.
            _ => vec![(String::new(), field.body.to_vec())],
        };
    }
    Ok(())
}

/// A line each: `age: 23 → 24`, `tags: nothing → ["a"]`.
impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ours, theirs) = self.deleted;
        if ours != theirs {
            let word = |deleted| if deleted { "deleted" } else { "there" };
            writeln!(f, "the object: {} → {}", word(ours), word(theirs))?;
        }
        self.attributes.iter().try_for_each(|attribute| writeln!(f, "{attribute}"))
    }
}

impl fmt::Display for AttributeDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name)?;
        shown(&self.ours, f)?;
        f.write_str(" → ")?;
        shown(&self.theirs, f)
    }
}

fn shown(reading: &Reading, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match reading {
        Reading::Default => f.write_str("nothing"),
        Reading::Value(value) => write!(f, "{value}"),
        Reading::Unknown => f.write_str("not known here"),
    }
}
