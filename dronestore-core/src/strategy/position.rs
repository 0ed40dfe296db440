//! Positions: byte strings with room between any two, by which the items of a list that moves are in order.
//!
//! ```text
//! position := line number+ (ff line number+)*
//! line     := four bytes of the actor who makes positions on it
//! number   := 1 to 5 bytes, as many as it is long; ordered as a number
//! ```
//!
//! After the position strings of Matthew Weidner (the package `position-strings`; Weidner, Kleppmann, "The Art of the
//! Fugue", 2023): a place is a number on a line, one actor alone makes places on a line, and below each place there is
//! room for lines of others. So what two insert at one place at once stands on two lines, one behind the other, and is
//! not mixed. A line has no end on either side, and below each number there are numbers again: whoever appends, or
//! prepends, one by one makes positions that grow with the logarithm alone.

use crate::error::{Error, ErrorKind, Result};

/// The first bytes of an actor: whose line it is.
pub(crate) type Line = [u8; 4];

/// Longer ones are not made while there is another way.
pub(crate) const LONGEST: usize = 128;

/// Longer ones are none.
const MAX_LENGTH: usize = 1024;

/// Stands in front of a line, behind numbers; larger than the first byte of every number.
const BRANCH: u8 = 0xff;

/// How many numbers take 1, 2, 3, 4, 5 bytes, on each side of zero: 64 to 2³⁴.
const SIZES: [i64; 5] = [64, 1 << 13, 1 << 20, 1 << 27, 1 << 34];

/// The first byte of the smallest of each, as numbers from zero up have it; below zero all bits are turned.
const HEADS: [u8; 5] = [0x80, 0xc0, 0xe0, 0xf0, 0xf8];

/// One step on the way to a place. At equal ways a number comes before a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Number(i64),
    Line(Line),
}

use Step::{Line as On, Number};

/// Whether these bytes are a position.
pub(crate) fn is_position(bytes: &[u8]) -> bool {
    bytes.len() <= MAX_LENGTH && walk(bytes, |_| {}).is_some()
}

/// As many positions as asked for between two, in order; `None` is the beginning and the end of the list.
///
/// # Errors
/// [`Unsupported`](ErrorKind::Unsupported) where a line has come to the end of all numbers.
pub(crate) fn run(
    left: Option<&[u8]>,
    right: Option<&[u8]>,
    count: usize,
    line: Line,
) -> Result<Vec<Vec<u8>>> {
    let near = make(left, right, count, |left, right| between(left, right, line));
    if near.as_ref().is_ok_and(|near| near.iter().all(|position| position.len() <= LONGEST)) {
        return near;
    }
    // Among what others insert here at once such a run may come to stand in two parts.
    make(left, right, count, |left, right| shortest(left, right, line))
}

fn make(
    left: Option<&[u8]>,
    right: Option<&[u8]>,
    count: usize,
    between: impl Fn(&[Step], &[Step]) -> Option<(Vec<Step>, Grows)>,
) -> Result<Vec<Vec<u8>>> {
    let mut left = left.map_or_else(Vec::new, steps);
    let mut right = right.map_or_else(Vec::new, steps);
    let (mut before, mut behind) = (Vec::with_capacity(count), Vec::new());
    for _ in 0..count {
        let (next, grows) = between(&left, &right).ok_or_else(full)?;
        let bytes = encode(&next).ok_or_else(full)?;
        match grows {
            Grows::Forward => {
                before.push(bytes);
                left = next;
            }
            Grows::Backward => {
                behind.push(bytes);
                right = next;
            }
        }
    }
    before.extend(behind.into_iter().rev());
    if before.iter().any(|position| position.len() > MAX_LENGTH) { Err(full()) } else { Ok(before) }
}

#[cold]
fn full() -> Error {
    Error::new(ErrorKind::Unsupported, "there is no further place in this part of the list")
}

/// Where the next of a run goes: behind this one, or before it.
enum Grows {
    Forward,
    Backward,
}

/// A way to a place between two that is this line's to make.
///
/// Places are at even numbers. What is put behind a place goes on on its line, or below it; what is put before a place
/// goes back on its line, or below the odd number before it. So a run that is typed forwards hangs on what it began
/// behind, one that is typed backwards on what it began before, and nothing comes between.
fn between(left: &[Step], right: &[Step], own: Line) -> Option<(Vec<Step>, Grows)> {
    let same = common(left, right);
    if same == left.len() && !right.is_empty() {
        return shortest(left, right, own);
    }
    let (limit, last) = (&right[same..], left.len().saturating_sub(1));
    let next = if same > last {
        None
    } else {
        after(left, last.max(same), if same == last { limit } else { &[] }, own)
    };
    if owner(left) == Some(own)
        && let Some((way, grows)) = next
    {
        return Some((way, grows));
    }
    if owner(right) == Some(own)
        && let Some(way) = in_front(left, right, same)
    {
        return Some((way, Grows::Backward));
    }
    shortest(left, right, own)
}

/// A short way to a place between two; no right is the end.
fn shortest(left: &[Step], right: &[Step], own: Line) -> Option<(Vec<Step>, Grows)> {
    let same = common(left, right);
    if same == left.len() && !right.is_empty() {
        return before(right, same, own).map(|way| (way, Grows::Backward));
    }
    Some(after(left, same, &right[same..], own).unwrap_or_else(|| (below(left, own), Grows::Forward)))
}

fn common(left: &[Step], right: &[Step]) -> usize {
    left.iter().zip(right).take_while(|(a, b)| a == b).count()
}

/// Whose line a way is on.
fn owner(way: &[Step]) -> Option<Line> {
    way.iter().rev().find_map(|step| if let On(line) = step { Some(*line) } else { None })
}

/// The place behind a number on its line.
fn next(number: i64) -> i64 {
    number + if number & 1 == 0 { 2 } else { 3 }
}

/// The place before a number on its line.
fn previous(number: i64) -> i64 {
    number - if number & 1 == 0 { 2 } else { 1 }
}

/// A way right before `right`, on the line that it is on; it parts from `left` at the step `same`.
fn in_front(left: &[Step], right: &[Step], same: usize) -> Option<Vec<Step>> {
    let (Number(last), way) = right.split_last()? else { return None };
    let fits = |step: i64| way.len() > same || left.get(same).is_none_or(|left| *left < Number(step));
    if fits(previous(*last)) {
        return Some([way, &[Number(previous(*last))]].concat());
    }
    fits(last - 1).then(|| [way, &[Number(last - 1), Number(0)]].concat())
}

/// A way that leaves that of `left` at the step `from` or later, and is less than what goes on there with `limit`.
fn after(left: &[Step], from: usize, limit: &[Step], own: Line) -> Option<(Vec<Step>, Grows)> {
    for at in from..left.len() {
        let (way, limit) = (&left[..at], if at == from { limit } else { &[] });
        let fits = |step| limit.first().is_none_or(|limit| step < *limit);
        let to = |steps: &[Step]| [way, steps].concat();
        if let Number(number) = left[at]
            && owner(way) == Some(own)
            && fits(Number(next(number)))
        {
            return Some((to(&[Number(next(number))]), Grows::Forward));
        }
        // A line begins below a place, and so behind a number, or at the root.
        let may_branch = !matches!(way.last(), Some(On(_)));
        if may_branch && left[at] < On(own) && owner(way) != Some(own) && fits(On(own)) {
            return Some((to(&[On(own), Number(0)]), Grows::Forward));
        }
    }
    None
}

/// A way below the place that `left` leads to: greater than it, and less than all that is greater and not below it.
fn below(left: &[Step], own: Line) -> Vec<Step> {
    let mut way = left.to_vec();
    if owner(left) != Some(own) {
        way.push(On(own));
    }
    way.push(Number(0));
    way
}

/// A way less than `right` that begins as it does, at least up to the step `from`.
fn before(right: &[Step], from: usize, own: Line) -> Option<Vec<Step>> {
    for at in from..right.len() {
        let way = &right[..at];
        let to = |steps: &[Step]| Some([way, steps].concat());
        match right[at] {
            Number(number) if owner(way) == Some(own) => return to(&[Number(previous(number))]),
            On(_) if owner(way) == Some(own) => return to(&[Number(0)]),
            On(line) if own < line => return to(&[On(own), Number(0)]),
            _ => {}
        }
    }
    // Below the number before the last, which is no place: whoever owns the line goes on before it.
    let (Number(last), way) = right.split_last()? else { return None };
    Some([way, &[Number(last - 1), On(own), Number(0)]].concat())
}

fn steps(bytes: &[u8]) -> Vec<Step> {
    let mut steps = Vec::with_capacity(bytes.len());
    // What is no position ends at the last step that is one.
    let _ends = walk(bytes, |step| steps.push(step));
    steps
}

/// Shows every step; `None` where it is no position.
fn walk(bytes: &[u8], mut each: impl FnMut(Step)) -> Option<()> {
    let (line, mut rest) = bytes.split_first_chunk::<4>()?;
    each(On(*line));
    loop {
        let (number, behind) = take_number(rest)?;
        each(Number(number));
        rest = behind;
        match rest.split_first() {
            None => return Some(()),
            Some((&BRANCH, behind)) => {
                let (line, behind) = behind.split_first_chunk::<4>()?;
                each(On(*line));
                rest = behind;
            }
            Some(_) => {}
        }
    }
}

fn take_number(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let first = *bytes.first()?;
    let turned = if first < 0x80 { 0xff } else { 0 };
    let head = first ^ turned;
    let size = HEADS.iter().rposition(|least| *least <= head).filter(|_| head < 0xfc)?;
    let (number, rest) = bytes.split_at_checked(size + 1)?;
    let tail = number[1..]
        .iter()
        .fold(i64::from(head - HEADS[size]), |sum, byte| sum << 8 | i64::from(byte ^ turned));
    let number = tail + SIZES[..size].iter().sum::<i64>();
    Some((if turned == 0 { number } else { -1 - number }, rest))
}

fn put_number(out: &mut Vec<u8>, number: i64) -> Option<()> {
    let turned = if number < 0 { 0xff } else { 0 };
    let mut rest = if number < 0 { -1 - number } else { number };
    for (size, count) in SIZES.iter().enumerate() {
        if rest < *count {
            let bytes = rest.to_be_bytes();
            let start = out.len();
            out.extend_from_slice(&bytes[7 - size..]);
            out[start] += HEADS[size];
            out[start..].iter_mut().for_each(|byte| *byte ^= turned);
            return Some(());
        }
        rest -= count;
    }
    None
}

fn encode(way: &[Step]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(4 + 2 * way.len());
    for (at, step) in way.iter().enumerate() {
        match step {
            Number(number) => put_number(&mut out, *number)?,
            On(line) => {
                if at > 0 {
                    out.push(BRANCH);
                }
                out.extend_from_slice(line);
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(actor: u8) -> Line {
        [actor; 4]
    }

    /// A list of positions that is typed into, and how many bytes its longest takes.
    #[derive(Clone, Default)]
    struct List(Vec<Vec<u8>>);

    impl List {
        fn insert(&mut self, at: usize, count: usize, actor: u8) -> Vec<Vec<u8>> {
            let left = at.checked_sub(1).map(|left| self.0[left].as_slice());
            let new = run(left, self.0.get(at).map(Vec::as_slice), count, line(actor)).unwrap();
            assert!(new.iter().all(|position| is_position(position)));
            self.0.splice(at..at, new.iter().cloned());
            let around = at.saturating_sub(1)..(at + count + 1).min(self.0.len());
            assert!(self.0[around].windows(2).all(|pair| pair[0] < pair[1]), "{:02x?}", self.0);
            new
        }

        fn lengths(&self) -> (usize, usize) {
            let all = || self.0.iter().map(Vec::len);
            (all().max().unwrap(), all().sum::<usize>() / self.0.len())
        }
    }

    struct Random(u64);

    impl Random {
        fn below(&mut self, end: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % end
        }
    }

    #[test]
    fn numbers_are_ordered_as_their_bytes() {
        let ends = SIZES.iter().scan(0, |sum, size| {
            *sum += size;
            Some(*sum)
        });
        let near: Vec<i64> = ends.flat_map(|end| [end - 2, end - 1, end, end + 1]).collect();
        let mut numbers: Vec<i64> = near.iter().flat_map(|near| [*near, -*near]).chain(-300..300).collect();
        numbers.sort_unstable();
        let mut last = Vec::new();
        for number in numbers {
            let mut bytes = Vec::new();
            if put_number(&mut bytes, number).is_none() {
                assert!(number.unsigned_abs() >= 1 << 34);
                continue;
            }
            assert_eq!(take_number(&bytes), Some((number, &[][..])));
            assert!(last <= bytes, "{number}");
            last = bytes;
        }
    }

    #[test]
    fn what_is_no_position_is_told() {
        for bytes in
            [&b""[..], b"abcd", b"abc\x80", b"abcd\xff", b"abcd\x80\xffabcd", b"abcd\x01", b"abcd\xc0"]
        {
            assert!(!is_position(bytes), "{bytes:?}");
            // A hostile one is not placed, and would do no harm if it were.
            let _any = run(Some(bytes), None, 2, line(1));
        }
        assert!(is_position(b"abcd\x80") && !is_position(&[b"abcd".as_slice(), &[0x80; 2000]].concat()));
    }

    #[test]
    fn there_is_room_between_any_two() {
        let mut random = Random(7);
        for _ in 0..300 {
            let mut list = List::default();
            for _ in 0..60 {
                let at = random.below(list.0.len() + 1);
                list.insert(at, 1 + random.below(3), 1 + random.below(4) as u8);
                // Places of what was deleted may be taken again.
                while random.below(3) == 0 && list.0.len() > 1 {
                    let at = random.below(list.0.len());
                    list.0.remove(at);
                }
            }
        }
    }

    #[test]
    fn runs_that_meet_are_not_mixed() {
        let mut random = Random(3);
        for _ in 0..2000 {
            let mut list = List::default();
            for _ in 0..random.below(8) {
                let at = random.below(list.0.len() + 1);
                list.insert(at, 1 + random.below(3), 1 + random.below(5) as u8);
            }
            let at = random.below(list.0.len() + 1);
            let mut all: Vec<(Vec<u8>, u8)> = Vec::new();
            for actor in 1..=5 {
                let (mut own, from, mut to) = (list.clone(), at, at);
                let mode = random.below(3);
                for _ in 0..1 + random.below(5) {
                    let count = 1 + random.below(2);
                    // Forwards, backwards, or anywhere in what this one has put there.
                    let place = [to, from, from + random.below(to - from + 1)][mode];
                    own.insert(place, count, actor);
                    to += count;
                }
                all.extend(own.0[from..to].iter().map(|position| (position.clone(), actor)));
            }
            all.sort();
            let mut runs: Vec<u8> = all.iter().map(|(_, actor)| *actor).collect();
            runs.dedup();
            assert_eq!(runs.len(), 5, "{all:02x?}");
        }
    }

    /// How many bytes the longest of 10,000 positions takes, and how many they take on average.
    #[test]
    fn positions_stay_short() {
        fn check(name: &str, most: (usize, usize), mut place: impl FnMut(usize, &mut Random) -> (usize, u8)) {
            let (mut list, mut random) = (List::default(), Random(1));
            for count in 0..10_000 {
                let (at, actor) = place(count, &mut random);
                list.insert(at, 1, actor);
            }
            let (longest, average) = list.lengths();
            assert!(longest <= most.0 && average <= most.1, "{name}: {longest}, {average} on average");
        }
        check("appended", (7, 6), |count, _| (count, 1));
        check("prepended", (7, 6), |_, _| (0, 1));
        check("at random", (17, 9), |count, random| (random.below(count + 1), 1));
        check("forwards in the middle", (8, 7), |count, _| (if count < 10 { 0 } else { count - 5 }, 1));
        check("backwards in the middle", (8, 7), |count, _| (5.min(count), 1));
        check("in one place", (8, 7), |count, _| (count.min(1), 1));
        check("before the last", (8, 7), |count, _| (count.saturating_sub(1), 1));
        check("appended by five in turns", (12, 10), |count, _| (count, count as u8 % 5));
        check("prepended by five in turns", (30, 17), |count, _| (0, count as u8 % 5));
        check("appended by five", (30, 13), |count, random| (count, random.below(5) as u8));
        check("prepended by five", (30, 13), |_, random| (0, random.below(5) as u8));
        check("at random by five", (89, 33), |count, random| {
            (random.below(count + 1), random.below(5) as u8)
        });
        check("at random by hundred", (119, 51), |count, random| {
            (random.below(count + 1), random.below(100) as u8)
        });
    }
}
