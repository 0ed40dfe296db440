//! The program's chain: what it votes, and that chains which disagree come to rest.

use super::{Card, conflicts, devices, edit, in_conflict, meet, phone, settle};
use dronestore::{Conflict, Resolution, Resolver, Rule};

#[test]
fn the_first_answer_is_the_vote() {
    let shortest = |conflict: &Conflict| {
        let side = (0..conflict.sides().len())
            .min_by_key(|side| conflict.sides()[*side].value.as_text().map(str::len));
        side.map(Resolution::Side)
    };
    let cases: Vec<(Resolver, &str)> = vec![
        (Resolver::new().prefer_ours(), "ours"),
        (Resolver::new().prefer_theirs(), "their text"),
        (Resolver::new().rule(Rule::Largest), "their text"),
        (Resolver::new().rule(Rule::Ask).rule(Rule::Smallest), "ours"),
        (Resolver::new().call(shortest).prefer_theirs(), "ours"),
        (Resolver::new().call(|_| None).prefer_theirs(), "their text"),
        (Resolver::new().call(|_| Some(Resolution::Side(9))).prefer_ours(), "ours"),
        (Resolver::new().call(|_| Resolution::value(&"both").ok()), "both"),
    ];
    for (resolver, value) in cases {
        let repos = devices(2);
        edit(&repos[0], |card| card.phone = "ours".into());
        edit(&repos[1], |card| card.phone = "their text".into());
        let name = format!("{resolver:?}");
        repos[0].set_resolver(resolver);
        assert_eq!(repos[0].merge(&repos[1]).unwrap().conflicts, 0);
        assert_eq!((phone(&repos[0]).as_str(), conflicts(&repos[0]).len()), (value, 0), "{name}");
        settle(&repos);
        assert_eq!(phone(&repos[1]), value);
    }
}

#[test]
fn without_an_answer_somebody_is_asked() {
    let repos = in_conflict(3);
    repos[2].set_resolver(Resolver::new().call(|_| None));
    assert_eq!(repos[2].merge(&repos[0]).unwrap().conflicts, 0, "it came as it is: nothing was merged");
    assert_eq!(conflicts(&repos[2]).len(), 1);
    let others = devices(2);
    edit(&others[0], |card| card.phone = "a".into());
    edit(&others[1], |card| card.phone = "b".into());
    assert_eq!(others[0].merge(&others[1]).unwrap().conflicts, 1);
}

#[test]
fn chains_that_disagree_come_to_rest() {
    let repos = devices(3);
    for (index, repo) in repos.iter().enumerate() {
        repo.set_resolver(if index == 2 {
            Resolver::new().prefer_theirs()
        } else {
            Resolver::new().prefer_ours()
        });
        edit(repo, |card| card.phone = format!("device {index}"));
    }
    for _ in 0..3 {
        for (a, b) in [(0, 1), (1, 2), (2, 0)] {
            meet(&repos[a], &repos[b]);
        }
    }
    let sequences: Vec<u64> = repos.iter().map(|repo| repo.sequence()).collect();
    settle(&repos);
    assert_eq!(sequences, repos.iter().map(|repo| repo.sequence()).collect::<Vec<_>>(), "all was said");
    assert!(repos.iter().all(|repo| phone(repo) == phone(&repos[0]) && conflicts(repo).is_empty()));
    assert!(repos[0].conflicts::<Card>().unwrap().decided().count().unwrap() == 1);
}
