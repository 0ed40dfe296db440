//! G15: texts as people typed them, in every library.

mod automerge;
mod diamond;
mod loro;
mod ours;
mod replicas;
mod yrs;

use crate::Options;
use crate::harness::{Clock, Cost, Results, compete, contestant, cost, micro};
use crate::table::{Must, Table, Unit};
use crate::traces::Trace;
use automerge::Automerge;
use diamond::Diamond;
use loro::Loro;
use ours::Ours;
use std::cell::RefCell;
use yrs::Yrs;

/// A replica of one text.
pub trait Text: Sized {
    /// The name in the table.
    const NAME: &'static str;
    /// Whether what one replica gives to others holds all that it has, and not only what is new since it last gave.
    const GIVES_ALL: bool = false;
    /// What one replica gives to others.
    type News;

    /// An empty text whose edits are this actor's.
    fn new(actor: u64) -> Self;

    /// Deletes so many characters at a place and inserts others.
    fn edit(&mut self, at: usize, deleted: usize, inserted: &str);

    /// Ends what is done at once.
    fn commit(&mut self);

    /// What the text reads as.
    fn text(&self) -> String;

    /// All of it as bytes.
    fn save(&mut self) -> Vec<u8>;

    /// Reads the bytes and the text out of them.
    fn load(bytes: &[u8]) -> String;

    /// What others need to have what this one has.
    fn news(&mut self) -> Self::News;

    /// Takes in what another gave.
    fn merge(&mut self, news: &Self::News);
}

/// How many edits of a trace of one writer are one commit.
const BATCH: usize = 1_000;

/// How many edits at the end of a trace are a commit each.
const SINGLE: usize = 2_000;

/// How many at its beginning are a commit each, to see what that leaves behind.
const FIRST: usize = 3_000;

/// All edits in order, in commits of so many.
fn typed<T: Text>(trace: &Trace, skip: usize) -> T {
    let mut text = T::new(1);
    let count = trace.patches().count() - skip;
    for (number, (at, deleted, inserted)) in trace.patches().take(count).enumerate() {
        text.edit(*at, *deleted, inserted);
        if number % BATCH == BATCH - 1 {
            text.commit();
        }
    }
    text.commit();
    text
}

/// The last edits of a trace, a commit each.
fn keystrokes<T: Text>(text: &mut T, trace: &Trace) -> Cost {
    let count = trace.patches().count();
    let cost = cost(SINGLE, || {
        for (at, deleted, inserted) in trace.patches().skip(count - SINGLE) {
            text.edit(*at, *deleted, inserted);
            text.commit();
        }
    });
    assert!(text.text() == trace.end, "{}", T::NAME);
    cost
}

/// Runs the same for every library that takes part.
macro_rules! all {
    ($options:ident, $Each:ident => $run:expr) => {{
        let mut all = Vec::new();
        all!(@one all, $Each = Ours => $run);
        all!(@one all, $Each = Diamond => $run);
        if $options.peers {
            all!(@one all, $Each = Loro => $run);
            all!(@one all, $Each = Yrs => $run);
            all!(@one all, $Each = Automerge => $run);
        }
        all
    }};
    (@one $all:ident, $Each:ident = $Library:ident => $run:expr) => {{
        type $Each = $Library;
        $all.push(contestant($Library::NAME, $run));
    }};
}

/// All rows of the goal.
pub fn all(options: &Options, table: &mut Table) {
    if let Some(trace) = Trace::read("automerge-paper") {
        alone(options, table, &trace);
        by_comparing(table, &trace);
    }
    for name in ["friendsforever", "clownschool"] {
        if let Some(trace) = Trace::read(name) {
            at_once(options, table, name, &trace.in_stretches());
        }
    }
}

/// One writer.
fn alone(options: &Options, table: &mut Table, trace: &Trace) {
    let count = trace.patches().count();
    let results = compete(1, all!(options, Each => move || cost(count, || typed::<Each>(trace, 0))));
    let against = [
        (Diamond::NAME, Must::Shown),
        (Loro::NAME, Must::Ratio(1.0)),
        (Yrs::NAME, Must::Shown),
        (Automerge::NAME, Must::Shown),
    ];
    let work = format!("automerge-paper: an edit, in commits of {BATCH}");
    table.results("G15", &work, Clock::Cpu, &results, Ours::NAME, &against);
    let results =
        compete(1, all!(options, Each => move || keystrokes(&mut typed::<Each>(trace, SINGLE), trace)));
    let work = format!("automerge-paper: an edit and a commit, the last {SINGLE}");
    table.results("G15", &work, Clock::Cpu, &results, Ours::NAME, &shown(&against));
    let saved = saved(options, |name| match name {
        Ours::NAME => typed::<Ours>(trace, 0).save(),
        Diamond::NAME => typed::<Diamond>(trace, 0).save(),
        Loro::NAME => typed::<Loro>(trace, 0).save(),
        Yrs::NAME => typed::<Yrs>(trace, 0).save(),
        _ => typed::<Automerge>(trace, 0).save(),
    });
    let work = format!("automerge-paper, in commits of {BATCH}");
    bytes_and_load(table, &work, &trace.end, &saved, Must::Ratio(1.5));
    let mut ours = Ours::new(1);
    let each = cost(FIRST, || {
        for (at, deleted, inserted) in trace.patches().take(FIRST) {
            ours.edit(*at, *deleted, inserted);
            ours.commit();
        }
    });
    let work = format!("automerge-paper: an edit and a commit, the first {FIRST}");
    table.push("G15", &work, Unit::Nanos, each.cpu, "", None, Must::Shown);
    let (bytes, end) = (ours.save().len() as f64, ours.text().len() as f64);
    table.push(
        "G15",
        &format!("{work}: bytes saved"),
        Unit::Bytes,
        bytes,
        "the text",
        Some(end),
        Must::Shown,
    );
}

/// A text of 100 KB in a plain `String`, changed in one place or in two that are far apart, and a commit; written at once,
/// and typed.
fn by_comparing(table: &mut Table, trace: &Trace) {
    let kilobytes = trace.end.len() / 1_000;
    let typed = typed::<Ours>(trace, 0);
    for (how, new) in [("written at once", true), ("typed", false)] {
        for (changes, must) in [(1, Must::AtMost(1e6)), (2, Must::Shown)] {
            let mut page = if new { ours::plain(&trace.end) } else { typed.as_plain() };
            let cost = micro(200, |round| ours::change(&mut page, round, changes));
            let work = format!("a String of {kilobytes} KB, {how}: commit with changes in {changes} places");
            table.push("G15", &work, Unit::Nanos, cost.cpu, "", None, must);
        }
    }
}

/// Several writers at once, a replica each; a commit for each stretch that one typed while nobody else did.
fn at_once(options: &Options, table: &mut Table, name: &str, trace: &Trace) {
    let merging = RefCell::new(Vec::new());
    let results = compete(
        1,
        all!(options, Each => || {
            let (whole, merges, _) = replicas::replay::<Each>(trace);
            merging.borrow_mut().push((Each::NAME, merges));
            whole
        }),
    );
    let against = [Diamond::NAME, Loro::NAME, Yrs::NAME, Automerge::NAME].map(|name| (name, Must::Shown));
    let count = trace.txns.len();
    let work = format!("{name}: {count} commits and all merges, a commit");
    table.results("G15", &work, Clock::Cpu, &results, Ours::NAME, &against);
    // The last turn of each is the measured one.
    let merging: Vec<_> = merging.into_inner().into_iter().rev().collect();
    let merges = Results::of(results.names().map(|name| {
        let found = merging.iter().find(|(known, _)| *known == name);
        (name, found.expect("everyone has merged").1)
    }));
    let mut must = against;
    must[1].1 = Must::Ratio(1.0);
    let work = format!("{name}: giving and merging, a merge");
    table.results("G15", &work, Clock::Cpu, &merges, Ours::NAME, &must);
    let saved = saved(options, |name| match name {
        Ours::NAME => replicas::replay::<Ours>(trace).2,
        Diamond::NAME => replicas::replay::<Diamond>(trace).2,
        Loro::NAME => replicas::replay::<Loro>(trace).2,
        Yrs::NAME => replicas::replay::<Yrs>(trace).2,
        _ => replicas::replay::<Automerge>(trace).2,
    });
    bytes_and_load(table, &format!("{name}, in {count} commits"), &trace.end, &saved, Must::Shown);
}

/// Our side alone, the first so many commits of a trace: of one writer a commit an edit, of several with their merges.
pub fn profile(name: &str, count: usize) {
    let mut trace = Trace::read(name).unwrap();
    if trace.agents() > 1 {
        trace = trace.in_stretches();
    }
    trace.txns.truncate(count);
    let mut replay = replicas::Replay::<Ours>::new(&trace);
    (0..trace.txns.len()).for_each(|number| replay.txn(&trace, number));
}

fn shown(against: &[(&'static str, Must)]) -> Vec<(&'static str, Must)> {
    against.iter().map(|(name, _)| (*name, Must::Shown)).collect()
}

type Saved = Vec<(&'static str, Vec<u8>)>;

fn saved(options: &Options, save: impl Fn(&'static str) -> Vec<u8>) -> Saved {
    let mut names = vec![Ours::NAME, Diamond::NAME];
    if options.peers {
        names.extend([Loro::NAME, Yrs::NAME, Automerge::NAME]);
    }
    names.into_iter().map(|name| (name, save(name))).collect()
}

/// Bytes saved, and the time to load them and to read the text.
fn bytes_and_load(table: &mut Table, what: &str, end: &str, saved: &Saved, must: Must) {
    let must_be = |name: &str| if name == Diamond::NAME { must } else { Must::Shown };
    let (_, ours) = &saved[0];
    for (name, bytes) in &saved[1..] {
        let work = format!("{what}: bytes saved, text {}", end.len());
        let (ours, theirs) = (ours.len() as f64, bytes.len() as f64);
        table.push("G15", &work, Unit::Bytes, ours, name, Some(theirs), must_be(name));
    }
    let runs = saved.iter().map(|(name, bytes)| {
        let load = match *name {
            Ours::NAME => Ours::load,
            Diamond::NAME => Diamond::load,
            Loro::NAME => Loro::load,
            Yrs::NAME => Yrs::load,
            _ => Automerge::load,
        };
        assert!(load(bytes) == end, "{name}");
        contestant(*name, move || cost(1, || load(bytes)))
    });
    let results = compete(5, runs.collect());
    let work = format!("{what}: load and read the text");
    let limit = if matches!(must, Must::Shown) { Must::Shown } else { Must::AtMost(5e6) };
    let against: Vec<_> = saved[1..]
        .iter()
        .map(|(name, _)| (*name, if *name == Loro::NAME { limit } else { Must::Shown }))
        .collect();
    table.results("G15", &work, Clock::Cpu, &results, Ours::NAME, &against);
}
