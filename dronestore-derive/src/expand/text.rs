//! A type as a person would write it.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;

/// The spelling of a type, without the blanks that tokens leave.
pub(crate) fn type_text(ty: &Type) -> String {
    spelling(ty)
}

/// The same of anything: one spelling, whatever compiler prints it.
pub(super) fn spelling(tokens: &impl ToTokens) -> String {
    let mut text = String::new();
    push(tokens.to_token_stream(), &mut text);
    text
}

fn push(tokens: TokenStream, text: &mut String) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                push(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                separator @ (',' | ';') => text.extend([separator, ' ']),
                sign @ ('+' | '=') => text.extend([' ', sign, ' ']),
                other => text.push(other),
            },
            word => {
                if text.ends_with(|last: char| last.is_alphanumeric() || last == '_') {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_spelled_as_a_person_would() {
        let cases = [
            "u32",
            "std::collections::BTreeMap<String, Vec<u8>>",
            "(u8, Option<r#type::Name>)",
            "[u8; 16]",
            "&'static str",
            "Box<dyn Any + Send>",
        ];
        for case in cases {
            let ty = syn::parse_str(case).unwrap();
            assert_eq!(type_text(&ty), case);
        }
    }
}
