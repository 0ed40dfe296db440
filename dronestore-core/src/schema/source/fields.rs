//! Structs and their fields, as they stand in the text.

use super::invalid;
use super::scan::{Scanner, is_in_word, split};
use super::strategy::Strategy;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{SchemaAttribute, Type};
use std::collections::BTreeMap;

/// A struct of the text.
pub(super) struct Struct {
    /// Its name in the program.
    pub(super) name: String,
    /// Its stored name.
    pub(super) kind: String,
    fields: Vec<SchemaAttribute>,
}

/// What the attributes before a struct or field say.
#[derive(Default)]
struct Said {
    merge: Option<String>,
    drone: BTreeMap<String, String>,
}

/// An attribute of which no more is known than this.
pub(super) fn plain(name: &str, strategy: &str, ty: &str) -> SchemaAttribute {
    SchemaAttribute {
        name: name.to_owned(),
        strategy: strategy.to_owned(),
        type_text: ty.to_owned(),
        version: 1,
        required: false,
        id: false,
        nested: None,
        declared: None,
        link: None,
        default: None,
        convert: None,
    }
}

impl Said {
    fn read(scanner: &mut Scanner<'_>) -> Result<Said> {
        let mut said = Said::default();
        while scanner.eat("#[") {
            let text = scanner.until(&[']']);
            scanner.expect("]", "`]`")?;
            let (word, rest) = text.split_at(text.find(|char| !is_in_word(char)).unwrap_or(text.len()));
            let inside =
                rest.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or_default();
            match word {
                "merge" => said.merge = Some(inside.trim().to_owned()),
                "drone" => said.drone.extend(split(inside, ',').into_iter().map(option)),
                _ => {}
            }
        }
        Ok(said)
    }

    fn text(&self, option: &str) -> Option<String> {
        self.drone.get(option).map(|text| text.trim_matches('"').to_owned())
    }
}

fn option(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (name.trim().to_owned(), value.trim().to_owned())
}

impl Struct {
    /// The struct that stands here.
    pub(super) fn read(scanner: &mut Scanner<'_>) -> Result<Struct> {
        let said = Said::read(scanner)?;
        pass_visibility(scanner)?;
        if !scanner.eat_word("struct") {
            return Err(scanner.expected("`struct`"));
        }
        let name = scanner.name("the name of a struct")?.to_owned();
        scanner.expect("{", "`{`")?;
        let mut fields = Vec::new();
        while !scanner.eat("}") {
            fields.extend(field(scanner, said.merge.as_deref())?);
            // Behind the last there may be no comma.
            if !scanner.eat(",") {
                scanner.expect("}", "`}` or a field")?;
                break;
            }
        }
        let kind = said.text("kind").unwrap_or_else(|| name.clone());
        Ok(Struct { name, kind, fields })
    }

    /// Says of each nested field which kind is nested there.
    pub(super) fn name_nested(&mut self, kinds: &BTreeMap<String, String>) -> Result<()> {
        for field in self.fields.iter_mut().filter(|field| field.strategy.contains("nested")) {
            let mut ty = field.ty();
            while let Some(inner) = ty.inner() {
                ty = inner.clone();
            }
            let ty = ty.to_string();
            let name = ty.rsplit("::").next().unwrap_or(&ty);
            let Some(kind) = kinds.get(name) else {
                let message = format!("`{}` is of type `{ty}`, which the text does not describe", field.name);
                return Err(invalid(message));
            };
            field.nested = Some(kind.clone());
        }
        Ok(())
    }

    /// Its attributes, in the order of their names.
    pub(super) fn attributes(mut self) -> Vec<SchemaAttribute> {
        self.fields.sort_by(|one, other| one.name.cmp(&other.name));
        self.fields
    }
}

fn pass_visibility(scanner: &mut Scanner<'_>) -> Result<()> {
    if scanner.eat_word("pub") && scanner.eat("(") {
        scanner.until(&[')']);
        scanner.expect(")", "`)`")?;
    }
    Ok(())
}

/// The field that stands here; none where it is not stored.
fn field(scanner: &mut Scanner<'_>, merge: Option<&str>) -> Result<Option<SchemaAttribute>> {
    let said = Said::read(scanner)?;
    pass_visibility(scanner)?;
    let name = scanner.name("`}` or a field")?;
    scanner.expect(":", "`:`")?;
    let ty = spelled(scanner.until(&[',', '}']));
    if said.drone.contains_key("skip") {
        return Ok(None);
    }
    if said.drone.contains_key("flatten") {
        let message = format!("`{name}` is flattened: write its fields out in its place");
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    let merge = said.merge.as_deref().or(merge);
    let merge =
        merge.ok_or_else(|| invalid(format!("`{name}` has no strategy: put `#[merge(…)]` before it")))?;
    let strategy =
        Strategy::read(merge, &Type::parse(&ty)).map_err(|error| error.at(format_args!("`{name}`")))?;
    let mut field = plain(&said.text("rename").unwrap_or_else(|| name.to_owned()), &strategy.form, &ty);
    field.declared = strategy.declared;
    field.required = said.drone.contains_key("required");
    field.id = said.drone.contains_key("id");
    field.link = said.text("link");
    field.convert = said.text("convert");
    field.default = said.drone.get("default").cloned();
    Ok(Some(field))
}

/// The spelling that the derive gives a type: no blanks but behind separators.
fn spelled(text: &str) -> String {
    let mut spelled = String::new();
    let mut blank = false;
    for char in text.chars() {
        if char.is_whitespace() {
            blank = true;
            continue;
        }
        if blank && is_in_word(char) && spelled.ends_with(is_in_word) {
            spelled.push(' ');
        }
        blank = false;
        match char {
            ',' | ';' => spelled.extend([char, ' ']),
            '+' | '=' => spelled.extend([' ', char, ' ']),
            char => spelled.push(char),
        }
    }
    spelled
}
