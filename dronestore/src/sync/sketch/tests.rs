//! Sets of ids, their tables, and what comes out of them.

use super::cell::{Cell, Id, id_of};
use super::decode::{Difference, peel};
use super::estimate::Plan;
use super::kept::Beside;
use super::table::{CELLS, Group, Table};
use crate::Repo;

/// Ids that look random, from a number on.
fn ids(from: u64, count: usize) -> Vec<Id> {
    (from..).map(|number: u64| id_of(number.to_le_bytes(), 7)).take(count).collect()
}

fn table(ids: &[Id]) -> Table {
    let mut table = Table::default();
    ids.iter().for_each(|id| table.add(*id));
    table
}

/// What two tables differ in, found with the cells of a plan; `None` where they are too few.
fn difference(ours: &Table, theirs: &Table, plan: Plan) -> Option<Difference> {
    let mut all = Difference::default();
    for group in plan.groups() {
        let [ours, theirs] = [ours, theirs].map(|table| table.cells(group, 0, plan.cells, &[]));
        let found = peel(group, &ours, &theirs)?;
        all.ours.extend(found.ours);
        all.theirs.extend(found.theirs);
    }
    all.ours.sort_unstable();
    all.theirs.sort_unstable();
    Some(all)
}

fn sorted(mut ids: Vec<Id>) -> Vec<Id> {
    ids.sort_unstable();
    ids
}

#[test]
fn nine_of_ten_differences_come_out_at_once_and_rightly() {
    let common = table(&ids(1 << 40, 5000));
    let (mut at_once, mut all) = (0, 0);
    for (round, size) in [0, 1, 2, 7, 20, 60, 150, 400, 1000, 3000].into_iter().cycle().take(200).enumerate()
    {
        let from = 1 << 20 | (round as u64) << 32;
        let (ours, theirs) = (ids(from, size / 3), ids(from + (1 << 24), size - size / 3));
        let (mut here, mut there) = (common.clone(), common.clone());
        ours.iter().for_each(|id| here.add(*id));
        theirs.iter().for_each(|id| there.add(*id));
        let plan = Plan::new(here.estimate().distance(&there.estimate())).unwrap();
        all += 1;
        if let Some(found) = difference(&here, &there, plan) {
            assert_eq!(found, Difference { ours: sorted(ours), theirs: sorted(theirs) });
            at_once += 1;
        }
    }
    assert!(100 * at_once >= 90 * all, "{at_once} of {all}");
}

#[test]
fn what_is_taken_away_leaves_nothing() {
    let (some, others) = (ids(0, 3000), ids(5000, 2000));
    let mut changed = table(&some);
    others.iter().for_each(|id| changed.add(*id));
    some.iter().for_each(|id| changed.remove(*id));
    let anew = table(&others);
    assert_eq!((changed.count, changed.estimate()), (anew.count, anew.estimate()));
    for group in Group::all_of(3) {
        assert_eq!(changed.cells(group, 0, CELLS, &[]), anew.cells(group, 0, CELLS, &[]));
    }
    // An id that the table does not count can be counted on the spot.
    let (first, rest) = others.split_first().unwrap();
    for group in [1, 2, 3, 90].map(Group) {
        assert_eq!(table(rest).cells(group, 5, 700, &[*first]), anew.cells(group, 5, 700, &[]));
    }
}

#[test]
fn parts_are_what_the_whole_is_made_of() {
    let table = table(&ids(0, 4000));
    let mut sum = vec![Cell::NONE; CELLS];
    for part in Group::all_of(6) {
        let cells = table.cells(part, 0, CELLS, &[]);
        sum.iter_mut().zip(cells).for_each(|(sum, cell)| *sum = sum.plus(cell));
    }
    assert_eq!(sum, table.cells(Group(1), 0, CELLS, &[]));
}

#[test]
fn the_same_ids_go_to_the_same_cells_on_every_machine() {
    let table = table(&ids(0, 100));
    let sum = table.cells(Group(1), 0, CELLS, &[]).iter().fold(0u64, |sum, cell| sum.rotate_left(7) ^ cell.0);
    assert_eq!((sum, table.estimate().0[..4].to_vec()), (EXPECTED_SUM, EXPECTED_COUNTERS.to_vec()));
}

const EXPECTED_SUM: u64 = 10_722_574_570_978_527_082;
const EXPECTED_COUNTERS: [u8; 4] = [3, 1, 0, 2];

#[test]
fn cells_that_lie_give_no_more_ids_than_there_are_cells() {
    let mut state = 1u64;
    let mut random = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        state ^ state >> 29
    };
    for round in 0..300 {
        // Noise, and cells of real ids with some of them wrong.
        let count = 1 + random() as usize % 300;
        let mut cells = table(&ids(round, count / 2)).cells(Group(1), 0, count, &[]);
        for _ in 0..1 + random() % 9 {
            let place = random() as usize % count;
            cells[place] = Cell(random());
        }
        let none = vec![Cell::NONE; count];
        if let Some(found) = peel(Group(1), &none, &cells) {
            assert!(found.ours.len() + found.theirs.len() <= count);
        }
    }
    // One id in many places where it does not belong.
    let lie = vec![super::cell::Item::new(5).cell(); 500];
    assert_eq!(peel(Group(1), &lie, &vec![Cell::NONE; 500]), None);
}

#[derive(crate::Drone, Debug, Clone, Default)]
struct Word {
    #[merge(latest)]
    word: String,
}

fn set(repo: &Repo, number: u64, word: u64) {
    let set = |value: &mut Word| {
        value.word = word.to_string();
        Ok(())
    };
    repo.update::<Word>(format!("w{number}"), set).unwrap();
}

/// What is kept, caught up, has to be what is made anew.
fn check(beside: &mut Beside, repo: &Repo, told: &str) {
    let (kept, anew) = (beside.table(repo).unwrap(), Beside::default().table(repo).unwrap());
    assert_eq!((kept.count, kept.estimate()), (anew.count, anew.estimate()), "{told}");
    for part in Group::all_of(6) {
        assert_eq!(kept.cells(part, 0, CELLS, &[]), anew.cells(part, 0, CELLS, &[]), "{told}");
    }
}

#[test]
fn a_table_that_is_caught_up_is_one_that_is_made_anew() {
    let repo = Repo::memory().unwrap();
    let other = Repo::builder().replica_of(&repo).open().unwrap();
    let mut beside = Beside::default();
    check(&mut beside, &repo, "empty");
    let mut state = 7u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 33) % below
    };
    for round in 0..60 {
        for _ in 0..random(30) {
            let (number, word) = (random(200), random(1000));
            match random(6) {
                0 => drop(repo.delete::<Word>(format!("w{number}")).unwrap()),
                1 | 2 => set(&other, number, word),
                _ => set(&repo, number, word),
            }
        }
        match round % 5 {
            0 => drop(repo.merge(&other).unwrap()),
            // Somebody else writes to the same store.
            1 => set(&Repo::builder().store(repo.store().clone()).open().unwrap(), round, 0),
            2 => drop(other.merge(&repo).unwrap()),
            _ => {}
        }
        check(&mut beside, &repo, &format!("round {round}"));
    }
    // The log lets its older half go, and with it what the table has not counted yet.
    (0..4200).for_each(|word| set(&repo, word % 50, word));
    check(&mut beside, &repo, "trimmed");
    set(&repo, 3, 5);
    let kept = beside.table(&repo).unwrap();
    assert!(beside.table_at_once(&repo).unwrap().is_some());
    // A session that holds the older table keeps it as it was.
    set(&repo, 3, 6);
    let newer = beside.table(&repo).unwrap();
    assert_ne!(kept.cells(Group(1), 0, 1, &[]), newer.cells(Group(1), 0, 1, &[]));
    beside.forget();
    assert!(beside.table_at_once(&repo).unwrap().is_none());
    // Two in one place, or a copy that was put back: the log does not go on where the table ends.
    check(&mut beside, &other, "another repo");
    check(&mut beside, &repo, "the first one again");
}
