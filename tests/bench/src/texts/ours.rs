//! dronestore: a handle with a text that knows how it was edited; and one with a plain `String`.

use super::Text;
use dronestore::{Drone, Hash, TextEdit, Version, Versioned, model};

#[derive(Drone)]
struct Page {
    #[merge(text)]
    body: TextEdit,
}

/// The same as a program writes it that does not see the keystrokes.
#[derive(Drone)]
#[drone(kind = "Page")]
pub struct Plain {
    #[merge(text)]
    body: String,
}

/// A handle.
pub struct Ours(Versioned<Page>);

impl Text for Ours {
    const NAME: &'static str = "dronestore";
    const GIVES_ALL: bool = true;
    type News = Version;

    fn new(_actor: u64) -> Self {
        Ours(Page::named("page").unwrap())
    }

    fn edit(&mut self, at: usize, deleted: usize, inserted: &str) {
        self.0.body.replace(at..at + deleted, inserted).unwrap();
    }

    fn commit(&mut self) {
        self.0.commit().unwrap();
    }

    fn text(&self) -> String {
        self.0.body.as_str().to_owned()
    }

    fn save(&mut self) -> Vec<u8> {
        let version = self.0.version().unwrap();
        assert!(version.hash() != Hash::ZERO);
        version.to_bytes()
    }

    fn load(bytes: &[u8]) -> String {
        model::load::<Plain>(&Version::from_bytes(bytes).unwrap()).unwrap().body
    }

    fn news(&mut self) -> Version {
        self.0.version().unwrap().clone()
    }

    fn merge(&mut self, news: &Version) {
        self.0.merge(news).unwrap();
    }
}

/// A handle of a plain text.
pub fn plain(text: &str) -> Versioned<Plain> {
    let mut page = Plain::named("page").unwrap();
    page.body = text.to_owned();
    page.commit().unwrap();
    page
}

impl Ours {
    /// The same as a handle of a plain text.
    pub fn as_plain(&self) -> Versioned<Plain> {
        Versioned::from_version(self.0.version().unwrap().clone()).unwrap()
    }
}

/// Changes so many characters, half the text from each other, and commits.
pub fn change(page: &mut Versioned<Plain>, round: usize, count: usize) {
    let length = page.body.len();
    for number in 0..count {
        let at = (round * 7_919 + number * length / 2) % length;
        let new = if page.body.as_bytes()[at] == b'#' { "%" } else { "#" };
        page.body.replace_range(at..=at, new);
    }
    assert!(page.commit().unwrap().is_new());
}
