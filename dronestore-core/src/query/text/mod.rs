//! The text form of queries: what people type, and what other languages send.
//!
//! ```text
//! query  := [filter] [under text] [order by order (, order)*] [after text] [offset number] [limit number]
//! filter := all (or all)*              all := one (and one)*
//! one    := not one | ( filter ) | true | false | test
//! test   := path (= | != | < | <= | > | >=) value | path in [value, …] | path has value
//!         | path starts with text | path contains text | path is [not] none | path            the last: is true
//! order  := path [asc | desc]
//! path   := (name | @key | @parent | @kind | @created | @committed) step*
//! step   := . name | [ value ] | .len() | ?? value                                             the last: where there is nothing
//! name   := letters, digits, _  |  `anything`
//! value  := JSON's, h'00ff', some(null), a time as in RFC 3339
//! ```

mod hints;
mod lexer;
mod parser;
mod print;

pub(super) use parser::MOST_TEXT;
