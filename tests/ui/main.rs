//! What the compiler says to users: every message of the derive, as a user sees it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

/// Rewrite the expected messages with `TRYBUILD=overwrite cargo test -p dronestore-messages`, then read them.
#[test]
fn messages() {
    put_locks();
    let cases = trybuild::TestCases::new();
    for place in std::fs::read_dir(".").unwrap() {
        let theme = place.unwrap().path();
        match theme.file_name().unwrap().to_str() {
            _ if !theme.is_dir() => {}
            Some("pass") => cases.pass("pass/*.rs"),
            Some(theme) => cases.compile_fail(format!("{theme}/*.rs")),
            None => panic!("{} is not UTF-8", theme.display()),
        }
    }
}

/// Locks lie beside the manifest of the package that is compiled, which is one that trybuild makes.
fn put_locks() {
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    let package = target.join("tests/trybuild").join(env!("CARGO_PKG_NAME")).join("schema");
    std::fs::create_dir_all(&package).unwrap();
    for lock in std::fs::read_dir("lock/schema").unwrap() {
        let lock = lock.unwrap();
        std::fs::copy(lock.path(), package.join(lock.file_name())).unwrap();
    }
}
