//! Reading and writing without Rust types: the schema is in the data.

use super::conflicts::decisions;
use super::transaction::Transaction;
use super::{Repo, View, decisions_kind, rows};
use dronestore_core::model::Loaded;
use dronestore_core::schema::{Schema, SchemaAttribute, Values, Written};
use dronestore_core::store::{Direction, Range, Snapshot};
use dronestore_core::strategy::Rulings;
use dronestore_core::version::{Commit, delete};
use dronestore_core::{Error, ErrorKind, Hash, Key, Result, Version};
use std::cmp::Reverse;

/// What a write by a schema came to.
#[derive(Debug, Clone, Default)]
pub struct ValueReport {
    /// The version that stands there now; `None` where nothing was written.
    pub version: Option<Version>,
    /// The commit; `None` where nothing was changed.
    pub commit: Option<Commit>,
    /// The stored names of the attributes that were written; the `latest_object` group has none.
    pub changed: Vec<String>,
    /// What was asked for and not recorded, with the reason.
    pub not_recorded: Vec<String>,
}

/// A write by a schema that is not staged yet.
pub(crate) struct Planned {
    row: Vec<u8>,
    stored: Option<Version>,
    /// Whether what it names is all that becomes otherwise.
    is_all: bool,
    /// What it makes; `None` where nothing differs.
    pub(crate) result: Option<Written>,
    /// What was asked for and would not be recorded, with the reason.
    pub(crate) notes: Vec<String>,
}

impl Repo {
    /// Changes the values of an object's attributes, of one that is not there by making it: what
    /// [`Repo::update`] does, without the Rust type. Values are as [`Schema::value_of`] reads them; what was never
    /// written is not among them. The schema of the kind has to be here: it is where a program has written the kind,
    /// came with a merge, or was added.
    ///
    /// The bytes are those that a program with the Rust types would have written; see [`Schema::commit`] for what
    /// takes the program.
    ///
    /// ```
    /// # use dronestore::{Repo, Value, schema::Schema};
    /// let repo = Repo::memory()?;
    /// repo.add_schema(&Schema::parse("struct Page { #[merge(counter)] visits: u64 }")?)?;
    /// let key = "/Page:home".parse()?;
    /// repo.update_values("Page", &key, |values| {
    ///     values.insert("visits".into(), Value::from(3));
    ///     Ok(())
    /// })?;
    /// let view = repo.view()?;
    /// let home = view.version("Page", &key)?.expect("just made");
    /// assert_eq!(view.values(&home)?["visits"], Value::from(3));
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) where no schema of the kind is here, what the closure gives, and as
    /// [`Schema::commit`]. A failed call changes nothing.
    ///
    /// Cost: as [`Repo::update`], and reads the kind's schemas.
    pub fn update_values(
        &self,
        kind: &str,
        key: &Key,
        mut change: impl FnMut(&mut Values) -> Result<()>,
    ) -> Result<ValueReport> {
        self.attempt(|| self.write(|transaction| transaction.update_values(kind, key, &mut change)))
    }

    /// Deletes an object without its Rust type, having seen all of what stands there; says whether there was one.
    ///
    /// # Errors
    /// As [`Repo::save`].
    pub fn delete_object(&self, kind: &str, key: &Key) -> Result<bool> {
        self.attempt(|| self.write(|transaction| transaction.delete_object(kind, key)))
    }

    /// Stores a schema, so that objects of its kind can be written without the Rust type; says whether it is new.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store) where the store fails; those of [`Schema::check`] for one that no program could have.
    pub fn add_schema(&self, schema: &Schema) -> Result<bool> {
        schema.check()?;
        let bytes = schema.to_bytes()?;
        let row = rows::schema(&schema.kind, &Hash::of(&bytes));
        self.keep_schemas(&[(row, bytes)]).map(|added| added > 0)
    }

    /// All that the stored schemas say of a kind, as one: an attribute that several describe is as in the one whose type
    /// [takes](dronestore_core::schema::Type::takes) what the others do, and else as in the one with the most attributes.
    /// `None` where no schema of the kind is here.
    ///
    /// # Errors
    /// As [`Repo::schemas`].
    pub fn schema_of(&self, kind: &str) -> Result<Option<Schema>> {
        self.view()?.schema_of(kind)
    }
}

impl View {
    /// As [`Repo::schema_of`], as of this moment.
    ///
    /// # Errors
    /// As [`Repo::schemas`].
    pub fn schema_of(&self, kind: &str) -> Result<Option<Schema>> {
        schema_of(&*self.snapshot, kind)
    }

    /// The values of an object's attributes by their stored names, as far as they can be read without the Rust type:
    /// by the schema of its kind, conflicts as they were decided.
    ///
    /// # Errors
    /// As [`Version::attributes`](dronestore_core::Version::attributes).
    ///
    /// Cost: decodes the object, and reads the kind's schemas.
    pub fn values(&self, version: &Version) -> Result<Values> {
        let schema = self.schema_of(version.kind())?.unwrap_or_else(|| unknown(version.kind()));
        self.values_by(&schema, version)
    }

    /// As [`View::values`], by a schema that was looked up before.
    ///
    /// # Errors
    /// As [`View::values`].
    pub fn values_by(&self, schema: &Schema, version: &Version) -> Result<Values> {
        let rulings = match version.may_have_rulings()? {
            true => Some(decisions::rulings(self, version)?),
            false => None,
        };
        schema.values(version, rulings.as_ref())
    }

    /// The kinds of which there are objects, deleted ones too, in their order.
    ///
    /// # Errors
    /// As [`Repo::view`].
    pub fn kinds(&self) -> Result<Vec<String>> {
        super::iterate::kinds(&*self.snapshot)
    }
}

/// What is known of a kind of which nothing is known.
pub(crate) fn unknown(kind: &str) -> Schema {
    Schema { kind: kind.to_owned(), attributes: Vec::new(), nested: Default::default() }
}

fn schema_of(snapshot: &dyn Snapshot, kind: &str) -> Result<Option<Schema>> {
    let range = rows::schemas_of_kind(kind);
    let mut cursor = snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
    let mut schemas = Vec::new();
    while let Some((_, bytes)) = cursor.next()? {
        schemas.push(Schema::from_bytes(bytes)?);
    }
    // Those of one length stay in the order of their hashes.
    schemas.sort_by_key(|schema| Reverse(schema.attributes.len()));
    let mut schemas = schemas.into_iter();
    let Some(mut first) = schemas.next() else { return Ok(None) };
    for other in schemas {
        for attribute in other.attributes {
            match first.attributes.iter_mut().find(|known| known.name == attribute.name) {
                None => first.attributes.push(attribute),
                Some(known) if is_wider(&attribute, known) => *known = attribute,
                Some(_) => {}
            }
        }
        for (kind, attributes) in other.nested {
            first.nested.entry(kind).or_insert(attributes);
        }
    }
    first.attributes.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Some(first))
}

/// Whether an attribute is another one whose program widened its type.
fn is_wider(attribute: &SchemaAttribute, known: &SchemaAttribute) -> bool {
    let (wide, narrow) = (attribute.ty(), known.ty());
    attribute.strategy == known.strategy && wide.takes(&narrow) && !narrow.takes(&wide)
}

/// The schema by which objects of a kind are written.
pub(crate) fn schema_to_write(snapshot: &dyn Snapshot, kind: &str) -> Result<Schema> {
    if kind == decisions_kind() {
        let message = format!("objects of kind `{kind}` are votes: `resolve` writes them");
        return Err(Error::new(ErrorKind::Refused, message));
    }
    schema_of(snapshot, kind)?.ok_or_else(|| {
        let message = format!("no schema of kind `{kind}` is here: let its program write first, or add it");
        Error::new(ErrorKind::NotFound, message)
    })
}

impl Transaction<'_> {
    /// As [`Repo::update_values`].
    ///
    /// # Errors
    /// As [`Repo::update_values`].
    pub fn update_values(
        &mut self,
        kind: &str,
        key: &Key,
        change: impl FnOnce(&mut Values) -> Result<()>,
    ) -> Result<ValueReport> {
        let schema = schema_to_write(&*self.snapshot, kind)?;
        self.update_by(&schema, key, change)
    }

    /// As [`Transaction::update_values`], by a schema that was looked up before.
    pub(crate) fn update_by(
        &mut self,
        schema: &Schema,
        key: &Key,
        change: impl FnOnce(&mut Values) -> Result<()>,
    ) -> Result<ValueReport> {
        let planned = self.plan_by(schema, key, change)?;
        self.stage_planned(planned)
    }

    /// What [`Transaction::update_by`] would write; nothing is staged.
    pub(crate) fn plan_by(
        &mut self,
        schema: &Schema,
        key: &Key,
        change: impl FnOnce(&mut Values) -> Result<()>,
    ) -> Result<Planned> {
        let kind = schema.kind.as_str();
        let row = rows::head(kind, key);
        let stored = self.stored(&row, key)?;
        // A deleted object is written anew, with no base: it starts clean.
        let base = stored.as_ref().filter(|version| !version.is_deleted());
        let rulings: Option<Rulings> = match base {
            Some(version) if version.may_have_rulings()? => Some(decisions::rulings(self, version)?),
            _ => None,
        };
        let before =
            base.map(|version| schema.values(version, rulings.as_ref())).transpose()?.unwrap_or_default();
        let mut values = before.clone();
        change(&mut values)?;
        if let Some(gone) = before.keys().find(|name| !values.contains_key(*name)) {
            let message = format!("attribute `{gone}` cannot be taken away: set it to another value");
            return Err(Error::new(ErrorKind::InvalidValue, message));
        }
        values.retain(|name, value| before.get(name) != Some(value));
        let mut author = self.author();
        let Loaded { result, notes, .. } =
            schema.commit(key, &values, (base, rulings.as_ref()), stored.as_ref(), &mut author)?;
        // What was deleted is gone, and no part of what was changed.
        let is_all = base.is_some() || stored.is_none();
        Ok(Planned { row, stored, is_all, result, notes })
    }

    /// Stages what was planned.
    pub(crate) fn stage_planned(&mut self, planned: Planned) -> Result<ValueReport> {
        let Planned { row, stored, is_all, result, notes } = planned;
        let Some(Written { version, commit, changed }) = result else {
            return Ok(ValueReport { not_recorded: notes, ..ValueReport::default() });
        };
        let names: Vec<&str> = changed.iter().map(String::as_str).collect();
        self.stage_own(row, stored, (&version, &commit), is_all.then_some(&names[..]))?;
        Ok(ValueReport { version: Some(version), commit: Some(commit), changed, not_recorded: notes })
    }

    /// As [`Repo::delete_object`].
    ///
    /// # Errors
    /// As [`Repo::delete_object`].
    pub fn delete_object(&mut self, kind: &str, key: &Key) -> Result<bool> {
        let row = rows::head(kind, key);
        let Some(stored) = self.stored(&row, key)?.filter(|version| !version.is_deleted()) else {
            return Ok(false);
        };
        let (version, commit) = delete(&stored, &stored, &mut self.author())?;
        self.stage_own(row, Some(stored), (&version, &commit), Some(&[]))?;
        Ok(true)
    }
}
