use super::*;
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

const FIRST: &str = r#"{"id":7,"parents":[],"time":10,"author":3,"change":{"a":{"set":{"x":1,"y":[null]}}}}"#;
const SECOND: &str =
    r#"{"id":8,"parents":[7],"time":9,"author":4,"change":{"a":{"unset":["x"]}},"delete":["b"]}"#;

fn fails(text: &str, expected: &str) {
    let error = History::read(text.as_bytes()).unwrap_err();
    assert!(error.contains(expected), "`{error}` does not say `{expected}`");
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn plain_and_gzip_are_read_alike() {
    let text = format!("{FIRST}\n\n{SECOND}");
    for bytes in [text.as_bytes().to_vec(), gzipped(&text)] {
        let history = History::read(&bytes[..]).unwrap();
        assert_eq!(history.authors(), BTreeSet::from([3, 4]));
        let [first, second] = &history.commits[..] else { panic!("two commits, not {history:?}") };
        assert_eq!(history.parents_authors(second), BTreeSet::from([3]));
        assert_eq!(second.parents, [0]);
        let mut attributes = Attributes::new();
        first.change["a"].apply(&mut attributes);
        second.change["a"].apply(&mut attributes);
        assert_eq!(attributes, Attributes::from([("y".into(), Value::List(vec![Value::Null]))]));
    }
}

#[test]
fn first_parents_leave_side_branches_out() {
    let commit =
        |id: u64, parents: &str| format!(r#"{{"id":{id},"parents":[{parents}],"time":{id},"author":1}}"#);
    let lines = [commit(0, ""), commit(1, "0"), commit(2, "0"), commit(3, "2,1")].join("\n");
    let history = History::read(lines.as_bytes()).unwrap();
    let seconds: Vec<u64> = history.first_parents().iter().map(|commit| commit.time.as_secs()).collect();
    assert_eq!(seconds, [0, 2, 3]);
}

#[test]
fn bad_lines_are_named() {
    fails("", "holds no commit");
    fails("\n \n", "holds no commit");
    fails("{", "line 1: EOF");
    fails(&format!("{FIRST}\n{{\"id\":}}"), "line 2: expected value at column 7");
    fails(&format!("{FIRST}\n[]"), "line 2: ");
    fails(r#"{"id":1,"parents":[],"time":1}"#, "line 1: missing field `author`");
    fails(r#"{"id":1,"parents":[],"time":-1,"author":1}"#, "invalid value: integer `-1`");
    fails(r#"{"id":1,"parents":[],"time":99999999999,"author":1}"#, "line 1: ");
    fails(r#"{"id":1,"parents":[],"time":1,"author":1,"delte":[]}"#, "unknown field `delte`");
    fails(SECOND, "line 1: parent 7 of commit 8 is in no earlier line");
    fails(&format!("{FIRST}\n{FIRST}"), "line 2: commit 7 was there already");
    assert!(History::read(&b"\xff\xfe"[..]).unwrap_err().contains("line 1: "));
}

#[test]
fn truncated_gzip_is_told() {
    let bytes = gzipped(&format!("{FIRST}\n{SECOND}\n"));
    for length in [3, 12, bytes.len() / 2, bytes.len() - 1] {
        let error = History::read(&bytes[..length]).unwrap_err();
        assert!(error.contains("ends too early"), "{length}: {error}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = History::open(Path::new("no/such.jsonl")).unwrap_err();
    assert!(error.contains("no/such.jsonl"), "{error}");
}
