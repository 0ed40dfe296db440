//! Tidiness as tests: layers, the map, links, lengths, words that have no place in the tree.

mod layers;
mod map;
mod source;

use source::{File, files, root};
use std::fs;
use std::path::Path;

/// Fails with all faults at once, each with its place.
fn check(rule: &str, faults: Vec<String>) {
    assert!(faults.is_empty(), "{rule}:\n  {}", faults.join("\n  "));
}

/// The lines of all files that `which` picks and in which `fault` finds something.
fn lines(which: impl Fn(&File) -> bool, fault: impl Fn(&str) -> bool) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| which(file)) {
        let found = file.text.lines().enumerate().filter(|(_, line)| fault(line));
        faults.extend(found.map(|(index, line)| format!("{}:{}: {}", file.path, index + 1, line.trim())));
    }
    faults
}

#[test]
fn the_tree_is_found() {
    for path in ["README.md", "Cargo.lock", "tests/tidy.rs", "dronestore/src/lib.rs", ".ci/run"] {
        assert!(files().iter().any(|file| file.path == path), "{path} is not among the files");
    }
}

#[test]
fn source_files_are_readable_in_one_sitting() {
    const MOST: usize = 500;
    let long = files().iter().filter(|file| file.is_rust() && file.text.lines().count() > MOST);
    let faults = long.map(|file| format!("{} has {} lines", file.path, file.text.lines().count()));
    check("a source file has at most 500 lines; find its second subject", faults.collect());
}

#[test]
fn a_mistake_takes_at_most_fifteen_lines() {
    let fixture = |file: &&File| {
        let theme = file.path.strip_prefix("tests/ui/").and_then(|path| path.split_once('/'));
        file.is_rust() && theme.is_some_and(|(theme, _)| theme != "pass")
    };
    let long = files().iter().filter(fixture).filter(|file| file.text.lines().count() > 15);
    check("a fixture has at most 15 lines", long.map(|file| file.path.clone()).collect());
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| file.is_product()) {
        let code = file.code();
        let found = code.lines().enumerate().filter(|(_, line)| line.contains(concat!(".unwrap", "()")));
        faults.extend(found.map(|(index, line)| format!("{}:{}: {}", file.path, index + 1, line.trim())));
    }
    check("outside tests there is an error or an `expect` that says why it holds", faults);
}

#[test]
fn the_core_touches_nothing() {
    let world = ["std::fs", "std::net", "std::env", "std::process", "SystemTime::now", "Instant::now"];
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| file.is_product() && file.path.starts_with("dronestore-core/")) {
        let code = file.code();
        let found = world.iter().filter(|word| code.contains(**word));
        faults.extend(found.map(|word| format!("{}: {word}", file.path)));
    }
    check("the core opens nothing and reads no clock", faults);
}

#[test]
fn nothing_is_left_to_do_in_comments() {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME")];
    let faults = lines(|_| true, |line| words.iter().any(|word| line.contains(word)));
    check("what is to be done is an issue, not a comment", faults);
}

#[test]
fn nothing_names_the_machine_it_was_written_on() {
    let paths = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];
    let faults = lines(|_| true, |line| paths.iter().any(|path| line.contains(path)));
    check("a path of one machine is of no use on another", faults);
}

#[test]
fn packages_come_from_one_registry() {
    const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";
    let other = |line: &str| line.starts_with("source = ") && line != format!("source = \"{REGISTRY}\"");
    check("the lock file names one registry", lines(|file| file.path.ends_with("Cargo.lock"), other));
    let hosts = [concat!("index.", "crates.io"), concat!("sparse", "+http"), concat!("replace", "-with")];
    let faults = lines(|_| true, |line| hosts.iter().any(|host| line.contains(host)));
    check("a registry's host is a matter of the machine", faults);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| file.path.ends_with(".md") && !file.path.contains("/src/")) {
        for link in links(&file.text) {
            if let Err(fault) = follow(file, link) {
                faults.push(format!("{}: `{link}` {fault}", file.path));
            }
        }
    }
    check("a link leads to a file, and to a heading in it", faults);
}

/// What stands in `](…)`, outside of code.
fn links(text: &str) -> Vec<&str> {
    let mut in_code = false;
    let prose = text.lines().filter(|line| {
        in_code ^= line.starts_with("```");
        !in_code
    });
    let targets = |line| str::split(line, "](").skip(1).filter_map(|rest| rest.split_once(')'));
    prose.flat_map(targets).map(|(target, _)| target).collect()
}

fn follow(from: &File, link: &str) -> Result<(), &'static str> {
    if link.contains("://") {
        return Ok(());
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let folder = Path::new(&from.path).parent().unwrap_or(Path::new(""));
    let target = if path.is_empty() { root().join(&from.path) } else { root().join(folder).join(path) };
    let text = fs::read_to_string(&target);
    if text.is_err() && !target.is_dir() {
        return Err("is not there");
    }
    let heads = text.unwrap_or_default();
    let mut headings = heads.lines().filter(|line| line.starts_with('#')).map(slug);
    if anchor.is_empty() || headings.any(|slug| slug == anchor) { Ok(()) } else { Err("has no such heading") }
}

/// A heading as it is named in a link.
fn slug(heading: &str) -> String {
    let title = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn the_readme_says_what_ci_runs() {
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let shell = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("```"));
    let commands: Vec<&str> = shell.flat_map(|(block, _)| block.lines()).collect();
    assert!(!commands.is_empty(), "the README has no command");
    let runs = || ci.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let run = |command: &&str| runs().any(|line| line.ends_with(*command));
    let missing = commands.into_iter().filter(|command| !run(command)).map(str::to_owned);
    check(".ci/run runs every command of the README", missing.collect());
}
