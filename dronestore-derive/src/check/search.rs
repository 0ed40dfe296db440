//! Which fields can be searched.

use crate::attr::Strategy;
use crate::errors::Errors;
use crate::input::Input;

/// Notes what cannot be searched; whether a type holds text the compiler says.
pub(super) fn check(input: &Input, errors: &mut Errors) {
    for field in input.fields.iter().filter(|field| !field.is_skipped()) {
        if let Some(word) = &field.options.search
            && let Some(Strategy::Custom(_)) = field.strategy()
        {
            let name = &field.name;
            errors.at(word, format!("`{name}` is merged by code of your own, which tools that search here do not have: it cannot be searched"));
        }
    }
}
