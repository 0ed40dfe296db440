//! G1, G4, G5: create, edit and merge in memory, beside every peer.

use crate::harness::{Clock, Contestant, Cost, Results, compete, contestant, cost};
use crate::peers::automerge::Automerge;
use crate::peers::crdts::Crdts;
use crate::peers::floor::Floor;
use crate::peers::loro::Loro;
use crate::peers::ours::Ours;
use crate::peers::yrs::Yrs;
use crate::peers::{Replica, diverged, filled};
use crate::person::Person;
use crate::table::{Must, Table, Unit};
use crate::{Options, core};
use dronestore::version::Merged;
use std::hint::black_box;

const OURS: &str = Ours::NAME;

/// Creating records, each with a commit.
pub fn create(options: &Options, table: &mut Table) {
    fn run<'a, R: Replica + 'a>(count: usize) -> Contestant<'a> {
        contestant(R::NAME, move || {
            let mut replica = R::new(1);
            cost(count, || {
                (0..count).for_each(|id| replica.create(id, Person::make(id)));
                black_box(&mut replica);
            })
        })
    }
    let count = options.batch;
    let make = move || cost(count, || (0..count).for_each(|id| drop(black_box(Person::make(id)))));
    let mut all = vec![
        run::<Ours>(count),
        contestant("the record alone", make),
        contestant("core", move || core::create(count)),
        run::<Floor>(count),
        run::<Crdts>(count),
    ];
    if options.peers {
        all.extend([run::<Yrs>(count), run::<Loro>(count), run::<Automerge>(count)]);
    }
    let results = compete(options.repeats, all);
    let ours = results.get(OURS).cpu;
    let work = "create + commit, record made on the clock";
    table.push("G1", work, Unit::Nanos, ours, "", None, Must::AtMost(1200.0));
    let floor = [("the record alone", Must::Shown), (Floor::NAME, Must::Shown)];
    table.results("G1", work, Clock::Cpu, &results, OURS, &floor);
    table.results("G1", work, Clock::Cpu, &results, OURS, &peers(&[1.0, 0.25, 1.0 / 9.0, 0.05]));
    let alone = [("the record alone", Must::Shown), (Crdts::NAME, Must::Ratio(1.0))];
    table.results(
        "G1",
        "the same without handle, random actor and clock",
        Clock::Cpu,
        &results,
        "core",
        &alone,
    );
}

/// Editing two fields of each record, each with a commit.
pub fn edit(options: &Options, table: &mut Table) {
    fn run<'a, R: Replica + 'a>(count: usize) -> Contestant<'a> {
        let (mut replica, mut round): (R, u64) = (filled(1, count), 0);
        contestant(R::NAME, move || {
            round += 1;
            cost(count, || (0..count).for_each(|id| replica.edit(id, round)))
        })
    }
    let count = options.batch;
    let mut all = vec![
        run::<Ours>(count),
        contestant("core", core::editor(count)),
        run::<Floor>(count),
        run::<Crdts>(count),
    ];
    if options.peers {
        all.extend([run::<Yrs>(count), run::<Loro>(count), run::<Automerge>(count)]);
    }
    let results = compete(options.repeats, all);
    let ours = results.get(OURS).cpu;
    table.push("G4", "edit 2 fields + commit", Unit::Nanos, ours, "", None, Must::AtMost(1100.0));
    let against = [
        (Floor::NAME, Must::Shown),
        (Crdts::NAME, Must::Shown),
        (Yrs::NAME, Must::Ratio(1.0 / 3.0)),
        (Loro::NAME, Must::Ratio(1.0 / 3.0)),
        (Automerge::NAME, Must::Ratio(1.0 / 30.0)),
        ("core", Must::Shown),
    ];
    table.results("G4", "edit 2 fields + commit", Clock::Cpu, &results, OURS, &against);
}

/// Merging a replica in which every record was edited, as here.
pub fn merge(options: &Options, table: &mut Table) {
    let count = options.batch;
    let mut all = vec![merging::<Ours>(count), merging::<Floor>(count), merging::<Crdts>(count)];
    if options.peers {
        all.extend([merging::<Yrs>(count), merging::<Loro>(count), merging::<Automerge>(count)]);
    }
    let results = compete(options.repeats, all);
    let work = format!("merge, all {count} records conflicting");
    let ours = results.get(OURS).cpu;
    table.push("G5", &work, Unit::Nanos, ours, "", None, Must::AtMost(1500.0));
    table.results("G5", &work, Clock::Cpu, &results, OURS, &[(Floor::NAME, Must::Shown)]);
    let goals = [1.0 / 2.3, 0.25, 1.0, 1.0];
    table.results("G5", &work, Clock::Cpu, &results, OURS, &peers(&goals));
    flatness(options, table);
    covered(options, table);
}

fn merging<'a, R: Replica + 'a>(count: usize) -> Contestant<'a> {
    let mut base: R = filled(1, count);
    contestant(R::NAME, move || {
        let (mut ours, mut theirs) = diverged(&mut base, count);
        cost(count, || {
            ours.merge(&mut theirs);
            black_box(&mut ours);
        })
    })
}

/// A record costs the same among few and among many.
fn flatness(options: &Options, table: &mut Table) {
    let at = |count: usize| -> Results {
        let repeats = if count > 100_000 { 1 } else { options.repeats.min(5) };
        compete(repeats, vec![merging::<Ours>(count), merging::<Floor>(count)])
    };
    let few = at(1_000);
    for count in options.sizes() {
        let many = at(count);
        let growth = |name: &str| many.get(name).cpu / few.get(name).cpu;
        let work = format!("merge, a record of {count}");
        let (ours, before) = (many.get(OURS).cpu, few.get(OURS).cpu);
        table.push("G5", &work, Unit::Nanos, ours, "a record of 1000", Some(before), Must::Ratio(1.5));
        let floor = many.get(Floor::NAME).cpu;
        let against = format!("floor by hand (grew {:.1} ×)", growth(Floor::NAME));
        table.push("G5", &work, Unit::Nanos, ours, &against, Some(floor), Must::Shown);
    }
}

/// Merging what is known already, in both directions.
fn covered(options: &Options, table: &mut Table) {
    let count = options.batch;
    let mut base: Ours = filled(1, count);
    let mut later = base.fork(2);
    (0..count).for_each(|id| later.edit(id, 1));
    let run = |ours: &Ours, theirs: &Ours| -> Cost {
        cost(count, || {
            for id in 0..count {
                let merged = ours.version(id).merge(theirs.version(id)).unwrap();
                assert!(!matches!(merged, Merged::Joined(_)));
            }
        })
    };
    let results = compete(
        options.repeats,
        vec![
            contestant("known", || run(&later, &base)),
            contestant("forward", || run(&base, &later)),
            contestant("same", || run(&base, &base)),
        ],
    );
    for name in ["known", "forward", "same"] {
        let work = format!("merge of a covered version ({name})");
        table.push("G5", &work, Unit::Nanos, results.get(name).cpu, "", None, Must::AtMost(200.0));
    }
}

/// crdts, yrs, loro and automerge with a limit each.
fn peers(limits: &[f64; 4]) -> [(&'static str, Must); 4] {
    let [crdts, yrs, loro, automerge] = limits.map(Must::Ratio);
    [(Crdts::NAME, crdts), (Yrs::NAME, yrs), (Loro::NAME, loro), (Automerge::NAME, automerge)]
}
