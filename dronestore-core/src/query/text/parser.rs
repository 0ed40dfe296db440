//! Reading a query from its words.

use super::hints;
use super::lexer::{Token, Word, refused, words};
use crate::error::{Error, Result};
use crate::key::Key;
use crate::query::{Cursor, Direction, Filter, Op, Order, Path, Query, Root, Step};
use crate::quote::Quoted;
use crate::value::{Integer, Value};
use std::collections::BTreeMap;
use std::str::FromStr;

/// How long a query is at most, in bytes.
pub(in crate::query) const MOST_TEXT: usize = 64 << 10;
/// How deeply filters and values are nested at most.
const MOST_DEPTH: usize = 64;

/// Names that mean something of their own where a path could stand.
pub(super) const KEYWORDS: [&str; 8] = ["not", "true", "false", "under", "order", "after", "offset", "limit"];

impl FromStr for Query {
    type Err = Error;

    /// The query that a person typed.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) with the place and what was expected there.
    fn from_str(text: &str) -> Result<Query> {
        Parser::whole(text, Parser::query)
    }
}

impl FromStr for Filter {
    type Err = Error;

    /// # Errors
    /// As that of [`Query`].
    fn from_str(text: &str) -> Result<Filter> {
        Parser::whole(text, Parser::filter)
    }
}

impl FromStr for Path {
    type Err = Error;

    /// # Errors
    /// As that of [`Query`].
    fn from_str(text: &str) -> Result<Path> {
        Parser::whole(text, Parser::path)
    }
}

impl FromStr for Order {
    type Err = Error;

    /// # Errors
    /// As that of [`Query`].
    fn from_str(text: &str) -> Result<Order> {
        Parser::whole(text, Parser::order)
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn whole<R>(text: &str, read: impl FnOnce(&mut Parser) -> Result<R>) -> Result<R> {
        let mut parser = Parser { tokens: words(text)?, next: 0, depth: 0 };
        let result = read(&mut parser)?;
        match parser.word() {
            Word::End => Ok(result),
            _ => Err(parser.expected("the end")),
        }
    }

    fn token(&self) -> &Token {
        // The last word is the end, and nothing goes beyond it.
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn word(&self) -> &Word {
        &self.token().word
    }

    fn advance(&mut self) {
        self.next = (self.next + 1).min(self.tokens.len() - 1);
    }

    fn expected(&self, what: &str) -> Error {
        let at = self.token().at;
        match self.word() {
            Word::End => refused(at, format_args!("{what} is expected, and the query ends")),
            Word::Name(name) => {
                let hint = hints::of_word(name);
                refused(at, format_args!("{what} is expected, and not {}{hint}", Quoted(name)))
            }
            Word::Quoted(name) => {
                refused(at, format_args!("{what} is expected, and not the name {}", Quoted(name)))
            }
            Word::Pseudo(name) => refused(at, format_args!("{what} is expected, and not `@{name}`")),
            Word::Literal(value) => {
                refused(at, format_args!("{what} is expected, and not {}", Quoted(&value.to_string())))
            }
            Word::Sign(sign) => {
                let before = self.next.checked_sub(1).map(|before| &self.tokens[before].word);
                let hint = hints::of_signs(before, sign);
                refused(at, format_args!("{what} is expected, and not `{sign}`{hint}"))
            }
        }
    }

    fn sign(&mut self, wanted: &str) -> bool {
        let found = matches!(self.word(), Word::Sign(sign) if *sign == wanted);
        if found {
            self.advance();
        }
        found
    }

    fn need_sign(&mut self, wanted: &str) -> Result<()> {
        if self.sign(wanted) { Ok(()) } else { Err(self.expected(&format!("`{wanted}`"))) }
    }

    fn name(&mut self, wanted: &str) -> bool {
        let found = matches!(self.word(), Word::Name(name) if name == wanted);
        if found {
            self.advance();
        }
        found
    }

    fn need_name(&mut self, wanted: &str) -> Result<()> {
        if self.name(wanted) { Ok(()) } else { Err(self.expected(&format!("`{wanted}`"))) }
    }

    fn deeper<R>(&mut self, inner: impl FnOnce(&mut Parser) -> Result<R>) -> Result<R> {
        if self.depth == MOST_DEPTH {
            return Err(refused(self.token().at, "this is nested too deeply"));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn query(&mut self) -> Result<Query> {
        let mut query = Query::new();
        let is_clause = match self.word() {
            Word::End => true,
            Word::Name(name) => KEYWORDS[3..].contains(&name.as_str()),
            _ => false,
        };
        if !is_clause {
            query.filter = self.filter()?;
        }
        if self.name("under") {
            let (at, text) = (self.token().at, self.text("a key in quotes")?);
            query.under = Some(text.parse::<Key>().map_err(|error| refused(at, error))?);
        }
        if self.name("order") {
            self.need_name("by")?;
            query.order = self.separated(Parser::order)?;
        }
        if self.name("after") {
            let (at, text) = (self.token().at, self.text("a cursor in quotes")?);
            query.after = Some(text.parse::<Cursor>().map_err(|error| refused(at, error))?);
        }
        if self.name("offset") {
            query.offset = self.count()?;
        }
        if self.name("limit") {
            query.limit = Some(self.count()?);
        }
        Ok(query)
    }

    fn separated<R>(&mut self, one: impl Fn(&mut Parser) -> Result<R>) -> Result<Vec<R>> {
        let mut all = vec![one(self)?];
        while self.sign(",") {
            all.push(one(self)?);
        }
        Ok(all)
    }

    fn order(&mut self) -> Result<Order> {
        let by = self.path()?;
        if self.name("desc") {
            return Ok(Order::desc(by));
        }
        self.name("asc");
        Ok(Order { by, direction: Direction::Asc })
    }

    fn count(&mut self) -> Result<usize> {
        let count = match self.word() {
            Word::Literal(value) => value.as_u64().and_then(|number| usize::try_from(number).ok()),
            _ => None,
        };
        let count = count.ok_or_else(|| self.expected("a number"))?;
        self.advance();
        Ok(count)
    }

    fn text(&mut self, what: &str) -> Result<String> {
        let Word::Literal(Value::Text(text)) = self.word() else { return Err(self.expected(what)) };
        let text = text.clone();
        self.advance();
        Ok(text)
    }

    fn filter(&mut self) -> Result<Filter> {
        let mut any = vec![self.all()?];
        while self.name("or") {
            any.push(self.all()?);
        }
        Ok(if any.len() == 1 { any.remove(0) } else { Filter::Or(any) })
    }

    fn all(&mut self) -> Result<Filter> {
        let mut all = vec![self.one()?];
        while self.name("and") {
            all.push(self.one()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Filter::And(all) })
    }

    fn one(&mut self) -> Result<Filter> {
        self.deeper(|parser| {
            if parser.name("not") {
                return Ok(Filter::Not(Box::new(parser.one()?)));
            }
            if parser.sign("(") {
                let inner = parser.filter()?;
                parser.need_sign(")")?;
                return Ok(inner);
            }
            if parser.name("true") {
                return Ok(Filter::And(Vec::new()));
            }
            if parser.name("false") {
                return Ok(Filter::Or(Vec::new()));
            }
            parser.test()
        })
    }

    fn test(&mut self) -> Result<Filter> {
        let path = self.path()?;
        if let Word::Sign(sign) = *self.word()
            && let Some(op) = Op::ALL.into_iter().find(|op| op.as_str() == sign)
        {
            self.advance();
            return Ok(Filter::Is(path, op, self.value()?));
        }
        if self.name("in") {
            return match self.value()? {
                Value::List(values) => Ok(Filter::In(path, values)),
                _ => Err(refused(self.token().at, "behind `in` there is a list: `in [1, 2]`")),
            };
        }
        if self.name("has") {
            return Ok(Filter::Has(path, self.value()?));
        }
        if self.name("starts") {
            self.need_name("with")?;
            return Ok(Filter::StartsWith(path, self.text("a text in quotes")?));
        }
        if self.name("contains") {
            return Ok(Filter::Contains(path, self.text("a text in quotes")?));
        }
        if self.name("is") {
            let is_not = self.name("not");
            self.need_name("none")?;
            let none = Filter::IsNone(path);
            return Ok(if is_not { Filter::Not(Box::new(none)) } else { none });
        }
        Ok(Filter::Is(path, Op::Eq, Value::Bool(true)))
    }

    fn path(&mut self) -> Result<Path> {
        let root = match self.word() {
            Word::Name(name) if !KEYWORDS.contains(&name.as_str()) => Root::Attribute(name.clone()),
            Word::Quoted(name) => Root::Attribute(name.clone()),
            Word::Pseudo(name) => match name.as_str() {
                "key" => Root::Key,
                "parent" => Root::Parent,
                "kind" => Root::Kind,
                "created" => Root::Created,
                "committed" => Root::Committed,
                _ => {
                    let known = "`@key`, `@parent`, `@kind`, `@created` or `@committed`";
                    return Err(self.expected(known));
                }
            },
            _ => return Err(self.expected("the name of a field")),
        };
        self.advance();
        let mut path = Path::from(root);
        loop {
            if self.sign("[") {
                path = path.at(self.value()?);
                self.need_sign("]")?;
            } else if self.sign(".") {
                let (Word::Name(name) | Word::Quoted(name)) = self.word().clone() else {
                    return Err(self.expected("the name of a field"));
                };
                self.advance();
                if name == "len" && self.sign("(") {
                    self.need_sign(")")?;
                    path.steps.push(Step::Len);
                } else {
                    path = path.at(name);
                }
            } else if self.sign("??") {
                path = path.or(self.value()?);
            } else {
                return Ok(path);
            }
        }
    }

    fn value(&mut self) -> Result<Value> {
        self.deeper(|parser| {
            if let Word::Literal(value) = parser.word() {
                let value = value.clone();
                parser.advance();
                return Ok(value);
            }
            if parser.sign("-") {
                return parser.negative();
            }
            if parser.sign("[") {
                return Ok(Value::List(parser.until("]", Parser::value)?));
            }
            let at = parser.token().at;
            if parser.sign("{") {
                return parser.map(at);
            }
            let value = match parser.word() {
                Word::Name(name) => match name.as_str() {
                    "true" => Value::from(true),
                    "false" => Value::from(false),
                    "null" | "none" => Value::Null,
                    "inf" => Value::Float(f64::INFINITY),
                    "some" => {
                        parser.advance();
                        parser.need_sign("(")?;
                        let inner = parser.value()?;
                        parser.need_sign(")")?;
                        return Ok(Value::some(inner));
                    }
                    _ => return Err(parser.expected("a value (texts in quotes)")),
                },
                _ => return Err(parser.expected("a value")),
            };
            parser.advance();
            Ok(value)
        })
    }

    fn negative(&mut self) -> Result<Value> {
        let value = match self.word() {
            Word::Literal(Value::Integer(number)) => {
                format!("-{number}").parse::<Integer>().ok().map(Value::Integer)
            }
            Word::Literal(Value::Float(number)) => Some(Value::Float(-number)),
            Word::Name(name) if name == "inf" => Some(Value::Float(f64::NEG_INFINITY)),
            _ => None,
        };
        let value = value.ok_or_else(|| self.expected("a number"))?;
        self.advance();
        Ok(value)
    }

    fn until<R>(&mut self, end: &str, one: impl Fn(&mut Parser) -> Result<R>) -> Result<Vec<R>> {
        if self.sign(end) {
            return Ok(Vec::new());
        }
        let all = self.separated(one)?;
        self.need_sign(end)?;
        Ok(all)
    }

    fn map(&mut self, at: usize) -> Result<Value> {
        let entry = |parser: &mut Parser| {
            let key = parser.value()?;
            parser.need_sign(":")?;
            Ok((key, parser.value()?))
        };
        let entries = self.until("}", entry)?;
        let count = entries.len();
        let map: BTreeMap<Value, Value> = entries.into_iter().collect();
        if map.len() < count {
            return Err(refused(at, "a key stands twice in this map"));
        }
        Ok(Value::Map(map))
    }
}
