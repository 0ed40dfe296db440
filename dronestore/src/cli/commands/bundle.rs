//! `bundle`: not there yet.

use crate::cli::Exit;
use crate::cli::shell::Shell;
use crate::{Error, ErrorKind, Result};

/// Not there yet
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Bundle {}

impl Bundle {
    pub(in crate::cli) fn run(self, _: &mut Shell<'_, '_>) -> Result<Exit> {
        Err(Error::new(ErrorKind::Unsupported, "`bundle` is not there yet"))
    }
}
