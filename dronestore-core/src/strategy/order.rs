//! Order: which items of a list came, went and moved, and where those that came or moved go.
//!
//! As few items move as can be: those that are in another order than before, less the longest part of them that is in
//! the same (Schensted, "Longest increasing and decreasing subsequences", 1961).

use super::diff::{Hunk, hunks, trim};
use super::position::{self, LONGEST, Line};
use crate::error::Result;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};

/// An item of a list as it was loaded.
#[derive(Debug, Clone)]
pub(crate) struct Known<'a> {
    /// Its key, as stored.
    pub(crate) key: &'a [u8],
    /// What the writer's type reads of it: the item itself or its id.
    pub(crate) name: Cow<'a, [u8]>,
    /// Where it stands; what has no position stands at the end.
    pub(crate) position: Option<&'a [u8]>,
}

/// What became of the items of a list: for each of the new ones, in their order.
#[derive(Debug, Default)]
pub(crate) struct Arranged {
    /// Which of the loaded ones it is.
    pub(crate) known: Vec<Option<usize>>,
    /// Where it goes, if it came or moved.
    pub(crate) positions: Vec<Option<Vec<u8>>>,
}

impl Arranged {
    /// The loaded items that are gone.
    pub(crate) fn gone(&self, loaded: usize) -> impl Iterator<Item = usize> {
        let kept: HashSet<usize> = self.known.iter().flatten().copied().collect();
        (0..loaded).filter(move |number| !kept.contains(number))
    }
}

/// Finds out what became of `loaded`, which is in its order; `unseen` are positions in the head that the writer does
/// not know of, ascending, and `line` is the writer's own.
///
/// # Errors
/// As [`position::run`].
pub(crate) fn arrange(
    loaded: &[Known<'_>],
    new: &[Cow<'_, [u8]>],
    unseen: &[&[u8]],
    line: Line,
) -> Result<Arranged> {
    let (known, mut stays) = matched(loaded, new);
    let at = |number: usize| known[number].and_then(|known| loaded[known].position);
    // What stands at the end for want of a position gets one, if it is to be before something that has.
    let mut followed = false;
    for number in (0..new.len()).rev() {
        stays[number] &= !(followed && at(number).is_none());
        followed |= !stays[number];
    }
    let mut positions: Vec<Option<Vec<u8>>> = vec![None; new.len()];
    let (mut number, mut left) = (0, None);
    while number < new.len() {
        if stays[number] {
            left = at(number).map(Cow::Borrowed).or(left);
            number += 1;
            continue;
        }
        let (run, end) = place_run(number, left.as_deref(), &mut stays, &at, unseen, line)?;
        for (number, position) in (number..end).zip(run) {
            positions[number] = Some(position);
        }
        left = positions[end - 1].clone().map(Cow::Owned);
        number = end;
    }
    Ok(Arranged { known, positions })
}

/// Positions for the run of items from `start` on that do not stay. What stays behind them is moved too where they
/// would not fit in front of it, or only by positions that are very long.
fn place_run<'l>(
    start: usize,
    left: Option<&[u8]>,
    stays: &mut [bool],
    at: &impl Fn(usize) -> Option<&'l [u8]>,
    unseen: &[&[u8]],
    line: Line,
) -> Result<(Vec<Vec<u8>>, usize)> {
    let mut more = 1;
    loop {
        let end = (start..stays.len()).find(|number| stays[*number]).unwrap_or(stays.len());
        let next = if end < stays.len() { at(end) } else { None };
        let fits = next.is_none_or(|next| left.is_none_or(|left| left < next));
        // Whoever appends does so behind what others have appended meanwhile.
        let last = unseen
            .last()
            .copied()
            .filter(|_| end == stays.len())
            .filter(|last| left.is_none_or(|left| left < *last));
        let left = last.or(left);
        let after = unseen.partition_point(|unseen| left.is_some_and(|left| *unseen <= left));
        let right = unseen.get(after).copied().into_iter().chain(next).min();
        if fits {
            let run = position::run(left, right, end - start, line);
            let is_short = |run: &Vec<Vec<u8>>| run.iter().all(|position| position.len() <= LONGEST);
            if end == stays.len() || run.as_ref().is_ok_and(is_short) {
                return Ok((run?, end));
            }
        }
        stays[end..].iter_mut().filter(|stays| **stays).take(more).for_each(|stays| *stays = false);
        more *= 2;
    }
}

/// Which of the loaded items each new one is, and which of these stay where they are.
fn matched(loaded: &[Known<'_>], new: &[Cow<'_, [u8]>]) -> (Vec<Option<usize>>, Vec<bool>) {
    let names: Vec<&[u8]> = loaded.iter().map(|known| &*known.name).collect();
    let items: Vec<&[u8]> = new.iter().map(|item| &**item).collect();
    let (start, (old_end, new_end)) = trim(&names, &items);
    let mut known: Vec<Option<usize>> = vec![None; new.len()];
    let mut stays = vec![true; new.len()];
    (0..start).for_each(|number| known[number] = Some(number));
    (new_end..new.len()).for_each(|number| known[number] = Some(number - new_end + old_end));
    let (names, items) = (&names[start..old_end], &items[start..new_end]);
    stays[start..new_end].fill(false);

    let is_set = names.iter().collect::<HashSet<_>>().len() == names.len();
    if !is_set {
        // Of equal items those stay that are in what both orders have in common.
        let (mut old, mut next) = (0, 0);
        let ends = [Hunk { old: names.len()..names.len(), new: items.len()..items.len() }];
        for hunk in hunks(names, items).into_iter().chain(ends) {
            for (old, new) in (old..hunk.old.start).zip(next..hunk.new.start) {
                known[start + new] = Some(start + old);
                stays[start + new] = true;
            }
            (old, next) = (hunk.old.end, hunk.new.end);
        }
    }
    let taken: HashSet<usize> = known[start..new_end].iter().flatten().copied().collect();
    let mut left: HashMap<&[u8], VecDeque<usize>> = HashMap::with_capacity(names.len());
    for (number, name) in names.iter().enumerate().filter(|(number, _)| !taken.contains(&(start + number))) {
        left.entry(*name).or_default().push_back(number);
    }
    let mut unordered = Vec::new();
    for (number, item) in items.iter().enumerate() {
        if known[start + number].is_none()
            && let Some(old) = left.get_mut(item).and_then(VecDeque::pop_front)
        {
            known[start + number] = Some(start + old);
            unordered.push((number, old));
        }
    }
    if is_set {
        for index in longest_increasing(unordered.iter().map(|(_, old)| *old)) {
            stays[start + unordered[index].0] = true;
        }
    }
    (known, stays)
}

/// The places of a longest part of the numbers, all different, that ascends.
fn longest_increasing(numbers: impl Iterator<Item = usize>) -> Vec<usize> {
    // The places and numbers that end the ascending parts of each length, each the smallest there is.
    let mut ends: Vec<(usize, usize)> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::new();
    for (place, number) in numbers.enumerate() {
        let length = ends.partition_point(|(_, end)| *end < number);
        before.push(length.checked_sub(1).map(|length| ends[length].0));
        ends.truncate(ends.len().max(length));
        match ends.get_mut(length) {
            Some(end) => *end = (place, number),
            None => ends.push((place, number)),
        }
    }
    let mut part = Vec::new();
    let mut next = ends.last().map(|(place, _)| *place);
    while let Some(place) = next {
        part.push(place);
        next = before[place];
    }
    part.reverse();
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &str, new: &str, moved: &[usize]) {
        let positions = position::run(None, None, old.len(), [1; 4]).unwrap();
        let item = |byte: &u8| Cow::Owned(vec![*byte]);
        let known = |(byte, position): (&u8, &'_ Vec<u8>)| (item(byte), position.clone());
        let old: Vec<(Cow<'_, [u8]>, Vec<u8>)> = old.as_bytes().iter().zip(&positions).map(known).collect();
        let loaded: Vec<Known<'_>> = old
            .iter()
            .map(|(name, position)| Known { key: name, name: name.clone(), position: Some(position) })
            .collect();
        let new: Vec<Cow<'_, [u8]>> = new.as_bytes().iter().map(item).collect();
        let arranged = arrange(&loaded, &new, &[], [1; 4]).unwrap();
        let found: Vec<usize> =
            (0..new.len()).filter(|number| arranged.positions[*number].is_some()).collect();
        assert_eq!(found, moved, "{new:?}");
        let order: Vec<&[u8]> = (0..new.len())
            .map(|number| match &arranged.positions[number] {
                Some(position) => position.as_slice(),
                None => loaded[arranged.known[number].unwrap()].position.unwrap(),
            })
            .collect();
        assert!(order.windows(2).all(|pair| pair[0] < pair[1]), "{order:02x?}");
    }

    #[test]
    fn as_few_move_as_can_be() {
        check("abcdef", "abcdef", &[]);
        check("abcdef", "bcdefa", &[5]);
        check("abcdef", "fabcde", &[0]);
        check("abcdef", "acdbef", &[3]);
        check("abcdef", "defabc", &[0, 1, 2]);
        check("abcdef", "af", &[]);
        check("abcdef", "xfaybz", &[0, 1, 3, 5]);
        check("", "abc", &[0, 1, 2]);
        check("aba", "ba", &[]);
        check("xayaz", "xyaza", &[4]);
        check("aaaa", "aabaa", &[2]);
    }

    /// Between the two that came last there is less and less room: then a neighbour moves too, and all stay short.
    #[test]
    fn what_has_no_room_makes_some() {
        let mut list: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        let mut moved = 0;
        for count in 0..2000u16 {
            let mut names: Vec<Cow<'_, [u8]>> = list.iter().map(|(name, _)| name.clone().into()).collect();
            names.insert(list.len() / 2, count.to_be_bytes().to_vec().into());
            let known = |(name, position): &'_ (Vec<u8>, Vec<u8>)| (name.clone(), position.clone());
            let old: Vec<_> = list.iter().map(known).collect();
            let loaded: Vec<Known<'_>> = old
                .iter()
                .map(|(name, position)| Known { key: name, name: name.into(), position: Some(position) })
                .collect();
            let arranged = arrange(&loaded, &names, &[], [1; 4]).unwrap();
            moved += arranged.positions.iter().flatten().count() - 1;
            list = names
                .iter()
                .enumerate()
                .map(|(number, name)| match (&arranged.positions[number], arranged.known[number]) {
                    (None, Some(known)) => (name.to_vec(), old[known].1.clone()),
                    (position, _) => (name.to_vec(), position.clone().unwrap()),
                })
                .collect();
            assert!(list.windows(2).all(|pair| pair[0].1 < pair[1].1));
        }
        let longest = list.iter().map(|(_, position)| position.len()).max();
        assert!(longest <= Some(LONGEST) && moved < 4000, "{longest:?} {moved}");
    }

    #[test]
    fn a_longest_ascending_part_is_found() {
        let part = |numbers: &[usize]| longest_increasing(numbers.iter().copied());
        assert!(part(&[]).is_empty());
        assert_eq!(part(&[3, 1, 2, 0, 4]), [1, 2, 4]);
        assert_eq!(part(&[5, 4, 3]).len(), 1);
    }
}
