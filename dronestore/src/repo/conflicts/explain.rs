//! Explaining, with what this repo knows of decisions.

use super::decisions;
use crate::repo::iterate::kinds;
use crate::repo::{Repo, View, rows};
use dronestore_core::schema::Schema;
use dronestore_core::store::{Direction, Range};
use dronestore_core::version::{Contest, Explanation};
use dronestore_core::{Error, ErrorKind, Key, Result, Version};
use std::collections::BTreeSet;

impl Repo {
    /// Why an attribute reads as it does: the strategy, the values that met, who wrote each and when, which had seen
    /// which, what won and by which rule or decision. `{}` shows it as a tree; it serializes for tools.
    ///
    /// The attribute goes by its stored name, a `latest_object` field by its own; maps, sets and nested drones are
    /// explained part by part. What a later write replaced is not told: a repo keeps heads only.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) where there is no such object, or no such attribute in it or in its schema.
    ///
    /// Cost: linear in the object.
    pub fn explain(&self, key: &Key, attribute: &str) -> Result<Explanation> {
        self.view()?.explain(key, attribute)
    }
}

impl View {
    /// As [`Repo::explain`], as of this moment.
    ///
    /// # Errors
    /// As [`Repo::explain`].
    pub fn explain(&self, key: &Key, attribute: &str) -> Result<Explanation> {
        let version = self.find(key)?;
        let schemas = self.schemas_of(version.kind())?;
        let names: Vec<String> = version.attributes()?.into_iter().map(|view| view.name).collect();
        let mut group = attribute;
        if !(0..version.shape().len())
            .any(|index| version.shape().head(index).is_some_and(|(name, _)| name == attribute))
        {
            let known = names.iter().any(|name| name == attribute);
            let declared =
                schemas.iter().flat_map(|schema| &schema.attributes).map(|known| known.name.clone());
            let declared: BTreeSet<String> = declared.collect();
            if !known && !declared.contains(attribute) {
                let all = if declared.is_empty() { names } else { declared.into_iter().collect() };
                let message =
                    format!("`{key}` has no attribute `{attribute}`; it has `{}`", all.join("`, `"));
                return Err(Error::new(ErrorKind::NotFound, message));
            }
            if known {
                group = "";
            }
        }
        let decided = |contest: &Contest| {
            let outcome = decisions::outcome(self, &version, contest)?;
            Ok(outcome.map(|outcome| (outcome.value, outcome.words)))
        };
        match schemas.iter().find(|schema| schema.attributes.iter().any(|known| known.name == attribute)) {
            Some(schema) => schema.explain(&version, group, decided),
            None => version.explain(group, decided),
        }
    }

    /// The object of this key: the one of the kind that the key names, or the only one.
    fn find(&self, key: &Key) -> Result<Version> {
        if let Some(kind) = key.field()
            && let Some(version) = self.version(&kind, key)?
        {
            return Ok(version);
        }
        let mut found = Vec::new();
        for kind in kinds(&*self.snapshot)? {
            found.extend(self.version(&kind, key)?);
        }
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(Error::new(ErrorKind::NotFound, format!("there is no object `{key}`"))),
            _ => {
                let kinds: Vec<&str> = found.iter().map(Version::kind).collect();
                let message = format!("`{key}` is an object of each of the kinds `{}`", kinds.join("`, `"));
                Err(Error::new(ErrorKind::Mismatch, message))
            }
        }
    }

    /// What is known of a kind: by the model that this program has used, then by all that is stored.
    fn schemas_of(&self, kind: &str) -> Result<Vec<Schema>> {
        let mut schemas = self.inner.models.schemas();
        schemas.retain(|schema| schema.kind == kind);
        let range = rows::schemas_of_kind(kind);
        let mut cursor = self.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
        while let Some((_, bytes)) = cursor.next()? {
            schemas.push(Schema::from_bytes(bytes)?);
        }
        Ok(schemas)
    }
}
