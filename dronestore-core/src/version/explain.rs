//! Explaining an attribute: what stands at each place of it, who wrote it and when, what won and by which rule.

use super::contest::{Contest, side};
use super::{ContestSide, Version, words};
use crate::bytes::Reader;
use crate::causal::form::{Child, code};
use crate::causal::join::{MAX_NESTING, too_deep};
use crate::causal::place::{Dots, Item};
use crate::causal::sequence::{Content, Runs};
use crate::causal::{Dot, Form, Structure};
use crate::error::Result;
use crate::key::Key;
use crate::strategy::{Guide, ReadPlace, Reading, Table, location, moves, read_form, read_guided};
use crate::time::Nanotime;
use crate::value::{self, Value};
use serde::Serialize;
use std::fmt;

/// Why an attribute reads as it does. Displays as a tree; serializes for tools.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The object's key.
    pub key: Key,
    /// The object's kind.
    pub kind: String,
    /// The hash of the version that is explained.
    pub version: String,
    /// The attribute's stored name; empty for the `latest_object` group.
    pub attribute: String,
    /// The attribute; one part more for each further form that an attribute of this name was written in. None where
    /// it was never written: it reads as its default.
    pub parts: Vec<Part>,
}

/// One place: an attribute, what stands under a key, an element of a set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Its name in what holds it: `phone`, `["home"]`, `.street`.
    pub name: String,
    /// The strategy, as in `#[merge(…)]`.
    pub strategy: String,
    /// What it reads as; `None` where that needs code that is not here.
    pub reads: Option<Value>,
    /// By which rule, in words.
    pub rule: String,
    /// The writes that nobody who had seen them has replaced, in the order of (actor, sequence). What they replaced
    /// is not kept in a version.
    pub writes: Vec<Written>,
    /// Whether there are several of which none had seen another.
    pub concurrent: bool,
    /// The places below this one.
    pub parts: Vec<Part>,
}

/// One write that stands at a place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Written {
    /// What it put there; null for a dot that says only that something is there.
    pub value: Value,
    /// Who made it, in hexadecimal digits.
    pub actor: String,
    /// The how manieth of the actor's commits on this object it was part of.
    pub sequence: u64,
    /// When, by the actor's hybrid clock, as text.
    pub time: String,
    /// Whether it is what the place reads as, or a part of that.
    pub wins: bool,
    /// Which of the others its writer had seen, as `actor:sequence`, and left standing; it had seen none but these.
    pub had_seen: Vec<String>,
}

/// What was decided about a contest: the value, and in words how that came.
pub(crate) type Decided = Option<(Value, String)>;

impl Version {
    /// Why an attribute of this stored name reads as it does; `decided` says what is known of decisions.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where the bytes are not a state; what `decided` gives.
    ///
    /// Cost: linear in the attribute.
    pub fn explain(
        &self,
        attribute: &str,
        decided: impl FnMut(&Contest) -> Result<Option<(Value, String)>>,
    ) -> Result<Explanation> {
        self.explain_by((), attribute, decided)
    }

    /// As [`Version::explain`], with what else is known of the attributes.
    pub(crate) fn explain_by(
        &self,
        guide: impl Guide,
        attribute: &str,
        mut decided: impl FnMut(&Contest) -> Result<Option<(Value, String)>>,
    ) -> Result<Explanation> {
        let contests = self.contests()?;
        let mut known = Vec::new();
        for contest in contests.iter().filter(|contest| contest.path.attribute() == attribute) {
            known.push((contest, if contest.asks { decided(contest)? } else { None }));
        }
        let (table, bytes) = Table::of_state(self.state_bytes())?;
        let explainer = Explainer { known: &known };
        let mut fields = self.shape().fields(bytes);
        let mut parts = Vec::new();
        while let Some(field) = fields.next()? {
            if field.name == attribute {
                let name = if attribute.is_empty() { "latest_object" } else { attribute };
                let place = ReadPlace { body: field.body, table: &table };
                let below = guide.below(field.name, field.form);
                parts.push(explainer.part(name.to_owned(), field.form, place, below, 0)?);
            }
        }
        let (key, kind) = (self.key().clone(), self.kind().to_owned());
        let (version, attribute) = (self.hash().to_string(), attribute.to_owned());
        Ok(Explanation { key, kind, version, attribute, parts })
    }
}

struct Explainer<'e> {
    known: &'e [(&'e Contest, Decided)],
}

impl Explainer<'_> {
    fn part(
        &self,
        name: String,
        form: Form<'_>,
        place: ReadPlace<'_>,
        guide: impl Guide,
        depth: usize,
    ) -> Result<Part> {
        if depth == MAX_NESTING {
            return Err(too_deep());
        }
        // A declared strategy is that of the values below the keys of a map.
        let declared = guide.declared().filter(|_| matches!(form.structure(), Structure::Values));
        let strategy = declared.map_or_else(|| form.to_string(), ToString::to_string);
        let words = || {
            declared.map_or_else(|| words::of(form).to_owned(), |declared| format!("read by `{declared}`"))
        };
        let (reads, rule) = match read_guided(form, place, guide)? {
            Reading::Value(value) => (Some(value), words()),
            Reading::Default => (None, "nothing is left here: it reads as the field's default".to_owned()),
            Reading::Unknown => (None, words()),
        };
        let (writes, parts) = (Vec::new(), Vec::new());
        let mut part = Part { name, strategy, reads, rule, writes, concurrent: false, parts };
        match form.structure() {
            Structure::Values => self.values(&mut part, form, place)?,
            Structure::Map(_) if form.code() == code::LIST_MOVES => moved(&mut part, place)?,
            Structure::Map(child) => self.items(&mut part, child, place, guide, depth)?,
            Structure::Nested => {
                let mut fields = place.fields()?;
                part.writes = dots(fields.own, place.table)?;
                while let Some(field) = fields.next()? {
                    let below = place.below(field.body);
                    if field.form.code() == code::LOCATION {
                        let mut location = location(LOCATION, below)?;
                        location.reads = read_form(field.form, below)?.into_value()?;
                        part.parts.push(location);
                        continue;
                    }
                    let (name, guide) = (format!(".{}", field.name), guide.below(field.name, field.form));
                    part.parts.push(self.part(name, field.form, below, guide, depth + 1)?);
                }
            }
            Structure::Sequence(content) => part.writes = runs(content, place)?,
            Structure::Unit => {}
        }
        Ok(part)
    }

    fn values(&self, part: &mut Part, form: Form<'_>, place: ReadPlace<'_>) -> Result<()> {
        let (entries, asks) = (place.entries()?, form.code() == code::CONFLICT);
        let sides: Vec<ContestSide> =
            entries.iter().map(|entry| side(entry, asks, place.table)).collect::<Result<_>>()?;
        let offset = place.table.offset(&entries);
        let contest = self.known.iter().find(|(contest, _)| Some(contest.offset()) == offset);
        if let Some((_, Some((value, words)))) = contest {
            part.reads = Some(value.clone());
            part.rule = format!("decided: {words}");
        } else if contest.is_some() && asks {
            part.rule = format!("{}; undecided", words::of(form));
        } else if sides.len() == 1 {
            part.rule = format!("one write stands here: no other is concurrent to it ({})", part.rule);
        }
        let newest = match contest {
            Some((contest, _)) => Some(contest.newest),
            None => words::winner(form, &sides),
        };
        // The words of some strategies name one winner; for the others every write of the value read is one.
        let alone = newest.filter(|_| !matches!(contest, Some((_, Some(_)))));
        let is_sum = form.code() == code::COUNTER;
        // What a program's own strategy leaves standing it may have seen.
        part.concurrent = sides.len() > 1
            && !matches!(form.code(), code::COUNTER | code::CUSTOM)
            && sides.iter().all(|side| side.read_past.is_empty());
        for (index, side) in sides.into_iter().enumerate() {
            let wins = match alone {
                Some(winner) => winner == index,
                None => is_sum || part.reads.as_ref() == Some(&side.value),
            };
            let had_seen = side.read_past.iter().map(Dot::to_string).collect();
            part.writes.push(written(side.value, &side.dot, side.time, wins, had_seen));
        }
        Ok(())
    }

    fn items(
        &self,
        part: &mut Part,
        child: Child<'_>,
        place: ReadPlace<'_>,
        guide: impl Guide,
        depth: usize,
    ) -> Result<()> {
        let mut items = place.items(child)?;
        part.writes = dots(items.own, place.table)?;
        while let Some(item) = items.next()? {
            let name = format!("[{}]", Value::from_bytes(item.key)?);
            part.parts.push(match child {
                Child::Form(inner) => {
                    let below = self.part(name, inner, place.below(item.body), guide, depth + 1)?;
                    under_key(below, &item)
                }
                Child::Unit => element(name, &part.strategy, dots(item.dots, place.table)?, true),
                Child::Values => {
                    let mut votes = Vec::new();
                    for entry in place.below(item.body).entries()? {
                        let vote = side(&entry, false, place.table)?;
                        votes.push(written(vote.value, &vote.dot, vote.time, false, Vec::new()));
                    }
                    let is_in = is_element(&part.reads, item.key)?;
                    votes.iter_mut().for_each(|vote| vote.wins = vote.value == Value::Bool(is_in));
                    element(name, &part.strategy, votes, is_in)
                }
            });
        }
        Ok(())
    }
}

fn under_key(mut part: Part, item: &Item<'_>) -> Part {
    if !item.is_present() {
        part.rule = "the key was removed by somebody who had seen all that was written below it".to_owned();
        part.reads = None;
    }
    part
}

/// What the place of an item in a list is called.
const LOCATION: &str = "(where it stands)";

/// The writes that say where an item of a list stands.
fn location(name: &str, place: ReadPlace<'_>) -> Result<Part> {
    let winner = location::winner(place)?;
    let mut writes = Vec::new();
    for (number, entry) in place.entries()?.iter().enumerate() {
        let side = side(entry, false, place.table)?;
        writes.push(written(side.value, &side.dot, side.time, Some(number) == winner, Vec::new()));
    }
    let form = Form::trusted(&[code::LOCATION]);
    let (name, strategy, rule) = (name.to_owned(), form.to_string(), words::of(form).to_owned());
    let concurrent = writes.len() > 1;
    Ok(Part { name, strategy, reads: None, rule, writes, concurrent, parts: Vec::new() })
}

/// The items of a list that moves, in its order, with the number that each has in it.
fn moved(part: &mut Part, place: ReadPlace<'_>) -> Result<()> {
    part.writes = dots(place.items(Child::Values)?.own, place.table)?;
    for (number, standing) in moves::read(place)?.unwrap_or_default().into_iter().enumerate() {
        let name = format!("[{}]", Value::from_bytes(standing.item)?);
        let mut item = location(&name, place.below(standing.body))?;
        item.reads = Some(Value::from(number as u64));
        part.parts.push(item);
    }
    Ok(())
}

fn element(name: String, strategy: &str, writes: Vec<Written>, is_in: bool) -> Part {
    let rule = if is_in { "in the set" } else { "not in the set" };
    let (strategy, rule) = (strategy.to_owned(), rule.to_owned());
    let (reads, parts) = (Some(Value::Bool(is_in)), Vec::new());
    Part { name, strategy, reads, rule, writes, concurrent: false, parts }
}

fn is_element(reads: &Option<Value>, element: &[u8]) -> Result<bool> {
    let element = Value::from_bytes(element)?;
    Ok(matches!(reads, Some(Value::List(list)) if list.binary_search(&element).is_ok()))
}

fn dots(bytes: &[u8], table: &Table<'_>) -> Result<Vec<Written>> {
    let mut reader = Reader::new(bytes);
    let mut dots = Dots::new(&mut reader);
    let mut writes = Vec::new();
    while let Some(row) = dots.next()? {
        writes.push(written(Value::Null, &table.dot(row)?, table.row(row)?.time, true, Vec::new()));
    }
    Ok(writes)
}

/// What stands in a sequence, run by run: what one commit put side by side.
fn runs(content: Content, place: ReadPlace<'_>) -> Result<Vec<Written>> {
    let mut runs = Runs::new(place.body, content)?;
    let mut writes = Vec::new();
    while let Some(run) = runs.next()? {
        if !run.is_visible() {
            continue;
        }
        let value = match content {
            Content::Chars => Value::from(String::from_utf8_lossy(run.content).into_owned()),
            Content::Values => {
                let (mut rest, mut items) = (run.content, Vec::new());
                while !rest.is_empty() {
                    let (item, after) = rest.split_at(value::item_len(rest)?);
                    items.push(Value::from_bytes(item)?);
                    rest = after;
                }
                Value::List(items)
            }
        };
        let (dot, time) = (place.table.dot(run.id.row)?, place.table.row(run.id.row)?.time);
        writes.push(written(value, &dot, time, true, Vec::new()));
    }
    Ok(writes)
}

fn written(value: Value, dot: &Dot, time: Nanotime, wins: bool, had_seen: Vec<String>) -> Written {
    let (actor, time) = (dot.actor.to_string(), time.to_string());
    Written { value, actor, sequence: dot.sequence, time, wins, had_seen }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({}) at version {:.8}", self.key, self.kind, self.version)?;
        if self.parts.is_empty() {
            writeln!(f, "  {}: never written: it reads as the field's default", self.attribute)?;
        }
        self.parts.iter().try_for_each(|part| part.show(f, 1))?;
        f.write_str("what these writes had replaced is not kept: a version holds no history\n")
    }
}

impl Part {
    fn show(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let Part { name, strategy, rule, .. } = self;
        write!(f, "{:1$}{name} ({strategy})", "", 2 * depth)?;
        if let Some(reads) = &self.reads {
            write!(f, " = {reads}")?;
        }
        writeln!(f, ": {rule}")?;
        let indent = 2 * depth + 2;
        for write in &self.writes {
            let mark = if write.wins { '*' } else { '-' };
            write!(f, "{:indent$}{mark} ", "")?;
            if write.value != Value::Null {
                write!(f, "{} ", write.value)?;
            }
            write!(f, "by {:.8}:{} at {}", write.actor, write.sequence, write.time)?;
            if !write.had_seen.is_empty() {
                let short = |dot: &String| match dot.split_once(':') {
                    Some((actor, sequence)) => format!("{actor:.8}:{sequence}"),
                    None => dot.clone(),
                };
                let seen: Vec<String> = write.had_seen.iter().map(short).collect();
                write!(f, "; had seen {} and left it", seen.join(", "))?;
            }
            writeln!(f)?;
        }
        if self.concurrent {
            writeln!(f, "{:indent$}none of these took the place of another: they are concurrent", "")?;
        }
        self.parts.iter().try_for_each(|part| part.show(f, depth + 1))
    }
}
