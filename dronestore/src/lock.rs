//! The test that writes and checks the lock of a schema.

use crate::drone::Drone;
use dronestore_core::schema::Lock;
use dronestore_core::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const ADVICE: &str = "\nif that is meant, run `DRONESTORE_LOCK=write cargo test` and commit the file";

/// What is set to write a lock that differs, and to compile a program that differs from its lock.
const VARIABLE: &str = "DRONESTORE_LOCK";

/// Checks that the lock of a model says what the model is, in a test of one line. A lock that is not there is written;
/// one that differs is written where the environment says `DRONESTORE_LOCK=write`, and is an error elsewhere.
///
/// The folder is beside the package's `Cargo.toml` and holds a file a kind, to be committed. With
/// `#[drone(lock = "schema")]` on the struct the compiler holds the struct against it: a change that would leave stored
/// data unread is a compile error on the field. Begin with the test, and put the attribute on the struct when the file
/// is there. See [the guide](crate::guide::changing).
///
/// # Errors
/// [`Mismatch`](ErrorKind::Mismatch) listing the lines that differ, or the conversions that store another type than is
/// stored; [`Corrupt`](ErrorKind::Corrupt) for a file that is
/// no lock, [`Store`](ErrorKind::Store) where the operating system refuses.
///
/// ```
/// use dronestore::{Drone, schema_lock};
///
/// #[derive(Drone)]
/// struct Person {
///     #[merge(latest)]
///     name: String,
/// }
///
/// // In a test: fn the_schema_is_locked() { schema_lock::<Person>("schema").unwrap(); }
/// # let folder = std::env::temp_dir().join(format!("dronestore-lock-{}", std::process::id()));
/// # let folder = folder.to_str().expect("a path of letters");
/// schema_lock::<Person>(folder)?; // written
/// schema_lock::<Person>(folder)?; // the same
/// # let _ = std::fs::remove_dir_all(folder);
/// # Ok::<(), dronestore::Error>(())
/// ```
pub fn schema_lock<T: Drone>(folder: impl AsRef<Path>) -> Result<()> {
    let schema = T::schema();
    let path = root().join(folder).join(schema.lock_file());
    let refused = |error: io::Error| {
        let message = format!("the lock {}: {error}", path.display());
        Error::new(ErrorKind::Store, message).with_source(error)
    };
    let before = match fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(refused(error)),
    };
    let writes = env::var_os(VARIABLE).is_some_and(|value| value == "write");
    // A lock that is damaged, by the marks of a merge perhaps, is told; asked to, it is written from nothing.
    let Lock { text, misread } = match Lock::of::<T>(before.as_deref()) {
        Err(error) if writes && error.is_corrupt() => Lock::of::<T>(None)?,
        lock => lock.map_err(|error| error.at(path.display()))?,
    };
    if !misread.is_empty() && !writes {
        let message = format!("the lock {}: {}{ADVICE}", path.display(), misread.join("\n"));
        return Err(Error::new(ErrorKind::Mismatch, message));
    }
    let same = |before: &String| before.lines().eq(text.lines());
    if before.as_ref().is_some_and(same) {
        return Ok(());
    }
    match before {
        Some(before) if !writes => Err(differs(&path, &before, &text)),
        _ => {
            let folder = path.parent().unwrap_or(Path::new("."));
            fs::create_dir_all(folder).and_then(|()| fs::write(&path, text)).map_err(refused)
        }
    }
}

/// The package that is tested.
fn root() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default()
}

fn differs(path: &Path, before: &str, now: &str) -> Error {
    let only = |lines: &str, others: &str, sign: &str| -> String {
        let other: Vec<_> = others.lines().collect();
        let lines = lines.lines().filter(|line| !other.contains(line));
        lines.map(|line| format!("\n{sign} {line}")).collect()
    };
    let (gone, new) = (only(before, now, "-"), only(now, before, "+"));
    let message = format!("the lock {} differs from the program:{gone}{new}{ADVICE}", path.display());
    Error::new(ErrorKind::Mismatch, message)
}
