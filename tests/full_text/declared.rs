//! What is searched: marked fields, named ones, and everything.

use super::{Note, Page, Place, names, note, sorted};
use dronestore::schema::Schema;
use dronestore::{Drone, ErrorKind, Repo, Value};

#[test]
fn every_form_of_text_is_found() {
    let repo = Repo::memory().unwrap();
    repo.put("title", Note { title: "fox".into(), ..Note::default() }).unwrap();
    repo.put("text", note("fox")).unwrap();
    repo.put("tags", Note { tags: ["red fox".to_owned()].into(), ..Note::default() }).unwrap();
    repo.put("nick", Note { nick: Some("fox".into()), ..Note::default() }).unwrap();
    repo.put("place", Note { place: Place { city: "fox".into() }, ..Note::default() }).unwrap();
    repo.put("more", Note { more: [("a".to_owned(), "fox".to_owned())].into(), ..Note::default() }).unwrap();
    repo.put("key", Note { more: [("fox".to_owned(), "a".to_owned())].into(), ..Note::default() }).unwrap();
    repo.put("hidden", Page { hidden: "fox".into(), ..Page::default() }).unwrap();
    let search = super::open(&repo);
    assert_eq!(sorted(&search, "fox"), ["more", "nick", "place", "tags", "text", "title"]);
    assert_eq!(search.fields(), ["title", "text", "tags", "nick", "place", "more", "summary"]);
}

#[test]
fn fields_are_named_with_and_without_types() {
    let repo = Repo::memory().unwrap();
    let place = Place { city: "Bern".into() };
    repo.put("a", Note { title: "fox".into(), text: "hare".into(), place, ..Note::default() }).unwrap();
    let fields = Note::fields();
    let city = fields.place.then(Place::fields().city);
    let typed = repo.full_text().field(fields.text).field(city).open().unwrap();
    assert_eq!((names(&typed, "fox").len(), names(&typed, "hare").len()), (0, 1));
    assert_eq!(names(&typed, "place.city:bern"), ["a"]);
    let untyped = repo.full_text().attribute("Note", "title").attribute("Note", "place.city").open().unwrap();
    assert_eq!((names(&untyped, "fox").len(), names(&untyped, "hare").len()), (1, 0));
    assert_eq!(names(&untyped, "place.city:bern"), ["a"]);
    let error = repo.full_text().attribute("Nope", "title").open().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = repo.full_text().attribute("Note", "titel").open().unwrap_err();
    assert!(error.to_string().contains("title"), "{error}");
    assert!(repo.full_text().attribute("Note", "@key").open().is_err());
    let error = repo.full_text().model::<Place>().open().unwrap_err();
    assert!(error.to_string().contains("#[drone(search)]"), "{error}");
}

#[test]
fn everything_is_searched_where_nothing_is_said() {
    let repo = Repo::memory().unwrap();
    repo.put("a", Page { hidden: "fox".into(), ..Page::default() }).unwrap();
    let search = repo.full_text().open().unwrap();
    assert_eq!(names(&search, "fox"), ["a"]);
    assert_eq!(search.fields(), ["hidden", "summary", "title"]);
    // A kind that comes later.
    let schema = "struct Song { #[merge(latest)] words: String, #[merge(max)] length: u32 }";
    repo.add_schema(&Schema::parse(schema).unwrap()).unwrap();
    let key = "/Song:b".parse().unwrap();
    let sing = |values: &mut dronestore::schema::Values| {
        values.insert("words".into(), Value::from("the fox"));
        Ok(())
    };
    repo.update_values("Song", &key, sing).unwrap();
    assert_eq!(sorted(&search, "fox"), ["a", "b"]);
    assert!(search.fields().contains(&"words".to_owned()) && !search.fields().contains(&"length".to_owned()));
    assert_eq!(names(&search, "words:fox"), ["b"]);
}

#[test]
fn a_default_is_found_until_something_is_written() {
    #[derive(Drone, Debug, Default)]
    struct Draft {
        #[merge(latest)]
        #[drone(search, default = "nameless draft".to_owned())]
        title: String,
        #[merge(counter)]
        visits: i64,
    }
    let repo = Repo::memory().unwrap();
    repo.update::<Draft>("a", |draft| {
        draft.visits += 1;
        Ok(())
    })
    .unwrap();
    let search = repo.full_text().model::<Draft>().open().unwrap();
    assert_eq!(names(&search, "nameless"), ["a"]);
    repo.update::<Draft>("a", |draft| {
        draft.title = "named".into();
        Ok(())
    })
    .unwrap();
    assert!(names(&search, "nameless").is_empty());
}

#[test]
fn searching_changes_no_schema() {
    #[derive(Drone)]
    #[drone(kind = "Note")]
    #[allow(dead_code)]
    struct Bare {
        #[merge(latest)]
        title: String,
    }
    #[derive(Drone)]
    #[drone(kind = "Note")]
    #[allow(dead_code)]
    struct Marked {
        #[merge(latest)]
        #[drone(search)]
        title: String,
    }
    assert_eq!(Bare::schema().to_bytes().unwrap(), Marked::schema().to_bytes().unwrap());
}
