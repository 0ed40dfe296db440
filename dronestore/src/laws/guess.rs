//! Values of types that nobody describes: a value with a hole is shown to the type, which says what it expected there.
//!
//! What a type expects is in serde's messages, and those are stable: `expected u32, found text "?7?"`,
//! ``unknown variant `?7?`, expected `A` or `B` ``, ``missing field `x` ``.

use super::random::Random;
use super::tree::{Body, Tree};
use crate::causal::form::{Child, code};
use crate::causal::sequence::Content;
use crate::causal::{Form, Structure};
use crate::model::Attribute;
use crate::{Error, Result, Value};

/// How many messages are listened to before a value is given up.
const PATIENCE: usize = 300;
/// How deep drones are filled that nest in one another.
const DEPTH: usize = 3;
/// The longest tuple that has a name.
const TUPLE: usize = 12;

/// Makes values for one attribute; `read` shows one to the model.
pub(super) struct Guess<'g> {
    pub(super) random: &'g mut Random,
    pub(super) read: &'g dyn Fn(&Body) -> Result<()>,
    holes: u32,
    /// Bodies asked for so far.
    bodies: u32,
    /// The kinds that links are to lead to.
    kinds: Vec<String>,
}

impl<'g> Guess<'g> {
    pub(super) fn new(random: &'g mut Random, read: &'g dyn Fn(&Body) -> Result<()>) -> Self {
        Guess { random, read, holes: 0, bodies: 0, kinds: Vec::new() }
    }

    /// What a check of the model's has against a value: of a link it says where it is to lead.
    pub(super) fn learn(&mut self, faults: &[String]) {
        for fault in faults.iter().filter(|fault| fault.starts_with("links to `")) {
            let kind = between(fault, "which is no key of a `", "`: write").map(str::to_owned);
            if let Some(kind) = kind.filter(|kind| !self.kinds.contains(kind)) {
                self.kinds.push(kind);
            }
        }
    }

    /// Every third body has all that it may have: a drone may want all its fields filled.
    pub(super) fn is_full(&self) -> bool {
        self.bodies.is_multiple_of(3)
    }

    /// A body that the model reads; else what the model said last.
    ///
    /// # Errors
    /// The model's last word.
    pub(super) fn body(&mut self, attribute: &'static Attribute) -> Result<Body> {
        self.bodies += 1;
        let unknown = || Error::corrupt("the kit cannot write this strategy");
        let mut body = self.draft(attribute, attribute.form(), 0).ok_or_else(unknown)?;
        for _ in 0..PATIENCE {
            let Err(error) = (self.read)(&body) else { return Ok(self.finish(body)) };
            match self.repaired(&body, &error.to_string()) {
                Some(better) => body = better,
                None => return Err(error),
            }
        }
        Err(Error::corrupt("the type is never content"))
    }

    fn hole(&mut self) -> Tree {
        self.holes += 1;
        Tree::Hole(self.holes)
    }

    fn holes(&mut self, count: usize) -> Vec<Tree> {
        (0..count).map(|_| self.hole()).collect()
    }

    fn draft(&mut self, attribute: &'static Attribute, form: Form<'static>, depth: usize) -> Option<Body> {
        Some(match form.structure() {
            Structure::Values => Body::Value(self.register(attribute, form)),
            // What is there stands below the one key, null.
            Structure::Map(Child::Form(inner)) if form.code() == code::OPTION => {
                let there = Tree::Leaf(Value::Null);
                Body::Map(vec![(there, self.draft(attribute, inner, depth + 1)?)])
            }
            Structure::Map(Child::Form(inner)) => {
                let mut entries = Vec::new();
                for _ in 0..self.random.below(3) {
                    entries.push((self.hole(), self.draft(attribute, inner, depth + 1)?));
                }
                Body::Map(entries)
            }
            Structure::Map(_) if form.code() == code::LIST_MOVES => {
                let count = self.random.below(4);
                Body::Moves(self.holes(count))
            }
            Structure::Map(child) => {
                let count = self.random.below(4);
                Body::Elements { items: self.holes(count), votes: child == Child::Values }
            }
            Structure::Sequence(Content::Chars) => {
                Body::Text(["a", "b", "ab", "one two", "one\ntwo", "é", ""][self.random.below(7)])
            }
            Structure::Sequence(Content::Values) => {
                let count = self.random.below(4);
                Body::List(self.holes(count))
            }
            Structure::Nested => {
                let mut fields = Vec::new();
                for inner in attribute.nested()? {
                    // Drones may hold drones of their own kind.
                    if depth < DEPTH && (self.is_full() || !self.random.once_in(3)) {
                        let body = self.draft(inner, inner.form(), depth + 1);
                        fields.extend(body.map(|body| (inner.name(), inner.form().as_bytes(), body)));
                    }
                }
                Body::Nested(fields)
            }
            _ => return None,
        })
    }

    fn register(&mut self, attribute: &'static Attribute, form: Form<'static>) -> Tree {
        match form.code() {
            code::COUNTER => Tree::Leaf(Value::from(1 + self.random.below(5) as i64)),
            code::FLAG | code::FLAG_FALSE_WINS => Tree::Leaf(Value::Bool(self.random.once_in(2))),
            code::CONFLICT => Tree::List(self.holes(1)),
            code::LATEST_OBJECT => {
                let names: Vec<&str> = attribute.members().collect();
                Tree::Struct(names.into_iter().map(|name| (name.to_owned(), self.hole())).collect())
            }
            _ => self.hole(),
        }
    }

    /// The body with one thing better about it, by what the model said.
    fn repaired(&mut self, body: &Body, message: &str) -> Option<Body> {
        if let Some(field) = between(message, "missing field `", "`") {
            return self.with_field(body, field);
        }
        let number: u32 = between(message, "?", "?")?.parse().ok()?;
        let filled = |with: &Tree| {
            let mut better = body.clone();
            better.fill(number, with);
            better
        };
        if message.contains("unknown variant") {
            let (_, names) = message.split_once("expected")?;
            let names: Vec<&str> = names.split('`').skip(1).step_by(2).collect();
            let name = (*self.random.pick(&names)?).to_owned();
            let unit = filled(&Tree::Leaf(Value::Text(name.clone())));
            // A variant that holds something is a map of one entry.
            let refused = (self.read)(&unit).is_err_and(|error| error.to_string().contains(" variant"));
            let content = self.hole();
            return Some(if refused { filled(&Tree::Struct(vec![(name, content)])) } else { unit });
        }
        let tree = match between(message, "expected ", ", found") {
            Some(expected) if expected.starts_with("tuple ") => return self.tuple(&filled),
            Some(expected) => self.expected(expected)?,
            None if message.contains("does not start with `/`") => self.key(),
            None => return None,
        };
        Some(filled(&tree))
    }

    /// A tuple of a name says how many it holds only where it has got too few.
    fn tuple(&mut self, filled: &dyn Fn(&Tree) -> Body) -> Option<Body> {
        let read = self.read;
        (0..=TUPLE).map(|count| filled(&Tree::List(self.holes(count)))).find(|body| {
            let said = read(body).err().map(|error| error.to_string()).unwrap_or_default();
            !said.contains("invalid length")
        })
    }

    /// What is to stand where this was expected, in serde's words.
    fn expected(&mut self, what: &str) -> Option<Tree> {
        let number = |text: &str| text.split(' ').find_map(|word| word.parse::<usize>().ok());
        Some(match what {
            "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => {
                Tree::Leaf(Value::from(self.below(&[0, 1, 2, 3, 200])))
            }
            "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => {
                Tree::Leaf(Value::from(self.below(&[0, 1, 2, -1, -100])))
            }
            "f32" | "f64" => Tree::Leaf(Value::Float([0.0, 1.0, -2.5][self.random.below(3)])),
            "a boolean" => Tree::Leaf(Value::Bool(self.random.once_in(2))),
            "a character" => Tree::Leaf(Value::from(["a", "b", "é"][self.random.below(3)])),
            "a byte array" | "bytes" => Tree::Leaf(Value::Bytes(vec![7; self.random.below(3)])),
            "a sequence" | "a list" => {
                let count = self.random.below(3);
                Tree::List(self.holes(count))
            }
            "a map" => {
                let count = self.random.below(3);
                Tree::Map((0..count).map(|_| (self.hole(), self.hole())).collect())
            }
            _ if what.starts_with("unit") => Tree::Leaf(Value::Null),
            _ if what.starts_with("a nonzero") => Tree::Leaf(Value::from(self.below(&[1, 2, 3]))),
            _ if what.starts_with("a tuple") || what.starts_with("an array") => {
                let count = number(what)?;
                Tree::List(self.holes(count))
            }
            _ if what.contains("struct") || what.contains("tagged enum") => Tree::Struct(Vec::new()),
            _ => return None,
        })
    }

    fn key(&mut self) -> Tree {
        let name = ["a", "b", "c", "d"][self.random.below(4)];
        let kind = self.random.pick(&self.kinds).map_or("Note", String::as_str);
        Tree::Leaf(Value::Text(format!("/{kind}:{name}")))
    }

    fn below(&mut self, numbers: &[i64]) -> i64 {
        self.random.pick(numbers).copied().unwrap_or(0)
    }

    /// The field in the one struct that misses it: the one by which the model says something else.
    fn with_field(&mut self, body: &Body, field: &str) -> Option<Body> {
        let hole = self.hole();
        for place in 0.. {
            let (mut better, mut index, mut found) = (body.clone(), 0, false);
            better.each(&mut |tree| {
                if let Tree::Struct(fields) = tree {
                    if index == place {
                        found = true;
                        fields.push((field.to_owned(), hole.clone()));
                    }
                    index += 1;
                }
            });
            if !found {
                return None;
            }
            let said = (self.read)(&better).err().map(|error| error.to_string()).unwrap_or_default();
            // A variant with its content is a map of one entry, and misses nothing itself.
            let elsewhere = [&format!("missing field `{field}`"), "unknown field", "expected enum"];
            if !elsewhere.iter().any(|words| said.contains(*words)) {
                return Some(better);
            }
        }
        None
    }

    /// Gives every text that was taken as it is a text of a small alphabet, and sometimes leaves something out.
    fn finish(&mut self, body: Body) -> Body {
        let mut fine = body.clone();
        let full = self.is_full();
        let random = &mut *self.random;
        fine.each(&mut |tree| {
            if let Tree::Hole(_) = tree {
                let text = ["a", "b", "c", "long text", ""][random.below(if full { 4 } else { 5 })];
                *tree = Tree::Leaf(Value::from(text));
            }
        });
        let fine = if (self.read)(&fine).is_ok() { fine } else { body };
        if full {
            return fine;
        }
        let random = &mut *self.random;
        let (mut count, mut index) = (0, 0);
        let mut without = fine.clone();
        without.each(&mut |_| count += 1);
        let left_out = random.below(count * 3);
        without.each(&mut |tree| {
            if index == left_out {
                *tree = Tree::Leaf(Value::Null);
            }
            index += 1;
        });
        if left_out < count && (self.read)(&without).is_ok() { without } else { fine }
    }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}
