//! Handles that were loaded before their writes got another name go on.

use super::{House, agree, change, house, twins};

#[test]
fn a_handle_from_before_saves_onto_what_was_healed() {
    let (a, b) = twins(|repo| change(repo, "h", |house| house.visits = 1));
    change(&a, "h", |house| (house.visits, house.name) = (3, "ours".into()));
    let mut handle = a.get::<House>("h").unwrap().unwrap();
    change(&b, "h", |house| (house.visits, house.name) = (11, "theirs".into()));
    a.merge(&b).unwrap();
    handle.visits += 100;
    handle.tags.insert("late".into());
    a.save(&mut handle).unwrap();
    assert_eq!(handle.visits, 1 + 2 + 10 + 100);
    b.merge(&a).unwrap();
    agree(&a, &b);
    assert_eq!(house(&b, "h").tags.len(), 1);
}

#[test]
fn what_a_handle_of_a_copy_brings_is_healed_too() {
    let (a, b) = twins(|repo| change(repo, "h", |house| house.visits = 1));
    (0..2).for_each(|_| change(&b, "h", |house| house.visits += 10));
    change(&a, "h", |house| house.visits += 1);
    let mut handle = b.get::<House>("h").unwrap().unwrap();
    handle.visits += 100;
    a.save(&mut handle).unwrap();
    assert_eq!(house(&a, "h").visits, 1 + 1 + 20 + 100);
    b.sync_with(&a).unwrap();
    agree(&a, &b);
}

#[test]
fn what_left_under_the_old_name_is_known_when_it_comes_back() {
    let (a, b) = twins(|repo| change(repo, "h", |house| house.visits = 1));
    change(&a, "h", |house| house.visits += 1);
    let early = a.get::<House>("h").unwrap().unwrap().version().unwrap().clone();
    (0..3).for_each(|_| change(&b, "h", |house| house.visits += 10));
    a.merge(&b).unwrap();
    assert_eq!(a.merge(&early).unwrap().known, 1);
    assert_eq!(house(&a, "h").visits, 32);
}
