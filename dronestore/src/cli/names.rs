//! Naming objects: by key, by short id, by the hash of their version, by name.

use super::show;
use crate::repo::decisions_kind;
use crate::{Error, ErrorKind, Hash, Key, Repo, Result, Version, View};

/// How many letters of an id there are.
const ID: usize = 16;
/// The fewest letters or digits that are shown, and taken for a beginning.
const FEWEST: usize = 4;
/// How many of several candidates are listed.
const LISTED: usize = 8;

/// The id of an object in letters from `k` to `z`, so that none can be taken for a hash: a function of kind and key,
/// the same in every replica.
pub(super) fn object_id(kind: &str, key: &Key) -> String {
    let input = [b"dronestore object ", kind.as_bytes(), &[0], key.as_encoded()].concat();
    let hash = Hash::of(&input);
    let digits = hash.as_bytes()[..ID / 2].iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(b'z' - digit)).collect()
}

/// How many letters tell the ids of these objects apart.
pub(super) fn id_length<'i>(ids: impl Iterator<Item = &'i str>) -> usize {
    let mut ids: Vec<&str> = ids.collect();
    ids.sort_unstable();
    let same = |pair: &[&str]| pair[0].bytes().zip(pair[1].bytes()).take_while(|(a, b)| a == b).count();
    let longest = ids.windows(2).map(same).max().unwrap_or(0);
    (longest + 1).clamp(FEWEST, ID)
}

/// A key as a user types it: `/a/Note:b`, or `Note:b` for one of a single namespace.
pub(super) fn key(text: &str) -> Result<Key> {
    if text.starts_with('/') { text.parse() } else { format!("/{text}").parse() }
}

/// Whether a text is a key, and no shorter name for one.
fn is_key(text: &str) -> bool {
    text.starts_with('/') || text.contains([':', '/'])
}

/// The object that a text names: a key, else an id, a version's hash, or a name, each of them by its beginning as far
/// as it is the only one. Deleted objects count too.
///
/// Cost: one read for a key; else a walk over all objects.
pub(super) fn find(repo: &Repo, text: &str) -> Result<Version> {
    find_in(&|| repo.view(), text)
}

/// As [`find`], in what such a view shows.
pub(super) fn find_in(look: &dyn Fn() -> Result<View>, text: &str) -> Result<Version> {
    if is_key(text) {
        return of_key(&look()?, &key(text)?);
    }
    let is_id =
        text.len() >= FEWEST && text.len() <= ID && text.bytes().all(|byte| matches!(byte, b'k'..=b'z'));
    let is_hash = text.len() >= FEWEST && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let mut found: Vec<Version> = Vec::new();
    for version in look()?.objects(&Key::root())? {
        let version = version?;
        if version.kind() == decisions_kind() {
            continue;
        }
        let is_it = version.key().name() == text
            || is_id && object_id(version.kind(), version.key()).starts_with(text)
            || is_hash && version.hash().to_string().starts_with(text);
        if is_it {
            found.push(version);
        }
    }
    one(found, text)
}

fn one(mut found: Vec<Version>, text: &str) -> Result<Version> {
    match found.len() {
        0 => Err(Error::new(
            ErrorKind::NotFound,
            format!(
                "there is no object `{text}`: no key, id, version or name; `dronestore ls` lists what there is"
            ),
        )),
        1 => Ok(found.remove(0)),
        many => {
            let line = |version: &Version| {
                let id = object_id(version.kind(), version.key());
                format!("\n  {:.8}  {:.8}  {}", id, version.hash(), show::name(version.key()))
            };
            let lines: String = found.iter().take(LISTED).map(line).collect();
            let more = if many > LISTED { format!("\n  and {} more", many - LISTED) } else { String::new() };
            let message = format!("`{text}` may be each of {many} objects:{lines}{more}");
            Err(Error::new(ErrorKind::InvalidValue, message))
        }
    }
}

/// The object of a key: the one of the kind that the key names, or the only one.
fn of_key(view: &View, key: &Key) -> Result<Version> {
    if let Some(kind) = key.field()
        && let Some(version) = view.version(&kind, key)?
    {
        return Ok(version);
    }
    let mut found = Vec::new();
    for kind in view.kinds()? {
        found.extend(view.version(&kind, key)?);
    }
    match found.len() {
        0 => Err(Error::new(ErrorKind::NotFound, format!("there is no object `{key}`"))),
        _ => one(found, &key.to_string()),
    }
}

/// The kind and key of an object that may not be there yet: what a text names, or the key that it is.
pub(super) fn find_or_new(look: &dyn Fn() -> Result<View>, text: &str) -> Result<(String, Key)> {
    match find_in(look, text) {
        Ok(version) => Ok((version.kind().to_owned(), version.key().clone())),
        Err(error) if error.is_not_found() && is_key(text) => {
            let key = key(text)?;
            let kind = key.field().map(|kind| kind.into_owned()).ok_or_else(|| {
                let message = format!("`{text}` does not say of which kind it is to be: write `Kind:name`");
                Error::new(ErrorKind::InvalidKey, message)
            })?;
            Ok((kind, key))
        }
        Err(error) if error.is_not_found() => {
            let message = format!("there is no object `{text}`; to make one give its key: `Kind:{text}`");
            Err(Error::new(ErrorKind::NotFound, message))
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_letters_and_told_apart() {
        let ids: Vec<String> =
            (0..500).map(|number| object_id("Note", &format!("/Note:n{number}").parse().unwrap())).collect();
        let length = id_length(ids.iter().map(String::as_str));
        let short: std::collections::BTreeSet<&str> = ids.iter().map(|id| &id[..length]).collect();
        assert_eq!(short.len(), ids.len());
        assert!(
            ids.iter()
                .all(|id| id.len() == ID && id.bytes().all(|byte| byte.is_ascii_lowercase() && byte >= b'k'))
        );
    }
}
