//! Differences: which parts of an old sequence a new one has in their places.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

/// A part of the old sequence and what stands in its place; both are not empty at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hunk {
    pub(crate) old: Range<usize>,
    pub(crate) new: Range<usize>,
}

/// How many differences are looked for from either end of a part before all of it counts as replaced: the time that
/// this takes grows with the square.
const MOST: usize = 4096;

/// The differences of two lists of tokens, as few as can be unless there are thousands, in order; they do not touch.
///
/// Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, in linear space. A stretch in which more than
/// some 8,000 tokens differ counts as replaced as a whole.
pub(crate) fn hunks<T: Hash + Eq>(old: &[T], new: &[T]) -> Vec<Hunk> {
    let (start, ends) = trim(old, new);
    let (old_end, new_end) = ends;
    if start == old_end || start == new_end {
        let hunk = Hunk { old: start..old_end, new: start..new_end };
        return if hunk.old.is_empty() && hunk.new.is_empty() { Vec::new() } else { vec![hunk] };
    }
    // Numbers are compared faster than whatever the tokens are.
    let mut numbers: HashMap<&T, u32> = HashMap::new();
    let mut number = |token| {
        let next = numbers.len() as u32;
        *numbers.entry(token).or_insert(next)
    };
    let a: Vec<u32> = old[start..old_end].iter().map(&mut number).collect();
    let b: Vec<u32> = new[start..new_end].iter().map(&mut number).collect();
    let mut found: Vec<Hunk> = Vec::new();
    let mut boxes = vec![(0..a.len(), 0..b.len())];
    let mut ends = Ends::default();
    while let Some((x, y)) = boxes.pop() {
        let (same, (x_end, y_end)) = trim(&a[x.clone()], &b[y.clone()]);
        let (x, y) = (x.start + same..x.start + x_end, y.start + same..y.start + y_end);
        let middle =
            if x.is_empty() || y.is_empty() { None } else { ends.meet(&a[x.clone()], &b[y.clone()]) };
        match middle {
            Some((from, to)) => {
                boxes.push((x.start + to.0..x.end, y.start + to.1..y.end));
                boxes.push((x.start..x.start + from.0, y.start..y.start + from.1));
            }
            None if x.is_empty() && y.is_empty() => {}
            None => {
                let (x, y) = (x.start + start..x.end + start, y.start + start..y.end + start);
                match found.last_mut() {
                    Some(last) if last.old.end == x.start && last.new.end == y.start => {
                        (last.old.end, last.new.end) = (x.end, y.end);
                    }
                    _ => found.push(Hunk { old: x, new: y }),
                }
            }
        }
    }
    found
}

/// How much both begin with, and where in each what both end with begins.
pub(crate) fn trim<T: PartialEq>(old: &[T], new: &[T]) -> (usize, (usize, usize)) {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let ends = old[start..].iter().rev().zip(new[start..].iter().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    (start, (old.len() - end, new.len() - end))
}

type Point = (usize, usize);

/// How far from either end one comes with so many differences, by diagonal; -1 for nowhere.
#[derive(Default)]
struct Ends {
    forward: Vec<isize>,
    backward: Vec<isize>,
}

impl Ends {
    /// The stretch of equal tokens in the middle of a shortest way, from where to where; `None` where it is too long.
    fn meet(&mut self, a: &[u32], b: &[u32]) -> Option<(Point, Point)> {
        let (n, m) = (a.len() as isize, b.len() as isize);
        let (delta, most) = (n - m, (a.len() + b.len()).div_ceil(2).min(MOST) as isize);
        let zero = most + 1;
        for side in [&mut self.forward, &mut self.backward] {
            side.clear();
            side.resize(2 * zero as usize + 1, -1);
        }
        let point = |x: isize, k: isize| (x as usize, (x - k) as usize);
        let other = |side: &[isize], k: isize| {
            let at = usize::try_from(delta - k + zero).ok();
            at.and_then(|at| side.get(at)).copied().filter(|x| *x >= 0)
        };
        for d in 0..=most {
            for k in (-d..=d).step_by(2) {
                let Some(from) = step(&self.forward, d, k, zero, n, m) else { continue };
                let mut x = from;
                while x < n && x - k < m && a[x as usize] == b[(x - k) as usize] {
                    x += 1;
                }
                self.forward[(k + zero) as usize] = x;
                if other(&self.backward, k).is_some_and(|back| delta & 1 != 0 && x + back >= n) {
                    return Some((point(from, k), point(x, k)));
                }
            }
            for k in (-d..=d).step_by(2) {
                let Some(from) = step(&self.backward, d, k, zero, n, m) else { continue };
                let mut x = from;
                while x < n && x - k < m && a[(n - 1 - x) as usize] == b[(m - 1 - (x - k)) as usize] {
                    x += 1;
                }
                self.backward[(k + zero) as usize] = x;
                if other(&self.forward, k).is_some_and(|front| delta & 1 == 0 && x + front >= n) {
                    let (from, to) = (point(from, k), point(x, k));
                    return Some(((a.len() - to.0, b.len() - to.1), (a.len() - from.0, b.len() - from.1)));
                }
            }
        }
        None
    }
}

/// How far one more difference leads on a diagonal, without leaving the two sequences.
fn step(side: &[isize], d: isize, k: isize, zero: isize, n: isize, m: isize) -> Option<isize> {
    if d == 0 {
        return Some(0);
    }
    let at = |k: isize| side[(k + zero) as usize];
    let (before, after) = (at(k - 1), at(k + 1));
    let right = if before >= 0 && before < n { before + 1 } else { -1 };
    let down = if after >= 0 && after - (k + 1) < m { after } else { -1 };
    Some(right.max(down)).filter(|x| *x >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The length of the longest common subsequence, by the table.
    fn common(a: &[u8], b: &[u8]) -> usize {
        let mut row = vec![0; b.len() + 1];
        for x in a {
            let mut before = 0;
            for (index, y) in b.iter().enumerate() {
                let above = row[index + 1];
                row[index + 1] = if x == y { before + 1 } else { above.max(row[index]) };
                before = above;
            }
        }
        row[b.len()]
    }

    #[test]
    fn differences_are_as_few_as_can_be() {
        let mut state = 1u64;
        let mut below = |end: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % end
        };
        for round in 0..30_000 {
            let letters = 1 + round % 6;
            let mut random = || (0..below(24)).map(|_| below(letters) as u8).collect::<Vec<u8>>();
            let (old, new) = (random(), random());
            let hunks = hunks(&old, &new);
            let (mut rebuilt, mut at, mut kept) = (Vec::new(), 0, 0);
            for (number, hunk) in hunks.iter().enumerate() {
                assert!(number == 0 || hunk.old.start > at, "{hunks:?} touch");
                assert!(!hunk.old.is_empty() || !hunk.new.is_empty());
                rebuilt.extend_from_slice(&old[at..hunk.old.start]);
                kept += hunk.old.start - at;
                rebuilt.extend_from_slice(&new[hunk.new.clone()]);
                at = hunk.old.end;
            }
            rebuilt.extend_from_slice(&old[at..]);
            assert_eq!(rebuilt, new, "{old:?}");
            assert_eq!(kept + old.len() - at, common(&old, &new), "{old:?} {new:?}");
        }
    }

    #[test]
    fn what_has_nothing_in_common_is_replaced_in_bounded_time() {
        let old: Vec<u32> = (0..100_000).collect();
        let new: Vec<u32> = (100_000..200_000).collect();
        assert_eq!(hunks(&old, &new), [Hunk { old: 0..100_000, new: 0..100_000 }]);
    }
}
