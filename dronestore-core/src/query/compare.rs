//! Comparing values as people mean it: numbers as numbers, and two types not at all.

use crate::value::{Integer, Value};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Op {
    /// `=`
    #[serde(rename = "=")]
    Eq,
    /// `!=`: not `=`, whatever is compared.
    #[serde(rename = "!=")]
    Ne,
    /// `<`
    #[serde(rename = "<")]
    Lt,
    /// `<=`
    #[serde(rename = "<=")]
    Le,
    /// `>`
    #[serde(rename = ">")]
    Gt,
    /// `>=`
    #[serde(rename = ">=")]
    Ge,
}

impl Op {
    /// All of them.
    pub const ALL: [Op; 6] = [Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Op::Eq => "=",
            Op::Ne => "!=",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Gt => ">",
            Op::Ge => ">=",
        }
    }

    /// Whether it holds of these two. Cost: that of comparing the two values.
    #[inline]
    pub fn holds(self, ours: &Value, theirs: &Value) -> bool {
        let order = match (ours, theirs) {
            (Value::Integer(ours), Value::Integer(theirs)) => Some(ours.cmp(theirs)),
            _ => order(ours, theirs),
        };
        // What is absent is neither less nor greater.
        let is_ordered = matches!(self, Op::Eq | Op::Ne) || !(ours.is_null() || theirs.is_null());
        is_ordered && self.admits(order)
    }

    /// Whether it holds of two values in this order; `None` of those that are in none.
    #[inline]
    pub(super) fn admits(self, order: Option<Ordering>) -> bool {
        match self {
            Op::Eq => order == Some(Ordering::Equal),
            Op::Ne => order != Some(Ordering::Equal),
            Op::Lt => order == Some(Ordering::Less),
            Op::Le => order.is_some_and(Ordering::is_le),
            Op::Gt => order == Some(Ordering::Greater),
            Op::Ge => order.is_some_and(Ordering::is_ge),
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The order of two values of one type, and of two numbers; `None` of others.
fn order(ours: &Value, theirs: &Value) -> Option<Ordering> {
    match (ours, theirs) {
        (Value::Integer(_) | Value::Float(_), Value::Integer(_) | Value::Float(_)) => {
            Some(compare_numbers(ours, theirs))
        }
        _ if std::mem::discriminant(ours) == std::mem::discriminant(theirs) => Some(ours.cmp(theirs)),
        _ => None,
    }
}

/// The order in which values are sorted: that of [`Value`], but numbers as numbers.
pub(super) fn sorted(ours: &Value, theirs: &Value) -> Ordering {
    match (ours, theirs) {
        // Two equal numbers of two types still are two values.
        (Value::Integer(_), Value::Float(_)) | (Value::Float(_), Value::Integer(_)) => {
            compare_numbers(ours, theirs).then_with(|| ours.cmp(theirs))
        }
        _ => ours.cmp(theirs),
    }
}

/// The order of two numbers, exactly: no whole number is rounded. What is no number is compared as values are.
pub fn compare_numbers(ours: &Value, theirs: &Value) -> Ordering {
    match (ours, theirs) {
        (Value::Integer(whole), Value::Float(float)) => whole_with_float(*whole, *float),
        (Value::Float(float), Value::Integer(whole)) => whole_with_float(*whole, *float).reverse(),
        // Zero is zero, whatever its sign.
        (Value::Float(ours), Value::Float(theirs)) => {
            ours.partial_cmp(theirs).unwrap_or_else(|| ours.total_cmp(theirs))
        }
        _ => ours.cmp(theirs),
    }
}

/// 2^128, beyond every whole number that there is.
const BEYOND: f64 = 340_282_366_920_938_463_463_374_607_431_768_211_456.0;

fn whole_with_float(whole: Integer, float: f64) -> Ordering {
    if float.is_nan() || float.abs() >= BEYOND {
        return if float > 0.0 || float.is_nan() { Ordering::Less } else { Ordering::Greater };
    }
    // The part before the point is a whole number of at most 128 bits, so it is exact.
    let trunc = float.trunc();
    let floor = match (trunc < 0.0, trunc < -(BEYOND / 2.0)) {
        (true, true) => return Ordering::Greater,
        (true, false) => Integer::from(trunc as i128),
        (false, _) => Integer::from(trunc as u128),
    };
    whole.cmp(&floor).then_with(|| 0.0f64.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers() {
        let numbers = [
            Value::Float(f64::MIN),
            Value::from(i128::MIN),
            Value::Float(-1.5),
            Value::from(-1),
            Value::Float(-0.5),
            Value::from(0),
            Value::Float(0.5),
            Value::from(1),
            Value::Float(1.5),
            Value::Float(9_007_199_254_740_992.0),
            Value::from(9_007_199_254_740_993i64),
            Value::from(u128::MAX),
            Value::Float(f64::MAX),
        ];
        for (a, ours) in numbers.iter().enumerate() {
            for (b, theirs) in numbers.iter().enumerate() {
                assert_eq!(compare_numbers(ours, theirs), a.cmp(&b), "{ours} and {theirs}");
            }
        }
        assert!(Op::Eq.holds(&Value::from(1), &Value::Float(1.0)));
        assert!(Op::Eq.holds(&Value::Float(0.0), &Value::Float(-0.0)));
    }

    #[test]
    fn what_is_absent_is_neither_less_nor_greater() {
        let (null, one) = (Value::Null, Value::from(1));
        let holds = |ours: &Value, theirs: &Value| Op::ALL.map(|op| op.holds(ours, theirs));
        assert_eq!(holds(&null, &one), [false, true, false, false, false, false]);
        assert_eq!(holds(&null, &null), [true, false, false, false, false, false]);
        assert_eq!(holds(&Value::from("1"), &one), [false, true, false, false, false, false]);
    }
}
