//! Typed handles of a model's fields: what a program writes a query with.

use super::{Filter, Op, Order, Path, Root, Step};
use crate::error::{Error, Result};
use crate::model::{Elements, Entries, Ordered};
use crate::time::Nanotime;
use crate::value::{self, Cell, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::marker::PhantomData;

/// A field of a model `R`, of type `F`, or what is found below one; the derive makes them.
///
/// Cost: a few words, and an allocation a step below the field.
pub struct Field<R, F> {
    root: Start,
    steps: Vec<Step>,
    /// What it reads as before anything was written.
    default: fn() -> Option<Value>,
    types: PhantomData<fn() -> (R, F)>,
}

/// Where a handle begins; a name of the model costs no memory.
#[derive(Clone)]
enum Start {
    Named(&'static str),
    Root(Root),
}

impl<R, F> Clone for Field<R, F> {
    fn clone(&self) -> Self {
        Field {
            root: self.root.clone(),
            steps: self.steps.clone(),
            default: self.default,
            types: PhantomData,
        }
    }
}

impl<R, F> fmt::Debug for Field<R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field({})", self.path())
    }
}

/// What a model's objects have to be like, to be wanted: a [`Filter`] that speaks of no other model.
pub struct Condition<R> {
    filter: Result<Filter>,
    model: PhantomData<fn() -> R>,
}

impl<R> Condition<R> {
    pub(super) fn new(filter: Result<Filter>) -> Self {
        Condition { filter, model: PhantomData }
    }

    /// The filter.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) where a value was given that cannot be stored, as a NaN.
    pub fn into_filter(self) -> Result<Filter> {
        self.filter
    }

    fn with(self, other: Self, join: impl FnOnce(Filter, Filter) -> Filter) -> Self {
        Condition::new(self.filter.and_then(|ours| other.filter.map(|theirs| join(ours, theirs))))
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Condition<R>) -> Condition<R> {
        self.with(other, Filter::and)
    }

    /// One of the two holds, or both.
    #[must_use]
    pub fn or(self, other: Condition<R>) -> Condition<R> {
        self.with(other, Filter::or)
    }

    /// It does not hold.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "read beside `and` and `or`")]
    pub fn not(self) -> Condition<R> {
        Condition::new(self.filter.map(Filter::not))
    }
}

impl<R> fmt::Debug for Condition<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.filter {
            Ok(filter) => write!(f, "Condition({filter})"),
            Err(error) => write!(f, "Condition({error:?})"),
        }
    }
}

/// By what a model's objects are ordered: an [`Order`] that speaks of no other model.
pub struct Sort<R> {
    order: Order,
    model: PhantomData<fn() -> R>,
}

impl<R> Sort<R> {
    /// The order.
    pub fn into_order(self) -> Order {
        self.order
    }
}

impl<R> fmt::Debug for Sort<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sort({})", self.order)
    }
}

/// What a field of type `F` can be compared with.
#[diagnostic::on_unimplemented(
    message = "a field of type `{F}` cannot be compared with `{Self}`",
    label = "this is no `{F}`",
    note = "give a value of the field's own type, or a reference to one; a `&str` for a `String`, a plain value for an `Option`"
)]
pub trait Operand<F> {
    /// The value.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) where it cannot be stored, as a NaN.
    fn to_operand(self) -> Result<Value>;
}

impl<T: Serialize> Operand<T> for T {
    fn to_operand(self) -> Result<Value> {
        value::to_value(&self)
    }
}

impl<T: Serialize> Operand<T> for &T {
    fn to_operand(self) -> Result<Value> {
        value::to_value(self)
    }
}

impl<T: Serialize> Operand<Option<T>> for T {
    fn to_operand(self) -> Result<Value> {
        value::to_value(&self).map(Value::some)
    }
}

impl Operand<String> for &str {
    fn to_operand(self) -> Result<Value> {
        Ok(Value::from(self))
    }
}

impl Operand<Option<String>> for &str {
    fn to_operand(self) -> Result<Value> {
        Ok(Value::from(self))
    }
}

impl<R, F> Field<R, F> {
    /// A field of this stored name; made by the derive.
    #[doc(hidden)]
    pub fn new(name: &'static str, default: fn() -> Option<Value>) -> Self {
        Field { root: Start::Named(name), steps: Vec::new(), default, types: PhantomData }
    }

    fn of(root: Root, default: fn() -> Option<Value>) -> Self {
        Field { root: Start::Root(root), steps: Vec::new(), default, types: PhantomData }
    }

    /// The path as data.
    pub fn path(&self) -> Path {
        let default = (self.default)().map(Step::Or);
        let root = match &self.root {
            Start::Named(name) => Root::Attribute((*name).to_owned()),
            Start::Root(root) => root.clone(),
        };
        Path { root, steps: default.into_iter().chain(self.steps.iter().cloned()).collect() }
    }

    /// A field of the drone that is nested here: `Person::fields().home.then(Address::fields().city)`.
    #[must_use]
    pub fn then<G>(self, inner: impl Into<Below<F, G>>) -> Field<R, G> {
        self.step(inner.into().steps)
    }

    fn step<G>(mut self, steps: Vec<Step>) -> Field<R, G> {
        self.steps.extend(steps);
        Field { root: self.root, steps: self.steps, default: self.default, types: PhantomData }
    }

    fn is(self, op: Op, value: Result<Value>) -> Condition<R> {
        Condition::new(value.map(|value| Filter::Is(self.path(), op, value)))
    }

    /// It equals this.
    pub fn eq(self, value: impl Operand<F>) -> Condition<R> {
        self.is(Op::Eq, value.to_operand())
    }

    /// It does not equal this.
    pub fn ne(self, value: impl Operand<F>) -> Condition<R> {
        self.is(Op::Ne, value.to_operand())
    }

    /// It equals one of these.
    pub fn is_in<V: Operand<F>>(self, values: impl IntoIterator<Item = V>) -> Condition<R> {
        let values = values.into_iter().map(Operand::to_operand).collect::<Result<Vec<_>>>();
        Condition::new(values.map(|values| Filter::In(self.path(), values)))
    }
}

/// What can be ordered as it is stored: comparisons and orders. An `Option` that is `None` is neither less nor greater.
impl<R, F: Ordered> Field<R, F> {
    /// It is less than this.
    pub fn lt(self, value: impl Operand<F>) -> Condition<R> {
        self.is(Op::Lt, value.to_operand())
    }

    /// It is less than this, or equals it.
    pub fn le(self, value: impl Operand<F>) -> Condition<R> {
        self.is(Op::Le, value.to_operand())
    }

    /// It is greater than this.
    pub fn gt(self, value: impl Operand<F>) -> Condition<R> {
        self.is(Op::Gt, value.to_operand())
    }

    /// It is greater than this, or equals it.
    pub fn ge(self, value: impl Operand<F>) -> Condition<R> {
        self.is(Op::Ge, value.to_operand())
    }

    /// It is neither less than the first nor greater than the second.
    pub fn between(self, least: impl Operand<F>, most: impl Operand<F>) -> Condition<R> {
        self.clone().ge(least).and(self.le(most))
    }

    /// The least first.
    pub fn asc(self) -> Sort<R> {
        Sort { order: Order::asc(self.path()), model: PhantomData }
    }

    /// The greatest first.
    pub fn desc(self) -> Sort<R> {
        Sort { order: Order::desc(self.path()), model: PhantomData }
    }
}

impl<R, F> Field<R, Option<F>> {
    /// There is nothing.
    pub fn is_none(self) -> Condition<R> {
        Condition::new(Ok(Filter::IsNone(self.path())))
    }

    /// There is something.
    pub fn is_some(self) -> Condition<R> {
        self.is_none().not()
    }
}

impl<R> Field<R, bool> {
    /// It is true.
    pub fn is_true(self) -> Condition<R> {
        self.is(Op::Eq, Ok(Value::from(true)))
    }
}

/// Texts.
pub trait Textual {}
impl Textual for String {}
impl Textual for Option<String> {}

impl<R, F: Textual> Field<R, F> {
    /// It begins with this.
    pub fn starts_with(self, text: &str) -> Condition<R> {
        Condition::new(Ok(Filter::StartsWith(self.path(), text.to_owned())))
    }

    /// It has this somewhere.
    pub fn contains(self, text: &str) -> Condition<R> {
        Condition::new(Ok(Filter::Contains(self.path(), text.to_owned())))
    }
}

impl<R, F: Elements> Field<R, F> {
    /// The set has this.
    pub fn has(self, element: impl Operand<F::Item>) -> Condition<R> {
        Condition::new(element.to_operand().map(|element| Filter::Has(self.path(), element)))
    }
}

impl<R, T> Field<R, Vec<T>> {
    /// An item of the list equals this.
    pub fn any(self, item: impl Operand<T>) -> Condition<R> {
        Condition::new(item.to_operand().map(|item| Filter::Has(self.path(), item)))
    }

    /// The item at this place, from 0.
    #[must_use]
    pub fn at(self, place: u64) -> Field<R, Option<T>> {
        self.step(vec![Step::At(place.into())])
    }
}

impl<R, F: Entries> Field<R, F> {
    /// The map has this key.
    pub fn has_key(self, key: impl Operand<F::Key>) -> Condition<R> {
        Condition::new(key.to_operand().map(|key| Filter::Has(self.path(), key)))
    }

    /// What stands under this key. A key that cannot be stored is under none.
    #[must_use]
    pub fn key(self, key: impl Operand<F::Key>) -> Field<R, Option<F::Value>> {
        let key = key.to_operand().unwrap_or_default();
        self.step(vec![Step::At(key)])
    }
}

/// What has a length.
pub trait Long {}
impl Long for String {}
impl<T> Long for Vec<T> {}
impl<T> Long for std::collections::BTreeSet<T> {}
impl<T, S> Long for std::collections::HashSet<T, S> {}
impl<K, V> Long for std::collections::BTreeMap<K, V> {}
impl<K, V, S> Long for std::collections::HashMap<K, V, S> {}

impl<R, F: Long> Field<R, F> {
    /// How many characters, items or entries it has.
    #[must_use]
    pub fn len(self) -> Field<R, u64> {
        self.step(vec![Step::Len])
    }
}

/// A field below one of type `F`: of a nested drone, or of an `Option` of one.
#[derive(Debug)]
pub struct Below<F, G> {
    steps: Vec<Step>,
    types: PhantomData<fn() -> (F, G)>,
}

impl<F, G> Below<F, G> {
    fn new(first: Option<Step>, path: Path) -> Self {
        // What is known of an object is known of no drone in it.
        let name = match path.root {
            Root::Attribute(name) => Some(Step::At(name.into())),
            _ => None,
        };
        Below { steps: first.into_iter().chain(name).chain(path.steps).collect(), types: PhantomData }
    }
}

impl<F, G> From<Field<F, G>> for Below<F, G> {
    fn from(field: Field<F, G>) -> Self {
        Below::new(None, field.path())
    }
}

impl<F, G> From<Field<F, G>> for Below<Option<F>, G> {
    fn from(field: Field<F, G>) -> Self {
        // Of a drone that is not there no field reads as its default.
        Below::new(Some(Step::Or(Value::Null)), field.path())
    }
}

/// What is known of an object beside its fields.
pub struct Meta<R>(PhantomData<fn() -> R>);

/// What is known of a model's objects beside their fields: `meta::<Person>().committed().desc()`.
pub fn meta<R>() -> Meta<R> {
    Meta(PhantomData)
}

impl<R> fmt::Debug for Meta<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meta")
    }
}

fn nothing() -> Option<Value> {
    None
}

impl<R> Meta<R> {
    /// The key, as text.
    pub fn key(&self) -> Field<R, String> {
        Field::of(Root::Key, nothing)
    }

    /// The key above it, as text.
    pub fn parent(&self) -> Field<R, Option<String>> {
        Field::of(Root::Parent, nothing)
    }

    /// When it was made.
    pub fn created(&self) -> Field<R, Nanotime> {
        Field::of(Root::Created, nothing)
    }

    /// When it was last written.
    pub fn committed(&self) -> Field<R, Nanotime> {
        Field::of(Root::Committed, nothing)
    }
}

/// What a query gives of each object instead of the object: a field, or several.
pub trait Projection<R> {
    /// What comes of it.
    type Output;

    /// What has to be read.
    fn paths(&self) -> Vec<Path>;

    /// Makes it of what was read, one after the other.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) where a stored value is not of the field's type.
    fn take(&self, cells: &mut dyn Iterator<Item = Cell<'_>>) -> Result<Self::Output>;
}

impl<R, F: DeserializeOwned> Projection<R> for Field<R, F> {
    type Output = F;

    fn paths(&self) -> Vec<Path> {
        vec![self.path()]
    }

    fn take(&self, cells: &mut dyn Iterator<Item = Cell<'_>>) -> Result<F> {
        let cell = cells.next().ok_or_else(|| Error::corrupt("a value is missing"))?;
        cell.decode().map_err(|error| error.at(self.path()))
    }
}

macro_rules! projections {
    ($(($($part:ident),+))*) => { $(
        impl<R, $($part: Projection<R>),+> Projection<R> for ($($part,)+) {
            type Output = ($($part::Output,)+);

            fn paths(&self) -> Vec<Path> {
                #[allow(non_snake_case)]
                let ($($part,)+) = self;
                [$($part.paths()),+].concat()
            }

            fn take(&self, cells: &mut dyn Iterator<Item = Cell<'_>>) -> Result<Self::Output> {
                #[allow(non_snake_case)]
                let ($($part,)+) = self;
                Ok(($($part.take(cells)?,)+))
            }
        }
    )* };
}
projections! { (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) }

/// What a field reads as before it is written, where that can be said as a value; used by the derive.
#[doc(hidden)]
#[derive(Debug)]
pub struct Given<T>(pub fn() -> T);

#[doc(hidden)]
pub trait GivenValue {
    fn given(&self) -> Option<Value>;
}

impl<T: Serialize> GivenValue for Given<T> {
    fn given(&self) -> Option<Value> {
        value::to_value(&(self.0)()).ok()
    }
}

/// For types that are no values, as nested drones: the second choice of the compiler.
#[doc(hidden)]
pub trait GivenNothing {
    fn given(&self) -> Option<Value> {
        None
    }
}

impl<T> GivenNothing for &Given<T> {}
