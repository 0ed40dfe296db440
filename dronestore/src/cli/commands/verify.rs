//! `verify`: whether all is well.

use crate::Result;
use crate::cli::Exit;
use crate::cli::shell::Shell;
use serde_json::json;

/// Check everything: every row read, every hash recomputed
///
/// Exit code 4, and the name of the first thing that is broken, where something is. It takes as long as reading the
/// file; nothing is changed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore verify
  dronestore verify --repo ../backup")]
pub(in crate::cli) struct Verify {}

impl Verify {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let progress = shell.progress("verifying", None);
        let report = repo.verify()?;
        drop(progress);
        shell.answer(json!({
            "objects": report.objects,
            "bytes": report.bytes,
            "rows": report.rows,
            "shapes": report.shapes,
            "forked": report.forked,
            "conflicts": report.conflicts,
            "hash": report.hash.to_string(),
        }))?;
        shell.say(format_args!("all is well: {report}"))?;
        Ok(Exit::Ok)
    }
}
