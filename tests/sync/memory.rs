//! What the other side can make a session take of memory: measured by what the operating system has ever given the process, so
//! in a process of its own.
#![cfg(target_os = "linux")]

use super::hostile::attack_in_all_ways;
use crate::format::memory::{peak, run_alone};

const ASKED: &str = "DRONESTORE_SYNC_MEMORY_CHILD";
/// How often each attack is made, and what all of them may take beyond what the first few took.
const ROUNDS: u64 = 2_000;
const ALLOWED: usize = 64 << 20;

#[test]
fn memory_is_bounded_whatever_the_other_side_says() {
    run_alone("sync::memory::measured_alone", ASKED);
}

/// No test of its own: the other tests of the process would be measured with it.
#[test]
fn measured_alone() {
    if std::env::var_os(ASKED).is_none() {
        return;
    }
    attack_in_all_ways(20);
    let before = peak();
    attack_in_all_ways(ROUNDS);
    let grown = peak() - before;
    println!("{} MiB before, {} MiB more", before >> 20, grown >> 20);
    assert!(grown <= ALLOWED, "{grown} bytes more");
}
