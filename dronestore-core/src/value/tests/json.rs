//! JSON keeps every value.

use super::Random;
use crate::ErrorKind;
use crate::value::Value;

fn through_text(value: &Value) -> Value {
    let text = value.to_json().to_string();
    Value::from_json(&serde_json::from_str(&text).unwrap()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn every_value_survives_as_text() {
    for seed in 0..20_000 {
        let value = Random::new(seed).value(4);
        assert_eq!(
            through_text(&value).to_bytes().unwrap(),
            value.to_bytes().unwrap(),
            "seed {seed}: {value}"
        );
    }
}

#[test]
fn any_float_survives_as_text() {
    let mut random = Random::new(11);
    for _ in 0..200_000 {
        let Ok(value) = Value::try_from(f64::from_bits(random.next())) else { continue };
        assert_eq!(through_text(&value), value);
    }
}

#[test]
fn forms() {
    let map = |key: &str| Value::from_iter([(key, 1)]);
    for (value, text) in [
        (Value::Null, "null"),
        (Value::from(u64::MAX), "18446744073709551615"),
        (Value::from(i64::MIN), "-9223372036854775808"),
        (Value::from(1u128 << 64), r#"{"$integer":"18446744073709551616"}"#),
        (Value::Float(1.0), "1.0"),
        (Value::Float(-0.0), "-0.0"),
        (Value::Float(f64::NEG_INFINITY), r#"{"$float":"-inf"}"#),
        (Value::Bytes(vec![0, 255]), r#"{"$bytes":"00ff"}"#),
        (Value::some(Value::some(Value::Null)), r#"{"$some":{"$some":null}}"#),
        (map("a"), r#"{"a":1}"#),
        (map("$bytes"), r#"{"$map":[["$bytes",1]]}"#),
        (Value::from_iter([("$bytes", 1), ("a", 2)]), r#"{"$bytes":1,"a":2}"#),
        (Value::from_iter([(1, 2)]), r#"{"$map":[[1,2]]}"#),
    ] {
        assert_eq!(value.to_json().to_string(), text);
        assert_eq!(through_text(&value), value);
    }
}

#[test]
fn other_forms_are_refused() {
    for text in [
        r#"{"$other":1}"#,
        r#"{"$bytes":"0"}"#,
        r#"{"$bytes":"0g"}"#,
        r#"{"$bytes":1}"#,
        r#"{"$float":"NaN"}"#,
        r#"{"$integer":"1.5"}"#,
        r#"{"$integer":"340282366920938463463374607431768211456"}"#,
        r#"{"$some":1}"#,
        r#"{"$map":{}}"#,
        r#"{"$map":[[1]]}"#,
        r#"{"$map":[[1,2],[1,3]]}"#,
    ] {
        let error = Value::from_json(&serde_json::from_str(text).unwrap()).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{text}");
    }
    let deep = (0..200).fold(serde_json::Value::Null, |inner, _| serde_json::json!([inner]));
    assert!(Value::from_json(&deep).is_err());
}
