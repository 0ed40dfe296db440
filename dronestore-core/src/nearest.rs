//! Nearest: the known word that somebody probably meant.

/// `; did you mean …?` where one of the known words is near enough to what was written, else nothing: to be put behind
/// a message.
///
/// ```
/// use dronestore_core::nearest::did_you_mean;
///
/// assert_eq!(did_you_mean("agee", ["age", "last"]), "; did you mean `age`?");
/// assert_eq!(did_you_mean("colour", ["age", "last"]), "");
/// ```
///
/// Cost: the product of the two lengths, for each word.
pub fn did_you_mean<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    nearest(written, known).map(|word| format!("; did you mean `{word}`?")).unwrap_or_default()
}

/// The known word with the fewest changes, if these are at most a third of what was written.
///
/// Cost: the product of the two lengths, for each word; nothing for what is longer than 64 letters.
pub fn nearest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let written = written.to_lowercase();
    let letters = written.chars().count();
    if letters > MOST {
        return None;
    }
    let limit = (letters / 3).max(1);
    known
        .into_iter()
        .filter(|word| word.chars().count() <= letters + limit)
        .map(|word| (distance(&written, &word.to_lowercase()), word))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Nobody mistypes a word this long.
const MOST: usize = 64;

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

    #[test]
    fn the_nearest_word_is_offered_and_a_far_one_is_not() {
        for (written, expected) in [
            ("agee", Some("age")),
            ("Note", Some("note")),
            ("noet", Some("note")),
            ("x", None),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, ["age", "note", "persons"]), expected, "{written}");
        }
        assert_eq!(nearest(&"n".repeat(100_000), ["note"]), None);
    }
}
