//! How finely an object is merged: attribute by attribute, or down to the members of attributes that are maps.

use super::people::Object;
use dronestore::Value;
use std::collections::BTreeMap;

/// The fields of an object as they are merged: name or path → value.
pub(super) type Fields = BTreeMap<String, Value>;

/// What is merged as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grain {
    /// An attribute, whatever it holds.
    Attributes,
    /// A member of an attribute that is a map, however deep: `translations/deu/common`.
    Members,
}

impl Grain {
    /// An object's fields.
    pub(super) fn fields(self, object: &Object<'_>) -> Fields {
        let mut fields = Fields::new();
        for (attribute, value) in object {
            match self {
                Grain::Attributes => drop(fields.insert((*attribute).to_owned(), (*value).clone())),
                Grain::Members => flatten((*attribute).to_owned(), value, &mut fields),
            }
        }
        fields
    }
}

fn flatten(path: String, value: &Value, fields: &mut Fields) {
    match value.as_map().filter(|map| !map.is_empty()) {
        Some(map) => {
            for (name, value) in map {
                // The members of JSON have texts for names.
                let name = name.as_text().unwrap_or_default().replace('/', "//");
                flatten(format!("{path}/{name}"), value, fields);
            }
        }
        None => drop(fields.insert(path, value.clone())),
    }
}

/// The attribute that a field belongs to.
pub(super) fn attribute(field: &str) -> &str {
    field.split('/').next().unwrap_or(field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_named_by_their_paths() {
        let name =
            Value::from_json(&json!({"common": "Hut", "native": {"d/e": "Hütte"}, "none": {}})).unwrap();
        let beds = Value::from(4);
        let object = Object::from([("name", &name), ("beds", &beds)]);
        let paths: Vec<String> = Grain::Members.fields(&object).into_keys().collect();
        assert_eq!(paths, ["beds", "name/common", "name/native/d//e", "name/none"]);
        assert_eq!(Grain::Attributes.fields(&object).into_keys().collect::<Vec<_>>(), ["beds", "name"]);
        assert_eq!(attribute("name/native/d//e"), "name");
    }
}
