//! Bytes made wrong, and a guard that names the bytes over which something panicked.

use crate::random::Random;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// These bytes with something wrong about them.
pub(crate) fn mutated(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(out.len());
        match random.below(9) {
            _ if out.is_empty() => out.push(random.next() as u8),
            0..=2 => out[at] ^= 1 << random.below(8),
            3 => out[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
            4 => out.truncate(at),
            5 => out.insert(at, random.next() as u8),
            6 => drop(out.remove(at)),
            7 => {
                let end = (at + random.below(20)).min(out.len());
                let piece = out[at..end].to_vec();
                let to = random.below(out.len());
                out.splice(to..to, piece);
            }
            _ => {
                let end = (at + random.below(12)).min(out.len());
                out.drain(at..end);
            }
        }
    }
    out
}

pub(crate) fn noise(random: &mut Random, longest: usize) -> Vec<u8> {
    (0..random.below(longest)).map(|_| random.next() as u8).collect()
}

/// Runs `work` over an input; a panic names it.
pub(crate) fn survives<R>(input: &[u8], work: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let hex: String = input.iter().map(|byte| format!("{byte:02x}")).collect();
        panic!("a panic over the input {hex}")
    })
}
