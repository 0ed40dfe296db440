//! Places in Rust types: each strategy's way between a field and the bytes at its place.

use super::Model;
use super::fields::{FieldsReader, FieldsWriter, Sink, Source, Walk};
use super::traits::{Inner, plus};
use super::types::{Elements, Entries, Integer};
use crate::causal::Form;
use crate::error::{Error, Result};
use crate::strategy::location::Placing;
use crate::strategy::set::{self, AddWins, Newest, Once, RemoveWins, Rule};
use crate::strategy::{self, Codec, Encode, Keys, Pen, ReadPlace, Register, Scene, WritePlace, counter};
use crate::value;
use serde::Serialize;
use serde::de::DeserializeOwned;

macro_rules! registers {
    ($($method:ident: $rule:ty),* $(,)?) => {
        impl ReadPlace<'_> {
            $(#[inline] pub(super) fn $method<T: DeserializeOwned>(self) -> Result<Option<T>> {
                self.register::<$rule, T>()
            })*
        }
        impl WritePlace<'_> {
            $(pub(super) fn $method<T: Serialize + DeserializeOwned + 'static>(
                &mut self, value: &T, default: Option<fn() -> T>,
            ) -> Result<()> {
                self.register::<$rule, T>(value, default)
            })*
        }
    };
}

registers! {
    latest: strategy::latest::Latest,
    conflict: strategy::conflict::Conflict,
    max: strategy::max::Max,
    min: strategy::min::Min,
    first: strategy::first::First,
}

macro_rules! sets {
    ($($method:ident: $rule:ty),* $(,)?) => {
        impl ReadPlace<'_> {
            $(#[inline] pub(super) fn $method<T: Elements>(self) -> Result<Option<T>> {
                self.elements::<$rule, T>()
            })*
        }
        impl WritePlace<'_> {
            $(pub(super) fn $method<T: Elements>(
                &mut self, value: &T, default: Option<fn() -> T>,
            ) -> Result<()> {
                self.elements::<$rule, T>(value, default)
            })*
        }
    };
}

sets! {
    union: strategy::union::Union,
    set: AddWins,
    set_remove_wins: RemoveWins,
    set_latest: Newest,
    set_once: Once,
}

impl<'a> ReadPlace<'a> {
    /// The value of the one entry here; `None` where there are none or several, and where anything is wrong: then the
    /// long way, which says what, is taken.
    #[inline]
    fn alone<T: DeserializeOwned>(self) -> Option<T> {
        // Rows are small numbers: almost every one is a byte.
        let (_, item) = self.body.split_first().filter(|(row, _)| **row < 0x80)?;
        let (value, length) = value::decode_first(item, self.table.texts).ok()?;
        (length == item.len()).then_some(value)
    }

    #[inline]
    pub(super) fn register<S: Register, T: DeserializeOwned>(self) -> Result<Option<T>> {
        match if S::PLAIN { self.alone() } else { None } {
            Some(value) => Ok(Some(value)),
            None => self.any_register::<S, T>(),
        }
    }

    #[inline(never)]
    fn any_register<S: Register, T: DeserializeOwned>(self) -> Result<Option<T>> {
        strategy::read_register::<S>(self)?.map(|bytes| value::decode(&bytes)).transpose()
    }

    #[inline]
    fn elements<R: Rule, T: Elements>(self) -> Result<Option<T>> {
        if self.is_empty() {
            return Ok(None);
        }
        let mut items = self.items(set::child::<R>())?;
        T::gather(std::iter::from_fn(|| set::next_element::<R, T::Item>(self, &mut items))).map(Some)
    }

    pub(super) fn flag<T: From<bool>>(self) -> Result<Option<T>> {
        Ok(self.register::<strategy::flag::Flag, bool>()?.map(T::from))
    }

    pub(super) fn flag_false_wins<T: From<bool>>(self) -> Result<Option<T>> {
        Ok(self.register::<strategy::flag::FlagFalseWins, bool>()?.map(T::from))
    }

    #[inline]
    pub(super) fn counter<T: Integer>(self) -> Result<Option<T>> {
        match self.alone() {
            Some(total) => Ok(Some(T::from_i128(total))),
            None => Ok(counter::sum(self)?.map(T::from_i128)),
        }
    }

    pub(super) fn nested<T: Model>(self) -> Result<Option<T>> {
        if self.is_empty() {
            return Ok(None);
        }
        let read = || {
            let mut walk = Walk::nested(self.body)?;
            T::read(&mut FieldsReader::new(Source::Walk(&mut walk), self.table, T::ATTRIBUTES))
        };
        self.table.deeper(read).map(Some)
    }

    pub(super) fn map<T: Entries, S: Inner<T::Value>>(self) -> Result<Option<T>> {
        if self.is_empty() {
            return Ok(None);
        }
        let field = S::FIELD;
        let items = strategy::map::items(self, Form::trusted(field.form()))?;
        let entry = |item: crate::causal::place::Item<'a>| {
            let key = value::decode(item.key)?;
            let value = S::read(self.below(item.body))?;
            Ok(value.map(|value| (key, value)))
        };
        // A key without a value is one whose value was taken away below it: it is not in the map.
        let gather = || T::gather(items.into_iter().map(entry).filter_map(Result::transpose));
        self.table.deeper(gather).map(Some)
    }
}

impl WritePlace<'_> {
    pub(super) fn register<S: Register, T: Serialize + DeserializeOwned + 'static>(
        &mut self,
        value: &T,
        default: Option<fn() -> T>,
    ) -> Result<()> {
        match default {
            Some(default) => {
                self.register_or::<S, T>(value, Some(&|out| value::encode_into(&default(), out)))
            }
            None => self.register_or::<S, T>(value, None),
        }
    }

    fn register_or<S: Register, T: Serialize + DeserializeOwned + 'static>(
        &mut self,
        value: &T,
        default: Option<Encode<'_>>,
    ) -> Result<()> {
        if S::PUTS_FIRST && self.base.is_empty() && self.head.is_empty() {
            return self.put_first(value, default);
        }
        let mut new = std::mem::take(&mut self.pen.scratch);
        new.clear();
        value::encode_into(value, &mut new)?;
        strategy::write_register::<S>(self, &new, Codec::of::<T>(), default)?;
        self.pen.scratch = new;
        Ok(())
    }

    /// Writes a value where nothing stands, unless that is what nothing reads as: encoded where it is to stand.
    fn put_first<T: Serialize + DeserializeOwned + 'static>(
        &mut self,
        value: &T,
        default: Option<Encode<'_>>,
    ) -> Result<()> {
        let pen = &mut *self.pen;
        let start = pen.out.len();
        pen.put_row(self.scene.own());
        let at = pen.out.len();
        value::encode_into(value, &mut pen.out)?;
        if let Some(default) = default {
            pen.scratch.clear();
            default(&mut pen.scratch)?;
            if pen.out[at..] == *pen.scratch {
                pen.truncate(start);
                return Ok(());
            }
        }
        // What its own type could not read back is not written.
        Codec::of::<T>().check(&pen.out[at..])?;
        pen.changed = true;
        Ok(())
    }

    fn elements<R: Rule, T: Elements>(&mut self, value: &T, default: Option<fn() -> T>) -> Result<()> {
        let keys = Keys::encode_in(value.iterate(), std::mem::take(&mut self.pen.scratch))?;
        let encode = |set: Option<T>| match set {
            Some(set) => Keys::encode(set.iterate()),
            None => Ok(Keys::default()),
        };
        let loaded = self.loaded();
        let given = default.map(|default| move || encode(Some(default())));
        let given = given.as_ref().map(|given| given as &dyn Fn() -> Result<Keys>);
        set::write::<R>(self, &keys, Codec::of::<T::Item>(), given, &|| encode(loaded.elements::<R, T>()?))?;
        self.pen.scratch = keys.into_buffer();
        Ok(())
    }

    pub(super) fn flag<T: Copy + Into<bool>>(&mut self, value: &T, default: Option<fn() -> T>) -> Result<()> {
        self.any_flag::<strategy::flag::Flag, T>(value, default)
    }

    pub(super) fn flag_false_wins<T: Copy + Into<bool>>(
        &mut self,
        value: &T,
        default: Option<fn() -> T>,
    ) -> Result<()> {
        self.any_flag::<strategy::flag::FlagFalseWins, T>(value, default)
    }

    fn any_flag<S: Register, T: Copy + Into<bool>>(
        &mut self,
        value: &T,
        default: Option<fn() -> T>,
    ) -> Result<()> {
        let value: bool = (*value).into();
        match default {
            Some(default) => {
                let encode = |out: &mut Vec<u8>| value::encode_into::<bool>(&default().into(), out);
                self.register_or::<S, bool>(&value, Some(&encode))
            }
            None => self.register_or::<S, bool>(&value, None),
        }
    }

    pub(super) fn counter<T: Integer>(&mut self, value: &T, default: Option<fn() -> T>) -> Result<()> {
        let sum = counter::sum(self.loaded())?;
        let counted = sum.map(T::from_i128);
        // Under a new key of a map even a zero is written, or the key would have no value.
        let is_new_key = counted.is_none() && default.is_none();
        let start = default.map(|default| default());
        let read = |counted: Option<T>| match start {
            Some(start) => plus(counted, start).to_i128(),
            None => counted.map_or(Ok(0), T::to_i128),
        };
        let new = value.to_i128()?;
        let difference = new.saturating_sub(read(counted)?);
        if difference != 0 {
            // Totals beyond the type's range go on reading as its end.
            let counted = T::from_i128(sum.unwrap_or(0).saturating_add(difference));
            self.pen.reads_as_written &= read(Some(counted)).is_ok_and(|read| read == new);
        }
        counter::add(self, difference, T::UNSIGNED, is_new_key)
    }

    pub(super) fn nested<T: Model>(&mut self, value: &T, default: Option<fn() -> T>) -> Result<()> {
        if !self.loaded().is_empty() {
            return self.nested_fields(value, false);
        }
        let Some(default) = default else {
            // Under a new key of a map a drone is there even where each of its fields is at its default.
            return self.nested_fields(value, true);
        };
        let default = rendered(&|place| place.nested_fields(&default(), false))?;
        if rendered(&|place| place.nested_fields(value, false))? == default {
            return self.keep(crate::causal::Structure::Nested);
        }
        // Where the field's default is not that of the drone's own fields, these may be what is written.
        self.nested_fields(value, !default.is_empty())
    }

    /// Writes the fields that changed; `dot` says by a dot of the drone's own that it is there.
    fn nested_fields<T: Model>(&mut self, value: &T, dot: bool) -> Result<()> {
        self.drone(value, dot, Sink::Nested)
    }

    /// Writes the fields that changed of a drone in a list, and where it stands.
    pub(super) fn item<T: Model>(&mut self, value: &T, placing: Placing<'_>) -> Result<()> {
        self.drone(value, false, Sink::Item(Some(placing)))
    }

    fn drone<T: Model>(&mut self, value: &T, dot: bool, sink: Sink<'_>) -> Result<()> {
        let start = self.pen.out.len();
        let own =
            if self.head.is_empty() { &[][..] } else { crate::causal::place::Fields::new(self.head)?.own };
        let any = match dot {
            true => self.put_dots(own, true)?,
            false => self.pen.copy_dots(own)?,
        };
        let fields = self.pen.out.len();
        let base = if std::ptr::eq(self.base, self.head) { None } else { Some(Walk::nested(self.base)?) };
        let head = Walk::nested(self.head)?;
        let mut writer = FieldsWriter::new((self.scene, self.pen), base, head, T::ATTRIBUTES, sink);
        self.scene.base.deeper(|| value.write(&mut writer))?;
        writer.finish()?;
        if !any && self.pen.out.len() == fields {
            self.pen.truncate(start);
        }
        Ok(())
    }

    pub(super) fn map<T: Entries, S: Inner<T::Value>>(
        &mut self,
        value: &T,
        default: Option<fn() -> T>,
    ) -> Result<()> {
        let is_default = || match default {
            None => Ok(false),
            Some(default) => {
                let default = default();
                let empty = default.iterate().next().is_none();
                Ok(match (empty, value.iterate().next().is_none()) {
                    (true, is_empty) => is_empty,
                    (false, true) => false,
                    (false, false) => {
                        rendered(&|place| place.map_entries::<T, S>(&default, &|| Ok(false)))?
                            == rendered(&|place| place.map_entries::<T, S>(value, &|| Ok(false)))?
                    }
                })
            }
        };
        self.map_entries::<T, S>(value, &is_default)
    }

    fn map_entries<T: Entries, S: Inner<T::Value>>(
        &mut self,
        value: &T,
        is_default: &dyn Fn() -> Result<bool>,
    ) -> Result<()> {
        let (keys, values): (Vec<&T::Key>, Vec<&T::Value>) = value.iterate().unzip();
        let keys = Keys::encode(keys.into_iter())?;
        let write = |position: usize, place: &mut WritePlace<'_>| match values.get(position) {
            Some(value) => S::write(value, place),
            None => Err(Error::corrupt("a key has no value")),
        };
        let field = S::FIELD;
        let form = Form::trusted(field.form());
        let base = &self.scene.base;
        let loaded = self.loaded();
        let shown = || {
            let shown = loaded.map::<T, S>()?;
            shown.map_or_else(
                || Ok(Keys::default()),
                |shown| Keys::encode(shown.iterate().map(|(key, _)| key)),
            )
        };
        base.deeper(|| {
            strategy::map::write(self, form, &keys, Codec::of::<T::Key>(), &shown, is_default, &write)
        })
    }
}

/// What a write would put where nothing stands yet.
pub(super) fn rendered(write: &dyn Fn(&mut WritePlace<'_>) -> Result<()>) -> Result<Vec<u8>> {
    let scene = Scene::default();
    let mut pen = Pen::new(&scene);
    write(&mut WritePlace { scene: &scene, base: &[], head: &[], pen: &mut pen })?;
    Ok(std::mem::take(&mut pen.out))
}
