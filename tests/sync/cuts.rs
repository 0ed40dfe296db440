//! A session that is cut at any byte.

use super::{Note, change, fill, name, replica, repo_with, sync, talk};
use dronestore::Repo;
use dronestore::sync::Session;

/// Two that differ in many ways.
fn two() -> (Repo, Repo) {
    let one = repo_with(250);
    let other = replica(&one);
    fill(&one, (0..250).step_by(9), "by one");
    fill(&other, (0..250).step_by(7), "by the other");
    fill(&one, 300..330, "new");
    one.delete::<Note>(name(11)).unwrap();
    change::<Note>(&other, name(400), |note| note.title = "x".repeat(30_000));
    (one, other)
}

#[test]
fn a_session_that_is_cut_anywhere_is_harmless() {
    let (one, other) = two();
    let said = talk(&mut Session::call(&replica(&one)), &mut Session::answer(&replica(&other))).unwrap();
    let total: usize = said.iter().map(Vec::len).sum();
    println!("{total} bytes in {} turns", said.len());
    let step = crate::random::from_env("DRONESTORE_CUT_STEP", 61) as usize;
    for cut in (1..300).chain((300..total).step_by(step)).chain(total - 40..total) {
        let (one, other) = (replica(&one), replica(&other));
        let (mut caller, mut answerer) = (Session::call(&one), Session::answer(&other));
        let mut left = cut;
        'session: loop {
            for turn in 0..2 {
                let (from, to) =
                    if turn == 0 { (&mut caller, &mut answerer) } else { (&mut answerer, &mut caller) };
                loop {
                    let mut piece = Vec::new();
                    from.send(&mut piece).unwrap();
                    if piece.is_empty() {
                        break;
                    }
                    piece.truncate(left);
                    left -= piece.len();
                    to.receive(&piece).unwrap();
                    if left == 0 {
                        break 'session;
                    }
                }
            }
        }
        drop((caller, answerer));
        sync(&one, &other);
        if cut % 5 == 0 {
            one.verify().unwrap();
            other.verify().unwrap();
        }
    }
}

#[test]
fn any_pieces_will_do() {
    let (one, other) = two();
    for size in [1, 2, 3, 7, 100, 4096] {
        let (one, other) = (replica(&one), replica(&other));
        let (mut caller, mut answerer) = (Session::call(&one), Session::answer(&other));
        while !(caller.is_done() && answerer.is_done()) {
            for turn in 0..2 {
                let (from, to) =
                    if turn == 0 { (&mut caller, &mut answerer) } else { (&mut answerer, &mut caller) };
                let mut said = Vec::new();
                while {
                    let before = said.len();
                    from.send(&mut said).unwrap();
                    said.len() > before
                } {}
                said.chunks(size).for_each(|piece| to.receive(piece).unwrap());
            }
        }
        assert_eq!(one.hash(), other.hash());
    }
}
