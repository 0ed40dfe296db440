//! States put together by hand: a version with other bytes under some of its attributes, to be read and never to be kept.

use crate::causal::state::{Row, State, Tip};
use crate::causal::{Context, Seen};
use crate::version::Shape;
use crate::{ActorId, Hash, Key, Nanotime, Result, Version};
use dronestore_core::bytes::put_slice;

/// One attribute: its name, the bytes of its form, its body.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) form: Vec<u8>,
    pub(super) body: Vec<u8>,
}

/// The attributes of a version.
pub(super) fn parts(version: &Version) -> Result<Vec<Part>> {
    let state = State::parse(version.state_bytes())?;
    let mut fields = version.shape().fields(state.attributes);
    let mut parts = Vec::new();
    while let Some(field) = fields.next()? {
        let (name, form) = (field.name.to_owned(), field.form.as_bytes().to_vec());
        parts.push(Part { name, form, body: field.body.to_vec() });
    }
    Ok(parts)
}

/// A version that reads as `base` does, with these attributes in place of its own; one without a body goes.
///
/// Every body may name row 0 of the table, which is always there.
pub(super) fn with_parts(key: &Key, kind: &str, base: Option<&Version>, new: &[Part]) -> Result<Version> {
    let mut all = base.map_or_else(|| Ok(Vec::new()), parts)?;
    for part in new {
        all.retain(|old| (&old.name, &old.form) != (&part.name, &part.form));
    }
    all.extend(new.iter().filter(|part| !part.body.is_empty()).cloned());
    match base {
        Some(base) => assemble(key, kind, State::parse(base.state_bytes())?, all),
        None => assemble(key, kind, commits(&[Nanotime::MIN]), all),
    }
}

/// The state of an object on which as many actors have each made one commit, at these times.
pub(super) fn commits(times: &[Nanotime]) -> State<'static> {
    let mut context = Context::default();
    let numbers = || (0..).zip(times);
    for (number, _) in numbers() {
        context.advance(Seen {
            actor: ActorId::from_bytes([number as u8 + 1; 12]),
            sequence: 1,
            tag: [1; 4],
        });
    }
    let table = numbers().map(|(actor, time)| Row { actor, sequence: 1, time: *time }).collect();
    let tips = numbers().map(|(row, _)| Tip { row, deleted: false }).collect();
    let created = times.iter().min().copied().unwrap_or(Nanotime::MIN);
    State { tips, created, context, table, attributes: &[] }
}

/// The version of this state with these attributes, under no hash.
pub(super) fn assemble(key: &Key, kind: &str, state: State<'_>, mut parts: Vec<Part>) -> Result<Version> {
    parts.sort();
    let (mut shape, mut attributes) = (Vec::new(), Vec::new());
    put_slice(&mut shape, kind.as_bytes());
    for part in &parts {
        put_slice(&mut shape, part.name.as_bytes());
        shape.extend_from_slice(&part.form);
        put_slice(&mut attributes, &part.body);
    }
    let bytes = State { attributes: &attributes, ..state }.encode();
    Ok(Version::from_store(key.clone(), Shape::parse(&shape)?, Hash::ZERO, bytes.into(), 0))
}
