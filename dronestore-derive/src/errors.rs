//! All mistakes of one struct, reported at once.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// What was found wrong so far.
///
/// There is no way to make one but [`Errors::collect`], which hands what was found to its caller: a mistake
/// cannot be noted and then forgotten.
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    /// The result of the work, and what the compiler shall say about the mistakes met on the way.
    #[must_use]
    pub(crate) fn collect<T>(work: impl FnOnce(&mut Errors) -> T) -> (T, Option<TokenStream>) {
        let mut errors = Errors(Vec::new());
        let result = work(&mut errors);
        let found = errors.0.into_iter().map(syn::Error::into_compile_error).collect::<Vec<_>>();
        (result, (!found.is_empty()).then(|| found.into_iter().collect()))
    }

    /// Notes a mistake at the word at fault.
    pub(crate) fn at(&mut self, word: impl ToTokens, message: impl Display) {
        self.0.push(syn::Error::new_spanned(word, message));
    }

    /// Notes a mistake that already knows its place.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.0.push(error);
    }
}

/// `; did you mean …?` when one of the known words is near enough to what was written.
pub(crate) fn did_you_mean<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    nearest(written, known).map(|word| format!("; did you mean `{word}`?")).unwrap_or_default()
}

/// The known word with the fewest changes, if these are at most a third of what was written.
fn nearest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let written = written.to_lowercase();
    let limit = (written.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|word| (distance(&written, word), word))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// How many letters to insert, remove or replace, or neighbours to swap, between two words.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.chars().collect::<Vec<_>>(), b.chars().collect::<Vec<_>>());
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before_last[j - 2] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 6] = ["latest", "max", "min", "counter", "conflict", "flag"];

    #[test]
    fn the_nearest_word_is_offered_and_a_far_one_is_not() {
        let cases = [
            ("lates", Some("latest")),
            ("LATEST", Some("latest")),
            ("counetr", Some("counter")),
            ("maxx", Some("max")),
            ("confilct", Some("conflict")),
            ("banana", None),
            ("", None),
        ];
        for (written, expected) in cases {
            assert_eq!(nearest(written, WORDS), expected, "{written}");
        }
    }

    #[test]
    fn no_mistake_is_no_output() {
        assert!(Errors::collect(|_| ()).1.is_none());
        let (_, found) = Errors::collect(|errors| errors.at(quote::quote!(x), "wrong"));
        assert!(found.is_some_and(|found| found.to_string().contains("wrong")));
    }
}
