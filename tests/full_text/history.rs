//! Random histories of two repos, each with an index: what is found is what plain Rust finds in the objects.

use super::keeping::{copy, open_in};
use super::{Note, Page, Place};
use crate::random::{Random, from_env};
use dronestore::{FullText, Repo};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const WORDS: [&str; 12] =
    ["fox", "Fox", "hare", "bear", "café", "cafe", "foxes", "東京", "a", "the", "quick", "hareem"];

fn text(random: &mut Random) -> String {
    let words: Vec<&str> = (0..random.below(5)).map(|_| WORDS[random.below(WORDS.len())]).collect();
    words.join([" ", ", ", "\n", " — "][random.below(4)])
}

fn change_note(note: &mut Note, random: &mut Random) {
    match random.below(7) {
        0 => note.title = text(random),
        1 => note.text = format!("{} {}", text(random), note.text.chars().take(40).collect::<String>()),
        2 => drop(note.tags.insert(text(random))),
        3 => note.nick = (random.below(2) == 0).then(|| text(random)),
        4 => note.place = Place { city: text(random) },
        5 => drop(note.more.insert(WORDS[random.below(3)].to_owned(), text(random))),
        _ => note.visits += 1,
    }
}

/// The words of a text, as they are looked up: here only the letters of [`WORDS`] are met.
fn cut(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_open = false;
    for letter in text.chars() {
        match letter {
            '東' | '京' => {
                words.push(letter.to_string());
                is_open = false;
            }
            letter if letter.is_alphabetic() => {
                let letter = letter.to_lowercase().map(|letter| if letter == 'é' { 'e' } else { letter });
                match words.last_mut().filter(|_| is_open) {
                    Some(word) => word.extend(letter),
                    None => words.push(letter.collect()),
                }
                is_open = true;
            }
            _ => is_open = false,
        }
    }
    words
}

/// The texts of an object, by field.
type Texts = Vec<(&'static str, Vec<String>)>;

fn texts_of_note(note: &Note) -> Texts {
    let mut texts =
        vec![("title", cut(&note.title)), ("text", cut(&note.text)), ("place", cut(&note.place.city))];
    texts.extend(note.tags.iter().map(|tag| ("tags", cut(tag))));
    texts.extend(note.nick.iter().map(|nick| ("nick", cut(nick))));
    texts.extend(note.more.values().map(|more| ("more", cut(more))));
    texts
}

/// All objects of a repo.
fn objects(repo: &Repo) -> BTreeMap<String, Texts> {
    let notes = repo.iter::<Note>().unwrap().map(Result::unwrap);
    let mut all: BTreeMap<String, Texts> =
        notes.map(|note| (note.key().to_string(), texts_of_note(&note))).collect();
    for page in repo.iter::<Page>().unwrap().map(Result::unwrap) {
        let texts = vec![("title", cut(&page.title)), ("summary", cut(&page.summary))];
        all.insert(page.key().to_string(), texts);
    }
    all
}

/// A query, and the same in plain Rust.
type Both = (String, Box<dyn Fn(&Texts) -> bool>);

fn query(random: &mut Random, depth: usize) -> Both {
    let word = WORDS[random.below(WORDS.len())];
    let words = cut(word);
    match random.below(if depth > 2 { 5 } else { 9 }) {
        0 | 1 => (word.to_owned(), Box::new(move |texts| holds(texts, None, &words, false))),
        2 => {
            let field = ["title", "text", "tags", "summary"][random.below(4)];
            (format!("{field}:{word}"), Box::new(move |texts| holds(texts, Some(field), &words, false)))
        }
        3 => {
            let begin: String = word.chars().take(1 + random.below(3)).collect();
            let words = cut(&begin);
            (format!("{begin}*"), Box::new(move |texts| holds(texts, None, &words, true)))
        }
        4 => {
            let phrase = format!("{word} {}", WORDS[random.below(WORDS.len())]);
            let words = cut(&phrase);
            (format!("\"{phrase}\""), Box::new(move |texts| holds(texts, None, &words, false)))
        }
        5 | 6 => {
            let ((one, is_one), (other, is_other)) = (query(random, depth + 1), query(random, depth + 1));
            (format!("({one}) ({other})"), Box::new(move |texts| is_one(texts) && is_other(texts)))
        }
        7 => {
            let ((one, is_one), (other, is_other)) = (query(random, depth + 1), query(random, depth + 1));
            (format!("({one} OR {other})"), Box::new(move |texts| is_one(texts) || is_other(texts)))
        }
        _ => {
            let (one, is_one) = query(random, depth + 1);
            (format!("-({one})"), Box::new(move |texts| !is_one(texts)))
        }
    }
}

/// Whether these words stand one behind the other in one text of a field; the texts of a field follow one another with a gap.
fn holds(texts: &Texts, field: Option<&str>, words: &[String], is_prefix: bool) -> bool {
    let fits = |window: &[String]| {
        window.iter().zip(words).enumerate().all(|(place, (word, wanted))| {
            match is_prefix && place + 1 == words.len() {
                true => word.starts_with(wanted),
                false => word == wanted,
            }
        })
    };
    let is_meant = |name: &str| field.is_none_or(|field| field == name);
    texts.iter().any(|(name, text)| is_meant(name) && text.windows(words.len()).any(fits))
}

struct Side {
    repo: Repo,
    folder: PathBuf,
    search: Option<FullText>,
    older: Option<PathBuf>,
}

impl Side {
    fn search(&mut self) -> &FullText {
        self.search.get_or_insert_with(|| open_in(&self.repo, &self.folder))
    }

    fn check(&mut self, random: &mut Random, seed: u64) {
        let objects = objects(&self.repo);
        for _ in 0..6 {
            let (query, wants) = query(random, 0);
            let expected: BTreeSet<String> =
                objects.iter().filter(|(_, texts)| wants(texts)).map(|(key, _)| key.clone()).collect();
            let hits = self.search().find(&query).limit(1000).run().unwrap();
            let found: BTreeSet<String> = hits.iter().map(|hit| hit.key().to_string()).collect();
            assert_eq!(found, expected, "seed {seed}: {query}");
            assert_eq!(found.len(), hits.len());
            let order: Vec<_> =
                hits.iter().map(|hit| (-hit.score(), hit.kind().to_owned(), hit.key().clone())).collect();
            assert!(order.is_sorted(), "seed {seed}: {query}");
        }
    }
}

fn history(seed: u64, folder: &Path) {
    let mut random = Random::new(seed);
    let random = &mut random;
    let one = Repo::memory().unwrap();
    let other = Repo::builder().replica_of(&one).open().unwrap();
    let mut sides = [one, other].map(|repo| Side { repo, folder: PathBuf::new(), search: None, older: None });
    for (number, side) in sides.iter_mut().enumerate() {
        side.folder = folder.join(format!("{seed}-{number}"));
    }
    for step in 0..40 {
        let side = random.below(2);
        let name = format!("n{}", random.below(12));
        let repo = sides[side].repo.clone();
        match random.below(12) {
            0..=4 => {
                let change = |note: &mut Note| {
                    change_note(note, &mut random.clone());
                    Ok(())
                };
                repo.update::<Note>(name.as_str(), change).unwrap();
                random.next();
            }
            5 => drop(repo.put(
                name.as_str(),
                Page { title: text(random), summary: text(random), hidden: text(random) },
            )),
            6 => drop(repo.delete::<Note>(name.as_str()).unwrap()),
            7 => drop(repo.delete::<Page>(name.as_str()).unwrap()),
            8 => drop(sides[0].repo.sync_with(&sides[1].repo).unwrap()),
            9 => drop(repo.merge(&sides[1 - side].repo).unwrap()),
            10 => {
                // Closed, and perhaps as it was when it was last looked at: killed before the index was written.
                sides[side].search = None;
                if let Some(older) = sides[side].older.take().filter(|_| random.below(2) == 0) {
                    std::fs::remove_dir_all(&sides[side].folder).unwrap();
                    sides[side].folder = older;
                }
            }
            _ => {
                sides[side].search().catch_up().unwrap();
                let older = folder.join(format!("{seed}-{side}-{step}"));
                copy(&sides[side].folder, &older);
                sides[side].older = Some(older);
            }
        }
        if random.below(4) == 0 {
            sides[side].check(random, seed);
        }
    }
    sides[0].repo.sync_with(&sides[1].repo).unwrap();
    sides.iter_mut().for_each(|side| side.check(random, seed));
}

#[test]
fn what_is_found_is_what_is_there_after_any_history() {
    let (from, rounds) = (from_env("DRONESTORE_SEED", 1), from_env("DRONESTORE_TEXT_ROUNDS", 12));
    println!("seeds {from} to {}", from + rounds - 1);
    let folder = tempfile::tempdir().unwrap();
    (from..from + rounds).for_each(|seed| history(seed, folder.path()));
}
