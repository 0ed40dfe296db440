//! Values in the making: trees with holes, about which nothing is known yet.

use crate::{Result, Value};
use dronestore_core::bytes::{put_slice, put_varint};
use std::collections::BTreeMap;

/// A value in the making.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    /// Something; it is encoded as a text by which a message about it is known.
    Hole(u32),
    Leaf(Value),
    List(Vec<Tree>),
    Map(Vec<(Tree, Tree)>),
    /// The fields that are known so far.
    Struct(Vec<(String, Tree)>),
}

impl Tree {
    /// The text that a hole is encoded as.
    pub(super) fn hole(number: u32) -> String {
        format!("?{number}?")
    }

    pub(super) fn value(&self) -> Value {
        match self {
            Tree::Hole(number) => Value::Text(Tree::hole(*number)),
            Tree::Leaf(value) => value.clone(),
            Tree::List(items) => Value::List(items.iter().map(Tree::value).collect()),
            Tree::Map(entries) => {
                Value::Map(entries.iter().map(|(key, value)| (key.value(), value.value())).collect())
            }
            Tree::Struct(fields) => Value::Map(
                fields.iter().map(|(name, value)| (Value::Text(name.clone()), value.value())).collect(),
            ),
        }
    }

    /// Shows every tree in this one, itself first.
    fn each(&mut self, see: &mut dyn FnMut(&mut Tree)) {
        see(self);
        match self {
            Tree::Hole(_) | Tree::Leaf(_) => {}
            Tree::List(items) => items.iter_mut().for_each(|item| item.each(see)),
            Tree::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
                key.each(see);
                value.each(see);
            }),
            Tree::Struct(fields) => fields.iter_mut().for_each(|(_, value)| value.each(see)),
        }
    }
}

/// What stands at the place of an attribute, written by one commit.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Value(Tree),
    /// The elements of a set; `votes` where each holds an in or out.
    Elements {
        items: Vec<Tree>,
        votes: bool,
    },
    Map(Vec<(Tree, Body)>),
    /// The items of a list that moves, in any order.
    Moves(Vec<Tree>),
    Text(&'static str),
    List(Vec<Tree>),
    /// Name, form and body of each field that is written.
    Nested(Vec<(&'static str, &'static [u8], Body)>),
}

/// A list of dots that holds row 0, and one that holds none.
const ONE: u8 = 2;
const NONE: u8 = 0;

/// A sequence of one run of one commit, hanging on the root.
fn run(out: &mut Vec<u8>, count: usize, content: &[u8], size: usize) {
    out.push(ONE);
    if count > 0 {
        put_varint(out, (count as u64) << 2 | 1);
        out.extend_from_slice(&[0, 0, 0]);
        // A text says how many bytes it has beyond one a character, a list how many there are.
        put_varint(out, if size == 0 { content.len() - count } else { size } as u64);
        out.extend_from_slice(content);
    }
}

impl Body {
    /// The bytes, as docs/FORMAT.md has them, all under row 0.
    pub(super) fn encode(&self) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        match self {
            Body::Value(tree) => {
                put_varint(&mut out, 0);
                out.extend(tree.value().to_bytes()?);
            }
            Body::Elements { items, votes } => {
                out.push(ONE);
                let mut keys =
                    items.iter().map(|item| item.value().to_bytes()).collect::<Result<Vec<_>>>()?;
                keys.sort();
                keys.dedup();
                for key in keys {
                    out.extend(key);
                    if *votes {
                        out.push(NONE);
                        put_slice(&mut out, &[0, 0xf5]);
                    } else {
                        out.push(ONE);
                    }
                }
            }
            Body::Map(entries) => {
                out.push(ONE);
                let encode = |(key, body): &(Tree, Body)| Ok((key.value().to_bytes()?, body.encode()?));
                let entries = entries.iter().map(encode).collect::<Result<BTreeMap<_, _>>>()?;
                for (key, body) in entries {
                    out.extend(key);
                    out.push(ONE);
                    put_slice(&mut out, &body);
                }
            }
            Body::Moves(items) => {
                out.push(ONE);
                let key = |item: &Tree| Value::List(vec![item.value(), Value::from(0u64)]).to_bytes();
                let keys = items.iter().map(key).collect::<Result<std::collections::BTreeSet<_>>>()?;
                for (number, key) in (0x80..).zip(keys) {
                    out.extend(key);
                    out.push(NONE);
                    // Row 0 of the table; a position is four bytes of an actor, and a number.
                    put_slice(&mut out, &[0, 0x45, 0, 0, 0, 0, number]);
                }
            }
            Body::Text(text) => run(&mut out, text.chars().count(), text.as_bytes(), 0),
            Body::List(items) => {
                let items = items.iter().map(|item| item.value().to_bytes()).collect::<Result<Vec<_>>>()?;
                let content = items.concat();
                run(&mut out, items.len(), &content, content.len());
            }
            Body::Nested(fields) => {
                out.push(ONE);
                for (name, form, body) in fields {
                    put_slice(&mut out, name.as_bytes());
                    out.extend_from_slice(form);
                    put_slice(&mut out, &body.encode()?);
                }
            }
        }
        Ok(out)
    }

    /// Shows every tree in it.
    pub(super) fn each(&mut self, see: &mut dyn FnMut(&mut Tree)) {
        match self {
            Body::Value(tree) => tree.each(see),
            Body::Text(_) => {}
            Body::Elements { items, .. } | Body::List(items) | Body::Moves(items) => {
                items.iter_mut().for_each(|item| item.each(see))
            }
            Body::Map(entries) => entries.iter_mut().for_each(|(key, body)| {
                key.each(see);
                body.each(see);
            }),
            Body::Nested(fields) => fields.iter_mut().for_each(|(_, _, body)| body.each(see)),
        }
    }

    /// Fills a hole.
    pub(super) fn fill(&mut self, number: u32, with: &Tree) {
        self.each(&mut |tree| {
            if matches!(tree, Tree::Hole(hole) if *hole == number) {
                *tree = with.clone();
            }
        });
    }
}
