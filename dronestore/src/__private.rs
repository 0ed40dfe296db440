//! What generated code names; no part of the public interface.

pub use dronestore_core::Result;
pub use dronestore_core::model::{
    Attribute, Conflict, Counter, Custom, DefaultValue, FieldsReader, FieldsWriter, First, Flag,
    FlagFalseWins, Latest, LatestObject, List, Map, Max, Member, Min, Model, Nested, Set, SetLatest, SetOnce,
    SetRemoveWins, Text, Union, broken, forms,
};
pub use serde::Serialize;
pub use std::option::Option;
