//! `#[derive(Drone)]`: an ordinary struct becomes a model whose fields say how they merge.
//!
//! The work goes one way: `attr` reads the words of the attributes, `input` turns a struct into a plain
//! description, `check` looks for what its parts say against each other, `expand` writes the code. All
//! mistakes of a struct are reported at once, and the rest of the program compiles as if there were none.
//!
//! The expansion calls `::dronestore::__private` and nothing else; use this crate through `dronestore`.

mod attr;
mod check;
mod errors;
mod expand;
mod input;
mod words;

use proc_macro::TokenStream;

/// Makes a struct a model: versioned, mergeable, storable.
///
/// Every field says how it merges, or the struct says it for all of them:
///
/// ```text
/// #[derive(Drone)]
/// #[merge(latest)]
/// struct Person {
///     name: String,
///     #[merge(max)]
///     age: u32,
///     #[merge(map(counter))]
///     #[drone(rename = "visits_by_city")]
///     visits: BTreeMap<String, u64>,
///     #[drone(skip)]
///     cache: Option<String>,
/// }
/// ```
///
/// `#[merge(…)]` takes one of `latest`, `latest_object`, `max`, `min`, `first`, `counter`, `union`, `set`,
/// `set(remove_wins)`, `set(latest)`, `set(once)`, `list`, `list(moves)`, `list(nested)`, `text`, `flag`,
/// `flag(false_wins)`, `conflict`, `nested`, `map(S)` with one of these or of the following for the values,
/// `with = "path"` for a strategy of your own, and the declared ones, which are data: `rank(Draft, Shipped)` or `rank("draft", "shipped")`, `first_non_empty`, `max_by("part")`,
/// `min_by("a.b")`, `any_of(S, …)`, `clamp(0..=100, S)`.
///
/// `#[drone(…)]` on a field takes
///
/// * `default = expression`: what the field reads as before it is first written,
/// * `required`: refused at commit while empty,
/// * `rename = "stored"`: the name in the store,
/// * `convert = "path::to::Type"`: stored as another type, by an implementation of `Convert`,
/// * `skip`: the field is not stored, and starts as its default,
/// * `id`: by this field the drone is found again in a `list(nested)`; at most one field,
/// * `link = "Type"`: holds keys of objects of this type,
/// * `index`: objects are found by it without looking at the others; of a set, list or map by each element,
/// * `unique`: an index, and a rule for objects that have the same value,
/// * `search`: the texts in it are found by full text search,
/// * `validate = "path"`: `fn(&Field) -> Result<(), impl Display>`, asked at commit,
/// * `canonicalize = "path"`: `fn(&mut Field)`, called before a commit;
///
/// and on the struct
///
/// * `kind = "Text"`: the stored name, by default the struct's,
/// * `validate = "path"`, `canonicalize = "path"`: as on a field, for the struct as a whole,
/// * `index(last, home.city)`, `unique(country, number)`: an index of several fields; as often as needed,
/// * `lock = "folder"`: held against a committed file by the compiler; `schema_lock` writes it,
/// * `bound = "T: Trait"`: the where clause, in place of the inferred one,
/// * `crate = "path"`: where `dronestore` is, when it is renamed or re-exported.
#[proc_macro_derive(Drone, attributes(merge, drone))]
pub fn drone(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    expand::derive(&input).into()
}
