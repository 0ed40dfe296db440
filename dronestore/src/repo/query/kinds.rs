//! Queries over a kind without the Rust type.

use super::check::check;
use super::explain::QueryPlan;
use super::rows::{Columns, paths};
use super::scan::{Plan, Scan};
use crate::repo::{Repo, View};
use dronestore_core::query::{Query, SortKey};
use dronestore_core::schema::Schema;
use dronestore_core::{Result, Version};
use std::fmt;
use std::sync::Arc;

impl Repo {
    /// The versions of a kind that this query wants, without the Rust type: what was written is read by the schemas that the
    /// repo has of it, an attribute that programs have stored in several ways as it was stored here. Where nothing was written a field reads as nothing; `visits ?? 0` says what else.
    ///
    /// ```
    /// # use dronestore::{Drone, Repo};
    /// # #[derive(Drone)] struct Person { #[merge(latest)] last: String, #[merge(max)] age: u32 }
    /// # let repo = Repo::memory()?;
    /// # repo.put("a", Person { last: "Lovelace".into(), age: 36 })?;
    /// let query = r#"age >= 18 and last starts with "L" order by age desc"#.parse()?;
    /// for version in repo.query_kind("Person", &query)?.run()? {
    ///     println!("{}", version?.value()?);
    /// }
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Repo::schemas`]; as [`Query::check`] for a name that nothing has that is stored of the kind, and for a comparison
    /// that never holds by any schema of it.
    pub fn query_kind(&self, kind: &str, query: &Query) -> Result<FindVersions> {
        let (plan, first) = kind_plan(self, kind, query)?;
        Ok(FindVersions { repo: self.clone(), plan, first })
    }
}

/// How a query is asked without the Rust type.
///
/// Gives besides the schema that is asked first.
pub(crate) fn kind_plan(repo: &Repo, kind: &str, query: &Query) -> Result<(Plan, Option<Schema>)> {
    let mut schemas = repo.schemas()?;
    schemas.retain(|schema| schema.kind == kind);
    // They are in no order of time; the one that knows most is asked first.
    schemas.sort_by_key(|schema| std::cmp::Reverse(schema.attributes.len()));
    check(repo, kind, query, &schemas)?;
    schemas.push(Schema { kind: kind.to_owned(), attributes: Vec::new(), nested: Default::default() });
    let first = schemas.first().cloned();
    let columns = Columns::new(schemas.into_iter().map(Arc::new), paths(query), Schema::column);
    let (kind, query) = (kind.to_owned(), query.clone());
    Ok((Plan { kind, query, columns, indexes: Vec::new(), is_any_order: false }, first))
}

/// A query over the versions of a kind, without the Rust type.
pub struct FindVersions {
    repo: Repo,
    plan: Plan,
    /// The schema that is asked first.
    first: Option<Schema>,
}

impl FindVersions {
    /// The repo and the plan.
    pub(crate) fn into_parts(self) -> (Repo, Plan) {
        (self.repo, self.plan)
    }

    /// The versions, one after the other.
    ///
    /// # Errors
    /// As [`Find::run`](super::Find::run). Cost: the same.
    pub fn run(self) -> Result<impl Iterator<Item = Result<Version>> + use<>> {
        let mut scan = self.scan()?;
        Ok(std::iter::from_fn(move || scan.next().transpose()))
    }

    /// The versions with their places in the order, from which a later query can go on ([`SortKey::cursor`]).
    ///
    /// # Errors
    /// As [`Find::run`](super::Find::run). Cost: the same, and what orders is read once more.
    pub fn places(self) -> Result<impl Iterator<Item = Result<(Version, SortKey)>> + use<>> {
        let mut scan = self.scan()?;
        let mut next = move || -> Result<Option<(Version, SortKey)>> {
            let Some(version) = scan.next()? else { return Ok(None) };
            let place = scan.place(&version)?;
            Ok(Some((version, place)))
        };
        Ok(std::iter::from_fn(move || next().transpose()))
    }

    /// Calls this with each, and the moment in which it stands there.
    pub(crate) fn each(self, mut work: impl FnMut(&View, Version) -> Result<()>) -> Result<()> {
        let mut scan = self.scan()?;
        while let Some(version) = scan.next()? {
            work(&scan.view, version)?;
        }
        Ok(())
    }

    /// How it would be answered, as [`Find::explain`](super::Find::explain).
    ///
    /// # Errors
    /// As [`Find::run`](super::Find::run).
    pub fn explain(self) -> Result<QueryPlan> {
        let (plan, view) = self.plan()?;
        QueryPlan::of(&plan, &view)
    }

    fn scan(self) -> Result<Scan> {
        let (plan, view) = self.plan()?;
        Scan::new(plan, view)
    }

    fn plan(mut self) -> Result<(Plan, View)> {
        let view = self.repo.view()?;
        // Versions leave by this: see `View::version`.
        self.repo.give_away();
        if let Some(first) = &self.first {
            self.plan.indexes = self.repo.indexes_read_by(first, &view)?;
        }
        Ok((self.plan, view))
    }
}

impl fmt::Debug for FindVersions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FindVersions({} {})", self.plan.kind, self.plan.query)
    }
}
