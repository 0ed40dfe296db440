//! Several schemas of one kind, and such as no program has.

use dronestore::{Drone, ErrorKind, Import, Repo};

mod old {
    #[derive(dronestore::Drone, Debug, Clone, Default, PartialEq)]
    pub struct Meter {
        #[merge(latest)]
        pub count: u8,
        #[merge(latest)]
        pub unit: String,
    }
}

mod new {
    #[derive(dronestore::Drone, Debug, Clone, Default, PartialEq)]
    pub struct Meter {
        #[merge(latest)]
        pub count: u32,
        #[merge(latest)]
        pub unit: Option<String>,
    }
}

#[test]
fn a_type_that_was_widened_is_the_wide_one_whoever_wrote_first() {
    let wide = new::Meter { count: 300, unit: None };
    for turn in [false, true] {
        let repo = Repo::memory().unwrap();
        let narrow = || repo.add_schema(&old::Meter::schema()).map(drop).unwrap();
        if turn {
            narrow();
        }
        repo.put("b", wide.clone()).unwrap();
        narrow();
        repo.import_json(&br#"{"key":"/Meter:a","values":{"count":3,"unit":"kWh"}}"#[..]).unwrap();
        let schema = repo.schema_of("Meter").unwrap().unwrap();
        let types: Vec<&str> = schema.attributes.iter().map(|known| known.type_text.as_str()).collect();
        assert_eq!(types, ["u32", "Option<String>"]);

        let mut out = Vec::new();
        repo.export_json(&mut out).unwrap();
        let to = Repo::memory().unwrap();
        to.import_json(&out[..]).unwrap();
        for name in ["a", "b"] {
            let (one, other) = (repo.get::<new::Meter>(name), to.get::<new::Meter>(name));
            assert_eq!(*one.unwrap().unwrap(), *other.unwrap().unwrap());
        }
        let line = br#"{"key":"/Meter:c","values":{"count":70000,"unit":null}}"#;
        to.import_json(&line[..]).unwrap();
        assert_eq!(to.get::<new::Meter>("c").unwrap().unwrap().count, 70_000);
    }
}

#[test]
fn a_schema_that_no_program_has_is_refused_and_spoils_nothing() {
    let repo = Repo::memory().unwrap();
    repo.put("a", new::Meter { count: 3, unit: None }).unwrap();
    let attribute = |name: &str, strategy: &str, ty: &str| serde_json::json!({ "name": name, "strategy": strategy, "type": ty });
    for (kind, attributes, words) in [
        ("", vec![attribute("a", "latest", "u8")], "the kind is empty"),
        ("A\0B", vec![attribute("a", "latest", "u8")], "holds a NUL"),
        ("Meter", vec![attribute("", "latest", "u8")], "an attribute's name is empty"),
        ("Meter", vec![attribute("a", "latest", "u8"), attribute("a", "max", "u8")], "described twice"),
        ("Meter", vec![attribute("count", "nonsense", "u8")], "is no strategy that is known here"),
        ("Meter", vec![attribute("count", "counter", "String")], "does not fit `String`"),
    ] {
        let line = serde_json::json!({ "schema": { "kind": kind, "attributes": attributes } }).to_string();
        let error = repo.import_json(line.as_bytes()).unwrap_err();
        let kind = if words.contains("no strategy") { ErrorKind::Unsupported } else { ErrorKind::Invalid };
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(words) && error.to_string().contains("line 1"), "{error}");
    }
    assert_eq!(repo.schemas().unwrap().len(), 1);
    let mut out = Vec::new();
    repo.export_json(&mut out).unwrap();
    Repo::memory().unwrap().import_json(&out[..]).unwrap();
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
struct Gauge {
    #[merge(latest)]
    narrow: f32,
    #[merge(latest)]
    wide: Option<f64>,
}

#[test]
fn a_number_beyond_its_type_does_not_become_infinite() {
    let repo = Repo::memory().unwrap();
    repo.add_schema(&Gauge::schema()).unwrap();
    for line in [
        r#"{"key":"/Gauge:a","values":{"narrow":1e39}}"#,
        r#"{"key":"/Gauge:a","values":{"narrow":-1e39}}"#,
        r#"{"key":"/Gauge:a","values":{"wide":1e400}}"#,
    ] {
        let error = repo.import_json(line.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error}");
    }
    for row in ["a,1e39,", "a,-1e39,", "a,1,1e400"] {
        let error =
            Import::new(&repo).csv("Gauge", format!("key,narrow,wide\n{row}\n").as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error}");
    }
    assert!(repo.get::<Gauge>("a").unwrap().is_none());
    Import::new(&repo).csv("Gauge", &b"key,narrow,wide\na,-inf,1e39\n"[..]).unwrap();
    let gauge = repo.get::<Gauge>("a").unwrap().unwrap();
    assert_eq!(*gauge, Gauge { narrow: f32::NEG_INFINITY, wide: Some(1e39) });
}
