//! Values as their `Debug` shows them, and as Rust that makes them again.

use std::fmt::Debug;

/// What `{:?}` printed, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shown {
    /// A number, a name.
    Word(String),
    /// A text or a character, with its quotes.
    Quoted(String),
    /// A key of this library, by its text.
    Key(String),
    Struct(String, Vec<(String, Shown)>),
    /// With a name, or without.
    Tuple(String, Vec<Shown>),
    List(Vec<Shown>),
    /// Sorted, so that a `HashSet` is shown in one way.
    Set(Vec<Shown>),
    Map(Vec<(Shown, Shown)>),
    /// Nothing that a derived `Debug` prints.
    Raw(String),
}

/// What `{:?}` prints of a value.
pub(super) fn show(value: &impl Debug) -> Shown {
    let text = format!("{value:?}");
    let mut parser = Parser { rest: &text };
    match parser.value().filter(|_| parser.rest.is_empty()) {
        Some(shown) => shown,
        None => Shown::Raw(text),
    }
}

struct Parser<'t> {
    rest: &'t str,
}

impl<'t> Parser<'t> {
    fn takes(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn split(&mut self, at: usize) -> &'t str {
        let (head, rest) = self.rest.split_at(at);
        self.rest = rest;
        head
    }

    fn value(&mut self) -> Option<Shown> {
        match self.rest.chars().next()? {
            quote @ ('"' | '\'') => self.quoted(quote),
            '[' => {
                self.takes("[");
                self.items("]").map(Shown::List)
            }
            '(' => {
                self.takes("(");
                self.items(")").map(|items| Shown::Tuple(String::new(), items))
            }
            '{' => {
                self.takes("{");
                self.set_or_map()
            }
            _ => self.word(),
        }
    }

    fn quoted(&mut self, quote: char) -> Option<Shown> {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == quote && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        let length = end?.0 + 1;
        Some(Shown::Quoted(self.split(length).to_owned()))
    }

    fn word(&mut self) -> Option<Shown> {
        let end =
            self.rest.find([',', ':', '(', ')', '{', '}', '[', ']', ' ', '"']).unwrap_or(self.rest.len());
        let word = self.split(end).to_owned();
        if word.is_empty() {
            return None;
        }
        if word == "Key" && self.rest.starts_with("(/") {
            let end = self.rest.find(')')?;
            return self.split(end + 1).get(1..end).map(|text| Shown::Key(text.to_owned()));
        }
        if self.takes("(") {
            return self.items(")").map(|items| Shown::Tuple(word, items));
        }
        if !self.takes(" { ") {
            return Some(Shown::Word(word));
        }
        let mut fields = Vec::new();
        loop {
            let name = self.rest.find(": ")?;
            let name = self.split(name).to_owned();
            self.takes(": ");
            fields.push((name, self.value()?));
            if self.takes(" }") {
                return Some(Shown::Struct(word, fields));
            }
            if !self.takes(", ") {
                return None;
            }
        }
    }

    fn items(&mut self, end: &str) -> Option<Vec<Shown>> {
        let mut items = Vec::new();
        while !self.takes(end) {
            items.push(self.value()?);
            if !self.takes(", ") && !self.takes(",") && !self.rest.starts_with(end) {
                return None;
            }
        }
        Some(items)
    }

    fn set_or_map(&mut self) -> Option<Shown> {
        let (mut items, mut entries) = (Vec::new(), Vec::new());
        while !self.takes("}") {
            let item = self.value()?;
            match self.takes(": ") {
                true => entries.push((item, self.value()?)),
                false => items.push(item),
            }
            if !self.takes(", ") && !self.rest.starts_with('}') {
                return None;
            }
        }
        items.sort();
        entries.sort();
        match (items.is_empty(), entries.is_empty()) {
            (_, true) => Some(Shown::Set(items)),
            (true, false) => Some(Shown::Map(entries)),
            (false, false) => None,
        }
    }
}

impl Shown {
    /// The field of this name.
    pub(super) fn field(&self, name: &str) -> Option<&Shown> {
        match self {
            Shown::Struct(_, fields) => {
                fields.iter().find(|(known, _)| known == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Rust that makes the value; `own` is the user's type in it, to which names of variants belong.
    pub(super) fn rust(&self, own: Option<&str>) -> String {
        let all = |items: &[Shown]| items.iter().map(|item| item.rust(own)).collect::<Vec<_>>().join(", ");
        let named = |name: &str| match own {
            Some(own) if own != name && !matches!(name, "Some" | "None" | "Ok" | "Err") && is_name(name) => {
                format!("{own}::{name}")
            }
            _ => name.to_owned(),
        };
        match self {
            Shown::Word(word) => match word.as_str() {
                "inf" => "f64::INFINITY".to_owned(),
                "-inf" => "f64::NEG_INFINITY".to_owned(),
                word => named(word),
            },
            Shown::Key(text) => format!("{text:?}.parse()?"),
            Shown::Quoted(text) if text.starts_with('"') => format!("{text}.into()"),
            Shown::Quoted(text) | Shown::Raw(text) => text.clone(),
            Shown::Struct(name, fields) => {
                let fields: Vec<_> =
                    fields.iter().map(|(name, value)| format!("{name}: {}", value.rust(own))).collect();
                format!("{} {{ {} }}", named(name), fields.join(", "))
            }
            Shown::Tuple(name, items) if name.is_empty() && items.len() == 1 => format!("({},)", all(items)),
            Shown::Tuple(name, items) if name.is_empty() => format!("({})", all(items)),
            Shown::Tuple(name, items) => format!("{}({})", named(name), all(items)),
            Shown::List(items) | Shown::Set(items) => format!("[{}].into()", all(items)),
            Shown::Map(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(key, value)| format!("({}, {})", key.rust(own), value.rust(own)))
                    .collect();
                format!("[{}].into()", entries.join(", "))
            }
        }
    }

    /// Assignments that make `after` of this value, which stands at `path`; `type_of` knows the types of fields.
    pub(super) fn assignments(
        &self,
        after: &Shown,
        path: &str,
        type_of: &dyn Fn(&str) -> Option<String>,
        out: &mut Vec<String>,
    ) {
        let (Shown::Struct(old_name, old), Shown::Struct(new_name, new)) = (self, after) else {
            return out.push(format!("// {path} becomes {}", after.rust(None)));
        };
        debug_assert_eq!((old_name, old.len()), (new_name, new.len()));
        for ((name, old), (_, new)) in old.iter().zip(new).filter(|((_, old), (_, new))| old != new) {
            let path = format!("{path}.{name}");
            match (old, new) {
                (Shown::Struct(one, fields), Shown::Struct(other, others))
                    if one == other && fields.len() == others.len() =>
                {
                    old.assignments(new, &path, type_of, out);
                }
                (_, Shown::Raw(text)) => out.push(format!("// {path} becomes {text}")),
                _ => {
                    let own = type_of(name).and_then(|text| own_type(&text));
                    out.push(format!("{path} = {};", new.rust(own.as_deref())));
                }
            }
        }
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase())
}

/// The one type in this text that is not std's.
fn own_type(text: &str) -> Option<String> {
    const STD: [&str; 14] = [
        "String", "Option", "Vec", "BTreeSet", "BTreeMap", "HashSet", "HashMap", "VecDeque", "Box", "Rc",
        "Arc", "Cow", "PathBuf", "Duration",
    ];
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let mut own = words.filter(|word| is_name(word) && !STD.contains(word));
    let first = own.next()?;
    own.next().is_none().then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[derive(Debug, Clone, Default)]
    #[allow(dead_code, reason = "read by Debug alone")]
    struct Inner {
        deep: Option<(u8, String)>,
    }

    #[derive(Debug, Clone, PartialEq)]
    #[allow(dead_code, reason = "read by Debug alone")]
    enum State {
        Open,
        Paid(u8),
    }

    #[derive(Debug, Clone)]
    #[allow(dead_code, reason = "read by Debug alone")]
    struct Outer {
        text: String,
        boss: Option<crate::Key>,
        tags: BTreeSet<String>,
        map: BTreeMap<char, Vec<i8>>,
        inner: Inner,
        state: State,
        unit: (),
    }

    fn start() -> Outer {
        Outer {
            text: String::new(),
            boss: None,
            tags: BTreeSet::new(),
            map: BTreeMap::new(),
            inner: Inner::default(),
            state: State::Open,
            unit: (),
        }
    }

    fn check(edit: impl FnOnce(&mut Outer), expected: &[&str]) {
        let mut after = start();
        edit(&mut after);
        let mut lines = Vec::new();
        let type_of = |name: &str| (name == "state").then(|| "State".to_owned());
        show(&start()).assignments(&show(&after), "a", &type_of, &mut lines);
        assert_eq!(lines, expected);
    }

    #[test]
    fn edits_are_shown_as_rust() {
        check(
            |outer| outer.text = "a \"quoted\", {one}\n".into(),
            &[r#"a.text = "a \"quoted\", {one}\n".into();"#],
        );
        check(
            |outer| outer.tags = ["x".into(), "y".into()].into(),
            &[r#"a.tags = ["x".into(), "y".into()].into();"#],
        );
        check(|outer| outer.map = [('é', vec![-1, 2])].into(), &["a.map = [('é', [-1, 2].into())].into();"]);
        check(
            |outer| outer.inner.deep = Some((1, "a".into())),
            &[r#"a.inner.deep = Some((1, "a".into()));"#],
        );
        check(|outer| outer.boss = "/a/Note:b".parse().ok(), &[r#"a.boss = Some("/a/Note:b".parse()?);"#]);
        check(|outer| outer.state = State::Paid(3), &["a.state = State::Paid(3);"]);
        check(|_| {}, &[]);
    }

    #[test]
    fn what_no_derive_prints_is_raw() {
        struct Odd;
        impl Debug for Odd {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("odd { thing")
            }
        }
        assert_eq!(show(&Odd), Shown::Raw("odd { thing".into()));
    }
}
