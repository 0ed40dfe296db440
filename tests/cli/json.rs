//! `--json`: one object with these members, errors too.

use super::transcript::Terminal;
use dronestore::cli::Exit;
use serde_json::Value as Json;

const SCHEMA: &str = "struct Note { #[merge(text)] text: String, #[merge(conflict)] shop: String }";

fn check(terminal: &mut Terminal, line: &str, input: &str, members: &[&str]) -> Json {
    let (text, _) = terminal.run(&format!("dronestore {line} --json"), input);
    let json: Json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{line}: {error}: {text}"));
    let there: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(there, members, "{line}: {text}");
    json
}

#[test]
fn every_answer_has_its_members() {
    let mut terminal = Terminal::new();
    let t = &mut terminal;
    let merge = ["concurrent", "conflicts", "forked", "known", "merged", "new", "forwarded"];
    let mut merge = merge.to_vec();
    merge.sort_unstable();
    check(t, "init a", "", &["actor", "database", "repo"]);
    t.ok("cd a");
    check(t, "schema add -", SCHEMA, &["kind", "new"]);
    check(t, "schema", "", &["schemas"]);
    check(t, "schema show Note", "", &["attributes", "kind"]);
    check(t, "set Note:x text=a shop=one", "", &["changed", "key", "not_recorded", "version"]);
    check(t, "clone . ../b", "", &["actor", "database", "from", "objects", "repo", "whole"]);
    check(t, "info", "", &["actor", "database", "hash", "kinds", "objects", "repo", "sequence"]);
    let listed = check(t, "ls", "", &["objects"]);
    let first: Vec<&String> = listed["objects"][0].as_object().unwrap().keys().collect();
    assert_eq!(first, ["committed", "created", "deleted", "id", "key", "kind", "version"]);
    let all = ["committed", "contested", "created", "deleted", "id", "key", "kind", "values", "version"];
    assert_eq!(check(t, "get x", "", &all)["values"]["text"], "a");
    assert_eq!(check(t, "get x text", "", &["attribute", "key", "value"])["value"], "a");
    check(t, "set x shop=two", "", &["changed", "key", "not_recorded", "version"]);
    t.ok("dronestore -r ../b set x shop=three");
    let differs = check(t, "diff ../b", "", &["equal", "objects"]);
    assert_eq!(differs["objects"][0]["attributes"][0]["there"], "three");
    check(t, "pull ../b", "", &merge);
    check(t, "merge ../b", "", &merge);
    check(t, "push ../b", "", &merge);
    let sync =
        ["ahead", "bytes_in", "bytes_out", "database", "in_sync", "is_copy", "peer", "received", "scope"];
    let sync: Vec<&str> = sync.into_iter().chain(["sent", "too_large", "turns"]).collect();
    assert_eq!(check(t, "sync ../b", "", &sync)["in_sync"], true);
    let found = check(t, "query Note 'limit 1'", "", &["next", "objects"]);
    assert!(found["objects"][0]["values"]["text"] == "a" && found["next"].is_string(), "{found}");
    assert_eq!(check(t, "query Note --count", "", &["count"])["count"], 1);
    let published = ["bytes", "deleted", "objects", "segments", "too_large"];
    assert_eq!(check(t, "publish ../shared", "", &published)["objects"], 1);
    let pulled = ["bytes", "foreign", "ignored", "received", "segments", "unreadable", "waiting"];
    check(t, "-r ../b pull ../shared", "", &pulled);
    check(t, "sync ../shared", "", &["published", "pulled"]);
    let bundle = ["actor", "database", "full", "kinds", "made", "objects", "point", "scope", "since"];
    let written: Vec<&str> = ["bytes", "file", "too_large"].into_iter().chain(bundle).collect();
    let mut written = written;
    written.sort_unstable();
    let point = check(t, "bundle write all.bundle", "", &written)["point"].as_str().unwrap().to_owned();
    assert_eq!(check(t, "bundle info all.bundle --check", "", &bundle)["full"], true);
    assert_eq!(check(t, "bundle import all.bundle", "", &merge)["new"], 0);
    let since = check(t, &format!("bundle write more.bundle --since {point}"), "", &written);
    assert_eq!((since["objects"].as_u64(), since["full"].as_bool()), (Some(0), Some(false)), "{since}");
    let conflicts = check(t, "conflicts", "", &["conflicts"]);
    assert_eq!(conflicts["conflicts"][0]["sides"].as_array().unwrap().len(), 2);
    check(t, "resolve x shop --side 1", "", &["key", "path", "value"]);
    check(t, "conflicts --decided", "", &["conflicts", "decisions"]);
    check(t, "explain x shop", "", &["explanations"]);
    let log = check(t, "log", "", &["changes", "left_out"]);
    assert!(log["changes"][0]["time"].is_string() || log["changes"][0]["time"].is_null());
    check(t, "verify", "", &["bytes", "conflicts", "forked", "hash", "objects", "rows", "shapes"]);
    check(t, "stats", "", &["conflicts", "file_bytes", "kinds", "rows", "sequence"]);
    assert_eq!(check(t, "branch draft", "", &["branch", "made"])["made"], true);
    check(t, "set x shop=four --branch draft", "", &["changed", "key", "not_recorded", "version"]);
    assert_eq!(check(t, "branch", "", &["branches"])["branches"][0]["objects"], 1);
    let diff = check(t, "branch draft --diff", "", &["objects"]);
    assert_eq!(diff["objects"][0]["fields"][0]["new"], "four");
    check(t, "branch draft --catch-up", "", &merge);
    check(t, "branch draft --merge", "", &merge);
    assert_eq!(check(t, "branch draft --discard", "", &["discarded"])["discarded"]["objects"], 0);
    check(t, "compact", "", &["after", "before"]);
    check(t, "export --output all.jsonl", "", &["file", "objects"]);
    check(t, "import all.jsonl", "", &["schemas", "versions", "written"]);
    check(t, "rm x", "", &["deleted"]);
}

#[test]
fn errors_are_json_too() {
    let mut terminal = Terminal::new();
    terminal.ok("dronestore init .");
    for (line, kind, exit) in [
        ("get nothing", "NotFound", Exit::NotFound),
        ("frobnicate", "Usage", Exit::Usage),
        ("set Note:x text=a", "NotFound", Exit::NotFound),
        ("pull tcp://localhost:1", "Unsupported", Exit::Refused),
        ("query Note 'age >='", "InvalidValue", Exit::Usage),
        ("query Note", "NotFound", Exit::NotFound),
        ("ls --kind Note", "InvalidValue", Exit::Usage),
        ("sync localhost:1", "InvalidValue", Exit::Usage),
        ("sync tcp://localhost", "InvalidValue", Exit::Usage),
        ("bundle info nowhere.bundle", "NotFound", Exit::NotFound),
        ("bundle import .drone", "Corrupt", Exit::Corrupt),
        ("publish .", "Unsupported", Exit::Refused),
        ("init .", "Refused", Exit::Refused),
        ("get Note:", "InvalidKey", Exit::Usage),
    ] {
        let (text, ended) = terminal.run(&format!("dronestore {line} --json"), "");
        let json: Json = serde_json::from_str(&text).unwrap();
        assert_eq!((json["error"]["kind"].as_str(), ended), (Some(kind), exit), "{line}: {text}");
        assert_eq!(json["error"]["exit"], exit.code());
    }
}
