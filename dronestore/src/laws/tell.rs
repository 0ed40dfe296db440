//! A history as a program that can be pasted into a test.

use super::fault::Fault;
use super::history::{REPLICAS, Walls};
use super::program::Programs;
use std::fmt::Write;

/// The lines of a history as it is told.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    lines: Vec<String>,
    /// The replicas in the order in which they were met: the first is `a`.
    known: Vec<usize>,
    declared: Vec<usize>,
    walls: Option<Walls>,
    /// Steps so far.
    pub(super) steps: usize,
    /// Whose step was the last.
    last: usize,
}

impl Told {
    pub(super) fn new(walls: Walls) -> Told {
        Told { walls: Some(walls), ..Told::default() }
    }

    /// The name of a replica's handle; whether it is new.
    fn meet(&mut self, who: usize) -> (&'static str, bool) {
        let known = self.known.iter().position(|known| *known == who);
        if known.is_none() {
            self.known.push(who);
        }
        let index = known.unwrap_or(self.known.len() - 1);
        (["a", "b", "c"][index % REPLICAS], known.is_none())
    }

    /// The name of a replica's handle.
    pub(super) fn name(&mut self, who: usize) -> &'static str {
        self.meet(who).0
    }

    fn step(&mut self, who: usize) {
        self.steps += 1;
        self.last = who;
    }

    fn know(&mut self, who: usize, programs: &Programs) -> &'static str {
        let (name, is_new) = self.meet(who);
        let model = programs[who % programs.len()].type_name();
        if is_new || !self.declared.contains(&who) {
            self.declared.push(who);
            self.lines.push(format!("let mut {name} = {model}::named(\"x\")?;"));
        }
        name
    }

    pub(super) fn edit(&mut self, who: usize, programs: &Programs, lines: &[String]) {
        self.step(who);
        let name = self.know(who, programs);
        self.lines.extend_from_slice(lines);
        self.lines.push(format!("{name}.commit()?;"));
    }

    /// The edit told last was not taken.
    pub(super) fn refused(&mut self) {
        let name = self.name(self.last);
        self.lines.pop();
        self.lines.push(format!("assert!({name}.commit().is_err());"));
        self.lines.push(format!("{name}.revert()?;"));
    }

    pub(super) fn merge(&mut self, who: usize, whom: usize, programs: &Programs) {
        self.step(who);
        let (who, whom) = (self.know(who, programs), self.name(whom));
        match programs {
            [_] => self.lines.push(format!("{who}.merge(&{whom})?;")),
            _ => self.lines.push(format!("{who}.merge({whom}.version().expect(\"committed\"))?;")),
        }
    }

    pub(super) fn copy(&mut self, who: usize, whom: usize, programs: &Programs) {
        self.step(who);
        let binding = if self.declared.contains(&who) { "" } else { "let mut " };
        self.declared.push(who);
        let (who, whom) = (self.name(who), self.name(whom));
        let copy = match programs {
            [_] => format!("{whom}.clone()"),
            _ => format!("Versioned::from_version({whom}.version().expect(\"committed\").clone())?"),
        };
        self.lines.push(format!("{binding}{who} = {copy};"));
    }

    pub(super) fn reload(&mut self, who: usize) {
        self.step(who);
        let who = self.name(who);
        let version = format!("Version::from_bytes(&{who}.version().expect(\"committed\").to_bytes())?");
        self.lines.push(format!("{who} = Versioned::from_version({version})?;"));
    }

    /// The program, with what shows the fault at its end.
    pub(super) fn program(&mut self, fault: &Fault) -> String {
        let ahead =
            self.known.iter().position(|who| *who == 0).map(|index| ["a", "b", "c"][index % REPLICAS]);
        let clocks = match (self.walls, ahead) {
            (Some(Walls::Skewed), _) => "// The clocks differ by seconds.".to_owned(),
            (Some(Walls::YearAhead), Some(ahead)) => format!("// The clock of `{ahead}` is a year ahead."),
            (Some(Walls::Erratic), _) => "// The clocks jump by minutes.".to_owned(),
            _ => String::new(),
        };
        let proof = match fault.proof.as_str() {
            "" => format!("// Here it does not hold that {}.", fault.law),
            proof => proof.replace('§', self.name(self.last)),
        };
        let mut body = vec![clocks];
        body.append(&mut self.lines);
        body.push(proof);
        let uses = |word: &str| body.iter().any(|line| line.contains(word));
        let names = match (uses("Version::"), uses("Versioned::")) {
            (false, false) => "Drone",
            (false, true) => "{Drone, Versioned}",
            (true, _) => "{Drone, Version, Versioned}",
        };
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "#[test]\nfn smallest_history() -> dronestore::Result<()> {{");
        let _ = writeln!(out, "    use dronestore::{names};");
        for line in body.iter().filter(|line| !line.is_empty()) {
            let _ = writeln!(out, "    {line}");
        }
        let _ = writeln!(out, "    Ok(())\n}}");
        out
    }
}
