//! The command `dronestore`: all of it is in the library's `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    dronestore::cli::main()
}
