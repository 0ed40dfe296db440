//! Entry: one change of one object, as history keeps it; and the row that it is while it is young.
//!
//! ```text
//! recent := 00, since, bytes, id (8 bytes), [base], entry        the base where since is 0
//!         | 02, …, first time (8 bytes), row, whole               what comes next may become part of it
//! base   := 00  |  01, hash, sized shape, sized state            what stood there before the run's first entry
//! entry  := flags, time (8 bytes), [commit], [arrived], body
//! body   := actor, [stamp (8 bytes)], [several], [tag (4 bytes)], count, kept*, count, (sized name, form, sized body)*
//!         | sized delta  |  hash, sized shape, sized state
//! several := commits, count, (commits behind, nanoseconds before the last)*
//! ```

use dronestore_core::bytes::{Reader, put_slice, put_varint};
use dronestore_core::causal::{Dot, Form, State};
use dronestore_core::version::Shape;
use dronestore_core::version::delta::{
    DeltaReader, DeltaWriter, Step, Written, WroteAttribute, written_since,
};
use dronestore_core::version::{Commit, commit_hash};
use dronestore_core::{ActorId, Error, Hash, Key, Nanotime, Result, Version};

/// One change of one object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// When it came to stand here: a commit of this repo's has its stamp.
    pub(crate) time: Nanotime,
    /// Whether it came from elsewhere.
    pub(crate) arrived: bool,
    /// The commit, where it was made here and does not follow from the step.
    pub(crate) commit: Option<Commit>,
    pub(crate) change: Change,
}

/// What leads from the version before to the version after.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    Step(Step),
    /// A delta as sync writes it, by nobody.
    Delta(Vec<u8>),
    Whole(Whole),
}

/// A version written out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Whole {
    pub(crate) hash: Hash,
    pub(crate) shape: Vec<u8>,
    pub(crate) state: Vec<u8>,
}

/// The flags.
pub(super) const FORM: u8 = 3;
pub(super) const STEP: u8 = 0;
pub(super) const DELTA: u8 = 1;
pub(super) const WHOLE: u8 = 2;
pub(super) const ARRIVED: u8 = 4;
pub(super) const DELETED: u8 = 8;
pub(super) const COMMIT: u8 = 16;
pub(super) const TAG: u8 = 32;
pub(super) const SEVERAL: u8 = 64;

/// Who writes the deltas in a history: nobody, so that every actor is written out.
const NOBODY: ActorId = ActorId::from_bytes([0; ActorId::LENGTH]);

impl Whole {
    pub(crate) fn of(version: &Version) -> Whole {
        let (shape, state) = (version.shape().as_bytes().to_vec(), version.state_bytes().to_vec());
        Whole { hash: version.hash(), shape, state }
    }

    /// The version, checked strictly, its hash computed anew.
    pub(crate) fn version(&self, key: &Key) -> Result<Version> {
        let shape = Shape::parse(&self.shape)?;
        let bytes = self.state.as_slice().into();
        let version = Version::from_store(key.clone(), shape, Hash::ZERO, bytes, 0).with_its_hash()?;
        if version.hash() == self.hash {
            return Ok(version);
        }
        Err(Error::corrupt(format!("{version}, in the history, is not what it was written as")))
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.hash.as_bytes());
        put_slice(out, &self.shape);
        put_slice(out, &self.state);
    }

    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Whole> {
        let hash = Hash::from_bytes(reader.array()?);
        Ok(Whole { hash, shape: reader.slice()?.to_vec(), state: reader.slice()?.to_vec() })
    }
}

impl Change {
    /// The shortest of what leads from one version to the next.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where one of them is damaged.
    pub(super) fn between(
        before: Option<&Version>,
        after: &Version,
        named: Option<&[&str]>,
    ) -> Result<Change> {
        let Some(before) = before else { return Ok(Change::Whole(Whole::of(after))) };
        if let Some(step) = Step::between(before, after, named)? {
            return Ok(Change::Step(step));
        }
        if let Some(attributes) = written_since(after, before)? {
            let mut delta = Vec::new();
            let written =
                Written { attributes: &attributes, steps: 2, is_commit: false, since: Nanotime::MIN };
            DeltaWriter::new(NOBODY).put(after, &written, &mut delta)?;
            let change = Change::Delta(delta);
            if change.apply(after.key(), Some(before)).is_ok_and(|(version, _)| version == *after) {
                return Ok(change);
            }
        }
        Ok(Change::Whole(Whole::of(after)))
    }

    /// The version after, and the commit that a step is.
    pub(super) fn apply(&self, key: &Key, before: Option<&Version>) -> Result<(Version, Option<Commit>)> {
        let missing = || Error::corrupt("an entry of the history does not say what it changed");
        match self {
            Change::Step(step) => {
                let (version, commit) = step.apply(before.ok_or_else(missing)?)?;
                Ok((version, Some(commit)))
            }
            Change::Delta(bytes) => {
                let mut reader = Reader::new(bytes);
                let delta = DeltaReader::new(NOBODY).take(&mut reader)?;
                Ok((delta.rebuild(before.ok_or_else(missing)?)?, None))
            }
            Change::Whole(whole) => Ok((whole.version(key)?, None)),
        }
    }
}

/// The commit that a version is, if one commit alone wrote all that is in it.
fn sole_commit(before: Option<&Version>, after: &Version) -> Result<Option<Commit>> {
    let tips = after.tips();
    let [tip] = &tips[..] else { return Ok(None) };
    let (mut wrote, state) = (Vec::new(), State::parse(after.state_bytes())?);
    let mut fields = after.shape().fields(state.attributes);
    while let Some(field) = fields.next()? {
        put_slice(&mut wrote, field.name.as_bytes());
        wrote.extend_from_slice(field.form.as_bytes());
        put_slice(&mut wrote, field.body);
    }
    let parent = before.map_or(Hash::ZERO, Version::hash);
    let (dot, time, deleted) = (tip.dot, tip.time, tip.deleted);
    let mut commit = Commit { dot, time, parent, deleted, hash: Hash::ZERO };
    commit.hash = commit_hash(&commit, after.key(), after.kind(), &wrote);
    Ok(Some(commit))
}

impl Entry {
    /// The entry of a change; `commit` where it was made here.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where one of the versions is damaged.
    pub(super) fn of(
        before: Option<&Version>,
        after: &Version,
        commit: Option<Commit>,
        named: Option<&[&str]>,
        now: Nanotime,
    ) -> Result<Entry> {
        let arrived = commit.is_none();
        let time = commit.as_ref().map_or(now, |commit| commit.time);
        let change = Change::between(before, after, named.filter(|_| !arrived))?;
        let follows = match &change {
            Change::Step(step) => step.tag.is_none(),
            Change::Whole(_) => commit.is_some() && sole_commit(before, after)? == commit,
            Change::Delta(_) => false,
        };
        Ok(Entry { time, arrived, commit: commit.filter(|_| !follows), change })
    }

    /// The version after, and the commit that made it where one did; what a commit says of itself is checked.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt).
    pub(crate) fn apply(&self, key: &Key, before: Option<&Version>) -> Result<(Version, Option<Commit>)> {
        let (version, made) = self.change.apply(key, before)?;
        let Some(commit) = &self.commit else {
            let is_whole = !self.arrived && matches!(self.change, Change::Whole(_));
            let made = if is_whole { sole_commit(before, &version)? } else { made };
            self.check(&version, made.as_ref())?;
            return Ok((version, made));
        };
        self.check(&version, Some(commit))?;
        Ok((version, Some(commit.clone())))
    }

    /// Whether a commit is the last of its actor's that the version has seen, and made when the entry says.
    fn check(&self, version: &Version, commit: Option<&Commit>) -> Result<()> {
        let Some(commit) = commit.filter(|commit| commit.hash != Hash::ZERO) else { return Ok(()) };
        let tag = version.context().get(&commit.dot.actor).map(|seen| (seen.sequence, seen.tag));
        let is_at_its_time = self.arrived || commit.time == self.time;
        if tag != Some((commit.dot.sequence, commit.hash.tag())) || !is_at_its_time {
            let message = format!("{version} was not made by the commit that its history names");
            return Err(Error::corrupt(message));
        }
        Ok(())
    }

    /// How many commits it stands for.
    pub(crate) fn commits(&self) -> u64 {
        match &self.change {
            Change::Step(step) => step.commits,
            _ => 1,
        }
    }

    /// The form, and what else the flags say.
    pub(super) fn flags(&self) -> u8 {
        let (form, more) = match &self.change {
            Change::Step(step) => {
                let tag = if step.tag.is_some() { TAG } else { 0 };
                let several = if step.commits > 1 { SEVERAL } else { 0 };
                (STEP, tag | several | if step.deleted { DELETED } else { 0 })
            }
            Change::Delta(_) => (DELTA, 0),
            Change::Whole(_) => (WHOLE, 0),
        };
        form | more | if self.arrived { ARRIVED } else { 0 } | if self.commit.is_some() { COMMIT } else { 0 }
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.flags());
        put_time(out, self.time);
        if let Some(commit) = &self.commit {
            put_commit(out, commit);
        }
        match &self.change {
            Change::Step(step) => {
                out.extend_from_slice(step.actor.as_bytes());
                if self.has_stamp() {
                    put_time(out, step.time);
                }
                if step.commits > 1 {
                    put_several(out, step);
                }
                out.extend_from_slice(step.tag.as_ref().map_or(&[], |tag| &tag[..]));
                put_varint(out, step.kept.len() as u64);
                step.kept.iter().for_each(|count| put_varint(out, *count));
                put_varint(out, step.wrote.len() as u64);
                for wrote in &step.wrote {
                    put_slice(out, wrote.name.as_bytes());
                    out.extend_from_slice(&wrote.form);
                    put_slice(out, &wrote.body);
                }
            }
            Change::Delta(delta) => put_slice(out, delta),
            Change::Whole(whole) => whole.encode(out),
        }
    }

    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Entry> {
        let flags = reader.byte()?;
        let time = take_time(reader)?;
        let commit = if flags & COMMIT != 0 { Some(take_commit(reader)?) } else { None };
        let arrived = flags & ARRIVED != 0;
        let change = match flags & FORM {
            STEP => {
                let actor = ActorId::from_bytes(reader.array()?);
                let has_stamp = arrived || commit.is_some();
                let time = if has_stamp { take_time(reader)? } else { time };
                let (commits, passed) = take_several(reader, flags, time)?;
                let tag = if flags & TAG != 0 { Some(reader.array()?) } else { None };
                let (mut kept, mut wrote) = (Vec::new(), Vec::new());
                for _ in 0..reader.varint()? {
                    kept.push(reader.varint()?);
                }
                for _ in 0..reader.varint()? {
                    let name = reader.text()?.to_owned();
                    let form = Form::split(reader)?.as_bytes().to_vec();
                    wrote.push(sound(WroteAttribute { name, form, body: reader.slice()?.to_vec() })?);
                }
                let deleted = flags & DELETED != 0;
                Change::Step(Step { actor, time, deleted, commits, tag, passed, kept, wrote })
            }
            DELTA => Change::Delta(reader.slice()?.to_vec()),
            WHOLE => Change::Whole(Whole::decode(reader)?),
            _ => return Err(Error::corrupt("an entry of the history is of no known form")),
        };
        Ok(Entry { time, arrived, commit, change })
    }

    /// Whether a step's stamp is not the entry's time.
    pub(super) fn has_stamp(&self) -> bool {
        self.arrived || self.commit.is_some()
    }
}

pub(super) fn sound(wrote: WroteAttribute) -> Result<WroteAttribute> {
    match wrote.is_sound() {
        true => Ok(wrote),
        false => Err(Error::corrupt("an entry of the history names no attribute")),
    }
}

/// `commits, count, (how many come behind it, how long before the last)*`.
pub(super) fn put_several(out: &mut Vec<u8>, step: &Step) {
    put_varint(out, step.commits);
    put_varint(out, step.passed.len() as u64);
    for (behind, time) in &step.passed {
        put_varint(out, *behind);
        put_varint(out, step.time.as_nanos().wrapping_sub(time.as_nanos()));
    }
}

/// How many commits a step is, and those of them of which something stands.
pub(super) fn take_several(
    reader: &mut Reader<'_>,
    flags: u8,
    time: Nanotime,
) -> Result<(u64, Vec<(u64, Nanotime)>)> {
    if flags & SEVERAL == 0 {
        return Ok((1, Vec::new()));
    }
    let (commits, mut passed) = (reader.varint()?, Vec::new());
    for _ in 0..reader.varint()? {
        let behind = reader.varint()?;
        passed.push((behind, Nanotime::from_nanos(time.as_nanos().wrapping_sub(reader.varint()?))));
    }
    Ok((commits, passed))
}

pub(super) fn put_time(out: &mut Vec<u8>, time: Nanotime) {
    out.extend_from_slice(&time.as_nanos().to_be_bytes());
}

pub(super) fn take_time(reader: &mut Reader<'_>) -> Result<Nanotime> {
    Ok(Nanotime::from_nanos(u64::from_be_bytes(reader.array()?)))
}

/// `parent, actor, sequence << 1 | deleted, time, hash`.
pub(super) fn put_commit(out: &mut Vec<u8>, commit: &Commit) {
    out.extend_from_slice(commit.parent.as_bytes());
    out.extend_from_slice(commit.dot.actor.as_bytes());
    put_varint(out, commit.dot.sequence << 1 | u64::from(commit.deleted));
    put_time(out, commit.time);
    out.extend_from_slice(commit.hash.as_bytes());
}

pub(super) fn take_commit(reader: &mut Reader<'_>) -> Result<Commit> {
    let parent = Hash::from_bytes(reader.array()?);
    let actor = ActorId::from_bytes(reader.array()?);
    let bits = reader.varint()?;
    let (dot, time) = (Dot { actor, sequence: bits >> 1 }, take_time(reader)?);
    Ok(Commit { dot, time, parent, deleted: bits & 1 == 1, hash: Hash::from_bytes(reader.array()?) })
}

/// The first bytes of a version's hash, by which a row is told from others.
pub(super) type Id = [u8; 8];

pub(super) fn id_of(hash: &Hash) -> Id {
    let mut id = Id::default();
    id.copy_from_slice(&hash.as_bytes()[..8]);
    id
}

/// A young entry's row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recent {
    /// How many entries of its run come before it.
    pub(super) since: u64,
    /// How many bytes they and it have.
    pub(super) bytes: u64,
    /// Of the version after.
    pub(super) id: Id,
    /// What stood there before a run's first entry.
    pub(super) base: Option<Whole>,
    pub(super) entry: Entry,
    /// Where the next commit may become part of it.
    pub(super) together: Option<Together>,
}

/// What an entry needs to take up further commits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Together {
    /// When the first of its commits was made.
    pub(super) first: Nanotime,
    /// The row of the change log that the last of them came with.
    pub(super) row: u64,
    /// What stood there before it.
    pub(super) before: Whole,
}

pub(super) const RECENT: u8 = 0;
pub(super) const BLOCK: u8 = 1;
pub(super) const OPEN: u8 = 2;

impl Recent {
    /// The head of a row: since, bytes, id.
    pub(super) fn head(reader: &mut Reader<'_>) -> Result<(u64, u64, Id)> {
        Ok((reader.varint()?, reader.varint()?, reader.array()?))
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = vec![if self.together.is_some() { OPEN } else { RECENT }];
        put_varint(&mut out, self.since);
        put_varint(&mut out, self.bytes);
        out.extend_from_slice(&self.id);
        if self.since == 0 {
            put_base(&mut out, self.base.as_ref());
        }
        self.entry.encode(&mut out);
        if let Some(together) = &self.together {
            put_time(&mut out, together.first);
            put_varint(&mut out, together.row);
            together.before.encode(&mut out);
        }
        out
    }

    /// Reads a row behind its first byte.
    pub(super) fn decode(kind: u8, reader: &mut Reader<'_>) -> Result<Recent> {
        let (since, bytes, id) = Recent::head(reader)?;
        let base = if since == 0 { take_base(reader)? } else { None };
        let entry = Entry::decode(reader)?;
        let together = match kind {
            OPEN => {
                let (first, row) = (take_time(reader)?, reader.varint()?);
                Some(Together { first, row, before: Whole::decode(reader)? })
            }
            _ => None,
        };
        match reader.is_empty() {
            true => Ok(Recent { since, bytes, id, base, entry, together }),
            false => Err(Error::corrupt("a row of the history is longer than it should be")),
        }
    }
}

pub(super) fn put_base(out: &mut Vec<u8>, base: Option<&Whole>) {
    out.push(u8::from(base.is_some()));
    if let Some(base) = base {
        base.encode(out);
    }
}

pub(super) fn take_base(reader: &mut Reader<'_>) -> Result<Option<Whole>> {
    match reader.byte()? {
        0 => Ok(None),
        1 => Whole::decode(reader).map(Some),
        _ => Err(Error::corrupt("a run of the history has no beginning")),
    }
}
