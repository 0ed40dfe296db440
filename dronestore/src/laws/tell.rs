//! A history as a program that can be pasted into a test.

use super::fault::Fault;
use super::history::{REPLICAS, Walls};
use super::program::Programs;
use std::fmt::Write;

/// The lines of a history as it is told.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    pub(super) lines: Vec<String>,
    /// The Rust type of each program.
    types: Vec<String>,
    /// The replicas in the order in which they were met: the first is `a`.
    known: Vec<usize>,
    declared: Vec<usize>,
    /// Where the last edit of each replica stands, and whether it was made on anything.
    pub(super) edited: [Option<(usize, bool)>; REPLICAS],
    /// Who merged whom, where that was the last step.
    pub(super) merged: Option<(usize, usize)>,
    walls: Option<Walls>,
    /// Steps so far.
    pub(super) steps: usize,
    /// Whose step was the last.
    pub(super) last: usize,
}

impl Told {
    pub(super) fn new(walls: Walls, programs: &Programs) -> Told {
        let paths: Vec<&str> = programs.iter().map(|program| program.type_name()).collect();
        Told { walls: Some(walls), types: short_names(&paths), ..Told::default() }
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

    /// The type of a replica's handle.
    pub(super) fn type_of(&self, who: usize) -> &str {
        self.type_number(who % self.types.len().max(1))
    }

    /// The type of a program.
    pub(super) fn type_number(&self, program: usize) -> &str {
        self.types.get(program).map_or("T", String::as_str)
    }

    /// An expression: a handle of this type with what a replica has.
    pub(super) fn copy_as(&mut self, who: usize, model: &str) -> String {
        format!(
            "Versioned::<{model}>::from_version({}.version().expect(\"committed\").clone())?",
            self.name(who)
        )
    }

    /// What stands in the brackets of `merge(…)`.
    pub(super) fn merged_with(&mut self, whom: usize) -> String {
        let name = self.name(whom);
        match self.types.len() {
            0 | 1 => format!("&{name}"),
            _ => format!("{name}.version().expect(\"committed\")"),
        }
    }

    fn step(&mut self, who: usize) {
        self.steps += 1;
        (self.last, self.merged) = (who, None);
    }

    fn know(&mut self, who: usize) -> &'static str {
        let (name, is_new) = self.meet(who);
        if is_new || !self.declared.contains(&who) {
            self.declared.push(who);
            self.lines.push(format!("let mut {name} = {}::named(\"x\")?;", self.type_of(who)));
        }
        name
    }

    pub(super) fn edit(&mut self, who: usize, has_base: bool, lines: &[String]) {
        self.step(who);
        let name = self.know(who);
        self.edited[who % REPLICAS] = Some((self.lines.len(), has_base));
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

    pub(super) fn merge(&mut self, who: usize, whom: usize) {
        self.step(who);
        self.merged = Some((who, whom));
        let (who, theirs) = (self.know(who), self.merged_with(whom));
        self.lines.push(format!("{who}.merge({theirs})?;"));
    }

    pub(super) fn copy(&mut self, who: usize, whom: usize) {
        self.step(who);
        let binding = if self.declared.contains(&who) { "" } else { "let mut " };
        self.declared.push(who);
        let model = self.type_of(who).to_owned();
        let (who, copy) = (self.name(who), self.copy_as(whom, &model));
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
        let proof = self.proof(fault);
        let mut body = self.remarks();
        body.append(&mut self.lines);
        body.extend(proof);
        let uses = |word: &str| body.iter().any(|line| line.contains(word));
        let names = [("Version::", "Version"), ("Versioned::", "Versioned"), ("Met {", "laws::Met")];
        let used = names.iter().filter(|(word, _)| uses(word)).map(|(_, name)| *name);
        let used: Vec<&str> = std::iter::once("Drone").chain(used).collect();
        let names = if used.len() == 1 { "Drone".to_owned() } else { format!("{{{}}}", used.join(", ")) };
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "#[test]\nfn smallest_history() -> dronestore::Result<()> {{");
        let _ = writeln!(out, "    use dronestore::{names};");
        for line in body.iter().flat_map(|line| line.lines()).filter(|line| !line.is_empty()) {
            let _ = writeln!(out, "    {line}");
        }
        let _ = writeln!(out, "    Ok(())\n}}");
        out
    }

    /// What the program itself does not say: the clocks, and which program each replica is.
    fn remarks(&mut self) -> Vec<String> {
        let ahead =
            self.known.iter().position(|who| *who == 0).map(|index| ["a", "b", "c"][index % REPLICAS]);
        let clocks = match (self.walls, ahead) {
            (Some(Walls::Skewed), _) => "// The clocks differ by seconds.".to_owned(),
            (Some(Walls::YearAhead), Some(ahead)) => format!("// The clock of `{ahead}` is a year ahead."),
            (Some(Walls::Erratic), _) => "// The clocks jump by minutes.".to_owned(),
            _ => String::new(),
        };
        let mut remarks = Vec::new();
        if self.types.len() > 1 {
            let runs = |told: &mut Self, who| format!("`{}` runs `{}`", told.name(who), told.type_of(who));
            let all: Vec<String> = self.known.clone().into_iter().map(|who| runs(self, who)).collect();
            remarks.push(format!("// Different programs: {}.", all.join(", ")));
        }
        if !clocks.is_empty() {
            remarks.push(clocks);
            remarks.push("// This test has one clock: where the fault needs theirs, it passes.".to_owned());
        }
        remarks
    }
}

/// The shortest ends of these paths that tell them apart.
pub(crate) fn short_names(paths: &[&str]) -> Vec<String> {
    let end = |path: &str, count: usize| {
        let parts: Vec<&str> = path.split("::").collect();
        parts[parts.len().saturating_sub(count)..].join("::")
    };
    let most = paths.iter().map(|path| path.split("::").count()).max().unwrap_or(1);
    for count in 1..=most {
        let names: Vec<String> = paths.iter().map(|path| end(path, count)).collect();
        let apart = |(index, name): (usize, &String)| {
            // One type may run several of the replicas.
            (0..index).all(|other| names[other] != *name || paths[other] == paths[index])
        };
        if names.iter().enumerate().all(apart) {
            return names;
        }
    }
    paths.iter().map(|path| (*path).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_long_as_they_must() {
        assert_eq!(short_names(&["app::one::Note"]), ["Note"]);
        assert_eq!(short_names(&["app::one::Note", "app::two::Note"]), ["one::Note", "two::Note"]);
        assert_eq!(short_names(&["app::Note", "app::OldNote"]), ["Note", "OldNote"]);
    }
}
