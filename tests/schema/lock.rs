//! The test of one line that writes and checks a lock; what the compiler makes of locks is in `tests/ui/lock`.

use crate::folder::Folder;
use dronestore::schema::Lock;
use dronestore::{Drone, schema_lock};
use std::collections::BTreeMap;
use std::fs;

/// Held by the compiler against `tests/schema/locks`, in this very program.
#[derive(Drone)]
#[drone(kind = "Lock/ed", lock = "schema/locks")]
#[allow(dead_code)]
struct Locked {
    #[merge(latest)]
    #[drone(rename = "odd\tname # of \\ a field")]
    name: String,
    #[merge(map(counter))]
    visits: BTreeMap<String, u64>,
    #[merge(latest_object)]
    left: Option<u64>,
    #[merge(latest)]
    added: String,
}

mod before {
    #[derive(dronestore::Drone)]
    pub struct Hut {
        #[merge(latest)]
        pub name: String,
        #[merge(counter)]
        pub visits: u64,
        #[merge(latest)]
        pub beds: u32,
    }
}

mod after {
    #[derive(dronestore::Drone)]
    pub struct Hut {
        #[merge(latest)]
        pub name: String,
        #[merge(latest)]
        #[drone(convert = "super::Text")]
        pub beds: String,
        #[merge(latest)]
        #[drone(convert = "super::Text")]
        pub doors: String,
    }
}

struct Text;

impl dronestore::Convert<String> for Text {
    type Stored = u32;

    fn load(stored: u32) -> dronestore::Result<String> {
        Ok(stored.to_string())
    }

    fn store(value: &String) -> dronestore::Result<u32> {
        Ok(value.parse().unwrap_or_default())
    }
}

#[test]
fn the_committed_lock_is_that_of_the_program() {
    schema_lock::<Locked>("schema/locks").unwrap();
}

#[test]
fn a_lock_is_written_where_there_is_none_and_then_checked() {
    let folder = Folder::new();
    schema_lock::<before::Hut>(folder.path()).unwrap();
    let text = fs::read_to_string(folder.join("Hut.schema")).unwrap();
    let (comment, lines) = text.split_once('\n').unwrap();
    assert!(comment.starts_with("# What is stored of kind `Hut`"), "{comment}");
    assert_eq!(lines, "beds\tlatest\tu32\nname\tlatest\tString\nvisits\tcounter\tu64\n");
    schema_lock::<before::Hut>(folder.path()).unwrap();
}

#[test]
fn a_lock_that_differs_is_told_line_by_line_and_left_alone() {
    let folder = Folder::new();
    schema_lock::<before::Hut>(folder.path()).unwrap();
    let before = fs::read_to_string(folder.join("Hut.schema")).unwrap();
    let error = schema_lock::<after::Hut>(folder.path()).unwrap_err().to_string();
    for line in
        ["- visits\tcounter\tu64\n", "+ visits\tcounter\tu64\tremoved", "DRONESTORE_LOCK=write cargo test"]
    {
        assert!(error.contains(line), "{error}");
    }
    assert_eq!(fs::read_to_string(folder.join("Hut.schema")).unwrap(), before);
}

#[test]
fn what_is_removed_stays_in_the_lock_and_what_is_converted_keeps_its_type() {
    let before = Lock::of::<before::Hut>(None).unwrap().text;
    let after = Lock::of::<after::Hut>(Some(&before)).unwrap().text;
    let (_, lines) = after.split_once('\n').unwrap();
    assert_eq!(
        lines,
        "beds\tlatest\tu32\ndoors\tlatest\tu32\nname\tlatest\tString\nvisits\tcounter\tu64\tremoved\n"
    );
    assert_eq!(Lock::of::<after::Hut>(Some(&after)).unwrap().text, after);
    assert!(Lock::of::<before::Hut>(Some(&after)).unwrap().text.contains("visits\tcounter\tu64\n"));
}

#[test]
fn a_file_that_is_no_lock_is_an_error() {
    let folder = Folder::new();
    fs::write(folder.join("Hut.schema"), "<<<<<<< ours\n").unwrap();
    assert!(schema_lock::<before::Hut>(folder.path()).unwrap_err().is_corrupt());
}

mod converted {
    #[derive(dronestore::Drone)]
    pub struct Hut {
        #[merge(latest)]
        pub name: String,
        #[merge(counter)]
        pub visits: u64,
        #[merge(latest)]
        #[drone(convert = "super::Wrong")]
        pub beds: Vec<u8>,
    }
}

/// A conversion that stores another type than older programs do.
struct Wrong;

impl dronestore::Convert<Vec<u8>> for Wrong {
    type Stored = Vec<u8>;

    fn load(stored: Vec<u8>) -> dronestore::Result<Vec<u8>> {
        Ok(stored)
    }

    fn store(value: &Vec<u8>) -> dronestore::Result<Vec<u8>> {
        Ok(value.clone())
    }
}

#[test]
fn a_conversion_that_stores_another_type_is_told() {
    let folder = Folder::new();
    schema_lock::<before::Hut>(folder.path()).unwrap();
    let error = schema_lock::<converted::Hut>(folder.path()).unwrap_err().to_string();
    assert!(error.contains("`beds` is stored as `u32`, and `super::Wrong` stores `Vec<u8>`"), "{error}");
    let anew = Lock::of::<converted::Hut>(None).unwrap();
    assert!(anew.text.contains("beds\tlatest\tVec<u8>\n") && anew.misread.is_empty(), "{anew:?}");
    assert!(Lock::of::<converted::Hut>(Some(&anew.text)).unwrap().misread.is_empty());
}
