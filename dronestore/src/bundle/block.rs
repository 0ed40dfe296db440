//! A block of a bundle: some thousand versions in columns, compressed, with one hash over all of theirs.

use super::join::join;
use super::split::{MOST_VERSIONS, Split};
use dronestore_core::bytes::{Reader, put_slice, put_varint};
use dronestore_core::{Error, Hash, Result, Version};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// How hard the compressor tries: beyond it bytes hardly become fewer and time doubles.
const LEVEL: u8 = 6;
/// The most bytes of a block before it is compressed: one version of the largest size, and what surrounds it.
const MOST_RAW: usize = 36 << 20;
/// The most bytes of a block as it stands in a bundle; what cannot be compressed grows by a thousandth.
pub(super) const MOST_BLOCK: usize = 37 << 20;

/// Writes versions as a block: `count, hash of their hashes, length, compressed columns`.
pub(super) fn encode(split: Split) -> Vec<u8> {
    let mut out = Vec::new();
    put_varint(&mut out, split.len() as u64);
    out.extend_from_slice(Hash::of(&split.hashes).as_bytes());
    put_packed(&mut out, &split.finish());
    out
}

/// Reads a block; believed only if the hashes of its versions, computed anew, are those that it was written with.
///
/// # Errors
/// [`Corrupt`](dronestore_core::ErrorKind::Corrupt) otherwise.
///
/// Cost: some 2 µs a version; memory for the versions and twice that, 64 MiB of them at most.
pub(super) fn decode(bytes: &[u8]) -> Result<Vec<Version>> {
    let mut reader = Reader::new(bytes);
    let count = reader.length()?;
    if count == 0 || count > MOST_VERSIONS {
        return Err(Error::corrupt(format!("a block of {count} versions is not accepted")));
    }
    let expected = Hash::from_bytes(reader.array()?);
    let versions = join(&unpack(reader.rest())?, count)?;
    let mut hashes = Vec::with_capacity(count * Hash::LENGTH);
    versions.iter().for_each(|version| hashes.extend_from_slice(version.hash().as_bytes()));
    if Hash::of(&hashes) != expected {
        return Err(Error::corrupt("the versions of a block are not those that it was written with"));
    }
    Ok(versions)
}

/// How many versions a block says that it has.
pub(super) fn count(bytes: &[u8]) -> Result<u64> {
    Reader::new(bytes).varint()
}

/// Writes schemas as a block: `length, compressed (size, schema)*`.
pub(super) fn encode_schemas(schemas: &[Vec<u8>]) -> Vec<u8> {
    let mut raw = Vec::new();
    schemas.iter().for_each(|schema| put_slice(&mut raw, schema));
    let mut out = Vec::new();
    put_packed(&mut out, &raw);
    out
}

/// Reads a block of schemas, which are not looked into.
///
/// # Errors
/// [`Corrupt`](dronestore_core::ErrorKind::Corrupt).
pub(super) fn decode_schemas(bytes: &[u8]) -> Result<Vec<Vec<u8>>> {
    let raw = unpack(bytes)?;
    let (mut reader, mut schemas) = (Reader::new(&raw), Vec::new());
    while !reader.is_empty() {
        schemas.push(reader.slice()?.to_vec());
    }
    Ok(schemas)
}

fn put_packed(out: &mut Vec<u8>, raw: &[u8]) {
    put_varint(out, raw.len() as u64);
    out.extend_from_slice(&compress_to_vec(raw, LEVEL));
}

/// What comes out is never longer than it says, which is at most [`MOST_RAW`].
fn unpack(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut reader = Reader::new(bytes);
    let length = reader.length()?;
    if length > MOST_RAW {
        return Err(Error::corrupt("a block is longer than it may be"));
    }
    let raw = decompress_to_vec_with_limit(reader.rest(), length)
        .map_err(|error| Error::corrupt("a block cannot be decompressed").with_source(error.to_string()))?;
    if raw.len() == length { Ok(raw) } else { Err(Error::corrupt("a block is shorter than it says")) }
}
