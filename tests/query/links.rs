//! Links: followed to the objects that they name, and looked for from there.

use dronestore::{Drone, Key, Repo};
use std::collections::BTreeSet;

#[derive(Drone, Debug, Clone, Default, PartialEq)]
struct Film {
    #[merge(latest)]
    #[drone(link = "Artist", index)]
    director: Option<Key>,
    #[merge(set)]
    #[drone(link = "Artist", index)]
    cast: BTreeSet<Key>,
    #[merge(list)]
    #[drone(link = "Film")]
    sequels: Vec<Key>,
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
struct Artist {
    #[merge(latest)]
    name: String,
}

fn artist(number: usize) -> Key {
    Artist::key_of(&format!("a{number:02}")).unwrap()
}

fn film(number: usize) -> Key {
    Film::key_of(&format!("f{number:02}")).unwrap()
}

/// Films of every director, some of whom are not here.
fn filled() -> Repo {
    let repo = Repo::memory().unwrap();
    for number in 0..20 {
        repo.put(artist(number), Artist { name: format!("artist {number}") }).unwrap();
    }
    for number in 0..60 {
        let director = (number % 4 > 0).then(|| artist(number % 25));
        let cast = (0..number % 5).map(|one| artist((number * 7 + one * 3) % 30)).collect();
        let sequels = (number + 1..number + 3).map(film).collect();
        repo.put(film(number), Film { director, cast, sequels }).unwrap();
    }
    repo.delete::<Artist>(artist(3)).unwrap();
    repo.delete::<Film>(film(40)).unwrap();
    repo
}

#[test]
fn links_are_followed_as_far_as_there_is_something() {
    let repo = filled();
    for found in repo.iter::<Film>().unwrap() {
        let found = found.unwrap();
        let cast = repo.linked::<Artist>(&found.cast).unwrap().map(|one| one.unwrap().key().clone());
        let here = |key: &&Key| repo.contains::<Artist>(*key).unwrap();
        assert!(cast.eq(found.cast.iter().filter(here).cloned()));
        let director = repo.linked::<Artist>(&found.director).unwrap().map(Result::unwrap).next();
        assert_eq!(director.is_some(), found.director.as_ref().is_some_and(|key| here(&key)));
    }
    let sequels = repo.linked::<Film>(&vec![film(2), film(40), film(1), film(90)]).unwrap();
    let keys: Vec<Key> = sequels.map(|one| one.unwrap().key().clone()).collect();
    assert_eq!(keys, [film(2), film(1)]);
    // Another kind may stand under the same key; it is not what was asked for.
    assert_eq!(repo.linked::<Film>(&artist(1)).unwrap().count(), 0);
}

#[test]
fn what_links_to_an_object_is_found_as_by_looking_at_all() {
    let repo = filled();
    let all: Vec<_> = repo.iter::<Film>().unwrap().map(Result::unwrap).collect();
    for number in 0..30 {
        let key = artist(number);
        let by = |wanted: &dyn Fn(&Film) -> bool| {
            all.iter().filter(|film| wanted(film)).map(|film| film.key().clone()).collect::<Vec<_>>()
        };
        let directed = repo.query::<Film>().filter(Film::fields().director.links_to(&key));
        assert_eq!(directed.keys().unwrap(), by(&|film| film.director.as_ref() == Some(&key)));
        let played = || repo.query::<Film>().filter(Film::fields().cast.links_to(&key));
        assert_eq!(played().keys().unwrap(), by(&|film| film.cast.contains(&key)));
        assert_eq!(played().explain().unwrap().indexes.len(), 1);
    }
    for number in 0..60 {
        let before = repo.query::<Film>().filter(Film::fields().sequels.links_to(&film(number)));
        let wanted = all.iter().filter(|one| one.sequels.contains(&film(number)));
        assert_eq!(before.count().unwrap(), wanted.count());
    }
}
