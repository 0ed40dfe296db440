//! Imports point down: the table in docs/ARCHITECTURE.md against the source.

use super::check;
use super::source::{File, files, root};
use std::collections::HashMap;
use std::fs;

const CRATES: [&str; 3] = ["dronestore-core", "dronestore-derive", "dronestore"];

/// For each module of the table, `crate::module`, how far up it stands.
fn heights() -> HashMap<String, usize> {
    let text = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with('|') && line.contains("::"));
    let count = rows.clone().count();
    let mut heights = HashMap::new();
    for (row, line) in rows.enumerate() {
        let names = line.split('`').skip(1).step_by(2).filter(|name| name.contains("::"));
        for name in names {
            let twice = heights.insert(name.to_owned(), count - row);
            assert!(twice.is_none(), "`{name}` stands in two layers");
        }
    }
    heights
}

/// Crate and first module of a source file.
fn module(file: &File) -> Option<(&'static str, String)> {
    let (name, rest) = file.path.split_once("/src/")?;
    let name = CRATES.into_iter().find(|known| *known == name)?;
    let first = rest.split('/').next()?.trim_end_matches(".rs");
    Some((name, first.to_owned()))
}

#[test]
fn every_module_has_a_layer() {
    let heights = heights();
    let unlayered = ["lib", "__private", "guide"];
    let mut found: Vec<String> = Vec::new();
    for (name, module) in files().iter().filter(|file| file.is_rust()).filter_map(module) {
        if !unlayered.contains(&module.as_str()) {
            found.push(format!("{name}::{module}"));
        }
    }
    let missing = found.iter().filter(|name| !heights.contains_key(*name));
    check("docs/ARCHITECTURE.md lacks a layer for", missing.cloned().collect());
    let gone = heights.keys().filter(|name| !found.contains(name));
    check("docs/ARCHITECTURE.md has a layer for what is not there", gone.cloned().collect());
}

#[test]
fn imports_point_down() {
    let heights = heights();
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| file.is_product()) {
        let Some((crate_name, from)) = module(file) else { continue };
        let Some(height) = heights.get(&format!("{crate_name}::{from}")) else { continue };
        let exports = exports(crate_name);
        for name in imports(file) {
            let to = exports.get(&name).unwrap_or(&name);
            let other = heights.get(&format!("{crate_name}::{to}"));
            if other.is_some_and(|other| other > height) {
                faults.push(format!("{}: `{name}` of `{to}`, which stands above `{from}`", file.path));
            }
        }
    }
    check("imports point down", faults);
}

#[test]
fn crates_use_what_is_below() {
    let mut faults = Vec::new();
    for below in ["dronestore-core", "dronestore-derive"] {
        let manifest = fs::read_to_string(root().join(below).join("Cargo.toml")).unwrap();
        let dependencies = manifest.split("dependencies]\n").skip(1).flat_map(str::lines);
        let ours = dependencies.filter(|line| line.starts_with("dronestore"));
        faults.extend(ours.map(|line| format!("{below}: {line}")));
    }
    check("only `dronestore` depends on the other crates", faults);
}

/// What the root of a crate exports under its own name, and from which module.
fn exports(crate_name: &str) -> HashMap<String, String> {
    let lib = fs::read_to_string(root().join(crate_name).join("src/lib.rs")).unwrap();
    let mut exports = HashMap::new();
    for statement in lib.split("\npub use ").skip(1).filter_map(|rest| rest.split_once(';')) {
        if let Some((module, names)) = statement.0.split_once("::") {
            let names = names.trim_matches(|c: char| c == '{' || c == '}' || c.is_whitespace());
            exports.extend(names.split(',').map(|name| (name.trim().to_owned(), module.to_owned())));
        }
    }
    exports
}

/// The first name behind each `crate::`, and behind each chain of `super::` that leads to the root.
fn imports(file: &File) -> Vec<String> {
    let code = file.code();
    let mut names = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let is_other_name = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if !is_other_name {
            names.extend(first_names(&code[at + "crate::".len()..]));
        }
    }
    let depth = depth(file);
    let supers = "super::".repeat(depth);
    for (at, _) in code.match_indices(&supers) {
        let rest = &code[at + supers.len()..];
        if !code[..at].ends_with("super::") && !rest.starts_with("super::") {
            names.extend(first_names(rest));
        }
    }
    names
}

/// How many `super::` lead from a file to the root of its crate.
fn depth(file: &File) -> usize {
    let path = file.path.split_once("/src/").map_or("", |(_, path)| path);
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').count()
}

/// `name` in `name::…`; each first name in `{name::…, name}`.
fn first_names(rest: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(list) = rest.strip_prefix('{') else { return vec![word(rest)] };
    let mut names = vec![word(list.trim_start())];
    let mut depth = 0usize;
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(word(list[at + 1..].trim_start())),
            _ => {}
        }
    }
    names
}
