//! A schedule as it is told: one line for each step that does something.

use super::act::{Counted, Fate};
use super::model::Kinds;
use crate::Key;
use crate::laws::short_names;
use crate::testing::Fault;

const SECOND: i64 = 1_000_000_000;

/// The name of a replica: `a`, `b`, … `z`, `r26`, …
pub(super) fn letter(who: usize) -> String {
    match u8::try_from(who) {
        Ok(small @ 0..26) => char::from(b'a' + small).to_string(),
        _ => format!("r{who}"),
    }
}

/// The lines so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    pub(super) lines: Vec<String>,
}

impl Told {
    /// Who takes part.
    pub(super) fn who(kinds: &Kinds, ages: &[Option<usize>]) -> String {
        let mut all = Vec::new();
        for (who, age) in ages.iter().enumerate() {
            let runs = match age {
                None => "no types".to_owned(),
                Some(age) => {
                    let types = kinds.iter().filter_map(|ages| {
                        let paths: Vec<&str> = ages.iter().map(|age| age.type_name()).collect();
                        short_names(&paths).into_iter().nth(*age.min(&(ages.len().max(1) - 1)))
                    });
                    types.collect::<Vec<_>>().join(" and ")
                }
            };
            all.push(format!("{}: {runs}", letter(who)));
        }
        format!("// {}\n", all.join(", "))
    }

    fn line(&mut self, line: String) {
        self.lines.push(line);
    }

    pub(super) fn save(&mut self, who: usize, key: &Key, had: bool, lines: impl FnOnce() -> Vec<String>) {
        let (who, lines) = (letter(who), lines().join(" "));
        let handle = if had { "save_kept" } else { "save" };
        self.line(format!("{who}.{handle}(\"{key}\", |it| {{ {lines} }});"));
    }

    pub(super) fn delete(&mut self, who: usize, key: &Key) {
        self.line(format!("{}.delete(\"{key}\");", letter(who)));
    }

    pub(super) fn resolve(&mut self, who: usize, model: &str, pick: usize) {
        let model = short_names(&[model]).concat();
        self.line(format!("{}.resolve::<{model}>({pick});", letter(who)));
    }

    pub(super) fn meet(&mut self, [who, whom]: [usize; 2], fate: Fate, waits: bool) {
        let fate = match fate {
            Fate::Whole => String::new(),
            Fate::Cut(bytes) => format!(".cut_after({bytes})"),
            Fate::Lose(piece) => format!(".lose_piece({piece})"),
            Fate::Twice(piece) => format!(".piece_twice({piece})"),
            Fate::Swap(piece) => format!(".piece_late({piece})"),
        };
        let begin = if waits { "begin_to_meet" } else { "meet" };
        self.line(format!("{}.{begin}({}){fate};", letter(who), letter(whom)));
    }

    pub(super) fn carry(&mut self, [who, whom]: [usize; 2], pieces: usize) {
        self.line(format!("{}.go_on_with({}, {pieces});", letter(who), letter(whom)));
    }

    pub(super) fn part(&mut self, sides: u64, count: usize) {
        let side =
            |bit| (0..count).filter(|who| sides >> (who % 64) & 1 == bit).map(letter).collect::<Vec<_>>();
        let (one, other) = (side(1), side(0));
        match one.is_empty() || other.is_empty() {
            true => self.line("join_all();".to_owned()),
            false => self.line(format!("part([{}], [{}]);", one.join(", "), other.join(", "))),
        }
    }

    pub(super) fn clock(&mut self, who: usize, jump: i64) {
        self.line(format!("{}.clock_jumps_by({} * SECOND);", letter(who), jump / SECOND));
    }

    pub(super) fn crash(&mut self, who: usize, counted: Counted, nth: u64, fault: Fault) {
        let call = if counted == Counted::Calls { "call" } else { "batch" };
        self.line(format!("{}.dies_at_{call}({nth}, Fault::{fault:?});", letter(who)));
    }

    pub(super) fn fail(&mut self, who: usize, nth: u64, fault: Fault) {
        self.line(format!("{}.fails_at_batch({nth}, Fault::{fault:?});", letter(who)));
    }

    pub(super) fn restart(&mut self, who: usize, updates: bool) {
        self.line(format!("{}.{}();", letter(who), if updates { "update" } else { "restart" }));
    }

    pub(super) fn back_up(&mut self, who: usize) {
        self.line(format!("{}.back_up();", letter(who)));
    }

    pub(super) fn restore(&mut self, who: usize, whole: bool) {
        self.line(format!("{}.{}();", letter(who), if whole { "roll_back_whole" } else { "restore" }));
    }

    pub(super) fn copy(&mut self, who: usize, whom: usize) {
        self.line(format!("{}.becomes_a_copy_of({});", letter(who), letter(whom)));
    }
}
