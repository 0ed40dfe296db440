//! What a join keeps, by the definition and not by the join's code: dots, one by one.

use super::fault::{Fault, Outcome};
use crate::causal::place::{Dots, Fields, Items, Values};
use crate::causal::sequence::Runs;
use crate::causal::state::State;
use crate::causal::{Context, Dot, Structure};
use crate::{Result, Version};
use dronestore_core::bytes::Reader;
use std::collections::BTreeMap;

const LAW: &str = "a merge keeps what both have, and what one has and the other has never seen; nothing else";

/// Each write that stands in a state: where it stands, its dot, and the value that it put there.
type Standing = BTreeMap<(String, Vec<u8>, Dot), Vec<u8>>;

/// That `joined` holds just the writes that it must.
pub(super) fn check(a: &Version, b: &Version, joined: &Version) -> Outcome {
    let read = |version: &Version| standing(version).map_err(|error| Fault::new(LAW, error));
    let (mine, theirs, found) = (read(a)?, read(b)?, read(joined)?);
    let (seen_by_a, seen_by_b) = (a.context(), b.context());
    let survives = |at: &(String, Vec<u8>, Dot), others: &Standing, seen: &Context| {
        others.contains_key(at) || !seen.contains(&at.2)
    };
    let mut expected = Standing::new();
    let all = mine.iter().map(|one| (one, &theirs, &seen_by_b));
    let all = all.chain(theirs.iter().map(|one| (one, &mine, &seen_by_a)));
    for ((at, value), others, seen) in all {
        if survives(at, others, seen) {
            expected.insert(at.clone(), value.clone());
        }
    }
    for (name, _, dot) in expected.keys() {
        if !found.iter().any(|((found, _, seen), _)| found == name && seen == dot) {
            return Err(Fault::new(LAW, format_args!("`{name}` has lost the write {dot}")));
        }
    }
    match expected == found {
        true => Ok(()),
        false => Err(Fault::new(LAW, "it holds writes that it should not, or others than it should")),
    }
}

fn standing(version: &Version) -> Result<Standing> {
    let state = State::parse(version.state_bytes())?;
    let mut all = Standing::new();
    let mut fields = version.shape().fields(state.attributes);
    while let Some(field) = fields.next()? {
        let mut walk = Walk { state: &state, name: field.name, all: &mut all };
        walk.body(field.form.structure(), field.body, field.form.as_bytes().to_vec())?;
    }
    Ok(all)
}

struct Walk<'w> {
    state: &'w State<'w>,
    name: &'w str,
    all: &'w mut Standing,
}

impl Walk<'_> {
    fn put(&mut self, path: Vec<u8>, row: u32, value: &[u8]) {
        let Some(row) = self.state.table.get(row as usize) else { return };
        self.all.insert((self.name.to_owned(), path, self.state.dot(row)), value.to_vec());
    }

    fn dots(&mut self, path: &[u8], dots: &[u8]) -> Result<()> {
        let mut reader = Reader::new(dots);
        let mut dots = Dots::new(&mut reader);
        while let Some(row) = dots.next()? {
            self.put([path, b"dots"].concat(), row, &[]);
        }
        Ok(())
    }

    fn body(&mut self, structure: Structure<'_>, body: &[u8], path: Vec<u8>) -> Result<()> {
        if body.is_empty() {
            return Ok(());
        }
        match structure {
            Structure::Values => {
                let mut values = Values::new(body);
                while let Some(entry) = values.next()? {
                    self.put(path.clone(), entry.row, entry.value);
                }
            }
            Structure::Map(child) => {
                let mut items = Items::new(body, child == crate::causal::form::Child::Unit)?;
                self.dots(&path, items.own)?;
                while let Some(item) = items.next()? {
                    let path = [&path, &[0][..], item.key].concat();
                    self.dots(&path, item.dots)?;
                    self.body(child.structure(), item.body, path)?;
                }
            }
            Structure::Nested => {
                let mut fields = Fields::new(body)?;
                self.dots(&path, fields.own)?;
                while let Some(field) = fields.next()? {
                    let path = [&path, &[0][..], field.name.as_bytes(), field.form.as_bytes()].concat();
                    self.body(field.form.structure(), field.body, path)?;
                }
            }
            Structure::Sequence(content) => {
                let mut runs = Runs::new(body, content)?;
                while let Some(run) = runs.next()? {
                    // What has no content is there for what hangs below it.
                    for number in (0..run.count).filter(|_| run.is_visible()) {
                        let place = |number| content.length(run.content, run.count, number);
                        let element = &run.content[place(number)?..place(number + 1)?];
                        let index = (run.id.index + number).to_be_bytes();
                        self.put([&path, &[0][..], &index].concat(), run.id.row, element);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}
