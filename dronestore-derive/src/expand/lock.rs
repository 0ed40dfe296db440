//! `#[drone(lock = "folder")]`: one constant a field that stops the compiler where the field differs from the lock.
//!
//! The lock is read by `include_str!`, so that cargo knows of it, and compared by the runtime's constant functions: the
//! macro reads no file.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::LitStr;

use super::runtime;
use crate::input::Input;

/// Where this is set the lock is being written, and nothing is held against it; the runtime asks for the same.
const VARIABLE: &str = "DRONESTORE_LOCK";

/// The checks, to stand in the anonymous constant behind the impl.
pub(super) fn checks(input: &Input) -> TokenStream {
    let Some(folder) = &input.options.lock else { return TokenStream::new() };
    // Named for cargo in any case: a change of it compiles the program anew.
    let tracked = quote!(
        const _: ::core::option::Option<&str> = ::core::option_env!(#VARIABLE);
    );
    if std::env::var_os(VARIABLE).is_some() {
        return tracked;
    }
    let (name, runtime) = (&input.name, runtime(Span::mixed_site()));
    let file = format!("/{}/{}", folder.value(), file_name(&input.kind()));
    let text = quote_spanned! {folder.span()=>
        ::core::include_str!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), #file))
    };
    let fields = input.fields.iter().map(|field| {
        let stored = field.stored();
        let ask = match field.is_skipped() {
            true => quote!(skipped(#stored)),
            false => quote!(field(#stored)),
        };
        check(&field.name, &ask)
    });
    let skipped = input.fields.iter().filter(|field| field.is_skipped()).map(|field| field.stored());
    let model = check(name, &quote!(model(&[#(#skipped),*])));
    quote! {
        #tracked
        const __LOCKED: #runtime::Locked =
            #runtime::Locked::new(#text, <#name as #runtime::Model>::ATTRIBUTES);
        #(#fields)*
        #model
    }
}

/// The caret stands on the name.
fn check(name: &Ident, ask: &TokenStream) -> TokenStream {
    let span = Span::mixed_site().located_at(name.span());
    let locked = quote_spanned!(span=> __LOCKED);
    quote_spanned!(span=>
        #[allow(long_running_const_eval)]
        const _: () = #locked.#ask.report();
    )
}

/// The lock's file of a kind, as the runtime names it.
fn file_name(kind: &str) -> String {
    let mut name = String::new();
    for byte in kind.bytes() {
        match byte {
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') => {
                name.push(char::from(byte))
            }
            other => name.push_str(&format!("%{other:02x}")),
        }
    }
    name + ".schema"
}

/// What is wrong with a folder, if anything is.
pub(crate) fn folder_fault(folder: &LitStr, is_generic: bool) -> Option<&'static str> {
    let path = folder.value();
    if path.is_empty() || path.starts_with(['/', '\\']) || path.contains([':', '\0']) {
        return Some("`lock` takes a folder beside the package's Cargo.toml: `lock = \"schema\"`");
    }
    is_generic.then_some(
        "`lock` does not go with parameters, of which the compiler knows too little here: remove it, and keep the \
         test that calls `schema_lock`",
    )
}
