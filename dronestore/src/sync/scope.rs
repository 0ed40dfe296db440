//! Scope: which objects a sync is about.

use dronestore_core::bytes::{Reader, put_slice, put_varint};
use dronestore_core::model::Model;
use dronestore_core::{Error, ErrorKind, Key, Result};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// How many kinds, and how many keys, a scope names at most.
const MOST: usize = 256;
/// How many the common part of two has at most.
const MOST_IN_COMMON: usize = 2 * MOST;

/// Which objects a sync is about: everything, or those below some keys, of some kinds, or both.
///
/// Keys add to one another, and so do kinds; an object has to be below one of the keys and of one of the kinds. What was
/// decided about its conflicts belongs to it, and so does the schema of its kind.
///
/// As text: `everything`, `nothing`, or kinds and keys with commas between, as `Person,Note,/Team:red`. A backslash
/// stands before a comma or backslash that is part of one, and before a kind that would be read as something else.
///
/// ```
/// use dronestore::Key;
/// use dronestore::sync::Scope;
///
/// let team: Key = "/Team:red".parse()?;
/// let scope = Scope::everything().below(&team).kind_named("Person");
/// assert!(scope.contains("Person", &team.child_in("Person", "a")?));
/// assert!(!scope.contains("Note", &team.child_in("Note", "a")?));
/// assert_eq!(scope.to_string(), "Person,/Team:red");
/// assert_eq!(scope.to_string().parse::<Scope>()?, scope);
/// # Ok::<(), dronestore::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// `None` for all.
    kinds: Option<BTreeSet<String>>,
    /// No key is below another one; `None` for all.
    below: Option<BTreeSet<Key>>,
}

impl Scope {
    /// All objects.
    pub fn everything() -> Scope {
        Scope::default()
    }

    /// Also the object of this key and those below it; where no key was named before, only these.
    #[must_use]
    pub fn below(mut self, key: &Key) -> Scope {
        let keys = self.below.get_or_insert_default();
        if !keys.iter().any(|above| is_within(key, above)) {
            keys.retain(|other| !is_within(other, key));
            keys.insert(key.clone());
        }
        self
    }

    /// Also the objects of this model's kind; where no kind was named before, only these.
    #[must_use]
    pub fn kind<T: Model>(self) -> Scope {
        self.kind_named(T::KIND)
    }

    /// As [`Scope::kind`], by the kind's name.
    #[must_use]
    pub fn kind_named(mut self, kind: &str) -> Scope {
        self.kinds.get_or_insert_default().insert(kind.to_owned());
        self
    }

    /// Whether these are all objects.
    pub fn is_everything(&self) -> bool {
        self.kinds.is_none() && self.has_all_keys()
    }

    /// Whether an object of this kind and key is one of them.
    pub fn contains(&self, kind: &str, key: &Key) -> bool {
        self.has_kind(kind) && self.has_key(key)
    }

    pub(crate) fn has_kind(&self, kind: &str) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(kind))
    }

    fn has_key(&self, key: &Key) -> bool {
        self.below.as_ref().is_none_or(|keys| keys.iter().any(|above| is_within(key, above)))
    }

    fn has_all_keys(&self) -> bool {
        self.below.as_ref().is_none_or(|keys| keys.contains(&Key::root()))
    }

    /// The kinds; `None` for all.
    pub(crate) fn kinds(&self) -> Option<&BTreeSet<String>> {
        self.kinds.as_ref()
    }

    /// The keys at or below which objects are.
    pub(crate) fn keys(&self) -> Vec<Key> {
        match &self.below {
            Some(keys) => keys.iter().cloned().collect(),
            None => vec![Key::root()],
        }
    }

    /// What is in both.
    #[must_use]
    pub fn and(&self, other: &Scope) -> Scope {
        let kinds = match (&self.kinds, &other.kinds) {
            (Some(ours), Some(theirs)) => Some(ours & theirs),
            (ours, theirs) => ours.as_ref().or(theirs.as_ref()).cloned(),
        };
        let below = match (&self.below, &other.below) {
            (Some(ours), Some(theirs)) => {
                let inside =
                    |keys: &BTreeSet<Key>, key: &&Key| keys.iter().any(|above| is_within(key, above));
                let of_ours = ours.iter().filter(|key| inside(theirs, key));
                Some(of_ours.chain(theirs.iter().filter(|key| inside(ours, key))).cloned().collect())
            }
            (ours, theirs) => ours.as_ref().or(theirs.as_ref()).cloned(),
        };
        Scope { kinds, below }
    }

    /// The one encoding; one byte 0 for everything.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let below = self.below.as_ref().filter(|_| !self.has_all_keys());
        let mut out = vec![u8::from(self.kinds.is_some()) | u8::from(below.is_some()) << 1];
        if let Some(kinds) = &self.kinds {
            put_varint(&mut out, kinds.len() as u64);
            kinds.iter().for_each(|kind| put_slice(&mut out, kind.as_bytes()));
        }
        if let Some(keys) = below {
            put_varint(&mut out, keys.len() as u64);
            keys.iter().for_each(|key| put_slice(&mut out, key.as_encoded()));
        }
        out
    }

    /// Reads what [`Scope::encode`] wrote, and nothing else.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Scope> {
        let mut reader = Reader::new(bytes);
        let parts = reader.byte()?;
        let mut scope = Scope::everything();
        if parts & 1 == 1 {
            let count = count(&mut reader)?;
            let kinds = (0..count).map(|_| reader.text().map(str::to_owned)).collect::<Result<_>>()?;
            scope.kinds = Some(kinds);
        }
        if parts & 2 == 2 {
            let count = count(&mut reader)?;
            let keys = (0..count).map(|_| Key::from_encoded(reader.slice()?)).collect::<Result<_>>()?;
            scope.below = Some(keys);
        }
        scope.check()?;
        if scope.encode() != bytes {
            return Err(Error::corrupt("a scope is not in its one form"));
        }
        Ok(scope)
    }

    /// Whether a side may name it.
    pub(crate) fn check_named(&self) -> Result<()> {
        let most =
            self.kinds.as_ref().map_or(0, BTreeSet::len).max(self.below.as_ref().map_or(0, BTreeSet::len));
        if most > MOST {
            return Err(invalid(format!(
                "a scope names at most {MOST} kinds and {MOST} keys, and not {most}"
            )));
        }
        self.check()
    }

    /// Whether it can be agreed on: not too much is named, and no key is below another.
    pub(crate) fn check(&self) -> Result<()> {
        let (kinds, keys) = (self.kinds.iter().flatten(), self.below.iter().flatten());
        let is_kind = |kind: &str| !kind.is_empty() && kind.len() <= 255 && !kind.contains('\0');
        let most = kinds.clone().count().max(keys.clone().count());
        if most > MOST_IN_COMMON {
            return Err(invalid(format!(
                "a scope names at most {MOST} kinds and {MOST} keys, and not {most}"
            )));
        }
        if let Some(kind) = kinds.clone().find(|kind| !is_kind(kind)) {
            return Err(invalid(format!("a scope names `{kind:.40}`, which is no kind")));
        }
        let mut keys = keys.peekable();
        while let Some(key) = keys.next() {
            // Whatever is below a key comes right behind it.
            if keys.peek().is_some_and(|next| is_within(next, key)) {
                return Err(invalid("a scope names a key below another".into()));
            }
        }
        Ok(())
    }
}

fn count(reader: &mut Reader<'_>) -> Result<usize> {
    let count = reader.length()?;
    if count > MOST_IN_COMMON { Err(Error::corrupt("a scope names more than it may")) } else { Ok(count) }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidValue, message)
}

fn is_within(key: &Key, above: &Key) -> bool {
    key.as_encoded().starts_with(above.as_encoded())
}

/// Words that a kind is not taken for.
const WORDS: [&str; 2] = ["everything", "nothing"];

/// `everything`, `nothing`, or kinds and keys: `Person,Note,/Team:red`.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_everything() {
            return f.write_str(WORDS[0]);
        }
        let is_none = |count: Option<usize>| count == Some(0);
        if is_none(self.kinds.as_ref().map(BTreeSet::len)) || is_none(self.below.as_ref().map(BTreeSet::len))
        {
            return f.write_str(WORDS[1]);
        }
        let escaped = |text: &str| text.replace('\\', "\\\\").replace(',', "\\,");
        let kinds =
            self.kinds.iter().flatten().map(|kind| match kind.starts_with('/') || WORDS.contains(&&**kind) {
                true => format!("\\{}", escaped(kind)),
                false => escaped(kind),
            });
        let keys = self.below.iter().flatten().map(|key| escaped(&key.to_string()));
        f.write_str(&kinds.chain(keys).collect::<Vec<_>>().join(","))
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Scope> {
        let mut scope = Scope::everything();
        match text {
            "everything" => return Ok(scope),
            "nothing" => {
                (scope.kinds, scope.below) = (Some(BTreeSet::new()), Some(BTreeSet::new()));
                return Ok(scope);
            }
            _ => {}
        }
        for item in items(text)? {
            match item.is_key {
                true => scope = scope.below(&item.text.parse()?),
                false => scope = scope.kind_named(&item.text),
            }
        }
        scope.check_named()?;
        Ok(scope)
    }
}

struct Item {
    text: String,
    is_key: bool,
}

fn items(text: &str) -> Result<Vec<Item>> {
    let start = |text: &str| Item { text: String::new(), is_key: text.starts_with('/') };
    let (mut items, mut item) = (Vec::new(), start(text));
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            ',' => items.push(std::mem::replace(&mut item, start(&text[at + 1..]))),
            '\\' => match chars.next() {
                Some((_, char)) => item.text.push(char),
                None => return Err(invalid("a scope ends with a backslash".into())),
            },
            char => item.text.push(char),
        }
    }
    items.push(item);
    Ok(items)
}
