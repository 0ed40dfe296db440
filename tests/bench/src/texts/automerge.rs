//! automerge: a document with one text.

use super::Text;
use ::automerge::transaction::Transactable;
use ::automerge::{ActorId, AutoCommit, ChangeHash, ObjId, ObjType, ROOT, ReadDoc};

/// A document, its text, and how much of it was given to others.
pub struct Automerge {
    doc: AutoCommit,
    text: ObjId,
    given: Vec<ChangeHash>,
}

impl Text for Automerge {
    const NAME: &'static str = "automerge";
    type News = Vec<u8>;

    // All replicas begin with one text, made by one of them.
    fn new(actor: u64) -> Self {
        let mut doc = AutoCommit::new();
        doc.set_actor(ActorId::from([0; 8]));
        let text = doc.put_object(ROOT, "body", ObjType::Text).unwrap();
        doc.commit_with(::automerge::transaction::CommitOptions::default().with_time(0));
        doc.set_actor(ActorId::from(actor.to_be_bytes()));
        let given = doc.get_heads();
        Automerge { doc, text, given }
    }

    fn edit(&mut self, at: usize, deleted: usize, inserted: &str) {
        self.doc.splice_text(&self.text, at, deleted as isize, inserted).unwrap();
    }

    fn commit(&mut self) {
        self.doc.commit();
    }

    fn text(&self) -> String {
        self.doc.text(&self.text).unwrap()
    }

    fn save(&mut self) -> Vec<u8> {
        self.doc.save()
    }

    fn load(bytes: &[u8]) -> String {
        let doc = AutoCommit::load(bytes).unwrap();
        let (_, text) = doc.get(ROOT, "body").unwrap().unwrap();
        doc.text(text).unwrap()
    }

    fn news(&mut self) -> Vec<u8> {
        let news = self.doc.save_after(&self.given);
        self.given = self.doc.get_heads();
        news
    }

    fn merge(&mut self, news: &Vec<u8>) {
        self.doc.load_incremental(news).unwrap();
    }
}
