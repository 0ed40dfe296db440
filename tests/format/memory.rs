//! Bytes that claim more than they hold take no more memory than they do themselves, many times over at most.
//!
//! Measured by what the operating system has ever given the process, so in a process of its own.
#![cfg(target_os = "linux")]

use super::craft::Craft;
use dronestore::causal::form::code;
use dronestore::schema::Schema;
use dronestore::version::{Shape, from_json};
use dronestore::{Key, Value, Version};
use dronestore_core::bytes::put_varint;
use std::process::Command;

const ASKED: &str = "DRONESTORE_MEMORY_CHILD";
/// How many bytes of memory a byte of input may take, and what is given besides.
const FACTOR: usize = 256;
const SPARE: usize = 8 << 20;

#[test]
fn memory_is_bounded_by_the_input() {
    run_alone("format::memory::measured_alone", ASKED);
}

/// Runs one test in a process of its own, where this is set.
pub(crate) fn run_alone(test: &str, asked: &str) {
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", test, "--test-threads=1"]).env(asked, "1");
    let output = again.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// No test of its own: the other tests of the process would be measured with it.
#[test]
fn measured_alone() {
    if std::env::var_os(ASKED).is_none() {
        return;
    }
    for claim in [1 << 20, 1 << 30, 1 << 40, u64::MAX / 2, u64::MAX] {
        for bytes in claims(claim) {
            measure(&bytes);
        }
    }
    for unit in [&[0x80][..], &[0xf6], &[0x00], &[0x01], &[0x61, b'a'], &[0xa0], &[0xff], &[0x81, 0x02]] {
        let filler = unit.repeat((256 << 10) / unit.len());
        for head in claims(filler.len() as u64) {
            measure(&[&head, &filler[..]].concat());
        }
    }
}

/// Heads of everything that says how long it is, followed by nothing.
fn claims(count: u64) -> Vec<Vec<u8>> {
    let mut claims: Vec<Vec<u8>> =
        [0x5b, 0x7b, 0x9b, 0xbb, 0xdb].map(|head| [&[head][..], &count.to_be_bytes()].concat()).into();
    if let Ok(short) = u32::try_from(count) {
        claims.extend([0x5a, 0x7a, 0x9a, 0xba].map(|head| [&[head][..], &short.to_be_bytes()].concat()));
    }
    let mut varint = Vec::new();
    put_varint(&mut varint, count);
    claims.extend([varint.clone(), [&[1][..], &varint].concat(), [&[0, 0][..], &varint].concat()]);
    claims
}

/// Reads the bytes as everything that they could be.
fn measure(bytes: &[u8]) {
    let before = peak();
    let _ = (Value::from_bytes(bytes), Schema::from_bytes(bytes), Key::from_encoded(bytes));
    let _ = (Version::from_bytes(bytes), Shape::parse(bytes).map(drop));
    for form in
        [code::LATEST, code::COUNTER, code::SET, code::SET_LATEST, code::NESTED, code::TEXT, code::LIST]
    {
        if let Ok(version) = Craft::new(1).with("name", &[form], bytes.to_vec()).version() {
            let _ = (version.verify(), version.attributes(), version.has_concurrent_values());
        }
    }
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let _ = from_json(&serde_json::json!({"key": "/a", "hash": "00", "state": hex}));
    let grown = peak() - before;
    let allowed = bytes.len() * FACTOR + SPARE;
    let start = &bytes[..bytes.len().min(12)];
    assert!(grown <= allowed, "{} bytes that begin with {start:x?} took {grown}", bytes.len());
}

/// The most address space that the process ever had, in bytes: memory that is asked for counts, used or not.
pub(crate) fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}
