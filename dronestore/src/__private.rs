//! What generated code names; no part of the public interface.

pub use dronestore_core::model::{
    AskedIndex, AskedPart, Attribute, ByRule, Clamped, ClampedCounter, Conflict, Convert, Converted, Counter,
    Custom, DefaultValue, Entries, FieldsReader, FieldsWriter, First, Flag, FlagFalseWins, Id, Identified,
    Latest, LatestObject, Links, List, ListMoves, ListNested, Map, Max, Member, Min, Model, Nested,
    Searchable, Set, SetLatest, SetOnce, SetRemoveWins, Source, Text, Union, Violations, broken, by_rule,
    clamped, clamped_counter, custom, forms, rules,
};
pub use dronestore_core::query::{
    Field as Handle, Given, GivenNothing, GivenValue, IndexElements, IndexEntries, IndexItems, IndexOf,
    IndexWhole, fields_below, searched,
};
pub use dronestore_core::schema::Locked;
pub use dronestore_core::{Result, Value};
pub use serde::Serialize;
pub use std::option::Option;
pub use std::vec::Vec;
