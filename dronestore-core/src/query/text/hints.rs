//! Hints: what somebody means who writes a query as another language has it.

use super::lexer::Word;

/// All words that mean something.
const WORDS: [&str; 23] = [
    "and", "or", "not", "in", "has", "starts", "with", "contains", "is", "none", "true", "false", "null",
    "under", "order", "by", "asc", "desc", "after", "offset", "limit", "some", "inf",
];

/// For a sign that is none here.
pub(super) fn of_sign(rest: &str) -> &'static str {
    match rest {
        rest if rest.starts_with("&") => "; write `and`",
        rest if rest.starts_with("|") => "; write `or`",
        rest if rest.starts_with("!") => "; write `not`",
        rest if rest.starts_with(['\'', '’', '‘', '“', '”']) => {
            "; texts stand in double quotes: \"…\""
        }
        rest if rest.starts_with('~') => "; `starts with` and `contains` ask for parts of texts",
        rest if rest.starts_with(['%', '*']) => "; `contains` asks for a part of a text",
        _ => "",
    }
}

/// For a word that stands where it cannot.
pub(super) fn of_word(name: &str) -> String {
    let small = name.to_lowercase();
    match small.as_str() {
        _ if small != name && WORDS.contains(&small.as_str()) => {
            format!("; words such as `{small}` are written small")
        }
        "like" | "ilike" | "matches" => "; `starts with` and `contains` ask for parts of texts".to_owned(),
        "includes" => "; `has` asks for what is in a set, `contains` for a part of a text".to_owned(),
        "asc" | "desc" | "sort" => "; write `order by age desc`".to_owned(),
        "select" | "from" | "where" => "; a query begins with its condition, as in `age >= 18`".to_owned(),
        "exists" => "; write `is not none`".to_owned(),
        _ => String::new(),
    }
}

/// For a sign that stands behind another one.
pub(super) fn of_signs(before: Option<&Word>, sign: &str) -> &'static str {
    match (before, sign) {
        (Some(Word::Sign("=")), "=") => "; one `=` compares",
        (Some(Word::Sign("=")), ">") => "; write `>=`",
        (Some(Word::Sign("=")), "<") => "; write `<=`",
        (Some(Word::Sign("<")), ">") => "; write `!=`",
        (Some(Word::Sign("!=")), "=") => "; write `!=`",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use crate::query::Query;

    #[test]
    fn what_other_languages_have_is_told_in_words_of_this_one() {
        for (text, hint) in [
            ("last = 'ann'", "query, byte 7: `'` has no meaning here; texts stand in double quotes: \"…\""),
            ("age == 1", "query, byte 5: a value is expected, and not `=`; one `=` compares"),
            ("age <> 1", "query, byte 5: a value is expected, and not `>`; write `!=`"),
            ("age => 1", "query, byte 5: a value is expected, and not `>`; write `>=`"),
            (
                "age = 1 AND last = 2",
                "query, byte 8: the end is expected, and not `AND`; words such as `and` are written small",
            ),
            ("age = 1 || age = 2", "query, byte 8: `|` has no meaning here; write `or`"),
            ("age = 1 && age = 2", "query, byte 8: `&` has no meaning here; write `and`"),
            ("!done", "query, byte 0: `!` has no meaning here; write `not`"),
            (
                "last LIKE \"a\"",
                "query, byte 5: the end is expected, and not `LIKE`; `starts with` and `contains` ask for parts of texts",
            ),
            (
                "age = 1 Order by age",
                "query, byte 8: the end is expected, and not `Order`; words such as `order` are written small",
            ),
            ("age desc", "query, byte 4: the end is expected, and not `desc`; write `order by age desc`"),
        ] {
            assert_eq!(text.parse::<Query>().unwrap_err().to_string(), hint, "{text}");
        }
    }
}
