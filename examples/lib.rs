//! The examples are the files beside this one: `cargo run --example hello`.
//!
//! | example | idea |
//! |---|---|
//! | `hello` | two devices, one object, merged field by field |
//! | `person` | a strategy for every field |
//! | `friendship` | a compound of sets, kept as JSON files |
//! | `expedition` | two stores of one program, to be merged by tools that do not know its types |
//! | `atlas` | an edit history of many authors, replayed on a replica each, until all agree |
//! | `merges` | the merges of an edit history made again, beside what people and git made of them |
