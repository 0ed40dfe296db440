//! What was found: a law that does not hold, and where.

use std::fmt;

/// A law that does not hold, as it is found.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) law: &'static str,
    /// What was seen.
    pub(super) seen: String,
    pub(super) proof: Proof,
    /// Which of the programs found it.
    pub(super) reader: usize,
}

/// How a printed program shows a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Proof {
    /// It says so, and no more.
    Said,
    /// Lines of Rust that fail where the law does; `§` is the handle, `¤` its type.
    Line(String),
    /// Loading fails.
    Loads,
    /// These fields were to stay as they had been before the last edit.
    Kept(Vec<String>),
    /// This promise does not hold of the last merge.
    Promise(String),
    /// The last merge is not what it must be.
    Joins,
}

pub(super) const PANICS: &str = "nothing panics";

pub(super) type Outcome = Result<(), Fault>;

impl Fault {
    pub(super) fn new(law: &'static str, seen: impl fmt::Display) -> Fault {
        Fault { law, seen: seen.to_string(), proof: Proof::Said, reader: 0 }
    }

    /// The same fault with a line that shows it.
    pub(super) fn proved(self, proof: impl Into<String>) -> Fault {
        self.shown_by(Proof::Line(proof.into()))
    }

    pub(super) fn shown_by(self, proof: Proof) -> Fault {
        Fault { proof, ..self }
    }

    /// The same fault, as this one of the programs finds it.
    pub(super) fn read_by(self, reader: usize) -> Fault {
        Fault { reader, ..self }
    }
}

/// The smallest history that breaks a law.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The law, in one sentence.
    pub law: &'static str,
    /// What was seen instead.
    pub seen: String,
    /// How many steps the history has: edits with their commits, merges, copies, reloads.
    pub steps: usize,
    /// The history as a program, to be pasted into a test.
    pub program: String,
    /// The seed under which the history was found; `None` where it was found without chance.
    pub seed: Option<u64>,
    pub(super) kind: &'static str,
}

/// The law, what was seen, the program.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "`{}` breaks a law: {}", self.kind, self.law)?;
        writeln!(f, "  {}", self.seen)?;
        if !self.program.is_empty() {
            let seed = self.seed.map(|seed| format!(", DRONESTORE_SEED={seed}")).unwrap_or_default();
            let plural = if self.steps == 1 { "" } else { "s" };
            write!(f, "after {} step{plural}{seed}:\n\n{}", self.steps, self.program)?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

/// What was tried without finding a law that does not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Histories at random.
    pub histories: u64,
    /// Small worlds: all there are of a few writes of one attribute on three replicas, and some of two attributes.
    pub worlds: u64,
    /// Commits in them all.
    pub commits: u64,
    /// Commits that the model refused, as it may: a `first` that was set, a required field left empty.
    pub refused: u64,
    /// Versions that were looked at.
    pub versions: u64,
}

impl Report {
    pub(super) fn add(&mut self, other: &Report) {
        self.commits += other.commits;
        self.refused += other.refused;
        self.versions += other.versions;
    }
}

/// `500 histories and 1200 small worlds: 9000 commits (12 refused), 7000 versions`.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { histories, worlds, commits, refused, versions } = self;
        write!(
            f,
            "{histories} histories and {worlds} small worlds: {commits} commits ({refused} refused), {versions} versions"
        )
    }
}
