//! Schemas: what the repo knows of the models that its data was written with.

use super::view::View;
use super::{Repo, rows};
use crate::drone::Drone;
use dronestore_core::Result;
use dronestore_core::schema::{Schema, SchemaIssue};
use dronestore_core::store::{Cursor, Direction, Range};
use dronestore_core::version::Shape;
use std::collections::BTreeSet;

/// A schema as it is stored: the key of its row, and its bytes.
pub(super) type SchemaRow = (Vec<u8>, Vec<u8>);

/// The schemas as they are stored.
pub(super) fn stored_schemas(view: &View) -> Result<Vec<SchemaRow>> {
    let (mut schemas, mut cursor) = (Vec::new(), scan(view, rows::SCHEMAS)?);
    while let Some((row, bytes)) = cursor.next()? {
        schemas.push((row.to_vec(), bytes.to_vec()));
    }
    Ok(schemas)
}

impl Repo {
    /// The schemas of all programs that wrote here or into what was merged here, by kind; no Rust type is needed.
    ///
    /// # Errors
    /// As [`Repo::view`]; [`Corrupt`](crate::ErrorKind::Corrupt) where a schema is damaged.
    pub fn schemas(&self) -> Result<Vec<Schema>> {
        stored_schemas(&self.view()?)?.iter().map(|(_, bytes)| Schema::from_bytes(bytes)).collect()
    }

    /// Keeps the schemas of another repo just as they stand there: they may be of a later version.
    #[cfg(any(feature = "cli", test))]
    pub(crate) fn keep_schemas_of(&self, other: &Repo) -> Result<()> {
        self.keep_schemas(&stored_schemas(&other.view()?)?).map(drop)
    }

    /// Keeps rows of schemas; gives how many are new.
    pub(super) fn keep_schemas(&self, schemas: &[SchemaRow]) -> Result<usize> {
        self.attempt(|| {
            self.write(|transaction| {
                let mut added = 0;
                for (row, bytes) in schemas {
                    if transaction.snapshot.get(row)?.is_none() {
                        transaction.extra.insert(row.clone(), bytes.clone());
                        added += 1;
                    }
                }
                Ok(added)
            })
        })
    }

    /// What the models that this program has used with the repo, by reading or writing, do not read as others wrote
    /// it: attributes that are kept and not known here, attributes stored under two strategies, types and defaults
    /// that differ. Sorted by kind and attribute; nothing of it stands in the way of merging.
    ///
    /// # Errors
    /// As [`Repo::schemas`].
    ///
    /// Cost: one pass over schemas and shapes, of which there are few, whatever the number of objects.
    pub fn schema_issues(&self) -> Result<Vec<SchemaIssue>> {
        let stored = self.schemas()?;
        let shapes = self.shapes_stored()?;
        let mut issues = BTreeSet::new();
        for here in self.inner.models.schemas() {
            // Schemas first: they say the most. Shapes tell of programs whose schema never came here.
            let of_kind = stored.iter().filter(|stored| stored.kind == here.kind);
            issues.extend(of_kind.flat_map(|stored| here.issues(stored)));
            for shape in shapes.iter().filter(|shape| shape.kind() == here.kind) {
                let heads = (0..shape.len()).filter_map(|index| shape.head(index));
                issues.extend(heads.filter_map(|(name, form)| here.issue_with(name, &form.to_string())));
            }
        }
        Ok(issues.into_iter().collect())
    }

    /// The same for one model, whether this program has used it before or not.
    ///
    /// # Errors
    /// As [`Repo::schemas`]; [`Mismatch`](crate::ErrorKind::Mismatch) where another Rust type has this kind.
    pub fn schema_issues_of<T: Drone>(&self) -> Result<Vec<SchemaIssue>> {
        self.inner.models.check::<T>()?;
        let schema = T::schema();
        let mut issues = self.schema_issues()?;
        issues.retain(|issue| issue.kind == schema.kind || schema.nested.contains_key(&issue.kind));
        Ok(issues)
    }

    pub(crate) fn shapes_stored(&self) -> Result<Vec<std::sync::Arc<Shape>>> {
        let view = self.view()?;
        let mut shapes = Vec::new();
        let mut cursor = scan(&view, rows::SHAPES)?;
        while let Some((_, bytes)) = cursor.next()? {
            shapes.push(Shape::parse(bytes)?);
        }
        Ok(shapes)
    }
}

fn scan(view: &View, row: u8) -> Result<Box<dyn Cursor>> {
    let range = rows::all(row);
    view.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, Write};
    use crate::stores::MemoryStore;
    use dronestore_core::Hash;

    #[test]
    fn a_schema_of_a_later_version_is_kept_as_it_stands() {
        let schema = Schema::parse("struct Page { #[merge(latest)] title: String }").unwrap();
        let strategy = "latest".as_bytes();
        let mut bytes = schema.to_bytes().unwrap();
        let at = bytes.windows(strategy.len()).position(|window| window == strategy).unwrap();
        bytes[at..at + strategy.len()].copy_from_slice(b"newest");
        let row = rows::schema("Page", &Hash::of(&bytes));
        let store = MemoryStore::new();
        let source = Repo::builder().store(std::sync::Arc::new(store.clone())).open().unwrap();
        store.apply(&[], &[Write::put(&row, &bytes)]).unwrap();
        let [later] = &source.schemas().unwrap()[..] else { panic!("one schema") };

        let repo = Repo::memory().unwrap();
        repo.add_schema(later).unwrap_err();
        repo.keep_schemas_of(&source).unwrap();
        assert_eq!(repo.view().unwrap().snapshot.get(&row).unwrap().as_deref(), Some(&bytes[..]));
        let before = repo.sequence();
        repo.keep_schemas_of(&source).unwrap();
        assert_eq!(repo.sequence(), before);
    }
}
