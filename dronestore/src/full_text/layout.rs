//! Layout: an object as a document of the index.

use super::plan::{Plan, Text};
use super::words::WordsOfTexts;
use crate::{Error, Hash, Key, Result, Version};
use tantivy::schema::{
    BytesOptions, FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{Index, TantivyDocument, Term};

/// The name under which the index knows how texts are cut.
const WORDS: &str = "dronestore";
/// The column by which hits of one score are ordered.
pub(super) const ID: &str = "id";
/// The column of the ids of versions.
pub(super) const VERSION: &str = "version";

/// The fields of the index.
pub(super) struct Layout {
    pub(super) plan: Plan,
    pub(super) schema: Schema,
    /// Kind and key.
    id: Field,
    /// The first 8 bytes of the version's hash.
    version: Field,
    kind: Field,
    /// A hash of the key, and of each key above it.
    above: Field,
    /// The texts, as the plan names them.
    pub(super) texts: Vec<Field>,
}

impl Layout {
    pub(super) fn of(plan: &Plan) -> Layout {
        let mut schema = Schema::builder();
        let id = schema.add_bytes_field(ID, BytesOptions::default().set_indexed().set_fast());
        let version = schema.add_u64_field(VERSION, FAST);
        let kind = schema.add_bytes_field("kind", INDEXED);
        let above = schema.add_u64_field("above", INDEXED);
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(WORDS)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let options = TextOptions::default().set_indexing_options(indexing);
        // Their names can be anything at all, and those of the index cannot.
        let texts = (0..plan.names.len())
            .map(|place| schema.add_text_field(&format!("text{place}"), options.clone()));
        let texts = texts.collect();
        Layout { plan: plan.clone(), schema: schema.build(), id, version, kind, above, texts }
    }

    /// Tells an index how texts are cut.
    pub(super) fn prepare(index: &Index) {
        index.tokenizers().register(WORDS, WordsOfTexts);
    }

    /// An object with these texts.
    pub(super) fn document(&self, version: &Version, texts: Vec<Text>) -> TantivyDocument {
        let (kind, key) = (version.kind(), version.key());
        let mut document = TantivyDocument::new();
        document.add_bytes(self.id, &id(kind, key));
        document.add_u64(self.version, version_id(&version.hash()));
        document.add_bytes(self.kind, kind.as_bytes());
        for above in std::iter::once(key.clone()).chain(key.ancestors()).filter(|key| !key.is_root()) {
            document.add_u64(self.above, short(&above));
        }
        for (place, text) in texts {
            if let Some(field) = self.texts.get(place) {
                document.add_text(*field, text);
            }
        }
        document
    }

    /// What finds one object.
    pub(super) fn one(&self, kind: &str, key: &Key) -> Term {
        Term::from_field_bytes(self.id, &id(kind, key))
    }

    /// What finds the objects of a kind.
    pub(super) fn of_kind(&self, kind: &str) -> Term {
        Term::from_field_bytes(self.kind, kind.as_bytes())
    }

    /// What finds the objects at and below a key, and by accident, once in 2⁶⁴, another.
    pub(super) fn below(&self, key: &Key) -> Term {
        Term::from_field_u64(self.above, short(key))
    }
}

/// The id of a version, as the change log has it.
pub(super) fn version_id(hash: &Hash) -> u64 {
    hash.as_bytes().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

fn short(key: &Key) -> u64 {
    version_id(&Hash::of(key.as_encoded()))
}

/// Kind and key, in the order in which queries order them.
fn id(kind: &str, key: &Key) -> Vec<u8> {
    [kind.as_bytes(), &[0], key.as_encoded()].concat()
}

/// The other way round.
pub(super) fn split_id(id: &[u8]) -> Result<(String, Key)> {
    let damaged = || Error::corrupt("the search index is damaged: a document names no object");
    let end = id.iter().position(|byte| *byte == 0).ok_or_else(damaged)?;
    let kind = std::str::from_utf8(&id[..end]).map_err(|_| damaged())?;
    Ok((kind.to_owned(), Key::from_encoded(&id[end + 1..]).map_err(|_| damaged())?))
}
