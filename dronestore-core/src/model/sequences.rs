//! Lists and texts in Rust types: what `list` and `text` need, and their way between a field and its place.

use crate::error::Result;
use crate::strategy::{Edits, ReadPlace, WritePlace, list, moves, text};
use crate::value;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::VecDeque;

/// A list as a user holds it: what `list` needs.
pub trait Items: Sized {
    /// What the list holds.
    type Item: Serialize + DeserializeOwned;

    /// All items, in order.
    fn iterate(&self) -> impl Iterator<Item = &Self::Item>;

    /// The list of these items.
    ///
    /// # Errors
    /// The first error among the items.
    fn gather(items: impl Iterator<Item = Result<Self::Item>>) -> Result<Self>;
}

/// A text as a user holds it: what `text` needs.
pub trait Characters: Sized {
    /// The text.
    fn as_text(&self) -> &str;

    /// The same from a text.
    fn from_text(text: String) -> Self;

    /// How the text was edited since it was loaded, where it knows; a commit that finds it to be so need not compare.
    #[doc(hidden)]
    fn edits(&self) -> Option<&Edits> {
        None
    }
}

macro_rules! lists {
    ($($list:ident),*) => { $(
        impl<T: Serialize + DeserializeOwned> Items for $list<T> {
            type Item = T;

            fn iterate(&self) -> impl Iterator<Item = &T> {
                self.iter()
            }

            fn gather(items: impl Iterator<Item = Result<T>>) -> Result<Self> {
                items.collect()
            }
        }
    )* };
}
lists!(Vec, VecDeque);

impl Characters for String {
    fn as_text(&self) -> &str {
        self
    }

    fn from_text(text: String) -> Self {
        text
    }
}

impl Characters for Box<str> {
    fn as_text(&self) -> &str {
        self
    }

    fn from_text(text: String) -> Self {
        text.into()
    }
}

impl ReadPlace<'_> {
    pub(super) fn text<T: Characters>(self) -> Result<Option<T>> {
        Ok(text::read(self)?.map(T::from_text))
    }

    pub(super) fn list<T: Items>(self) -> Result<Option<T>> {
        let items = list::read(self)?;
        items.map(|items| T::gather(items.into_iter().map(value::decode))).transpose()
    }

    pub(super) fn list_moves<T: Items>(self) -> Result<Option<T>> {
        let items = moves::read(self)?;
        items
            .map(|items| T::gather(items.into_iter().map(|standing| value::decode(standing.item))))
            .transpose()
    }
}

impl WritePlace<'_> {
    pub(super) fn text<T: Characters>(&mut self, value: &T, default: Option<fn() -> T>) -> Result<()> {
        let default = default.map(|default| move || default().as_text().to_owned());
        let default = default.as_ref().map(|default| default as &dyn Fn() -> String);
        text::write(self, value.as_text(), value.edits(), default)
    }

    pub(super) fn list<T: Items>(&mut self, value: &T, default: Option<fn() -> T>) -> Result<()> {
        let items = list::Items::encode(value.iterate())?;
        let default = default.map(|default| move || list::Items::encode(default().iterate()));
        let default = default.as_ref().map(|default| default as &dyn Fn() -> Result<list::Items>);
        list::write(self, &items, &again::<T>, default)
    }

    pub(super) fn list_moves<T: Items>(&mut self, value: &T, default: Option<fn() -> T>) -> Result<()> {
        let items = list::Items::encode(value.iterate())?;
        let default = default.map(|default| move || list::Items::encode(default().iterate()));
        let default = default.as_ref().map(|default| default as &dyn Fn() -> Result<list::Items>);
        moves::write(self, &items, &again::<T>, default)
    }
}

/// What a list's type reads of a stored item, encoded.
fn again<T: Items>(item: &[u8]) -> Result<Vec<u8>> {
    value::encode(&value::decode::<T::Item>(item)?)
}
