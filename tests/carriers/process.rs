//! Commands as the other side.

use super::{SHORT, soon};
use crate::folder::Folder;
use crate::sync::repo_with;
use dronestore::ErrorKind;
use dronestore::sync::{SyncOptions, call_command};
use std::process::Command;
use std::time::Duration;

#[test]
fn a_command_is_run_only_where_it_may_be() {
    let repo = repo_with(3);
    let folder = Folder::new();
    let path = folder.join("made");
    let error = repo.sync(&format!("exec:touch {}", path.display())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error:?}");
    assert!(!path.exists());
    let error = repo.sync_with_options("exec: ", &SyncOptions::new().commands(true)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error:?}");
}

#[test]
fn a_command_that_fails_is_an_error_soon() {
    let repo = repo_with(3);
    for (script, kind, says) in [
        ("exit 3", ErrorKind::Store, "exit status: 3"),
        ("head -c 1 >/dev/null; printf '\\003abc'", ErrorKind::Corrupt, "beginning"),
        ("cat >/dev/null", ErrorKind::Store, "silent"),
        ("exec sleep 20", ErrorKind::Store, "silent"),
        // What the command leaves behind holds its output open, and reads nothing; its input breaks or is written in vain.
        ("sleep 20 2>/dev/null & exit 0", ErrorKind::Store, "silent|broke"),
        ("yes", ErrorKind::Corrupt, ""),
    ] {
        // What is said is waited for on a busy machine too.
        let limit = if says.contains("silent") { SHORT } else { Duration::from_secs(5) };
        let options = SyncOptions::new().connect_limit(limit).silence_limit(limit);
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let error = soon(|| call_command(&repo, &mut command, &options).unwrap_err());
        let is_said = says.split('|').any(|says| error.to_string().contains(says));
        assert!(error.kind() == kind && is_said, "{script}: {error:?}");
    }
    let mut absent = Command::new("/no/such/program");
    let error = call_command(&repo, &mut absent, &SyncOptions::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
    repo.verify().unwrap();
}
