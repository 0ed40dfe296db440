//! Sorting what has been written: the entries of maps, and the items of hash sets.

use super::order::compare;
use super::strict::item_len;
use crate::error::{Error, ErrorKind, Result};

/// Where an entry begins, where its key ends, where its value ends.
type Entry = (usize, usize, usize);

/// So many entries are sorted without an allocation: the fields of most structs.
const FEW: usize = 24;

/// Sorts the `count` map entries that begin at `body` bytewise by their encoded keys.
pub(super) fn entries(out: &mut Vec<u8>, body: usize, count: usize) -> Result<()> {
    let mut few = [(0, 0, 0); FEW];
    let mut many = Vec::new();
    let entries: &mut [Entry] = match few.get_mut(..count) {
        Some(few) => few,
        None => {
            many.resize(count, (0, 0, 0));
            &mut many
        }
    };
    locate(out, body, entries)?;
    entries.sort_unstable_by(|a, b| out[a.0..a.1].cmp(&out[b.0..b.1]));
    for pair in entries.windows(2) {
        let (before, after) = (&out[pair[0].0..pair[0].1], &out[pair[1].0..pair[1].1]);
        if before == after {
            return Err(twice(before));
        }
    }
    // Written once more behind, in order, and moved to the front.
    let end = out.len();
    entries.iter().for_each(|&(start, _, end)| out.extend_from_within(start..end));
    out.copy_within(end.., body);
    out.truncate(end);
    Ok(())
}

fn locate(out: &[u8], body: usize, entries: &mut [Entry]) -> Result<()> {
    let mut at = body;
    for entry in entries {
        let key_end = at + item_len(&out[at..])?;
        let end = key_end + item_len(&out[key_end..])?;
        *entry = (at, key_end, end);
        at = end;
    }
    Ok(())
}

/// Sorts the list items that begin at `body` in the order of values, as a `BTreeSet` has them.
pub(super) fn items(out: &mut Vec<u8>, body: usize) -> Result<()> {
    let written = out.split_off(body);
    let mut items = Vec::new();
    let mut rest = written.as_slice();
    while !rest.is_empty() {
        let (item, after) = rest.split_at(item_len(rest)?);
        items.push(item);
        rest = after;
    }
    items.sort_unstable_by(|a, b| compare(a, b));
    items.into_iter().for_each(|item| out.extend_from_slice(item));
    Ok(())
}

#[cold]
fn twice(key: &[u8]) -> Error {
    let shown = super::decode::<super::Value>(key).map_or_else(|_| "?".to_owned(), |key| key.to_string());
    Error::new(ErrorKind::InvalidValue, format!("a map has the key {shown} twice"))
}

/// Whether a collection or iterator of this type gives its items in an order that differs from run to run.
///
/// Rust has no other way to ask, short of naming every type. A test pins the names that the compiler gives. Adapters
/// are looked through; a set that writes itself item by item, without `collect_seq`, cannot be recognised.
#[inline]
pub(super) fn in_random_order(name: &str) -> bool {
    // The usual cases first, which the compiler decides: slices, and the other collections of the standard library.
    if name.starts_with("&[") || name.starts_with("&alloc::") {
        return false;
    }
    let mut name = name.trim_start_matches(['&', ' ']).trim_start_matches("mut ");
    while let Some((outer, inner)) = name.split_once('<') {
        let last = outer.rsplit("::").next().unwrap_or(outer);
        if last.ends_with("HashSet")
            || outer.starts_with("std::collections::hash::")
            || outer.starts_with("hashbrown::")
        {
            return true;
        }
        if !outer.starts_with("core::iter::") {
            return false;
        }
        name = inner.trim_start_matches(['&', ' ']);
    }
    false
}
