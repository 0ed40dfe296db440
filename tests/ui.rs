//! What the compiler says to users: every message of the derive, as a user sees it.

/// Rewrite the expected messages with `TRYBUILD=overwrite cargo test ui`, then read them.
#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    for theme in std::fs::read_dir("ui").unwrap() {
        let theme = theme.unwrap().path();
        if !theme.ends_with("pass") {
            cases.compile_fail(format!("{}/*.rs", theme.display()));
        }
    }
}
