//! Attributes that the program stores as another type: in and out as they are stored, by its model.

use dronestore::{Convert, Drone, Error, ErrorKind, Import, Repo, Result};

/// House numbers were numbers until somebody moved into 12a.
struct Number;

impl Convert<String> for Number {
    type Stored = u32;

    fn load(stored: u32) -> Result<String> {
        Ok(stored.to_string())
    }

    fn store(value: &String) -> Result<u32> {
        value.parse().map_err(|_| Error::new(ErrorKind::InvalidValue, format!("`{value}` is no number")))
    }
}

#[derive(Drone, Debug, Clone, PartialEq)]
struct House {
    #[merge(latest)]
    #[drone(convert = "Number", default = "0".to_string())]
    number: String,
    #[merge(latest)]
    street: String,
}

fn house(number: &str) -> House {
    House { number: number.into(), street: "Mill Lane".into() }
}

#[test]
fn what_a_conversion_stores_comes_back_by_its_model() {
    let (from, to, by_hand) = (Repo::memory().unwrap(), Repo::memory().unwrap(), Repo::memory().unwrap());
    from.put("a", house("12")).unwrap();
    from.put("b", house("7")).unwrap();
    let mut lines = Vec::new();
    from.export::<House>(&mut lines).unwrap();
    let error = to.import_json(&lines[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert!(error.to_string().contains("only the program can write it"), "{error}");

    let mut import = Import::new(&to).model::<House>();
    assert_eq!(import.json(&lines[..]).unwrap().written, 2);
    assert_eq!(*to.get::<House>("a").unwrap().unwrap(), house("12"));
    assert_eq!(
        import.json(&lines[..]).unwrap().written,
        2,
        "the report goes on, and nothing is written twice"
    );
    by_hand.put("a", house("12")).unwrap();
    let state = |repo: &Repo| {
        let key = House::key_of("a").unwrap();
        repo.view().unwrap().version("House", &key).unwrap().unwrap().attributes().unwrap()
    };
    let read = |repo| state(repo).into_iter().map(|view| (view.name, view.reading)).collect::<Vec<_>>();
    assert_eq!(read(&to), read(&by_hand));
    to.verify().unwrap();
}

#[test]
fn what_no_conversion_would_store_is_refused() {
    for value in ["\"12\"", "-1", "1.5", "null", "[1]"] {
        let repo = Repo::memory().unwrap();
        let line = format!("{{\"key\":\"/House:a\",\"values\":{{\"number\":{value}}}}}");
        let error = Import::new(&repo).model::<House>().json(line.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{value}: {error}");
        assert!(error.to_string().contains("line 1"), "{error}");
        assert!(repo.is_empty());
    }
}
