//! The help of every command: what it is for, and examples that are understood.

use super::transcript::Terminal;
use dronestore::cli::Exit;

/// The commands that the help lists.
fn commands() -> Vec<String> {
    let help = Terminal::new().ok("dronestore --help");
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    // Long descriptions go on below, farther in.
    let first = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    first.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

fn helps() -> Vec<(String, String)> {
    let names = commands().into_iter().chain(
        ["schema show", "schema add", "bundle write", "bundle import", "bundle info"].map(str::to_owned),
    );
    let help = |name: String| (name.clone(), Terminal::new().ok(&format!("dronestore {name} --help")));
    names.map(help).collect()
}

#[test]
fn every_command_is_there() {
    let commands = commands();
    for name in [
        "init",
        "clone",
        "info",
        "ls",
        "get",
        "query",
        "search",
        "set",
        "rm",
        "log",
        "diff",
        "branch",
        "merge",
        "sync",
        "pull",
        "push",
        "publish",
        "bundle",
        "serve",
        "live",
        "gossip",
        "peers",
        "conflicts",
        "resolve",
        "explain",
        "schema",
        "verify",
        "compact",
        "export",
        "import",
        "stats",
        "completions",
        "man",
    ] {
        assert!(commands.iter().any(|known| known == name), "{name} is not in {commands:?}");
    }
}

#[test]
fn every_help_says_what_it_is_for_and_shows_an_example() {
    for (name, help) in helps() {
        let first = help.lines().next().unwrap();
        assert!(first.len() > 10 && first.starts_with(char::is_uppercase), "{name}: {first}");
        assert!(help.contains("Examples:\n"), "{name} has no example");
        for (number, line) in help.lines().enumerate() {
            assert!(line.chars().count() <= 100, "{name}: line {} is too long: {line}", number + 1);
        }
        for line in help.lines().filter(|line| line.starts_with("      --") || line.starts_with("  -")) {
            let words = line.split_whitespace().count();
            assert!(
                words > 2 || help.contains(&format!("{line}\n          ")),
                "{name}: `{line}` says nothing"
            );
        }
    }
}

#[test]
fn every_example_is_understood() {
    let mut seen = 0;
    for (name, help) in helps() {
        let examples = help.split("Examples:\n").nth(1).unwrap();
        for line in examples.lines().filter_map(|line| line.trim_start().strip_prefix("dronestore ")) {
            let end = line.find(" | ").or(line.find(" > ")).or(line.find(" && ")).unwrap_or(line.len());
            // In a folder without a repo: whatever is understood fails for that, or does what needs none.
            let (text, exit) = Terminal::new().run(&format!("dronestore {} --json", &line[..end]), "");
            assert!(!text.contains(r#""kind":"Usage""#), "{name}: {line}: {text}");
            assert_ne!(exit, Exit::Usage, "{name}: {line}: {text}");
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen} examples");
}

#[test]
fn pages_and_completions_are_made() {
    let mut terminal = Terminal::new();
    let page = terminal.ok("dronestore man");
    assert!(page.starts_with(".ie") && page.contains(".SH SUBCOMMANDS"), "{page}");
    assert!(terminal.ok("dronestore man set").contains("dronestore set"));
    for (shell, word) in
        [("bash", "complete -F"), ("zsh", "#compdef dronestore"), ("fish", "complete -c dronestore")]
    {
        assert!(terminal.ok(&format!("dronestore completions {shell}")).contains(word), "{shell}");
    }
    terminal.ok("dronestore man --folder .");
    assert!(
        terminal.path().join("dronestore.1").is_file() && terminal.path().join("dronestore-set.1").is_file()
    );
    assert_eq!(terminal.run("dronestore man nothing", "").1, Exit::NotFound);
}
