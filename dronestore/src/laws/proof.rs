//! The end of a printed program: the assertion that fails.

use super::fault::{Fault, PANICS, Proof};
use super::history::REPLICAS;
use super::tell::Told;

impl Told {
    /// The lines that show the fault; where it is about a merge, they take the place of it.
    pub(super) fn proof(&mut self, fault: &Fault) -> Vec<String> {
        let reader = self.type_number(fault.reader).to_owned();
        match (&fault.proof, self.merged) {
            (Proof::Line(lines), _) => self.lines_of(lines, &reader),
            (Proof::Loads, _) => vec![format!("{};", self.copy_as(self.last, &reader))],
            (Proof::Kept(fields), _) => self.kept(fields, &reader),
            (Proof::Promise(name), Some((who, whom))) => self.promise(name, who, whom),
            (Proof::Joins, Some((who, whom))) => self.joins(who, whom),
            (Proof::Said | Proof::Promise(_) | Proof::Joins, _) if fault.law == PANICS => {
                vec![format!("// Here it panics: {}", fault.seen.replace('\n', " "))]
            }
            (Proof::Said | Proof::Promise(_) | Proof::Joins, _) => {
                vec![format!("// Here it does not hold that {}.", fault.law)]
            }
        }
    }

    fn lines_of(&mut self, lines: &str, reader: &str) -> Vec<String> {
        let with = |name: &str| lines.replace('§', name).replace('¤', reader);
        if self.type_of(self.last) == reader {
            return vec![with(self.name(self.last))];
        }
        let read = self.copy_as(self.last, reader);
        vec![format!("let read = {read};"), with("read")]
    }

    fn kept(&mut self, fields: &[String], reader: &str) -> Vec<String> {
        let copy = self.copy_as(self.last, reader);
        if let Some((line, _)) = self.edited[self.last % REPLICAS] {
            self.lines.insert(line, format!("let before = {copy};"));
        }
        let mut proof = vec![format!("let after = {copy};")];
        for field in fields {
            let shown = |name: &str| format!("format!(\"{{:?}}\", {name}.{field})");
            proof.push(format!("assert_eq!({}, {});", shown("after"), shown("before")));
        }
        proof
    }

    fn promise(&mut self, name: &str, who: usize, whom: usize) -> Vec<String> {
        let model = self.type_of(who).to_owned();
        self.lines.pop();
        let mut proof = Vec::new();
        let copy = self.copy_as(who, &model);
        match self.edited[who % REPLICAS] {
            Some((line, true)) => self.lines.insert(line, format!("let base = {copy};")),
            _ => proof.push(format!("let base = {model}::named(\"x\")?;")),
        }
        let mut theirs = self.name(whom).to_owned();
        if self.type_of(whom) != model {
            proof.push(format!("let theirs = {};", self.copy_as(whom, &model)));
            theirs = "theirs".to_owned();
        }
        let (ours, others) = (self.name(who), self.merged_with(whom));
        proof.extend([
            format!("let mut merged = {copy};"),
            format!("merged.merge({others})?;"),
            format!(
                "let met = Met {{ base: &*base, ours: &*{ours}, theirs: &*{theirs}, merged: &*merged }};"
            ),
            format!("// The closure of the promise {name:?} goes in place of this one."),
            format!("let promise = |_: &Met<'_, {model}>| false;"),
            format!("assert!(promise(&met), {:?});", name.replace(['{', '}'], "")),
        ]);
        proof
    }

    /// Each merges the other.
    fn joins(&mut self, who: usize, whom: usize) -> Vec<String> {
        self.lines.pop();
        let (model, others) = (self.type_of(who).to_owned(), self.type_of(whom).to_owned());
        let (one, other) = (self.copy_as(who, &model), self.copy_as(whom, &others));
        let (ours, theirs) = (self.merged_with(who), self.merged_with(whom));
        let bytes = |name: &str| format!("{name}.version().expect(\"committed\").to_bytes()");
        vec![
            format!("let (mut one, mut other) = ({one}, {other});"),
            format!("one.merge({theirs})?;"),
            format!("other.merge({ours})?;"),
            format!("assert_eq!({}, {});", bytes("one"), bytes("other")),
        ]
    }
}
