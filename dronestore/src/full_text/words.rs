//! Words: how a text is cut, and which words count as one.
//!
//! A word is a run of letters and digits. In scripts that are written without spaces each character is one, so that any part
//! of a text is found as a phrase. Case, accents and the width of letters make no difference: `Café`, `CAFE` and `café` in six
//! characters are one word.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::UnicodeNormalization;

/// How many bytes of a word count; longer ones that begin alike are one.
const MOST: usize = 96;

/// A word, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) from: usize,
    pub(super) to: usize,
    /// As it is looked up.
    pub(super) text: String,
}

/// The words of a text, one after the other.
#[derive(Clone)]
pub(super) struct Words<'t> {
    text: &'t str,
    at: usize,
}

pub(super) fn words(text: &str) -> Words<'_> {
    Words { text, at: 0 }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        loop {
            let rest = self.text.get(self.at..)?;
            let begin = rest.char_indices().find(|(_, letter)| is_letter(*letter));
            let Some((start, first)) = begin else {
                self.at = self.text.len();
                return None;
            };
            let from = self.at + start;
            let goes_on = |letter: char| match is_alone(first) {
                true => is_mark(letter),
                false => (is_letter(letter) || is_mark(letter)) && !is_alone(letter),
            };
            let rest = &self.text[from + first.len_utf8()..];
            let end = rest.find(|letter| !goes_on(letter)).unwrap_or(rest.len());
            self.at = from + first.len_utf8() + end;
            let text = fold(&self.text[from..self.at]);
            if !text.is_empty() {
                return Some(Word { from, to: self.at, text });
            }
        }
    }
}

/// A word as it is looked up.
fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len().min(MOST));
    let mut put = |letters: &str| {
        let fits = folded.len() + letters.len() <= MOST;
        if fits {
            folded.push_str(letters);
        }
        fits
    };
    if word.is_ascii() {
        put(&word[..word.len().min(MOST)].to_ascii_lowercase());
        return folded;
    }
    let letters = word.nfkd().filter(|letter| !is_accent(*letter)).nfc();
    for letter in letters.flat_map(char::to_lowercase).filter(|letter| !is_accent(*letter)) {
        let mut bytes = [0; 4];
        let letters = match letter {
            'ß' => "ss",
            'æ' => "ae",
            'œ' => "oe",
            'ø' => "o",
            'ł' => "l",
            'đ' | 'ð' => "d",
            'ı' => "i",
            'ς' => "σ",
            other => other.encode_utf8(&mut bytes),
        };
        if !put(letters) {
            break;
        }
    }
    folded
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || is_alone(letter)
}

/// Accents and other signs on letters of scripts in which a word without them is understood.
fn is_accent(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

/// What belongs to the letter before it.
fn is_mark(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{6d6}'..='\u{6ed}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{957}'
        | '\u{9bc}'..='\u{9cd}' | '\u{a3c}'..='\u{a4d}' | '\u{abc}'..='\u{acd}' | '\u{b3c}'..='\u{b4d}'
        | '\u{bbe}'..='\u{bcd}' | '\u{c3c}'..='\u{c4d}' | '\u{cbc}'..='\u{ccd}' | '\u{d3b}'..='\u{d4d}'
        | '\u{dca}'..='\u{ddf}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
        | '\u{eb1}' | '\u{eb4}'..='\u{ebc}' | '\u{ec8}'..='\u{ece}' | '\u{102b}'..='\u{103e}'
        | '\u{17b4}'..='\u{17d3}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{200c}'..='\u{200d}'
        | '\u{20d0}'..='\u{20ff}' | '\u{3099}'..='\u{309a}' | '\u{ff9e}'..='\u{ff9f}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

/// Whether it is of a script that is written without spaces: Thai, Lao, Burmese, Khmer, Chinese, Japanese.
fn is_alone(letter: char) -> bool {
    matches!(letter,
        '\u{e01}'..='\u{e30}' | '\u{e32}'..='\u{e33}' | '\u{e40}'..='\u{e46}' | '\u{e81}'..='\u{eb0}'
        | '\u{eb2}'..='\u{eb3}' | '\u{ec0}'..='\u{ec6}' | '\u{1000}'..='\u{102a}' | '\u{1780}'..='\u{17b3}'
        | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}' | '\u{20000}'..='\u{3ffff}')
}

/// The same for the index.
#[derive(Debug, Clone)]
pub(super) struct WordsOfTexts;

/// The words of a text, as the index takes them.
pub(super) struct Tokens<'t> {
    words: Words<'t>,
    token: Token,
}

impl Tokenizer for WordsOfTexts {
    type TokenStream<'t> = Tokens<'t>;

    fn token_stream<'t>(&'t mut self, text: &'t str) -> Tokens<'t> {
        Tokens { words: words(text), token: Token::default() }
    }
}

impl TokenStream for Tokens<'_> {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next() else { return false };
        // The first one comes to nought by it.
        let position = self.token.position.wrapping_add(1);
        self.token = Token {
            offset_from: word.from,
            offset_to: word.to,
            position,
            text: word.text,
            position_length: 1,
        };
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        words(text).map(|word| word.text).collect()
    }

    #[test]
    fn words_are_cut_and_folded() {
        for (text, expected) in [
            ("The quick, brown fox!", &["the", "quick", "brown", "fox"][..]),
            ("", &[]),
            (" -- ", &[]),
            ("snake_case foo.bar can't 3.14", &["snake", "case", "foo", "bar", "can", "t", "3", "14"]),
            ("CAFÉ café cafe\u{301}", &["cafe", "cafe", "cafe"]),
            ("Straße STRASSE", &["strasse", "strasse"]),
            ("ΣΟΦΟΣ σοφός", &["σοφοσ", "σοφοσ"]),
            ("İstanbul", &["istanbul"]),
            ("東京タワー", &["東", "京", "タ", "ワ", "ー"]),
            ("हिन्दी भाषा", &["हिन्दी", "भाषा"]),
            ("ｆｕｌｌ ﬁn", &["full", "fin"]),
        ] {
            assert_eq!(cut(text), expected, "{text}");
        }
    }

    #[test]
    fn every_word_is_where_it_says() {
        let text = "a é東 e\u{301}x\u{200d}y — 𝒳 ᾳ\0z";
        let mut end = 0;
        for word in words(text) {
            assert!(word.from >= end && word.from < word.to);
            assert!(text.is_char_boundary(word.from) && text.is_char_boundary(word.to));
            assert_eq!(fold(&text[word.from..word.to]), word.text);
            end = word.to;
        }
        assert!(end > 0);
    }

    #[test]
    fn a_long_word_is_cut_short() {
        let long = "x".repeat(1_000_000);
        assert_eq!(cut(&long), ["x".repeat(MOST)]);
        assert_eq!(cut(&"é".repeat(100_000)), ["e".repeat(MOST)]);
        assert!(cut(&"ж".repeat(100_000))[0].len() <= MOST);
    }
}
