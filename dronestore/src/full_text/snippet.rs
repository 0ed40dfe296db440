//! Snippet: the part of a text in which most of what was looked for stands.

use super::parse::Mark;
use super::words::{Word, words};
use std::fmt::{self, Write};
use std::ops::Range;

/// How many bytes of a text are shown, if nothing else is said.
pub(super) const LENGTH: usize = 160;

/// A part of a text, with the words that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    text: String,
    ranges: Vec<Range<usize>>,
}

impl Snippet {
    /// The part; where something was left out stands `…`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where in it the words stand that were found: bytes, in their order, none within another.
    pub fn ranges(&self) -> &[Range<usize>] {
        &self.ranges
    }

    /// The part as HTML: escaped, each word that was found between `<b>` and `</b>`.
    pub fn to_html(&self) -> String {
        self.marked("<b>", "</b>", |letter, out| match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        })
    }

    /// The part with something of your own before and behind each word that was found. Nothing is escaped.
    pub fn highlight(&self, before: &str, behind: &str) -> String {
        self.marked(before, behind, |letter, out| out.push(letter))
    }

    fn marked(&self, before: &str, behind: &str, put: impl Fn(char, &mut String)) -> String {
        let mut out =
            String::with_capacity(self.text.len() + self.ranges.len() * (before.len() + behind.len()));
        let mut at = 0;
        for range in &self.ranges {
            self.text[at..range.start].chars().for_each(|letter| put(letter, &mut out));
            out.push_str(before);
            self.text[range.clone()].chars().for_each(|letter| put(letter, &mut out));
            out.push_str(behind);
            at = range.end;
        }
        self.text[at..].chars().for_each(|letter| put(letter, &mut out));
        out
    }

    /// The best part of these texts, about so many bytes long; `None` where there is no text at all.
    ///
    /// Where nothing is found it is the beginning of the first.
    pub(super) fn of(texts: &[&str], marks: &[&Mark], length: usize) -> Option<Snippet> {
        let mut best: Option<(usize, usize, Window)> = None;
        for (place, text) in texts.iter().enumerate() {
            if let Some((worth, window)) = best_window(text, marks, length)
                && best.as_ref().is_none_or(|(most, ..)| worth > *most)
            {
                best = Some((worth, place, window));
            }
        }
        match best {
            Some((_, place, window)) => Some(cut(texts[place], window, length)),
            None => texts.first().map(|text| cut(text, Window::default(), length)),
        }
    }

    /// Whether a word was found in it.
    pub(super) fn is_marked(&self) -> bool {
        !self.ranges.is_empty()
    }
}

/// The part itself.
impl fmt::Display for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Found words that stand near one another.
#[derive(Debug, Clone, Default)]
struct Window(Vec<Range<usize>>);

/// The found words that fit together into a part and are worth most: different ones first, then many.
fn best_window(text: &str, marks: &[&Mark], length: usize) -> Option<(usize, Window)> {
    let found: Vec<(usize, Word)> =
        words(text).filter_map(|word| mark_of(&word, marks).map(|mark| (mark, word))).collect();
    let mut counts = vec![0usize; marks.len()];
    let (mut first, mut different) = (0, 0);
    let mut best: Option<(usize, Range<usize>)> = None;
    for (last, (mark, word)) in found.iter().enumerate() {
        counts[*mark] += 1;
        different += usize::from(counts[*mark] == 1);
        while word.to - found[first].1.from > length && first < last {
            let gone = found[first].0;
            counts[gone] -= 1;
            different -= usize::from(counts[gone] == 0);
            first += 1;
        }
        let worth = different * 1000 + (last - first);
        if best.as_ref().is_none_or(|(most, _)| worth > *most) {
            best = Some((worth, first..last + 1));
        }
    }
    let (worth, range) = best?;
    Some((worth, Window(found[range].iter().map(|(_, word)| word.from..word.to).collect())))
}

fn mark_of(word: &Word, marks: &[&Mark]) -> Option<usize> {
    marks.iter().position(|mark| match mark.is_prefix {
        true => word.text.starts_with(&mark.word),
        false => word.text == mark.word,
    })
}

/// The part of a text around a window.
fn cut(text: &str, window: Window, length: usize) -> Snippet {
    let begin = window.0.first().map_or(0, |range| range.start);
    let end = window.0.last().map_or(0, |range| range.end);
    let room = length.saturating_sub(end - begin);
    // What cannot be shown behind is shown before.
    let behind = (text.len() - end).min(room - room / 3);
    let before = begin.min(room - behind.min(room));
    let behind = (text.len() - end).min(room - before);
    let (start, stop) = (near(text, begin - before, begin, true), near(text, end + behind, end, false));
    let mut out = Snippet { text: String::new(), ranges: Vec::new() };
    let _ = write!(out.text, "{}", if start > 0 { "…" } else { "" });
    let shift = out.text.len();
    out.text.push_str(&text[start..stop]);
    out.text.push_str(if stop < text.len() { "…" } else { "" });
    out.ranges =
        window.0.into_iter().map(|range| range.start - start + shift..range.end - start + shift).collect();
    out
}

/// A place between `at` and `limit` where no word and no character is cut through, if there is one near.
fn near(text: &str, at: usize, limit: usize, forward: bool) -> usize {
    let is_end = at == 0 || at == text.len();
    let mut place = at;
    while !text.is_char_boundary(place) {
        place = if forward { place + 1 } else { place - 1 };
    }
    if is_end || place == limit {
        return place;
    }
    let found = match forward {
        true => text[place..limit].find(char::is_whitespace).map(|space| {
            let rest = &text[place + space..limit];
            limit - rest.trim_start().len()
        }),
        false => text[limit..place]
            .rfind(char::is_whitespace)
            .map(|space| limit + text[limit..limit + space].trim_end().len()),
    };
    found.filter(|found| found.abs_diff(place) <= 40).unwrap_or(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(words: &[&str]) -> Vec<Mark> {
        let mark = |word: &&str| {
            let (word, is_prefix) = word.strip_suffix('*').map_or((*word, false), |word| (word, true));
            Mark { field: None, word: word.to_owned(), is_prefix }
        };
        words.iter().map(mark).collect()
    }

    fn shown(text: &str, words: &[&str], length: usize) -> String {
        let marks = marks(words);
        let marks: Vec<&Mark> = marks.iter().collect();
        Snippet::of(&[text], &marks, length).unwrap().highlight("[", "]")
    }

    #[test]
    fn the_best_part_is_shown() {
        let text = "A fox. Then nothing happened for a long, long time, until the quick brown fox jumped over the lazy dog \
                    and went away for good.";
        let cases = [
            (text, &["quick", "fox"][..], 60, "…until the [quick] brown [fox] jumped over the lazy dog and…"),
            (text, &["lazy"], 20, "…the [lazy] dog and…"),
            (text, &["ju*"], 20, "…[jumped] over the…"),
            (text, &["none"], 20, "A fox. Then nothing…"),
            ("short fox", &["fox"], 160, "short [fox]"),
            ("東京タワーは高い", &["タ", "ワ"], 12, "…[タ][ワ]ー…"),
            ("Café crème", &["cafe"], 160, "[Café] crème"),
        ];
        let found: Vec<String> =
            cases.iter().map(|(text, words, length, _)| shown(text, words, *length)).collect();
        assert_eq!(found, cases.map(|case| case.3));
    }

    #[test]
    fn html_is_escaped() {
        let marks = marks(&["b"]);
        let marks: Vec<&Mark> = marks.iter().collect();
        let snippet = Snippet::of(&["<i>a & \"b\" 'c'"], &marks, 160).unwrap();
        assert_eq!(snippet.to_html(), "&lt;i&gt;a &amp; &quot;<b>b</b>&quot; &#39;c&#39;");
    }

    #[test]
    fn any_text_can_be_cut_anywhere() {
        let texts =
            ["", "é", "a é东b  c\u{301}\n\n x", &"界".repeat(300), &"a ".repeat(300), &"éa,".repeat(100)];
        let marks = marks(&["a", "界", "e*"]);
        let marks: Vec<&Mark> = marks.iter().collect();
        for text in texts {
            for length in [0, 1, 2, 3, 5, 8, 40, 1000] {
                let snippet = Snippet::of(&[text], &marks, length).unwrap();
                assert!(snippet.text().len() <= length.max(4) + 8, "{}", snippet.text());
                for range in snippet.ranges() {
                    assert!(snippet.text().get(range.clone()).is_some());
                }
                snippet.to_html();
            }
        }
        assert!(Snippet::of(&[], &marks, 10).is_none());
    }
}
