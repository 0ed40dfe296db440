//! Renaming: the last writes of one actor, given to another. What a copy of a repo wrote under a name that another
//! copy uses too goes on under a name of its own, without the Rust types.
//!
//! The new actor stands right behind the old one in the order of actors, so that no dot passes another: rows, the
//! trees of sequences and positions stay in their order, and every body keeps its bytes but for the numbers of rows. A
//! counter's entry is its actor's *total*: the old actor gets back the entry that it had at the fork, and the new one
//! the difference.

use super::Version;
use super::entries::{Total, put_place, totals};
use super::kin::is_kin;
use crate::actor::ActorId;
use crate::bytes::{Reader, put_sized, put_slice, put_varint};
use crate::causal::form::{Child, code};
use crate::causal::join::{Fate, Join, MAX_NESTING, Slot, too_deep};
use crate::causal::place::{Dots, DotsWriter, Fields, Items, Values};
use crate::causal::state::{self, Row, Rows, State};
use crate::causal::{Context, Form, Seen, Structure};
use crate::error::{Error, Result};
use crate::strategy::counter::total;
use crate::value;
use std::collections::BTreeMap;

/// Which writes are renamed, and to whom.
#[derive(Debug, Clone)]
pub struct Rename {
    /// Whose writes they are said to be.
    pub from: ActorId,
    /// The last of this actor's commits that stays its own; 0 where none does.
    pub above: u64,
    /// Whose they are to be: an actor that stands right behind the other in every context concerned.
    pub to: ActorId,
    /// The version at the fork, if there was one, and what is known of those behind it: in a counter whose entry was
    /// gone in one of these, the count began anew.
    pub known: Vec<Version>,
}

impl Version {
    /// What a version has seen of an actor.
    ///
    /// Cost: linear in the actors, without memory of its own; `None` where the bytes are damaged, too.
    pub fn seen(&self, actor: &ActorId) -> Option<Seen> {
        let (_, content) = state::split(self.state_bytes()).ok()?;
        let mut context = state::content(content).ok()?.context;
        while let Some((name, rest)) = context.split_first_chunk() {
            let mut reader = Reader::new(rest);
            let (sequence, tag) = (reader.varint().ok()?, reader.array().ok()?);
            if name == actor.as_bytes() {
                return Some(Seen { actor: *actor, sequence, tag });
            }
            context = reader.rest();
        }
        None
    }

    /// This version with an actor's last writes given to another; equal bytes for equal commits, as all versions are.
    /// `None` where nothing is to be renamed, or the new actor does not stand right behind the old one.
    ///
    /// The tag of the last commit goes along with it: what a hash covers names an object's commits as they were made.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where the bytes are not a version's.
    ///
    /// Cost: linear in the version and those that are known.
    pub fn renamed(&self, rename: &Rename) -> Result<Option<Version>> {
        let kept = rename.known.first().and_then(|fork| fork.seen(&rename.from));
        let kept = kept.filter(|_| rename.above > 0);
        if kept.map_or(0, |kept| kept.sequence) != rename.above {
            return Ok(None);
        }
        self.renamed_with(rename, kept, &given_back(self, rename)?)
    }

    /// This version with an actor's last writes under the name that they bear in another, where that is seen: kin of
    /// the actor stands there with the tag of the last of them, or with the time of one of them.
    pub(super) fn renamed_as_in(&self, other: &Version, actor: &ActorId) -> Result<Option<Version>> {
        let (state, theirs) = (self.state()?, other.state()?);
        let Some(last) = state.context.get(actor) else { return Ok(None) };
        let kin = || theirs.context.entries().iter().filter(|seen| is_kin(actor, &seen.actor));
        let by_tag = || {
            let heir = kin().find(|heir| heir.tag == last.tag && heir.sequence <= last.sequence)?;
            Some((heir.actor, last.sequence - heir.sequence))
        };
        // The one or the other went on since.
        let by_time = || {
            let own: BTreeMap<_, _> = state.rows_of(actor).map(|row| (row.time, row.sequence)).collect();
            kin().find_map(|heir| {
                let mut rows = theirs.rows_of(&heir.actor);
                let above = rows.find_map(|row| own.get(&row.time)?.checked_sub(row.sequence))?;
                Some((heir.actor, above))
            })
        };
        let Some((to, above)) = by_tag().or_else(by_time) else { return Ok(None) };
        let kept = match theirs.context.get(actor) {
            _ if above == 0 => None,
            Some(seen) if seen.sequence == above => Some(*seen),
            // What stands further on in the other is what stays in a join, whatever the tag is here.
            Some(seen) if seen.sequence > above => Some(Seen { sequence: above, tag: [0; 4], ..*seen }),
            _ => return Ok(None),
        };
        let rename = Rename { from: *actor, above, to, known: Vec::new() };
        match given_back_as_in(self, other, &rename)? {
            Some(given_back) => self.renamed_with(&rename, kept, &given_back),
            None => Ok(None),
        }
    }

    fn renamed_with(
        &self,
        rename: &Rename,
        kept: Option<Seen>,
        given_back: &BTreeMap<Vec<u8>, Before>,
    ) -> Result<Option<Version>> {
        let state = self.state()?;
        let Some(lines) = Lines::new(&state.context, rename, kept) else { return Ok(None) };
        let (table, to) = table(&state, &lines, rename, given_back);
        let mut writer = Writer {
            copy: Join::copy(slots(&to), table.len()),
            to: &to,
            is_renamed: state.table.iter().map(|row| lines.is_renamed(row, rename)).collect(),
            given_back,
            places: &table,
            line: lines.from,
            path: Vec::new(),
            depth: 0,
        };
        let mut attributes = Vec::with_capacity(state.attributes.len() + 16);
        let mut fields = self.shape.fields(state.attributes);
        while let Some(field) = fields.next()? {
            writer.path.clear();
            put_place(&mut writer.path, field.name, field.form);
            put_sized(&mut attributes, |out| writer.body(field.form, field.body, out))?;
        }
        let mut tips = state.tips;
        for tip in &mut tips {
            tip.row = to.get(tip.row as usize).copied().unwrap_or(tip.row);
        }
        let context = lines.context(&state.context, rename);
        let state = State { tips, created: state.created, context, table, attributes: &attributes };
        Ok(Some(Version::seal(self.key.clone(), self.shape.clone(), &state, &mut Vec::new())))
    }
}

/// Where the two actors stand in the context.
struct Lines {
    /// The old actor's line; the new one's is this one, or the next.
    from: u32,
    /// What stays of the old actor, if anything does.
    kept: Option<Seen>,
    last: Seen,
}

impl Lines {
    fn new(context: &Context, rename: &Rename, kept: Option<Seen>) -> Option<Lines> {
        let from = context.position(&rename.from).ok()?;
        let last = *context.entries().get(from)?;
        let is_behind = context.position(&rename.to) == Err(from + 1);
        let is_possible = is_behind && last.sequence > rename.above;
        is_possible.then_some(Lines { from: from as u32, kept, last })
    }

    fn is_renamed(&self, row: &Row, rename: &Rename) -> bool {
        row.actor == self.from && row.sequence > rename.above
    }

    fn moved(&self, row: &Row, rename: &Rename) -> Row {
        let further = u32::from(self.kept.is_some());
        match row.actor > self.from {
            true => Row { actor: row.actor + further, ..*row },
            false if self.is_renamed(row, rename) => {
                Row { actor: self.from + further, sequence: row.sequence - rename.above, ..*row }
            }
            false => *row,
        }
    }

    fn context(&self, before: &Context, rename: &Rename) -> Context {
        let mut context = Context::default();
        for seen in before.entries().iter().filter(|seen| seen.actor != rename.from) {
            context.advance(*seen);
        }
        if let Some(kept) = self.kept {
            context.advance(kept);
        }
        let sequence = self.last.sequence - rename.above;
        context.advance(Seen { actor: rename.to, sequence, tag: self.last.tag });
        context
    }
}

/// What a counter's entry held before the writes that are renamed.
struct Before {
    total: i128,
    /// The entry that stands again, if it does.
    entry: Option<Total>,
}

/// The old actor's totals at the fork, by place, that stood until its last writes replaced them.
fn given_back(version: &Version, rename: &Rename) -> Result<BTreeMap<Vec<u8>, Before>> {
    let Some((fork, later)) = rename.known.split_first().filter(|_| rename.above > 0) else {
        return Ok(BTreeMap::new());
    };
    let mut before = totals(fork, &rename.from)?;
    for version in later {
        if before.is_empty() {
            break;
        }
        let now = totals(version, &rename.from)?;
        before.retain(|place, _| now.contains_key(place));
    }
    let now = totals(version, &rename.from)?;
    before.retain(|place, total| {
        total.sequence <= rename.above && now.get(place).is_some_and(|now| now.sequence > rename.above)
    });
    let stands =
        |(place, total): (Vec<u8>, Total)| (place, Before { total: total.total, entry: Some(total) });
    Ok(before.into_iter().map(stands).collect())
}

/// As [`given_back`], as far as a version tells in which the writes bear the new name already; `None` where what the
/// actor had counted at the fork cannot be told.
fn given_back_as_in(
    version: &Version,
    other: &Version,
    rename: &Rename,
) -> Result<Option<BTreeMap<Vec<u8>, Before>>> {
    let (kept, counted) = (totals(other, &rename.from)?, totals(other, &rename.to)?);
    let last =
        |version: &Version, actor| version.seen(actor).map_or((0, [0; 4]), |seen| (seen.sequence, seen.tag));
    let (own, theirs) = (last(version, &rename.from), last(other, &rename.to));
    let is_seen = own.0 - rename.above < theirs.0 || (own.0 - rename.above, own.1) == theirs;
    let mut given_back = BTreeMap::new();
    for (place, now) in totals(version, &rename.from)? {
        if now.sequence <= rename.above {
            continue;
        }
        let entry = kept.get(&place).filter(|kept| kept.sequence <= rename.above).copied();
        let total = match (entry, counted.get(&place)) {
            (_, Some(counted)) if counted.time == now.time => now.total.saturating_sub(counted.total),
            (Some(entry), _) => entry.total,
            _ if rename.above == 0 => 0,
            // Where the other counts on, or not at all, it has seen this entry, and no longer bears it.
            _ if is_seen => 0,
            _ => return Ok(None),
        };
        given_back.insert(place, Before { total, entry });
    }
    Ok(Some(given_back))
}

/// The new table, and for each row its number in it.
fn table(
    state: &State<'_>,
    lines: &Lines,
    rename: &Rename,
    given_back: &BTreeMap<Vec<u8>, Before>,
) -> (Rows, Vec<u32>) {
    let moved: Vec<Row> = state.table.iter().map(|row| lines.moved(row, rename)).collect();
    let mut table: Rows = moved.iter().copied().collect();
    table.extend(given_back.values().filter_map(|before| before.entry).map(|total| Row {
        actor: lines.from,
        sequence: total.sequence,
        time: total.time,
    }));
    table.sort_unstable();
    table.dedup_by_key(|row| (row.actor, row.sequence));
    let to = moved.iter().map(|row| place_of(&table, row.actor, row.sequence)).collect();
    (table, to)
}

fn place_of(table: &Rows, actor: u32, sequence: u64) -> u32 {
    table.partition_point(|row| (row.actor, row.sequence) < (actor, sequence)) as u32
}

fn slots(to: &[u32]) -> Vec<Slot> {
    to.iter().map(|to| Slot { to: *to, fate: Fate::Lives }).collect()
}

/// Writes bodies anew, place by place.
struct Writer<'a> {
    copy: Join,
    to: &'a [u32],
    is_renamed: Vec<bool>,
    given_back: &'a BTreeMap<Vec<u8>, Before>,
    places: &'a Rows,
    /// The old actor's line.
    line: u32,
    path: Vec<u8>,
    depth: usize,
}

impl Writer<'_> {
    fn body(&mut self, form: Form<'_>, body: &[u8], out: &mut Vec<u8>) -> Result<()> {
        match form.structure() {
            Structure::Values if form.code() == code::COUNTER => self.counter(body, out),
            Structure::Map(Child::Form(form)) => self.deeper(|writer| {
                let mut items = Items::new(body, false)?;
                writer.dots(items.own, out)?;
                while let Some(item) = items.next()? {
                    out.extend_from_slice(item.key);
                    writer.dots(item.dots, out)?;
                    let inner = writer.path.len();
                    put_slice(&mut writer.path, item.key);
                    let written = put_sized(out, |out| match item.body.is_empty() {
                        true => Ok(()),
                        false => writer.body(form, item.body, out),
                    });
                    writer.path.truncate(inner);
                    written?;
                }
                Ok(())
            }),
            Structure::Nested => self.deeper(|writer| {
                let mut fields = Fields::new(body)?;
                writer.dots(fields.own, out)?;
                while let Some(field) = fields.next()? {
                    put_slice(out, field.name.as_bytes());
                    out.extend_from_slice(field.form.as_bytes());
                    let inner = writer.path.len();
                    put_place(&mut writer.path, field.name, field.form);
                    let written = put_sized(out, |out| writer.body(field.form, field.body, out));
                    writer.path.truncate(inner);
                    written?;
                }
                Ok(())
            }),
            // No total stands below: only the numbers of rows differ.
            structure => self.copy.body(structure, body, &[], out),
        }
    }

    fn deeper(&mut self, work: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        if self.depth == MAX_NESTING {
            return Err(too_deep());
        }
        self.depth += 1;
        let done = work(self);
        self.depth -= 1;
        done
    }

    fn dots(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let mut reader = Reader::new(bytes);
        let (mut dots, mut writer) = (Dots::new(&mut reader), DotsWriter::default());
        while let Some(row) = dots.next()? {
            writer.put(out, self.row(row)?);
        }
        writer.end(out);
        Ok(())
    }

    fn row(&self, row: u32) -> Result<u32> {
        let missing = || Error::corrupt("an entry names no row of the table");
        self.to.get(row as usize).copied().ok_or_else(missing)
    }

    fn counter(&mut self, body: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let given_back = self.given_back.get(&self.path);
        let (mut values, mut entries) = (Values::new(body), Vec::new());
        while let Some(entry) = values.next()? {
            let row = self.row(entry.row)?;
            match given_back.filter(|_| self.is_renamed[entry.row as usize]) {
                Some(before) => {
                    let difference = total(entry.value)?.saturating_sub(before.total);
                    entries.push((row, value::encode(&difference)?));
                    if let Some(before) = before.entry {
                        let row = place_of(self.places, self.line, before.sequence);
                        entries.push((row, value::encode(&before.total)?));
                    }
                }
                None => entries.push((row, entry.value.to_vec())),
            }
        }
        entries.sort_unstable_by_key(|(row, _)| *row);
        for (row, value) in entries {
            put_varint(out, u64::from(row));
            out.extend_from_slice(&value);
        }
        Ok(())
    }
}
