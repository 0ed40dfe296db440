//! `text` and `list` as people use them: what two type at one place does not mix, and the guide's tables row by row.

use super::device::Device;
use super::world::{NOW, SECOND};
use dronestore::{Drone, TextEdit};
use std::collections::BTreeMap;

#[derive(Drone, Debug, Clone, PartialEq)]
struct Page {
    #[merge(text)]
    text: String,
    #[merge(list)]
    list: Vec<String>,
    #[merge(text)]
    #[drone(default = "Dear ".into())]
    letter: String,
    #[merge(map(text))]
    notes: BTreeMap<u8, String>,
}

fn page(text: &str) -> Device<Page> {
    let mut device = Device::<Page>::new(1);
    device
        .edit(|page| {
            page.text = text.into();
            page.list = words(text);
        })
        .unwrap();
    device
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').filter(|word| !word.is_empty()).map(String::from).collect()
}

#[derive(Drone, Debug, Clone, PartialEq)]
#[drone(kind = "Page")]
struct Typed {
    #[merge(text)]
    text: TextEdit,
}

/// Two who share a page edit it apart, and meet.
fn concurrently(start: &str, one: &str, other: &str) -> Device<Page> {
    let mut a = page(start);
    let mut b: Device<Page> = a.copy(2).at(NOW + 10 * SECOND);
    a.edit(|page| (page.text, page.list) = (one.into(), words(one))).unwrap();
    b.edit(|page| (page.text, page.list) = (other.into(), words(other))).unwrap();
    a.meet(&mut b);
    assert!(a.is_silent() && !a.version.as_ref().unwrap().has_concurrent_values().unwrap());
    a
}

fn check(start: &str, one: &str, other: &str, expected: &str) {
    let met = concurrently(start, one, other).value;
    assert_eq!((met.text.as_str(), met.list), (expected, words(expected)), "{start:?}: {one:?}, {other:?}");
}

#[test]
fn edits_of_different_places_are_both_there() {
    check("the cat sat", "the big cat sat", "the cat sat down", "the big cat sat down");
    check("one two three", "two three", "one two", "two");
    check("a b c d e f", "a b x c d e f", "a b c d y f", "a b x c d y f");
}

#[test]
fn what_was_deleted_stays_deleted() {
    check("one two three", "one three", "one three", "one three");
    check("one two three", "one three", "zero one two three", "zero one three");
    check("one two", "", "", "");
}

#[test]
fn what_is_typed_inside_what_is_deleted_stays_where_that_was() {
    check("one two three four", "one four", "one two x three four", "one x four");
    check("one two", "", "one x two", "x ");
}

#[test]
fn both_of_two_concurrent_replacements_are_there() {
    let met = concurrently("the cat sat", "the dog sat", "the cow sat").value;
    assert_eq!((met.text.as_str(), met.list), ("the cowdog sat", words("the cow dog sat")));
}

#[test]
fn what_two_empty_together_is_empty_and_not_its_default() {
    let mut a = Device::<Page>::new(1);
    a.edit(|page| page.letter = "Dear Ann".into()).unwrap();
    let mut b: Device<Page> = a.copy(2);
    a.edit(|page| page.letter = page.letter.replace("Dear ", "")).unwrap();
    b.edit(|page| page.letter = page.letter.replace("Ann", "")).unwrap();
    a.meet(&mut b);
    assert_eq!(a.value.letter, "");
    assert!(a.is_silent());
    let mut fresh = Device::<Page>::new(3);
    fresh.edit(|page| page.letter.clear()).unwrap();
    assert_eq!(fresh.value.letter, "");
}

#[test]
fn an_edit_brings_a_removed_text_back_with_what_it_typed() {
    let mut a = Device::<Page>::new(1);
    a.edit(|page| drop(page.notes.insert(1, "to do".into()))).unwrap();
    let mut b: Device<Page> = a.copy(2);
    a.edit(|page| page.notes.clear()).unwrap();
    b.edit(|page| page.notes.get_mut(&1).unwrap().push_str(": sleep")).unwrap();
    a.meet(&mut b);
    assert_eq!(a.value.notes, BTreeMap::from([(1, ": sleep".into())]));
    a.edit(|page| page.notes.clear()).unwrap();
    b.merge(&a);
    assert_eq!(b.value.notes, BTreeMap::new());
    a.edit(|page| drop(page.notes.insert(1, String::new()))).unwrap();
    assert_eq!(a.value.notes, BTreeMap::from([(1, String::new())]), "a key with an empty text is a key");
}

/// Types a word into the middle of `( )`, letter by letter, each in a commit of its own.
fn type_apart(device: &mut Device<Page>, word: &str, backwards: bool) {
    let mut typed = String::new();
    for letter in word.chars() {
        typed.insert(if backwards { 0 } else { typed.len() }, letter);
        device.edit(|page| page.text = format!("({typed})")).unwrap();
    }
}

// Figures 1 and 2 of "The Art of the Fugue": forwards and backwards, and one of each.
#[test]
fn what_two_or_three_type_at_one_place_does_not_mix() {
    for backwards in [[false; 3], [true; 3], [true, false, true], [false, true, false]] {
        for start in ["()", "(-)"] {
            let mut devices = vec![page(start)];
            for actor in 2..=3 {
                let copy = devices[0].copy(actor);
                devices.push(copy);
            }
            let mut words = Vec::new();
            for (device, (word, backwards)) in
                devices.iter_mut().zip(["abcde", "fghij", "klmno"].into_iter().zip(backwards))
            {
                type_apart(device, word, backwards);
                let typed: String = if backwards { word.chars().rev().collect() } else { word.into() };
                words.push(typed);
            }
            for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
                let mut met: Device<Page> = devices[order[0]].copy(9);
                met.merge(&devices[order[1]]);
                met.merge(&devices[order[2]]);
                let text = met.value.text;
                assert!(
                    words.iter().all(|word| text.contains(word.as_str())),
                    "{text}: {words:?} by {backwards:?}"
                );
                assert_eq!(text.len(), 17);
            }
        }
    }
}

/// Every order of so many.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(count - 1).into_iter();
    shorter
        .flat_map(|order| {
            (0..count).map(move |at| {
                let mut order = order.clone();
                order.insert(at, count - 1);
                order
            })
        })
        .collect()
}

// As text and as a list, whoever meets whom first.
#[test]
fn what_five_type_at_one_place_does_not_mix() {
    const WORDS: [&str; 5] = ["abcd", "wxyz", "efgh", "ijkl", "mnop"];
    for backwards in [[false; 5], [true; 5], [true, false, true, false, true]] {
        let start = page("( )");
        let mut words = Vec::new();
        let devices: Vec<Device<Page>> = (0..5u8)
            .zip(WORDS)
            .map(|(number, word)| {
                let backwards = backwards[usize::from(number)];
                let mut device: Device<Page> =
                    start.copy(number + 2).at(NOW + u64::from(number % 3) * SECOND);
                for end in 1..=word.len() {
                    let typed = &word[..end];
                    let typed: String = if backwards { typed.chars().rev().collect() } else { typed.into() };
                    let edit = |page: &mut Page| {
                        page.text = format!("({typed} )");
                        page.list = ["(".to_owned()]
                            .into_iter()
                            .chain(typed.chars().map(String::from))
                            .chain([")".into()])
                            .collect();
                    };
                    device.edit(edit).unwrap();
                }
                words.push(if backwards { word.chars().rev().collect() } else { word.to_owned() });
                device
            })
            .collect();
        let mut met_first: Option<Device<Page>> = None;
        for order in orders(5) {
            let mut met: Device<Page> = devices[order[0]].copy(9);
            order[1..].iter().for_each(|other| met.merge(&devices[*other]));
            let (text, list) = (met.value.text.clone(), met.value.list.concat());
            for word in &words {
                assert!(
                    text.contains(word.as_str()) && list.contains(word.as_str()),
                    "{text} {list} {backwards:?}"
                );
            }
            assert_eq!((text.len(), list.len()), (23, 22));
            let first = met_first.get_or_insert_with(|| met.copy(9));
            assert_eq!(met.version.unwrap().to_bytes(), first.version.as_ref().unwrap().to_bytes());
        }
    }
}

// A run whose beginning was deleted before the two met, and one that was typed in two sittings with a merge between.
#[test]
fn a_run_stays_whole_when_parts_of_it_go() {
    let mut a = page("()");
    let mut b: Device<Page> = a.copy(2);
    type_apart(&mut a, "abcdef", false);
    a.edit(|page| page.text = "(def)".into()).unwrap();
    type_apart(&mut b, "uvwxyz", true);
    b.edit(|page| page.text = "(zywvu)".into()).unwrap();
    a.meet(&mut b);
    assert!(a.value.text == "(defzywvu)" || a.value.text == "(zywvudef)", "{}", a.value.text);
    a.edit(|page| page.text = page.text.replace("def", "deXf")).unwrap();
    b.edit(|page| page.text = page.text.replace("def", "deYf")).unwrap();
    a.meet(&mut b);
    assert!(a.value.text.contains("deXYf") || a.value.text.contains("deYXf"), "{}", a.value.text);
}

#[test]
fn saves_on_one_base_do_not_mix_either() {
    let mut repo = page("()");
    let base = repo.version.clone();
    repo.save(base.clone(), |page| page.text = "(abc)".into()).unwrap();
    repo.save(base.clone(), |page| page.text = "(xyz)".into()).unwrap();
    assert_eq!(repo.value.text, "(xyzabc)");
    repo.save(base, |page| page.text = ")".into()).unwrap();
    assert_eq!(repo.value.text, "xyzabc)");
}

// More commits than row numbers that take one byte: those of a sequence are moved in place while there are fewer.
#[test]
fn a_text_of_many_commits_is_a_text() {
    let mut a = page("");
    let mut b: Device<Page> = a.copy(2);
    for number in 0..80 {
        a.edit(|page| page.text.push(char::from(b'a' + number % 26))).unwrap();
        b.edit(|page| page.text.insert(usize::from(number) / 2, char::from(b'A' + number % 26))).unwrap();
        if number % 16 == 15 {
            let kept = a.value.text.len() - 5;
            a.edit(|page| page.text.truncate(kept)).unwrap();
        }
        if number == 40 {
            a.meet(&mut b);
        }
    }
    a.meet(&mut b);
    assert_eq!(a.value.text.len(), 80 + 80 - 5 * 5);
    assert!(a.is_silent() && b.is_silent());
}

// One puts a full stop right while the other goes on behind it: found in a trace of two people typing. By the names
// of the actors alone what was put in its place came behind what followed it.
#[test]
fn what_replaces_a_letter_stays_before_what_was_typed_behind_it() {
    for (one, other) in [(3, 4), (4, 3)] {
        let start = page("in the 90s.");
        let (mut a, mut b): (Device<Page>, Device<Page>) = (start.copy(one), start.copy(other));
        a.edit(|page| page.text = "in the 90s".into()).unwrap();
        for (at, letter) in ", huh?".char_indices() {
            a.edit(|page| page.text.insert(10 + at, letter)).unwrap();
            b.edit(|page| page.text.insert(11 + at, [' ', 'T', 'h', 'e', 'n', ' '][at])).unwrap();
        }
        a.meet(&mut b);
        assert_eq!(a.value.text, "in the 90s, huh? Then ");
    }
}

// By comparing, the one of two equal letters that was deleted is the last, and what was typed behind it stays
// behind the first.
#[test]
fn an_edited_text_is_committed_as_it_was_edited() {
    let mut a = page("aab");
    let mut b: Device<Typed> = a.copy(2);
    a.edit(|page| page.text = "aaxb".into()).unwrap();
    b.edit(|page| page.text.delete(0..1).unwrap()).unwrap();
    b.edit(|page| page.text.insert(1, "y").unwrap()).unwrap();
    a.merge(&b);
    b.merge(&a);
    assert!(["axyb", "ayxb"].contains(&a.value.text.as_str()), "{}", a.value.text);
    assert_eq!((b.value.text.as_str(), &a.version), (a.value.text.as_str(), &b.version));

    // A sentence that moves is another by comparing, and keeps its words by what was done.
    let mut a = page("one. two. three.");
    let mut b: Device<Typed> = a.copy(2);
    b.edit(|page| {
        page.text.delete(0..5).unwrap();
        page.text.push_str(" one.");
        page.text.insert(0, "zero. ").unwrap();
        page.text.delete(..3).unwrap();
    })
    .unwrap();
    a.edit(|page| page.text = page.text.replace("two", "2")).unwrap();
    a.merge(&b);
    assert_eq!(a.value.text, "o. 2. three. one.");
}

#[test]
fn what_an_edited_text_remembers_is_believed_only_where_it_fits() {
    let mut device = page("one two").copy::<Typed>(2);
    // Another text altogether, and edits of that one.
    device
        .edit(|page| {
            page.text = TextEdit::from("three");
            page.text.insert(0, "two ").unwrap();
        })
        .unwrap();
    assert_eq!(device.value.text, "two three");
    assert!(device.is_silent());
    // Edits that come to nothing are no commit, and those after them are of the same text.
    let mut value = device.value.clone();
    value.text.insert(0, "x").unwrap();
    value.text.delete(..1).unwrap();
    device.edit(|page| *page = value.clone()).unwrap();
    value.text.push_str("!");
    assert!(device.edit(|page| *page = value).unwrap().is_some());
    assert_eq!(device.value.text, "two three!");
}

// A state must not grow with what was deleted: the same page by someone who typed it at once has no fewer bytes of
// runs.
#[test]
fn nothing_is_left_of_what_was_replaced_again_and_again() {
    let mut device = page("the cat sat");
    let size = |device: &Device<Page>| device.version.as_ref().unwrap().state_bytes().len();
    device.edit(|page| page.text = "the dog sat".into()).unwrap();
    let before = size(&device);
    for round in 0..200 {
        let word = ["cow", "hen", "pig", "dog"][round % 4];
        device.edit(|page| page.text = format!("the {word} sat")).unwrap();
    }
    assert!(size(&device) <= before + 4, "{} after {before}", size(&device));
}
