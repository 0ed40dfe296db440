//! Attributes as constants: what the derive writes down of each field.

use super::convert::Convert;
use crate::causal::Form;
use crate::causal::form::code;
use crate::strategy::Declared;

const CAPACITY: usize = 64;

/// The kind and attributes of a nested drone; behind a pointer, because a drone may hold maps of itself.
type Nested = fn() -> (&'static str, &'static [Attribute]);

/// How a field's type stores under a strategy: its form, and the model of a nested drone.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    form: [u8; CAPACITY],
    length: usize,
    version: u32,
    nested: Option<Nested>,
    declared: Option<fn() -> &'static Declared>,
}

impl Field {
    /// A field of a built-in strategy.
    pub(crate) const fn of(code: u8) -> Field {
        let mut form = [0; CAPACITY];
        form[0] = code;
        Field { form, length: 1, version: 1, nested: None, declared: None }
    }

    /// A field of a user's own strategy.
    pub(crate) const fn custom(name: &'static str, version: u32) -> Field {
        let name = name.as_bytes();
        assert!(!name.is_empty() && name.len() <= 40, "the NAME of a strategy takes 1 to 40 bytes");
        let mut field = Field::of(code::CUSTOM);
        field.form[1] = name.len() as u8;
        let mut index = 0;
        while index < name.len() {
            field.form[2 + index] = name[index];
            index += 1;
        }
        field.length = 2 + name.len();
        field.version = version;
        field
    }

    /// A nested drone.
    pub(crate) const fn nested(model: Nested) -> Field {
        let mut field = Field::of(code::NESTED);
        field.nested = Some(model);
        field
    }

    /// A field of a declared strategy.
    pub(crate) const fn declared(code: u8, declared: fn() -> &'static Declared) -> Field {
        let mut field = Field::of(code);
        field.declared = Some(declared);
        field
    }

    /// A map whose values are such fields.
    pub(crate) const fn in_map(self) -> Field {
        self.below(code::MAP)
    }

    /// An `Option` of such a field.
    pub(crate) const fn in_option(self) -> Field {
        self.below(code::OPTION)
    }

    /// A list of such drones.
    pub(crate) const fn in_list(self) -> Field {
        self.below(code::LIST_NESTED)
    }

    const fn below(self, code: u8) -> Field {
        assert!(self.length < CAPACITY, "maps nest too deep");
        let mut field = Field::of(code);
        let mut index = 0;
        while index < self.length {
            field.form[1 + index] = self.form[index];
            index += 1;
        }
        field.length = self.length + 1;
        field.version = self.version;
        field.nested = self.nested;
        field.declared = self.declared;
        field
    }

    /// The bytes of the form.
    #[inline]
    pub(crate) fn form(&self) -> &[u8] {
        &self.form[..self.length]
    }

    /// The same where the compiler asks.
    pub(crate) const fn form_bytes(&self) -> (&[u8; CAPACITY], usize) {
        (&self.form, self.length)
    }

    pub(crate) fn model(&self) -> Option<(&'static str, &'static [Attribute])> {
        self.nested.map(|model| model())
    }

    pub(crate) fn version(&self) -> u32 {
        self.version
    }

    pub(crate) fn declaration(&self) -> Option<&'static Declared> {
        self.declared.map(|declared| declared())
    }
}

/// A field that shares the one entry of the `latest_object` group.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    pub(crate) name: &'static str,
    pub(crate) type_text: &'static str,
    pub(crate) link: Option<&'static str>,
    pub(crate) source: Source,
}

impl Member {
    /// A member of this stored name and type.
    pub const fn new(name: &'static str, type_text: &'static str) -> Member {
        Member { name, type_text, link: None, source: Source::PLAIN }
    }

    /// The same member, which holds keys of objects of this kind.
    #[must_use]
    pub const fn link(mut self, kind: &'static str) -> Member {
        self.link = Some(kind);
        self
    }

    /// The same member, with what its field says besides.
    #[must_use]
    pub const fn with(mut self, source: Source) -> Member {
        self.source = source;
        self
    }
}

/// What a field's source says besides name, type and strategy; it takes no part in what is stored.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// The expression of `default = …`, empty where there is none.
    pub(crate) default_text: &'static str,
    /// The path of `convert = "…"`, empty where there is none.
    pub(crate) convert: &'static str,
    /// The name of the type that the conversion stores.
    pub(crate) stored: Option<fn() -> &'static str>,
}

impl Source {
    /// Neither a default nor a conversion.
    pub const PLAIN: Source = Source { default_text: "", convert: "", stored: None };

    /// With this text of a default, empty where there is none.
    pub const fn new(default_text: &'static str) -> Source {
        Source { default_text, ..Source::PLAIN }
    }

    /// Through the conversion of this path.
    #[must_use]
    pub const fn through<C: Convert<T>, T>(mut self, path: &'static str) -> Source {
        self.convert = path;
        self.stored = Some(std::any::type_name::<C::Stored>);
        self
    }
}

/// One attribute of a model: a field as it is stored.
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) type_text: &'static str,
    pub(crate) field: Field,
    pub(crate) members: &'static [Member],
    pub(crate) required: bool,
    pub(crate) id: bool,
    pub(crate) link: Option<&'static str>,
    pub(crate) source: Source,
}

impl Attribute {
    /// An attribute of this stored name; the type is as the user wrote it.
    pub const fn new(name: &'static str, type_text: &'static str, field: Field) -> Attribute {
        Attribute {
            name,
            type_text,
            field,
            members: &[],
            required: false,
            id: false,
            link: None,
            source: Source::PLAIN,
        }
    }

    /// The group of all `latest_object` fields.
    pub const fn object(members: &'static [Member]) -> Attribute {
        Attribute {
            name: "",
            type_text: "",
            field: Field::of(code::LATEST_OBJECT),
            members,
            required: false,
            id: false,
            link: None,
            source: Source::PLAIN,
        }
    }

    /// The same attribute, with what its field says besides.
    #[must_use]
    pub const fn with(mut self, source: Source) -> Attribute {
        self.source = source;
        self
    }

    /// The same attribute, which must not be empty at commit.
    #[must_use]
    pub const fn required(mut self) -> Attribute {
        self.required = true;
        self
    }

    /// The same attribute, which names an item in a list.
    #[must_use]
    pub const fn id(mut self) -> Attribute {
        self.id = true;
        self
    }

    /// The same attribute, which holds keys of objects of this kind.
    #[must_use]
    pub const fn link(mut self, kind: &'static str) -> Attribute {
        self.link = Some(kind);
        self
    }

    /// The stored name; empty for the `latest_object` group.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How it is stored: structure and strategy.
    pub fn form(&'static self) -> Form<'static> {
        Form::trusted(self.field.form())
    }

    /// The type as the user wrote it; empty for the `latest_object` group.
    pub const fn type_text(&self) -> &'static str {
        self.type_text
    }

    /// The attributes of the drone that is nested in it.
    pub fn nested(&self) -> Option<&'static [Attribute]> {
        self.field.model().map(|(_, attributes)| attributes)
    }

    /// The stored names of those that share a `latest_object` group.
    pub fn members(&self) -> impl Iterator<Item = &'static str> {
        self.members.iter().map(|member| member.name)
    }

    /// Name and form: what tells attributes apart.
    #[inline]
    pub(crate) fn head(&'static self) -> (&'static str, &'static [u8]) {
        (self.name, self.field.form())
    }
}
