//! The files of the tree, and what of them is code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A text file of the tree.
pub(super) struct File {
    /// From the root, with forward slashes.
    pub(super) path: String,
    pub(super) text: String,
}

/// The folder of the workspace.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// All text files that are tracked, or would be.
pub(super) fn files() -> &'static [File] {
    static FILES: OnceLock<Vec<File>> = OnceLock::new();
    FILES.get_or_init(|| {
        let mut paths = tracked().unwrap_or_else(|| walk(root()));
        paths.sort();
        let read = |path: String| Some(File { text: fs::read_to_string(root().join(&path)).ok()?, path });
        paths.into_iter().filter_map(read).collect()
    })
}

fn tracked() -> Option<Vec<String>> {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(list).current_dir(root()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    Some(text.split_terminator('\0').map(str::to_owned).collect())
}

/// Where there is no git: all files but what cargo builds.
fn walk(folder: &Path) -> Vec<String> {
    let mut folders = vec![folder.to_path_buf()];
    let mut paths = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            let name = path.file_name().unwrap_or_default();
            if path.is_dir() {
                folders.extend((name != "target" && name != ".git").then_some(path));
            } else if let Ok(path) = path.strip_prefix(root()) {
                paths.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    paths
}

impl File {
    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it is part of what users get, and not a test.
    pub(super) fn is_product(&self) -> bool {
        self.is_rust()
            && (self.path.contains("/src/") || self.path.starts_with("examples/"))
            && !self.path.starts_with("tests/")
            && !self.path.contains("/tests/")
            && !self.is_test_module()
    }

    /// Whether the folder's `mod.rs` has it for tests only, or its name says so.
    fn is_test_module(&self) -> bool {
        let path = Path::new(&self.path);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let parent = fs::read_to_string(root().join(path).with_file_name("mod.rs")).unwrap_or_default();
        let declared = format!("#[cfg(test)]\nmod {stem};");
        stem == "tests" || stem.ends_with("_tests") || parent.contains(&declared)
    }

    /// The text without comments and without its tests, line by line as it was.
    pub(super) fn code(&self) -> String {
        let before_tests = match self.text.find("\n#[cfg(test)]\nmod tests {") {
            Some(end) => &self.text[..end],
            None => &self.text,
        };
        let without_comment = |line: &str| line.split("//").next().unwrap_or_default().to_owned() + "\n";
        before_tests.lines().map(without_comment).collect()
    }
}
