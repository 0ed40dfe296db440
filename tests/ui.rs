//! What the compiler says to users: every message of the derive, as a user sees it.

/// Rewrite the expected messages with `TRYBUILD=overwrite cargo test ui`, then read them.
#[test]
fn messages() {
    put_locks();
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    for theme in std::fs::read_dir("ui").unwrap() {
        let theme = theme.unwrap().path();
        if !theme.ends_with("pass") {
            cases.compile_fail(format!("{}/*.rs", theme.display()));
        }
    }
}

/// Locks lie beside the manifest of the package that is compiled, which is one that trybuild makes.
fn put_locks() {
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    let package = target.join("tests/trybuild").join(env!("CARGO_PKG_NAME")).join("schema");
    std::fs::create_dir_all(&package).unwrap();
    for lock in std::fs::read_dir("ui/lock/schema").unwrap() {
        let lock = lock.unwrap();
        std::fs::copy(lock.path(), package.join(lock.file_name())).unwrap();
    }
}
