//! The vocabulary: every word that an attribute knows, what it fits, and what to say about one it does not know.

use crate::errors::did_you_mean;

/// A strategy without an inner one: a word, perhaps with a parameter.
#[derive(Debug, PartialEq)]
pub(crate) struct Form {
    /// The word in the attribute.
    pub(crate) word: &'static str,
    /// The parameter in parentheses behind it.
    pub(crate) parameter: Option<&'static str>,
    /// The runtime's trait that generated code calls.
    pub(crate) role: &'static str,
    /// The runtime's type that stands for it inside `map(…)`.
    pub(crate) marker: &'static str,
    fits: Fits,
}

/// The types that a strategy fits, as far as their spelling tells.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fits {
    Any,
    Ordered,
    Integers,
    Bools,
    Sets,
    Lists,
    Texts,
    Maps,
    Drones,
}

const fn form(
    word: &'static str,
    parameter: Option<&'static str>,
    role: &'static str,
    marker: &'static str,
    fits: Fits,
) -> Form {
    Form { word, parameter, role, marker, fits }
}

/// All forms, in the order of the documentation.
pub(crate) const FORMS: &[Form] = &[
    form("latest", None, "Latest", "latest", Fits::Any),
    form("latest_object", None, OBJECT, "", Fits::Any),
    form("max", None, "Max", "max", Fits::Ordered),
    form("min", None, "Min", "min", Fits::Ordered),
    form("first", None, "First", "first", Fits::Any),
    form("counter", None, "Counter", "counter", Fits::Integers),
    form("union", None, "Union", "union", Fits::Sets),
    form("set", None, "Set", "set", Fits::Sets),
    form("set", Some("remove_wins"), "SetRemoveWins", "set_remove_wins", Fits::Sets),
    form("set", Some("latest"), "SetLatest", "set_latest", Fits::Sets),
    form("set", Some("once"), "SetOnce", "set_once", Fits::Sets),
    form("list", None, "List", "list", Fits::Lists),
    form("list", Some("moves"), "ListMoves", "list_moves", Fits::Lists),
    form("list", Some("nested"), "ListNested", "list_nested", Fits::Lists),
    form("text", None, "Text", "text", Fits::Texts),
    form("flag", None, "Flag", "flag", Fits::Bools),
    form("flag", Some("false_wins"), "FlagFalseWins", "flag_false_wins", Fits::Bools),
    form("conflict", None, "Conflict", "conflict", Fits::Any),
    form("nested", None, "Nested", "nested", Fits::Drones),
];

/// The trait of `latest_object`, whose fields share one entry and are therefore called differently.
pub(crate) const OBJECT: &str = "LatestObject";

/// Declared strategies: the word, and how it is written. What stands in their parentheses is theirs to read.
pub(crate) const DECLARED: &[(&str, &str)] = &[
    ("rank", "rank(Draft, Cancelled, Shipped)"),
    ("first_non_empty", "first_non_empty"),
    ("max_by", "max_by(\"score\")"),
    ("min_by", "min_by(\"score\")"),
    ("any_of", "any_of(first_non_empty, latest)"),
    ("clamp", "clamp(0..=100, latest)"),
];

/// Whether a word reads for itself what stands in its parentheses.
pub(crate) fn reads_itself(word: &str) -> bool {
    declared(word).is_some() || word == "index" || word == "unique"
}

/// How a declared strategy is written.
pub(crate) fn declared(word: &str) -> Option<&'static str> {
    DECLARED.iter().find(|(name, _)| *name == word).map(|(_, usage)| *usage)
}

/// What the same thing is called elsewhere.
const ELSEWHERE: &[(&str, &str)] = &[
    ("lww", "latest"),
    ("last", "latest"),
    ("newest", "latest"),
    ("last_write_wins", "latest"),
    ("largest", "max"),
    ("maximum", "max"),
    ("smallest", "min"),
    ("minimum", "min"),
    ("earliest", "first"),
    ("sum", "counter"),
    ("add", "counter"),
    ("increment", "counter"),
    ("pn_counter", "counter"),
    ("or_set", "set"),
    ("add_wins", "set"),
    ("remove_wins", "set(remove_wins)"),
    ("once", "set(once)"),
    ("g_set", "union"),
    ("bool", "flag"),
    ("false_wins", "flag(false_wins)"),
    ("manual", "conflict"),
    ("multi_value", "conflict"),
    ("array", "list"),
    ("sequence", "list"),
    ("vec", "list"),
    ("moves", "list(moves)"),
    ("movable", "list(moves)"),
    ("movable_list", "list(moves)"),
    ("reorder", "list(moves)"),
    ("string", "text"),
    ("priority", "rank"),
    ("order", "rank"),
    ("coalesce", "first_non_empty"),
    ("bounded", "clamp"),
    ("object", "nested"),
    ("drone", "nested"),
];

/// Where an option of `#[drone(…)]` may stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Place {
    Struct,
    Field,
    Both,
}

/// The options of `#[drone(…)]`: the word, where it stands, how it is written.
const OPTIONS: &[(&str, Place, &str)] = &[
    ("default", Place::Field, "default = expression"),
    ("required", Place::Field, "required"),
    ("rename", Place::Field, "rename = \"stored name\""),
    ("convert", Place::Field, "convert = \"path::to::Type\""),
    ("skip", Place::Field, "skip"),
    ("id", Place::Field, "id"),
    ("link", Place::Field, "link = \"Person\""),
    ("index", Place::Both, "index"),
    ("unique", Place::Both, "unique"),
    ("search", Place::Field, "search"),
    ("validate", Place::Both, "validate = \"path::to::check\""),
    ("canonicalize", Place::Both, "canonicalize = \"path::to::change\""),
    ("kind", Place::Struct, "kind = \"Name\""),
    ("lock", Place::Struct, "lock = \"folder\""),
    ("bound", Place::Struct, "bound = \"T: Trait\""),
    ("crate", Place::Struct, "crate = \"path\""),
];

/// Options of a later release.
const LATER_OPTIONS: &[&str] = &["flatten"];

/// Every strategy's word, each once.
fn strategies() -> Vec<&'static str> {
    let mut words: Vec<_> = FORMS.iter().map(|form| form.word).collect();
    words.dedup();
    words.extend(DECLARED.iter().map(|(word, _)| *word));
    words.extend(["map", "with"]);
    words
}

/// The parameters that a strategy's word takes.
pub(crate) fn parameters(word: &str) -> Vec<&'static str> {
    FORMS.iter().filter(|form| form.word == word).filter_map(|form| form.parameter).collect()
}

/// Whether a word is a strategy's.
pub(crate) fn is_strategy(word: &str) -> bool {
    strategies().contains(&word)
}

/// How an option is written, and where it stands.
pub(crate) fn option(word: &str) -> Option<(Place, &'static str)> {
    OPTIONS.iter().find(|(name, ..)| *name == word).map(|(_, place, usage)| (*place, *usage))
}

/// What to say about a word in `#[merge(…)]` that is no strategy.
pub(crate) fn unknown_strategy(written: &str) -> String {
    if let Some((_, usage)) = option(written) {
        return format!("`{written}` is no strategy but an option: write `#[drone({usage})]`");
    }
    let lower = written.to_lowercase();
    let hint = match ELSEWHERE.iter().find(|(name, _)| *name == lower) {
        Some((_, ours)) => format!("; here it is `{ours}`"),
        None => did_you_mean(written, strategies()),
    };
    format!("`{written}` is no strategy{hint}\nthe strategies are: {}", all_usages().join(", "))
}

/// What to say about a parameter that a strategy does not have.
pub(crate) fn unknown_parameter(word: &str, written: &str) -> String {
    let known = parameters(word);
    if known.is_empty() {
        return format!("`{word}` takes no parameter: write `#[merge({word})]`");
    }
    let hint = did_you_mean(written, known.iter().copied());
    let usages: Vec<_> = known.iter().map(|parameter| format!("`{word}({parameter})`")).collect();
    format!("`{written}` is no parameter of `{word}`{hint}\nthere are: `{word}`, {}", usages.join(", "))
}

/// What to say about a word in `#[drone(…)]` that is no option of this place.
pub(crate) fn unknown_option(written: &str, here: Place) -> String {
    if LATER_OPTIONS.contains(&written) {
        return format!("`{written}` is not available yet");
    }
    if let Some((place, usage)) = option(written) {
        let there = if place == Place::Struct { "the struct" } else { "a field" };
        return format!("`{written}` belongs on {there}: write `#[drone({usage})]` there");
    }
    if is_strategy(written) {
        return format!("`{written}` is no option but a strategy: write `#[merge({written})]`");
    }
    let known = || OPTIONS.iter().filter(move |(_, place, _)| *place == here || *place == Place::Both);
    let usages: Vec<_> = known().map(|(_, _, usage)| format!("`{usage}`")).collect();
    let hint = did_you_mean(written, known().map(|(name, ..)| *name));
    let here = if here == Place::Struct { "a struct" } else { "a field" };
    format!("`{written}` is no option of {here}{hint}\nthe options are: {}", usages.join(", "))
}

/// The strategies that fit a type with this name, the most specific first.
pub(crate) fn fitting(type_name: Option<&str>) -> String {
    let fits = spelled(type_name);
    let forms = fits.iter().flat_map(|fits| FORMS.iter().filter(move |form| form.fits == *fits));
    let mut usages: Vec<_> = forms.map(|form| usage(form.word, form.parameter)).collect();
    if fits.contains(&Fits::Maps) {
        usages.splice(0..0, ["`map(latest)`", "`map(counter)`", "`map(set)`"].map(String::from));
    }
    usages.join(", ")
}

/// What is known about a type from the last name in its spelling, the best advice first.
fn spelled(type_name: Option<&str>) -> &'static [Fits] {
    use Fits::{Any, Bools, Drones, Integers, Lists, Maps, Ordered, Sets, Texts};
    match type_name {
        Some("u8" | "u16" | "u32" | "u64" | "u128" | "usize") => &[Integers, Ordered, Any],
        Some("i8" | "i16" | "i32" | "i64" | "i128" | "isize") => &[Integers, Ordered, Any],
        Some("bool") => &[Bools, Any],
        Some("String") => &[Any, Texts, Ordered],
        Some("char" | "f32" | "f64" | "Nanotime" | "Option") => &[Any, Ordered],
        Some("BTreeSet" | "HashSet") => &[Sets, Any],
        Some("BTreeMap" | "HashMap") => &[Maps, Any],
        Some("Vec" | "VecDeque") => &[Lists, Any],
        Some("Box" | "PathBuf") | None => &[Any],
        Some(_) => &[Drones, Any],
    }
}

/// Whether a type is one of std's that these messages know by its name.
pub(crate) fn is_std(type_name: Option<&str>) -> bool {
    spelled(type_name) != [Fits::Drones, Fits::Any]
}

fn all_usages() -> Vec<String> {
    let mut usages: Vec<_> = FORMS.iter().map(|form| usage(form.word, form.parameter)).collect();
    usages.extend(DECLARED.iter().map(|(word, usage)| match usage.contains('(') {
        true => format!("`{word}(…)`"),
        false => format!("`{word}`"),
    }));
    usages.extend(["map(…)", "with = \"path\""].map(|word| format!("`{word}`")));
    usages
}

fn usage(word: &str, parameter: Option<&str>) -> String {
    match parameter {
        Some(parameter) => format!("`{word}({parameter})`"),
        None => format!("`{word}`"),
    }
}
