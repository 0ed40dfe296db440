//! Each strategy's rule in words, and the write that it lets win: for explanations.

use super::ContestSide;
use crate::causal::form::code;
use crate::causal::{Form, Structure};

/// The rule by which a place of this form is read.
pub(crate) fn of(form: Form<'_>) -> &'static str {
    match form.code() {
        code::LATEST => "of concurrent writes the newest is read",
        code::LATEST_OBJECT => "all members together, from the newest of concurrent writes",
        code::CONFLICT => "of concurrent writes the newest that no other's writer had read past is read",
        code::MAX => "the largest is read",
        code::MIN => "the smallest is read",
        code::FIRST => "the earliest write is read",
        code::COUNTER => "the sum of each actor's own total",
        code::FLAG => "true if any concurrent write is true",
        code::FLAG_FALSE_WINS => "false if any concurrent write is false",
        code::SET => "an element is in while an add of it stands that no remove had seen",
        code::UNION => "whatever was added",
        code::SET_REMOVE_WINS => "an element is in while no concurrent vote says out",
        code::SET_LATEST => "of concurrent votes on an element the newest counts",
        code::SET_ONCE => "an element that was voted out once stays out",
        code::NESTED => "field by field",
        code::TEXT => "the characters that stand, in the order of the insertion tree",
        code::LIST => "the items that stand, in the order of the insertion tree",
        code::LIST_MOVES => "the items that stand, each where the newest of concurrent moves put it",
        code::LIST_NESTED => {
            "the drones that stand, each field by field, where the newest of concurrent moves put it"
        }
        code::LOCATION => "of concurrent moves the newest counts",
        code::DECLARED => "of concurrent writes the one that the rule in the schema picks",
        code::OPTION => "there while a write of it stands that no removal had seen",
        code::CUSTOM => "by the program's own strategy of this name, whose code decides",
        _ if matches!(form.structure(), Structure::Map(_)) => "key by key, each value by its own rule",
        _ => "by a strategy that this program does not know",
    }
}

/// Which write is read, where it is one by its time.
pub(crate) fn winner(form: Form<'_>, sides: &[ContestSide]) -> Option<usize> {
    let times = || sides.iter().enumerate().map(|(index, side)| (side.time, side.dot, index));
    match form.code() {
        code::LATEST | code::LATEST_OBJECT | code::CONFLICT => times().max().map(|(_, _, index)| index),
        code::FIRST => times().min().map(|(_, _, index)| index),
        _ => None,
    }
}
