//! `search`: the objects that hold these words, the best first.

#[cfg(feature = "full-text")]
mod run;

#[cfg(not(feature = "full-text"))]
use crate::{Error, ErrorKind, Result, cli::Exit, cli::shell::Shell};

/// Find objects by the words in their texts, the best first
///
/// Everything that looks like text is searched, in every kind. All words have to be there; case and accents make no
/// difference. Below each object stand the parts of its texts in which the words were found.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What can stand among the words:
  quick OR slow      -bear, NOT bear       (a OR b) c
  \"quick brown\"      \"quick brown\"~3       beginn*
  title:fox          title:(fox OR hare)   fox^2

An index that a program keeps beside the repo (`.drone.search`) is used and brought up to date, with the
fields that the program chose. Without one it is made in memory, for this one search; `--keep` makes
one beside the repo, so that the next search is quick.

Examples:
  dronestore search milk
  dronestore search '\"quick brown\" fox*' --kind Note
  dronestore search 'title:fox OR hare' --under /Team:red --limit 5
  dronestore search --words 'what does -x mean: (a note)'
  dronestore search -- -bear milk
  dronestore search milk --json")]
pub(in crate::cli) struct Search {
    /// What is looked for
    #[arg(value_name = "WORDS", required = true)]
    words: Vec<String>,

    /// Only objects of this kind
    #[arg(short, long, value_name = "KIND")]
    kind: Option<String>,

    /// Only at and below this key
    #[arg(short, long, value_name = "KEY")]
    under: Option<String>,

    /// At most so many
    #[arg(short, long, value_name = "NUMBER", default_value_t = 20)]
    limit: usize,

    /// Without the first so many
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    offset: usize,

    /// Nothing in WORDS means anything else
    #[arg(short, long = "words")]
    plain: bool,

    /// How many there are, and nothing else
    #[arg(short, long)]
    count: bool,

    /// Keep the index beside the repo
    #[arg(long)]
    keep: bool,
}

impl Search {
    #[cfg(not(feature = "full-text"))]
    pub(in crate::cli) fn run(self, _: &mut Shell<'_, '_>) -> Result<Exit> {
        // Named, so that what is not used here is not missed.
        let Search { words: _, kind: _, under: _, limit: _, offset: _, plain: _, count: _, keep: _ } = self;
        let message = "this `dronestore` was built without full text search: \
                       `cargo install dronestore --features cli,full-text` builds one with it";
        Err(Error::new(ErrorKind::Unsupported, message))
    }
}
