//! What a program writes: `repo.query::<Person>().filter(…).order_by(…).limit(10)`.

use super::check::check;
use super::explain::QueryPlan;
use super::rows::{Columns, Record, paths};
use super::scan::{Met, Plan, Scan};
use super::sums::Groups;
use crate::drone::Drone;
use crate::repo::{Repo, View};
use crate::versioned::Versioned;
use dronestore_core::query::{Condition, Cursor, Field, Path, Projection, Query, Root, Sort};
use dronestore_core::schema::{Column, Pass};
use dronestore_core::value::Cell;
use dronestore_core::{Error, ErrorKind, Key, Nanotime, Result, Version};
use serde::de::DeserializeOwned;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

impl Repo {
    /// The objects of a model that are wanted, in the order that is wanted.
    ///
    /// ```
    /// use dronestore::{Drone, Repo};
    ///
    /// #[derive(Drone, Debug)]
    /// struct Person {
    ///     #[merge(latest)]
    ///     last: String,
    ///     #[merge(max)]
    ///     age: u32,
    /// }
    ///
    /// let repo = Repo::memory()?;
    /// for (name, last, age) in [("a", "Lovelace", 36), ("b", "Hopper", 85), ("c", "Liskov", 17)] {
    ///     repo.put(name, Person { last: last.into(), age })?;
    /// }
    /// let fields = Person::fields();
    /// let adults = repo.query::<Person>().filter(fields.age.ge(18)).order_by(fields.last.asc()).limit(10);
    /// let names: Vec<String> = adults.select(Person::fields().last)?;
    /// assert_eq!(names, ["Hopper", "Lovelace"]);
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    ///
    /// Cost: nothing yet; each way of asking says its own.
    pub fn query<T: Drone>(&self) -> Find<T> {
        let (query, mistake, typed, of) = (Query::new(), None, Vec::new(), Of::Now);
        let (repo, moment, is_any_order, model) = (self.clone(), None, false, PhantomData);
        Find { repo, query, mistake, typed, of, moment, is_any_order, model }
    }
}

/// A query over the objects of a model.
///
/// It is answered from one moment of the repo, whatever is written meanwhile. Objects that read as deleted are not found.
pub struct Find<T> {
    repo: Repo,
    query: Query,
    mistake: Option<Error>,
    /// The texts in it, as they were typed: no compiler has seen their names.
    typed: Vec<Query>,
    of: Of,
    /// When, if it is not then.
    moment: Option<Nanotime>,
    is_any_order: bool,
    model: PhantomData<fn() -> T>,
}

/// What is asked.
enum Of {
    /// What stands in the repo by then.
    Now,
    View(View),
}

impl<T: Drone> Find<T> {
    /// Asked of this view.
    pub(crate) fn within(self, view: View) -> Self {
        Find { of: Of::View(view), ..self }
    }

    /// Also this has to hold.
    #[must_use]
    pub fn filter(mut self, condition: Condition<T>) -> Self {
        match condition.into_filter() {
            Ok(filter) => self.query = self.query.filter(filter),
            Err(error) => self.mistake = Some(error),
        }
        self
    }

    /// Also what this text says has to hold: `age >= 18 and tags has "tea"`, as a person typed it. Orders, a limit and the
    /// rest of a [`Query`] may follow in it, and take the place of what was said before. Where nothing was written the
    /// fields of the model read as their defaults; those of drones nested in it read as nothing. A name that the model has
    /// not, and a comparison that never holds, are mistakes, which asking tells: see [`Query::check`].
    #[must_use]
    pub fn matching(mut self, text: &str) -> Self {
        match text.parse::<Query>() {
            Ok(mut typed) => {
                self.typed.push(typed.clone());
                typed.each_path(&mut |path| path.or_default_of::<T>());
                let filter = std::mem::take(&mut self.query.filter).and(typed.filter);
                let order = if typed.order.is_empty() { self.query.order } else { typed.order };
                self.query = Query {
                    filter,
                    order,
                    under: typed.under.or(self.query.under),
                    after: typed.after.or(self.query.after),
                    offset: if typed.offset > 0 { typed.offset } else { self.query.offset },
                    limit: typed.limit.or(self.query.limit),
                };
            }
            Err(error) => self.mistake = Some(error),
        }
        self
    }

    /// Ordered by this, where what was named before leaves two equal; by their keys where nothing is named.
    #[must_use]
    pub fn order_by(mut self, sort: Sort<T>) -> Self {
        self.query = self.query.order_by(sort.into_order());
        self
    }

    /// Only at and below this key.
    #[must_use]
    pub fn under(mut self, key: &Key) -> Self {
        self.query = self.query.under(key);
        self
    }

    /// At most so many.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.query = self.query.limit(limit);
        self
    }

    /// Without the first so many. A cursor ([`Find::after`]) is cheaper and stays right under writes.
    #[must_use]
    pub fn offset(mut self, offset: usize) -> Self {
        self.query = self.query.offset(offset);
        self
    }

    /// Only what comes after this place, which an earlier [`Page`] gave.
    #[must_use]
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.query = self.query.after(cursor);
        self
    }

    /// Asked of the objects as they stood at a time, by their histories ([`History`](crate::History)), and not as they stand
    /// now; [`Repo::now`] is a time that has seen all of them. Conflicts read as undecided. Whoever asks is told
    /// [`NotFound`](ErrorKind::NotFound) where a history does not go back that far.
    ///
    /// What stood there then does not change, and a [`Query`] says nothing of when: [`Find::watch`] and
    /// [`Find::into_query`] refuse.
    ///
    /// Cost: makes all objects of the kind as they stood again, in memory, when it is asked.
    #[must_use]
    pub fn at(mut self, time: Nanotime) -> Self {
        self.moment = Some(time);
        self
    }

    /// The query as data: its text and its JSON come back as the query they were.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) for a mistake in what it was made of;
    /// [`Unsupported`](ErrorKind::Unsupported) where it is about another moment than now ([`Find::at`],
    /// [`View::query`](crate::View::query)), of which data says nothing.
    pub fn into_query(self) -> Result<Query> {
        let is_now = self.is_now();
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        match is_now {
            true => Ok(self.query),
            false => {
                let message =
                    "the query is about another moment than now, which a query as data does not say";
                Err(Error::new(ErrorKind::Unsupported, message))
            }
        }
    }

    /// Whether it is about the repo as it stands.
    pub(crate) fn is_now(&self) -> bool {
        self.moment.is_none() && matches!(self.of, Of::Now)
    }

    /// The query, for one who asks it of this repo as it stands.
    pub(crate) fn into_query_of(self, repo: &Repo) -> Result<Query> {
        if self.mistake.is_none() && !(self.is_now() && Arc::ptr_eq(&self.repo.inner, &repo.inner)) {
            let message = "the query is about another moment than now, or another repo";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        self.into_query()
    }

    /// The repo and the query.
    pub(crate) fn into_parts(self) -> Result<(Repo, Query)> {
        let repo = self.repo.clone();
        Ok((repo, self.into_query()?))
    }

    /// The objects, one after the other.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) for a mistake in the query; as [`Repo::get`].
    ///
    /// Cost: where an [index](crate::guide::indexes) answers it, the rows and objects that it leaves; [`Find::explain`] tells. Else
    /// one pass over the kind, or over what lies below the key. Without an order they stream: memory is that of one
    /// object, and what comes behind the limit is not looked at. With one, the pass is made first; it keeps at most twice as
    /// many versions as limit and offset, without a limit all that are wanted.
    pub fn run(self) -> Result<Results<T>> {
        Ok(Results { scan: self.scan(&[])?, model: PhantomData })
    }

    /// The objects, and where to go on behind them: `next` is there where the limit was reached.
    ///
    /// # Errors
    /// As [`Find::run`]. Cost: the same.
    pub fn page(self) -> Result<Page<T>> {
        let limit = self.query.limit;
        let mut results = self.run()?;
        let (mut objects, mut last) = (Vec::new(), None);
        while let Some(version) = results.scan.next()? {
            last = Some(version.clone());
            objects.push(crate::repo::handle(&results.scan.view, version)?);
        }
        let last = last.filter(|_| limit.is_some_and(|limit| objects.len() >= limit));
        let next = last.map(|last| results.scan.place(&last)).transpose()?.map(|place| place.cursor());
        Ok(Page { objects, next })
    }

    /// The first one, if there is any.
    ///
    /// # Errors
    /// As [`Find::run`]. Cost: the same, for one.
    pub fn first(self) -> Result<Option<Versioned<T>>> {
        self.limit(1).run()?.next().transpose()
    }

    /// How many there are, within offset and limit.
    ///
    /// # Errors
    /// As [`Find::run`]. Cost: where [indexes](crate::guide::indexes) answer all of the filter, their rows alone, and no object
    /// is read. Else the same pass; nothing is loaded, and what orders is not read.
    pub fn count(mut self) -> Result<usize> {
        if self.query.after.is_none() {
            // As many there are in any order.
            self.query.order.clear();
            self.is_any_order = true;
        }
        let (plan, view) = self.plan(&[])?;
        if let Some(count) = super::counted::count(&plan, &view)? {
            return Ok(count);
        }
        let mut count = 0;
        Scan::new(plan, view)?.meet(Some(&[]), &mut |_| {
            count += 1;
            Ok(())
        })?;
        Ok(count)
    }

    /// Whether there is any.
    ///
    /// # Errors
    /// As [`Find::run`]. Cost: as [`Find::count`], up to the first one.
    pub fn exists(self) -> Result<bool> {
        let one = if self.query.limit == Some(0) { self } else { self.limit(1) };
        Ok(one.count()? > 0)
    }

    /// Their keys.
    ///
    /// # Errors
    /// As [`Find::run`]. Cost: the same pass; nothing is loaded.
    pub fn keys(self) -> Result<Vec<Key>> {
        let mut keys = Vec::new();
        self.scan(&[])?.meet(Some(&[]), &mut |met| {
            keys.push(match met {
                Met::Cells(key, _) => Key::from_encoded(key)?,
                Met::Record(record) => record.version.key().clone(),
            });
            Ok(())
        })?;
        Ok(keys)
    }

    /// One field of each, or a tuple of several, and nothing else of them.
    ///
    /// # Errors
    /// As [`Find::run`]; [`InvalidValue`](crate::ErrorKind::InvalidValue) where a stored value is not of the field's type.
    ///
    /// Cost: the same pass; of each object that is wanted these fields are read.
    pub fn select<P: Projection<T>>(self, fields: P) -> Result<Vec<P::Output>> {
        let paths = fields.paths();
        let mut scan = self.scan(&paths)?;
        let asked = scan.plan.columns.of(&paths);
        let place = |path| scan.plan.columns.place(path, asked.as_deref()?);
        let places: Vec<usize> = paths.iter().filter_map(place).collect();
        let mut selected = Vec::new();
        scan.meet(asked.as_deref(), &mut |met| {
            selected.push(match met {
                Met::Cells(key, cells) => {
                    let cell = |(path, place): (&Path, &usize)| path.cell(cells[*place].as_ref());
                    let told =
                        |error: Error| Key::from_encoded(key).map_or_else(|error| error, |key| error.at(key));
                    fields.take(&mut paths.iter().zip(&places).map(cell)).map_err(told)?
                }
                Met::Record(record) => {
                    let cells = paths.iter().map(|path| Ok(path.read(&record)?.into_owned().into()));
                    let cells: Vec<Cell<'_>> = cells.collect::<Result<_>>()?;
                    fields.take(&mut cells.into_iter()).map_err(|error| error.at(record.version.key()))?
                }
            });
            Ok(())
        })?;
        Ok(selected)
    }

    /// The sum of a field of numbers; what is absent counts nothing.
    ///
    /// # Errors
    /// As [`Find::select`]; where the sum is none of the field's type.
    pub fn sum<F: DeserializeOwned>(mut self, field: Field<T, F>) -> Result<F> {
        self.unordered();
        self.group_by_nothing().sum(field)
    }

    /// The least value of a field, as queries compare; `None` where there is none.
    ///
    /// # Errors
    /// As [`Find::select`].
    pub fn min<F: DeserializeOwned>(mut self, field: Field<T, F>) -> Result<Option<F>> {
        self.unordered();
        self.group_by_nothing().min(field)
    }

    /// The greatest value of a field, as queries compare; `None` where there is none.
    ///
    /// # Errors
    /// As [`Find::select`].
    pub fn max<F: DeserializeOwned>(mut self, field: Field<T, F>) -> Result<Option<F>> {
        self.unordered();
        self.group_by_nothing().max(field)
    }

    /// The objects in groups that agree in a field: to be counted and summed up.
    pub fn group_by<F: DeserializeOwned + Ord>(mut self, field: Field<T, F>) -> Groups<T, F> {
        self.unordered();
        Groups::by(self, field)
    }

    /// What orders decides nothing where all are counted alike.
    fn unordered(&mut self) {
        let is_cut = self.query.limit.is_some() || self.query.offset > 0 || self.query.after.is_some();
        if !is_cut {
            self.query.order.clear();
            self.is_any_order = true;
        }
    }

    /// Calls this with each object that is wanted, in order.
    pub(super) fn each(
        self,
        paths: &[Path],
        mut work: impl FnMut(&Record<'_, &Version>) -> Result<()>,
    ) -> Result<()> {
        let mut scan = self.scan(paths)?;
        let attributes = paths.iter().filter(|path| matches!(path.root, Root::Attribute(_)));
        let (asked, mut pass) = (scan.plan.columns.of(attributes).unwrap_or_default(), Pass::new());
        while let Some(version) = scan.next()? {
            let columns = &scan.plan.columns;
            let cells = columns.read(&asked, version.shape(), version.state_bytes(), &mut pass);
            work(&Record::new(&version, columns, &scan.view).knowing(&asked, cells))?;
        }
        Ok(())
    }

    /// How it would be answered: which indexes are used, what is filtered, whether anything is sorted.
    ///
    /// ```
    /// use dronestore::{Drone, Repo};
    ///
    /// #[derive(Drone)]
    /// #[merge(latest)]
    /// struct Person {
    ///     #[drone(index)]
    ///     last: String,
    ///     age: u32,
    /// }
    ///
    /// let repo = Repo::memory()?;
    /// repo.put("a", Person { last: "Hopper".into(), age: 85 })?;
    /// let hoppers = repo.query::<Person>().matching(r#"last = "Hopper" and age > 18"#);
    /// let plan = hoppers.explain()?;
    /// assert_eq!(plan.indexes[0].index, "Person(last)");
    /// assert_eq!(plan.rows, Some(1));
    /// println!("{plan}");
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Find::run`]. Cost: at most some thousand rows of indexes, which are counted.
    pub fn explain(self) -> Result<QueryPlan> {
        let (plan, view) = self.plan(&[])?;
        QueryPlan::of(&plan, &view)
    }

    /// The pass, with what has to be read for it and for these paths.
    fn scan(self, more: &[Path]) -> Result<Scan> {
        let (plan, view) = self.plan(more)?;
        Scan::new(plan, view)
    }

    fn plan(self, more: &[Path]) -> Result<(Plan, View)> {
        self.repo.inner.models.check::<T>()?;
        let query = match self.mistake {
            Some(error) => return Err(error),
            None => self.query,
        };
        for typed in &self.typed {
            check(&self.repo, T::KIND, typed, &[T::schema()])?;
        }
        let view = match self.of {
            Of::Now => {
                self.repo.see_to_indexes::<T>();
                self.repo.view()?
            }
            Of::View(view) => view,
        };
        let (view, indexes) = match self.moment {
            Some(time) => (view.as_it_stood(T::KIND, time)?.view()?, Vec::new()),
            None => {
                let indexes = view.indexes_of::<T>()?;
                (view, indexes)
            }
        };
        let schema = self.repo.inner.models.schema::<T>();
        let columns = Columns::new([schema], paths(&query).chain(more), |_, name| Column::of::<T>(name));
        let (kind, is_any_order) = (T::KIND.to_owned(), self.is_any_order);
        Ok((Plan { kind, query, columns, indexes, is_any_order }, view))
    }
}

impl<T> fmt::Debug for Find<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Find({})", self.query)
    }
}

/// Some objects, and where to go on.
#[derive(Debug)]
pub struct Page<T> {
    /// The objects, in order.
    pub objects: Vec<Versioned<T>>,
    /// The place behind the last of them, where the limit was reached: there may be more.
    pub next: Option<Cursor>,
}

/// The objects that a query found, one after the other, as of one moment.
pub struct Results<T> {
    scan: Scan,
    model: PhantomData<fn() -> T>,
}

impl<T: Drone> Iterator for Results<T> {
    type Item = Result<Versioned<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.scan.next().transpose()?;
        Some(next.and_then(|version| crate::repo::handle(&self.scan.view, version)))
    }
}

impl<T> fmt::Debug for Results<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Results").field("view", &self.scan.view).finish_non_exhaustive()
    }
}
