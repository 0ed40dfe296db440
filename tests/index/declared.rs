//! Indexes come with the program that asks for them, and go when they are taken away.

use dronestore::{Drone, IndexState, Repo};

mod one {
    use dronestore::Drone;

    #[derive(Drone, Debug, Clone, Default)]
    pub struct Page {
        #[merge(latest)]
        #[drone(index)]
        pub title: String,
        #[merge(counter)]
        pub visits: i64,
    }
}

mod two {
    use dronestore::Drone;

    #[derive(Drone, Debug, Clone, Default)]
    #[drone(index(visits))]
    pub struct Page {
        #[merge(latest)]
        pub title: String,
        #[merge(counter)]
        pub visits: i64,
        #[merge(latest)]
        pub text: String,
    }
}

fn shown(repo: &Repo) -> Vec<String> {
    repo.indexes().unwrap().iter().map(ToString::to_string).collect()
}

#[test]
fn programs_of_two_ages_each_bring_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages.drone");
    {
        let repo = Repo::open(&path).unwrap();
        repo.put("a", one::Page { title: "A".into(), visits: 1 }).unwrap();
        repo.put("b", one::Page { title: "B".into(), visits: 2 }).unwrap();
        assert_eq!(shown(&repo), ["Page(title), ready, 2 rows"]);
    }
    {
        let repo = Repo::open(&path).unwrap();
        let find = || repo.query::<two::Page>().filter(two::Page::fields().visits.ge(2));
        assert_eq!(find().count().unwrap(), 1);
        assert_eq!(shown(&repo), ["Page(title), ready, 2 rows", "Page(visits), ready, 2 rows"]);
        assert_eq!(find().explain().unwrap().indexes.len(), 1);
        repo.put("c", two::Page { title: "C".into(), visits: 3, text: String::new() }).unwrap();
        // It did not ask for this one, and it reads the title as that program does.
        let titled = repo.query::<two::Page>().filter(two::Page::fields().title.eq("C"));
        assert_eq!(titled.explain().unwrap().indexes[0].index, "Page(title)");
    }
    let repo = Repo::open(&path).unwrap();
    let find = repo.query::<one::Page>().filter(one::Page::fields().title.eq("C"));
    assert_eq!(find.keys().unwrap().len(), 1);
    repo.verify().unwrap();
}

#[test]
fn what_is_taken_away_is_gone_and_comes_back_when_it_is_asked_for() {
    let repo = Repo::memory().unwrap();
    repo.put("a", one::Page { title: "A".into(), visits: 1 }).unwrap();
    let index = repo.indexes().unwrap().remove(0);
    assert_eq!(
        (index.state, index.rows, &index.fields[..]),
        (IndexState::Ready, 1, &["title".to_owned()][..])
    );
    repo.drop_index(&index).unwrap();
    assert!(shown(&repo).is_empty());
    assert!(repo.drop_index(&index).unwrap_err().is_not_found());
    assert_eq!(repo.verify().unwrap().index_rows, 0);
    repo.put("b", one::Page { title: "B".into(), visits: 1 }).unwrap();
    assert_eq!(shown(&repo), ["Page(title), building, 1 row"]);
    repo.verify().unwrap();
    repo.build_indexes::<one::Page>().unwrap();
    assert_eq!(shown(&repo), ["Page(title), ready, 2 rows"]);
}

#[test]
fn indexes_stay_where_they_are_and_change_no_version() {
    let (here, there) = (Repo::memory().unwrap(), Repo::memory().unwrap());
    let page = one::Page { title: "A".into(), visits: 1 };
    here.put("a", page).unwrap();
    there.merge(&here).unwrap();
    assert_eq!(here.hash(), there.hash());
    assert!(there.indexes().unwrap().is_empty());
    let plain = dronestore::schema::Schema::of::<one::Page>();
    assert!(!plain.to_string().contains("index"), "{plain}");
}

#[test]
fn a_first_query_inside_a_transaction_finds_without_an_index() {
    let repo = Repo::memory().unwrap();
    repo.put("a", two::Page::default()).unwrap();
    let again = Repo::memory().unwrap();
    again.merge(&repo).unwrap();
    again
        .transaction(|_| {
            assert_eq!(again.query::<two::Page>().filter(two::Page::fields().visits.eq(0)).count()?, 1);
            Ok(())
        })
        .unwrap();
    assert!(again.indexes().unwrap().is_empty());
}
