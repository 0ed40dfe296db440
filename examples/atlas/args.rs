//! The command line, taken apart.

use lexopt::prelude::{Long, Short, Value, ValueExt};
use std::path::PathBuf;

/// What `--help` prints.
pub(super) const HELP: &str = "\
Replays an edit history with every author as a replica of its own, lets the replicas meet in random
order until nobody has news, and says whether all of them agree.

Usage: atlas [FILE] [options]

  FILE             the history: JSON lines, plain or gzip; without it a small invented one is used
  --seed N         the order of the meetings; without it a random one, which is printed
  --first-parent   replay only the first-parent chain of the last commit, into one repo, and compare
                   it attribute by attribute with the same replay into plain maps
  --keep DIR       keep the repos' files there, in a folder that is empty or not there yet
  --json           print the result as JSON
  -h, --help       print this

Exit code: 0 all agree, 1 they do not or something failed, 2 the command line is wrong.";

/// What is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Args {
    pub(super) file: Option<PathBuf>,
    pub(super) seed: Option<u64>,
    pub(super) first_parent: bool,
    pub(super) keep: Option<PathBuf>,
    pub(super) json: bool,
    pub(super) help: bool,
}

impl Args {
    /// Reads the arguments.
    ///
    /// # Errors
    /// The word at fault, by name.
    pub(super) fn read(mut words: lexopt::Parser) -> Result<Args, lexopt::Error> {
        let mut args = Args::default();
        while let Some(word) = words.next()? {
            match word {
                Long("seed") => args.seed = Some(words.value()?.parse()?),
                Long("first-parent") => args.first_parent = true,
                Long("keep") => args.keep = Some(words.value()?.into()),
                Long("json") => args.json = true,
                Long("help") | Short('h') => args.help = true,
                Value(file) if args.file.is_none() => args.file = Some(file.into()),
                other => return Err(other.unexpected()),
            }
        }
        Ok(args)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Args, String> {
        Args::read(lexopt::Parser::from_args(words)).map_err(|error| error.to_string())
    }

    #[test]
    fn all_words() {
        let args = read(&["h.jsonl", "--seed", "7", "--keep=dir", "--first-parent", "--json"]).unwrap();
        let (file, keep) = (Some("h.jsonl".into()), Some("dir".into()));
        assert_eq!(args, Args { file, seed: Some(7), first_parent: true, keep, json: true, help: false });
    }

    #[test]
    fn wrong_words_are_named() {
        for (words, named) in [
            (&["--sed"][..], "--sed"),
            (&["--seed", "x"], "\"x\""),
            (&["--seed"], "--seed"),
            (&["one", "two"], "\"two\""),
        ] {
            let error = read(words).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }
}
