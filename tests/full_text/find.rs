//! What can be asked, in which order it is found, and what is shown of it.

use super::{Note, Page, Place, names, note, open, sorted};
use dronestore::{Drone, ErrorKind, FullText, Key, Repo};

fn animals() -> (Repo, FullText) {
    let repo = Repo::memory().unwrap();
    let notes = [
        ("fox", "The quick brown fox jumps over the lazy dog"),
        ("bear", "A slow brown bear. It is not quick at all, and it sleeps until the spring comes again"),
        ("hare", "Quick, quick! cried the hare"),
        ("cafe", "Ein Café in der Straße, 東京タワーは高い"),
    ];
    for (name, text) in notes {
        repo.put(name, note(text)).unwrap();
    }
    let search = open(&repo);
    (repo, search)
}

#[test]
fn half_and_full_width_letters_find_each_other() {
    let repo = Repo::memory().unwrap();
    repo.put("half", note("ﾊﾟﾝとｶﾞｽ")).unwrap();
    repo.put("full", note("パンとガス")).unwrap();
    let search = open(&repo);
    for word in ["パン", "ﾊﾟﾝ", "ガ", "ｶﾞ", "ガス"] {
        assert_eq!(sorted(&search, word), ["full", "half"], "{word}");
    }
}

#[test]
fn queries_find_what_they_say() {
    let (_repo, search) = animals();
    for (query, expected) in [
        ("quick", &["bear", "fox", "hare"][..]),
        ("QUICK brown", &["bear", "fox"]),
        ("quick -brown", &["hare"]),
        ("quick NOT brown", &["hare"]),
        ("-quick", &["cafe"]),
        ("fox OR hare", &["fox", "hare"]),
        ("brown AND (dog OR spring)", &["bear", "fox"]),
        ("\"quick brown\"", &["fox"]),
        ("\"brown quick\"", &[]),
        ("\"quick fox\"", &[]),
        ("\"quick fox\"~1", &["fox"]),
        ("qui*", &["bear", "fox", "hare"]),
        ("\"quick bro\"*", &["fox"]),
        ("cafe strasse", &["cafe"]),
        ("タワ", &["cafe"]),
        ("京高", &[]),
        ("text:fox", &["fox"]),
        ("title:fox", &[]),
        ("text:(fox OR hare) quick", &["fox", "hare"]),
        ("\"\"", &[]),
        ("", &[]),
        ("...", &[]),
        ("nothing", &[]),
    ] {
        assert_eq!(sorted(&search, query), expected, "{query}");
        assert_eq!(search.find(query).count().unwrap(), expected.len() as u64, "{query}");
    }
}

#[test]
fn plain_words_are_never_a_mistake() {
    let (_repo, search) = animals();
    let plain = |text: &str| search.find_words(text).run().unwrap().len();
    assert_eq!(plain("quick (brown"), 2);
    assert_eq!(plain("\"fox: -quick"), 1);
    assert_eq!(plain("fox OR"), 0);
    assert_eq!(plain(&"quick ".repeat(100_000)), 3);
}

#[test]
fn the_best_come_first_and_equal_ones_by_key() {
    let (repo, search) = animals();
    // Twice in a short text.
    assert_eq!(names(&search, "quick"), ["hare", "fox", "bear"]);
    for name in ["c", "a", "b"] {
        repo.put(name, note("zebra crossing")).unwrap();
    }
    repo.put("z", Page { title: "zebra crossing".into(), ..Page::default() }).unwrap();
    assert_eq!(names(&search, "text:zebra"), ["a", "b", "c"]);
    let hits = search.find("zeb*").run().unwrap();
    let scores: Vec<f32> = hits.iter().map(|hit| hit.score()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b));
    // All at once or one page after the other.
    let all: Vec<Key> = search.find("zebra OR quick").run().unwrap().keys();
    let pages: Vec<Key> = (0..9)
        .flat_map(|page| search.find("zebra OR quick").offset(page).limit(1).run().unwrap().keys())
        .collect();
    assert_eq!((all.len(), &all), (7, &pages));
    assert!(search.find("zebra").limit(0).run().unwrap().is_empty());
    assert!(search.find("zebra").limit(usize::MAX).offset(usize::MAX).run().unwrap().is_empty());
    // A field can count more.
    repo.put("title", Note { title: "heron".into(), text: "a b c".into(), ..Note::default() }).unwrap();
    repo.put("text", Note { title: "a".into(), text: "heron".into(), ..Note::default() }).unwrap();
    assert_eq!(names(&search, "title:heron^20 OR text:heron"), ["title", "text"]);
    assert_eq!(names(&search, "title:heron OR text:heron^20"), ["text", "title"]);
    let best =
        |field: &str| search.find("heron").boost(field, 30.0).run().unwrap().keys()[0].name().into_owned();
    assert_eq!((best("title"), best("text")), ("title".to_owned(), "text".to_owned()));
}

#[test]
fn a_search_can_be_narrowed() {
    let repo = Repo::memory().unwrap();
    let red: Key = "/Team:red".parse().unwrap();
    for (name, visits) in [("a", 1), ("b", 2), ("c", 3)] {
        let mut inside = Note::child_of(&red, name).unwrap();
        (inside.text, inside.visits) = ("fox".into(), visits);
        repo.save(&mut inside).unwrap();
        repo.put(name, Note { visits, ..note("fox") }).unwrap();
    }
    repo.put("p", Page { title: "fox".into(), ..Page::default() }).unwrap();
    let search = open(&repo);
    assert_eq!(search.find("fox").count().unwrap(), 7);
    assert_eq!(search.find("fox").kind("Page").count().unwrap(), 1);
    assert_eq!(search.find("fox").of::<Note>().count().unwrap(), 6);
    assert_eq!(search.find("fox").under(&red).count().unwrap(), 3);
    assert_eq!(search.find("fox").under(&Key::root()).count().unwrap(), 7);
    assert_eq!(search.find("fox").under(&"/Team:red/Note:a".parse().unwrap()).count().unwrap(), 1);
    assert_eq!(search.find("fox").under(&"/Team:blue".parse().unwrap()).count().unwrap(), 0);
    let many = || Note::fields().visits.ge(2);
    assert_eq!(search.find("fox").filter(many()).count().unwrap(), 4);
    let hits = search.find("fox").filter(many()).offset(1).limit(2).run().unwrap();
    let all = search.find("fox").filter(many()).run().unwrap();
    assert_eq!(hits.keys(), all.keys()[1..3]);
    assert_eq!(search.find("fox").filter(many()).under(&red).run().unwrap().len(), 2);
    let error = search.find("fox").of::<Note>().of::<Page>().run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    let error = search.find("fox").boost("tilte", 2.0).run().unwrap_err();
    assert!(error.to_string().contains("did you mean `title`?"), "{error}");
    assert!(search.find("fox").boost("title", f32::NAN).run().is_err());
}

#[test]
fn hits_give_objects_and_parts_of_texts() {
    let repo = Repo::memory().unwrap();
    let text = format!("{}the <quick> brown fox{}", "so much before. ".repeat(40), " and behind".repeat(40));
    let place = Place { city: "Foxton".into() };
    let tags = ["fox".to_owned(), "other".to_owned()].into();
    repo.put("a", Note { text: text.clone(), place, tags, nick: Some("Fox".into()), ..Note::default() })
        .unwrap();
    let search = open(&repo);
    let hits = search.find("quick fox*").run().unwrap();
    let hit = hits.get(0).unwrap();
    assert_eq!((hit.kind(), hit.key().to_string().as_str()), ("Note", "/Note:a"));
    assert_eq!(hit.object::<Note>().unwrap().unwrap().text, text);
    assert!(hit.object::<Page>().unwrap().is_none());
    assert_eq!(hit.version().unwrap().unwrap().key(), hit.key());
    let snippet = hit.snippet("text").unwrap().unwrap();
    assert!(
        snippet.to_html().contains("the &lt;<b>quick</b>&gt; brown <b>fox</b> and"),
        "{}",
        snippet.to_html()
    );
    assert!(snippet.text().starts_with('…') && snippet.text().ends_with('…') && snippet.text().len() < 200);
    let found: Vec<&str> = snippet.ranges().iter().map(|range| &snippet.text()[range.clone()]).collect();
    assert_eq!(found, ["quick", "fox"]);
    let fields: Vec<(&str, String)> =
        hit.snippets().unwrap().into_iter().map(|(field, part)| (field, part.highlight("*", "*"))).collect();
    assert_eq!(
        fields[1..],
        [("tags", "*fox*".to_owned()), ("nick", "*Fox*".to_owned()), ("place", "*Foxton*".to_owned())]
    );
    assert_eq!(hit.snippet("title").unwrap().unwrap().text(), "");
    assert!(hit.snippet("more").unwrap().is_none());
    assert_eq!(hit.snippet("visits").unwrap_err().kind(), ErrorKind::InvalidValue);
    // What is written later is not what was found.
    repo.put("a", note("gone")).unwrap();
    assert_eq!(hit.object::<Note>().unwrap().unwrap().text, text);
    assert!(search.find("quick").run().unwrap().is_empty());
}

#[test]
fn no_query_panics() {
    let (_repo, search) = animals();
    let mut random = crate::random::Random::new(7);
    let parts = [
        "fox",
        "\"",
        "(",
        ")",
        "*",
        "^",
        "~",
        "2",
        ":",
        "text",
        "title:",
        "-",
        "NOT ",
        "AND ",
        "OR ",
        " ",
        "é",
        "\u{301}",
        "東",
        "\0",
        "+",
        "text:(",
        "\"quick brown\"",
        "^0.1",
        "qu*",
        "\u{202e}",
        "[a TO b]",
        "/.*/",
        "\\",
    ];
    for _ in 0..3000 {
        let query: String = (0..random.below(12)).map(|_| parts[random.below(parts.len())]).collect();
        match search.find(&query).run() {
            Ok(hits) => drop(hits.iter().map(|hit| hit.snippets().unwrap()).collect::<Vec<_>>()),
            Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidValue, "{query}: {error}"),
        }
        search.find_words(&query).run().unwrap();
    }
    for query in ["(".repeat(1 << 20), "a ".repeat(1 << 20), "\"".repeat(4095), "a* ".repeat(120)] {
        let _ = search.find(&query).run();
    }
}
