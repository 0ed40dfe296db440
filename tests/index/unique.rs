//! Values that should be unique: refused where it is known, listed where it came to be.

use dronestore::{Drone, ErrorKind, Repo};

#[derive(Drone, Debug, Clone, Default)]
#[drone(unique(country, number))]
struct User {
    #[merge(latest)]
    #[drone(unique)]
    email: Option<String>,
    #[merge(latest_object)]
    #[drone(default = "CH".to_owned())]
    country: String,
    #[merge(latest)]
    number: u32,
}

fn user(email: &str, number: u32) -> User {
    User { email: Some(email.to_owned()), country: "CH".into(), number }
}

#[test]
fn what_is_known_to_be_taken_is_refused_and_nothing_changes() {
    let repo = Repo::memory().unwrap();
    repo.put("ann", user("a@x", 1)).unwrap();
    let before = repo.hash();
    let error = repo.put("bob", user("a@x", 2)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Taken);
    assert_eq!(
        error.to_string(),
        "`/User:bob` cannot have email = \"a@x\": `/User:ann` has it, and it is unique"
    );
    let error = repo.put("bob", user("b@x", 1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`/User:bob` cannot have country = \"CH\", number = 1: `/User:ann` has it, and it is unique"
    );
    assert_eq!(repo.hash(), before);
    // Its own value an object may write again, and what nobody wrote claims nothing.
    repo.put("ann", user("a@x", 1)).unwrap();
    repo.put("cid", User::default()).unwrap();
    repo.put("dot", User { email: None, country: "CH".into(), number: 0 }).unwrap();
    // What is free again can be had.
    repo.delete::<User>("ann").unwrap();
    repo.put("bob", user("a@x", 1)).unwrap();
    repo.verify().unwrap();
}

#[test]
fn two_objects_exchange_their_values_in_one_transaction() {
    let repo = Repo::memory().unwrap();
    repo.put("ann", user("a@x", 1)).unwrap();
    repo.put("bob", user("b@x", 2)).unwrap();
    let give = |name: &'static str, email: &'static str| {
        move |transaction: &mut dronestore::Transaction<'_>| {
            transaction.update::<User>(name, |user| {
                user.email = Some(email.into());
                Ok(())
            })
        }
    };
    assert!(repo.transaction(give("ann", "b@x")).is_err());
    repo.transaction(|transaction| {
        give("ann", "b@x")(transaction)?;
        give("bob", "a@x")(transaction)
    })
    .unwrap();
    // Two of one transaction are held against one another too.
    let both = repo.transaction(|transaction| {
        give("x", "n@x")(transaction)?;
        give("y", "n@x")(transaction)
    });
    assert_eq!(both.unwrap_err().kind(), ErrorKind::Taken);
    let key = User::key_of("z").unwrap();
    let untyped = repo.update_values("User", &key, |values| {
        values.insert("email".into(), "a@x".into());
        Ok(())
    });
    assert_eq!(untyped.unwrap_err().kind(), ErrorKind::Taken);
}

#[test]
fn of_two_that_meet_the_earlier_claim_keeps_it_everywhere() {
    let one = Repo::memory().unwrap();
    let two = Repo::builder().replica_of(&one).open().unwrap();
    two.put("zoe", user("a@x", 1)).unwrap();
    std::thread::yield_now();
    one.put("ann", user("a@x", 2)).unwrap();
    one.put("bob", user("b@x", 1)).unwrap();
    one.merge(&two).unwrap();
    two.merge(&one).unwrap();
    assert_eq!(one.hash(), two.hash());
    for repo in [&one, &two] {
        let shown: Vec<String> =
            repo.unique_violations::<User>().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "email = \"a@x\" belongs to `/User:zoe`, and `/User:ann` has it too",
                "country = \"CH\", number = 1 belongs to `/User:zoe`, and `/User:bob` has it too",
            ]
        );
        repo.verify().unwrap();
    }
    // What is violated already may be written on, and mended.
    one.update::<User>("ann", |user| {
        user.number = 5;
        Ok(())
    })
    .unwrap();
    one.update::<User>("ann", |user| {
        user.email = Some("n@x".into());
        Ok(())
    })
    .unwrap();
    assert_eq!(one.unique_violations::<User>().unwrap().len(), 1);
}
