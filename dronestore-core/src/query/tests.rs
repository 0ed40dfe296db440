//! Queries: their two forms, and what they find.

use super::*;
use crate::error::Result;
use crate::time::Nanotime;
use crate::value::{Cell, Plain, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// An object as a map.
#[derive(Debug, Clone)]
struct Object {
    key: Key,
    values: BTreeMap<String, Value>,
}

impl Row for Object {
    fn key(&self) -> &Key {
        &self.key
    }

    fn kind(&self) -> &str {
        "Thing"
    }

    fn created(&self) -> Nanotime {
        Nanotime::from_nanos(5)
    }

    fn committed(&self) -> Nanotime {
        Nanotime::from_nanos(7)
    }

    fn attribute(&self, name: &str) -> Result<Option<Cow<'_, Value>>> {
        Ok(self.values.get(name).map(Cow::Borrowed))
    }
}

fn object(name: &str, json: &str) -> Object {
    let value = Value::from_json(&serde_json::from_str(json).unwrap()).unwrap();
    let values = value.as_map().unwrap().iter();
    let values = values.map(|(name, value)| (name.as_text().unwrap().to_owned(), value.clone())).collect();
    Object { key: Key::for_kind("Thing", name).unwrap(), values }
}

/// A small generator of our own: the same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % most
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 7 } else { 10 }) {
            0 => Value::Null,
            1 => Value::from(self.below(2) == 1),
            2 => Value::from(self.below(5) as i64 - 2),
            3 => Value::Float((self.below(9) as f64 - 4.0) / 2.0),
            4 => Value::from(*self.pick(&["", "a", "ab", "b\"\\\n", "é", "order"])),
            5 => Value::Bytes(vec![0, 255]),
            6 => Value::Integer(u128::MAX.into()),
            7 => Value::some(Value::Null),
            8 => Value::List((0..self.below(3)).map(|_| self.value(depth - 1)).collect()),
            _ => Value::Map((0..self.below(3)).map(|_| (self.value(0), self.value(depth - 1))).collect()),
        }
    }

    fn path(&mut self) -> Path {
        let mut path = match self.below(8) {
            0 => Path::from(Root::Key),
            1 => Path::from(Root::Committed),
            _ => Path::attribute(
                *self.pick(&["a", "b", "a b", "not", "order", "tick`", "", "0", "name", "true"]),
            ),
        };
        for _ in 0..self.below(3) {
            path = match self.below(5) {
                0 => path.len(),
                4 => path.or(self.value(1)),
                1 => path.at(*self.pick(&["city", "len", "x y"])),
                _ => path.at(self.value(1)),
            };
        }
        path
    }

    fn filter(&mut self, depth: usize) -> Filter {
        let path = self.path();
        match self.below(if depth == 0 { 6 } else { 9 }) {
            0 => Filter::Is(path, *self.pick(&Op::ALL), self.value(2)),
            1 => Filter::In(path, (0..self.below(3)).map(|_| self.value(1)).collect()),
            2 => Filter::Has(path, self.value(1)),
            3 => Filter::StartsWith(path, self.pick(&["", "a", "\u{7f}`"]).to_string()),
            4 => Filter::Contains(path, self.pick(&["b", "\""]).to_string()),
            5 => Filter::IsNone(path),
            6 => Filter::Not(Box::new(self.filter(depth - 1))),
            which => {
                let count = [0, 2, 3][self.below(3)];
                let all = (0..count).map(|_| self.filter(depth - 1)).collect();
                if which == 7 { Filter::And(all) } else { Filter::Or(all) }
            }
        }
    }

    fn order(&mut self) -> Order {
        if self.below(2) == 0 { Order::asc(self.path()) } else { Order::desc(self.path()) }
    }

    fn query(&mut self) -> Query {
        let mut query = Query::new().filter(self.filter(3));
        query.order = (0..self.below(3)).map(|_| self.order()).collect();
        if self.below(3) == 0 {
            query.under = Some(Key::for_kind("Thing", "a \"b\"").unwrap());
        }
        if self.below(3) == 0 {
            let values = query.order.iter().map(|_| self.value(2)).collect();
            let key = Key::for_kind("Thing", "x").unwrap();
            query.after = Some(SortKey { values, kind: "Thing".to_owned(), key }.cursor());
        }
        query.offset = self.below(2) * 3;
        query.limit = (self.below(2) == 0).then_some(2);
        query
    }
}

#[test]
fn a_query_comes_back_from_its_text_and_from_json() {
    let mut random = Random(1);
    for _ in 0..5_000 {
        let query = random.query();
        let text = query.to_string();
        let back = text.parse::<Query>().unwrap_or_else(|error| panic!("{error} in {text}"));
        assert_eq!(back, query, "{text}");
        let json = serde_json::to_string(&query).unwrap();
        assert_eq!(serde_json::from_str::<Query>(&json).unwrap(), query, "{json}");
    }
}

#[test]
fn json_reads_well() {
    let query: Query = r#"age >= 18 and not tags has "tea" order by last desc limit 3"#.parse().unwrap();
    let expected = r#"{"where":{"and":[{"is":["age",">=",18]},{"not":{"has":["tags","tea"]}}]},"order":[{"by":"last","direction":"desc"}],"limit":3}"#;
    assert_eq!(serde_json::to_string(&query).unwrap(), expected);
    assert_eq!(
        serde_json::from_str::<Query>(r#"{"order":[{"by":"last"}]}"#).unwrap().to_string(),
        "order by last"
    );
    assert!(serde_json::from_str::<Query>(r#"{"oder":[]}"#).is_err());
}

#[test]
fn mistakes_are_told_with_their_place() {
    for (text, message) in [
        ("age >", "query, byte 5: a value is expected, and the query ends"),
        ("age > 18 and", "query, byte 12: the name of a field is expected, and the query ends"),
        ("name = Ann", "query, byte 7: a value (texts in quotes) is expected, and not `Ann`"),
        ("name = \"Ann", "query, byte 7: the text that begins here does not end"),
        ("(a = 1", "query, byte 6: `)` is expected, and the query ends"),
        ("a = 1 b = 2", "query, byte 6: the end is expected, and not `b`"),
        ("a # 1", "query, byte 2: `#` has no meaning here"),
        (
            "@when > 1",
            "query, byte 0: `@key`, `@parent`, `@kind`, `@created` or `@committed` is expected, and not `@when`",
        ),
        ("a = 1 limit -1", "query, byte 12: a number is expected, and not `-`"),
        ("a = 2026-13-01T00:00:00Z", "query, byte 4: this is no time as in RFC 3339"),
        ("a in 3", "query, byte 6: behind `in` there is a list: `in [1, 2]`"),
        ("a = {1: 2, 1: 3}", "query, byte 4: a key stands twice in this map"),
        ("after \"00\"", "query, byte 6: this is no cursor: take one from an earlier answer"),
        ("under \"a\"", "query, byte 6: key `a` does not start with `/`"),
    ] {
        let error = text.parse::<Query>().unwrap_err().to_string();
        assert!(error.starts_with(message), "{text}: {error}");
    }
    let deep = format!("{}a", "(".repeat(100_000));
    assert!(deep.parse::<Query>().unwrap_err().to_string().contains("65536"));
    let deep = format!("{}a", "(".repeat(1_000));
    assert!(deep.parse::<Query>().unwrap_err().to_string().contains("too deeply"));
}

#[test]
fn garbage_is_an_error_and_no_panic() {
    let mut random = Random(3);
    let words = [
        "a", "\"", "`", "and", "(", ")", "[", "]", "=", "??", ".", "1", "1.", "1e", "h'0", "é", "@", "not",
        " ", "{", ":", "2026-", "limit", "order by", ",", "-", "\u{0}", "some(",
    ];
    for _ in 0..20_000 {
        let text: String = (0..random.below(8)).map(|_| *random.pick(&words)).collect();
        let _ = text.parse::<Query>();
    }
}

#[test]
fn filters_find_what_they_say() {
    let ann = object(
        "ann",
        r#"{"age":30,"name":"Ann","tags":["tea","go"],"home":{"city":"Rome"},"scores":{"go":3},"nick":null,"is_in":true}"#,
    );
    for (filter, expected) in [
        ("age = 30", true),
        ("age = 30.0", true),
        ("age > 29.5 and age <= 30", true),
        ("age < \"31\"", false),
        ("age != \"31\"", true),
        ("nick < 5", false),
        ("nick is none", true),
        ("nothing is none", true),
        ("age is not none", true),
        ("nothing != 1", true),
        ("nothing ?? 4 > 3", true),
        ("nick ?? 4 > 3", false),
        ("nothing ?? [] .len() = 0", true),
        ("home.street ?? \"\" = \"\"", true),
        ("nick.street ?? \"\" = \"\"", false),
        ("name starts with \"An\"", true),
        ("name contains \"nn\"", true),
        ("name.len() = 3", true),
        ("tags has \"tea\"", true),
        ("tags has \"rust\" or tags[1] = \"go\"", true),
        ("tags[2] is none", true),
        ("scores has \"go\"", true),
        ("scores.go >= 3", true),
        ("home.city in [\"Rome\", \"Oslo\"]", true),
        ("home.street.number = 3", false),
        ("is_in", true),
        ("not is_in", false),
        ("@key = \"/Thing:ann\" and @kind = \"Thing\"", true),
        ("@committed >= 1970-01-01T00:00:00Z and @created = 5", true),
        ("true and not false", true),
    ] {
        assert_eq!(filter.parse::<Filter>().unwrap().matches(&ann).unwrap(), expected, "{filter}");
    }
}

/// What a query gives by definition.
fn naively(query: &Query, objects: &[Object]) -> Vec<Key> {
    let mut found: Vec<(SortKey, Key)> = Vec::new();
    for object in objects {
        if query.filter.matches(object).unwrap() {
            found.push((SortKey::of(&query.order, object).unwrap(), object.key.clone()));
        }
    }
    found.sort_by(|a, b| a.0.compare(&b.0, &query.order));
    if let Some(after) = &query.after {
        found.retain(|(place, _)| place.compare(after.place(), &query.order).is_gt());
    }
    let keys = found.into_iter().map(|(_, key)| key).skip(query.offset);
    keys.take(query.limit.unwrap_or(usize::MAX)).collect()
}

fn run(query: &Query, objects: &[Object]) -> Answer<Object> {
    let mut run = Run::new(query).unwrap();
    objects.iter().for_each(|object| run.offer(object.clone()).unwrap());
    run.finish()
}

#[test]
fn a_run_gives_what_sorting_everything_would() {
    let mut random = Random(7);
    for _ in 0..2_000 {
        let objects: Vec<Object> = (0..random.below(20))
            .map(|number| {
                let mut object = object(&number.to_string(), "{}");
                for name in ["a", "b"] {
                    if random.below(4) > 0 {
                        object.values.insert(name.to_owned(), random.value(1));
                    }
                }
                object
            })
            .collect();
        let mut query = random.query();
        query.under = None;
        let keys: Vec<Key> = run(&query, &objects).found.into_iter().map(|found| found.row.key).collect();
        assert_eq!(keys, naively(&query, &objects), "{query}");
    }
}

#[test]
fn pages_come_to_all_and_to_each_once_while_others_come_and_go() {
    let mut random = Random(11);
    for _ in 0..200 {
        let objects: Vec<Object> = (0..30)
            .map(|number| object(&number.to_string(), &format!(r#"{{"a":{}}}"#, random.below(5))))
            .collect();
        let mut query: Query = "order by a desc limit 4".parse().unwrap();
        let mut seen = Vec::new();
        let mut here = objects.clone();
        loop {
            let answer = run(&query, &here);
            seen.extend(answer.found.iter().map(|found| found.row.key.clone()));
            let Some(next) = answer.next else { break };
            // Those that were seen go away, the last one of the page with them.
            let gone = random.below(seen.len() + 1);
            here.retain(|object| !seen[seen.len() - gone..].contains(&object.key));
            query.after = Some(next.to_string().parse().unwrap());
        }
        query.after = None;
        query.limit = None;
        assert_eq!(seen, naively(&query, &objects));
    }
    let query: Query = "order by a limit 4".parse().unwrap();
    let cursor = SortKey { values: Vec::new(), kind: String::new(), key: Key::root() }.cursor();
    assert!(Run::<Object>::new(&query.after(cursor)).is_err());
}

#[test]
fn a_query_below_a_key_finds_that_key_and_what_is_below() {
    let names = ["a", "ab", "b"];
    let objects: Vec<Object> = names.map(|name| object(name, "{}")).into();
    let child = Object { key: objects[0].key.child("x").unwrap(), values: BTreeMap::new() };
    let query = Query::new().under(&objects[0].key);
    let all = [objects.as_slice(), std::slice::from_ref(&child)].concat();
    let keys: Vec<Key> = run(&query, &all).found.into_iter().map(|found| found.row.key).collect();
    assert_eq!(keys, [objects[0].key.clone(), child.key]);
}

#[test]
fn a_bound_filter_says_what_the_filter_says() {
    let values = ["null", "7", "0", "\"tea\"", "[\"tea\",7]", "{\"a\":7}", "\"\""];
    let objects: Vec<Object> = std::iter::once("{}".to_owned())
        .chain(values.iter().map(|value| format!("{{\"x\":{value}}}")))
        .map(|json| object("o", &json))
        .collect();
    let paths = ["x", "x ?? 7", "x.a", "x.a ?? 7", "x.len()", "x.len() ?? 0"];
    let tests = [
        "= 7",
        "!= 7",
        ">= 0",
        "= null",
        "!= null",
        "has \"tea\"",
        "starts with \"t\"",
        "contains \"e\"",
        "in (7, 3)",
        "in (\"tea\", 3)",
        "< 7.5",
        "< \"teb\"",
        "= -1",
    ];
    let (mut held, mut plains) = (0, 0);
    for path in paths {
        for test in tests {
            for text in
                [format!("{path} {test}"), format!("not {path} {test}"), format!("{path} {test} or x = 0")]
            {
                let Ok(query) = text.parse::<Query>() else { continue };
                let bound = query.filter.bind(&|_| Some(0)).unwrap();
                for object in &objects {
                    let expected = query.filter.matches(object).unwrap();
                    let value = object.values.get("x").cloned();
                    let bytes = value.as_ref().map(|value| value.to_bytes().unwrap());
                    let plain = bytes.as_deref().and_then(Plain::of).map(Cell::Plain);
                    plains += usize::from(plain.is_some());
                    let cells = [value.map(Cell::Value)];
                    let in_place = if plain.is_some() { [plain] } else { cells.clone() };
                    for cells in [cells, in_place] {
                        assert_eq!(bound.holds(&cells), expected, "{text} of {:?}", object.values);
                    }
                    held += usize::from(expected);
                }
            }
        }
    }
    assert!(held > 100 && plains > 100, "{held} {plains}");
    let of_key = "@key = \"/a\" and x = 7".parse::<Query>().unwrap().filter;
    assert!(of_key.bind(&|path| matches!(path.root, Root::Attribute(_)).then_some(0)).is_none());
}
