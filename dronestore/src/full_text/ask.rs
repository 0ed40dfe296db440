//! A tree of words as a query of the index.

use super::layout::Layout;
use super::parse::Asked;
use super::steady::Steady;
use crate::Key;
use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur, PhrasePrefixQuery, PhraseQuery,
    Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

/// How many words that begin so are looked at behind others; memory is taken for all of them. One alone has no such limit.
const EXPANDED: u32 = 1000;

/// What is asked of the index besides words.
#[derive(Debug, Default)]
pub(super) struct Within {
    pub(super) kind: Option<String>,
    pub(super) under: Option<Key>,
    /// How much more a field counts, by the place of its name.
    pub(super) boosts: Vec<(usize, f32)>,
}

impl Layout {
    /// The query for a tree.
    pub(super) fn query(&self, asked: &Asked, within: &Within) -> Box<dyn Query> {
        let words = self.tree(asked, within);
        let mut all = vec![(Occur::Must, words)];
        let mut only = |term: Term| {
            let query = TermQuery::new(term, IndexRecordOption::Basic);
            all.push((Occur::Must, Box::new(ConstScoreQuery::new(Box::new(query), 0.0))));
        };
        if let Some(kind) = &within.kind {
            only(self.of_kind(kind));
        }
        if let Some(under) = within.under.as_ref().filter(|key| !key.is_root()) {
            only(self.below(under));
        }
        Box::new(BooleanQuery::new(all))
    }

    fn tree(&self, asked: &Asked, within: &Within) -> Box<dyn Query> {
        match asked {
            Asked::Nothing => Box::new(EmptyQuery),
            Asked::Any(any) => {
                let any = any.iter().map(|asked| (Occur::Should, self.tree(asked, within)));
                Box::new(BooleanQuery::new(any.collect()))
            }
            Asked::All(all) if all.is_empty() => Box::new(EmptyQuery),
            Asked::All(all) => self.all(all.iter(), within),
            Asked::Not(_) => self.all(std::iter::once(asked), within),
            Asked::Boost(asked, factor) => Box::new(BoostQuery::new(self.tree(asked, within), *factor)),
            Asked::Words { field: Some(field), words, is_prefix, slop } => match self.texts.get(*field) {
                Some(field) => leaf(*field, words, *is_prefix, *slop),
                None => Box::new(EmptyQuery),
            },
            Asked::Words { field: None, words, is_prefix, slop } => {
                let any = self.texts.iter().enumerate().map(|(place, field)| {
                    let leaf = leaf(*field, words, *is_prefix, *slop);
                    let boost = within.boosts.iter().find(|(boosted, _)| *boosted == place);
                    let leaf = boost
                        .map_or(leaf.box_clone(), |(_, factor)| Box::new(BoostQuery::new(leaf, *factor)));
                    (Occur::Should, leaf)
                });
                Box::new(BooleanQuery::new(any.collect()))
            }
        }
    }

    /// All of these; those that are not wanted are taken from everything, where nothing else is.
    fn all<'a>(&self, all: impl Iterator<Item = &'a Asked>, within: &Within) -> Box<dyn Query> {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = all
            .map(|asked| -> (Occur, Box<dyn Query>) {
                match asked {
                    Asked::Not(inner) => (Occur::MustNot, Box::new(Steady(self.tree(inner, within)))),
                    asked => (Occur::Must, self.tree(asked, within)),
                }
            })
            .collect();
        if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
            clauses.push((Occur::Must, Box::new(AllQuery)));
        }
        Box::new(BooleanQuery::new(clauses))
    }
}

/// Words one behind the other in one field.
fn leaf(field: Field, words: &[String], is_prefix: bool, slop: u32) -> Box<dyn Query> {
    let terms: Vec<(usize, Term)> =
        words.iter().map(|word| Term::from_field_text(field, word)).enumerate().collect();
    match (&terms[..], is_prefix) {
        ([], _) => Box::new(EmptyQuery),
        (_, true) => {
            let is_alone = terms.len() == 1;
            let mut query = PhrasePrefixQuery::new_with_offset(terms);
            query.set_max_expansions(if is_alone { u32::MAX } else { EXPANDED });
            Box::new(query)
        }
        ([(_, term)], false) => Box::new(TermQuery::new(term.clone(), IndexRecordOption::WithFreqs)),
        (_, false) => Box::new(PhraseQuery::new_with_offset_and_slop(terms, slop)),
    }
}
