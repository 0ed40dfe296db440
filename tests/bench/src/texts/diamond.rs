//! diamond-types: one list of characters with its log of operations.

use super::Text;
use diamond_types::list::encoding::{ENCODE_FULL, ENCODE_PATCH};
use diamond_types::list::{ListCRDT, OpLog};

/// A list and its log, and how much of it was given to others.
pub struct Diamond {
    list: ListCRDT,
    agent: u32,
    given: Vec<usize>,
}

impl Text for Diamond {
    const NAME: &'static str = "diamond-types";
    type News = Vec<u8>;

    fn new(actor: u64) -> Self {
        let mut list = ListCRDT::new();
        let agent = list.get_or_create_agent_id(&format!("agent{actor}"));
        Diamond { list, agent, given: Vec::new() }
    }

    fn edit(&mut self, at: usize, deleted: usize, inserted: &str) {
        if deleted > 0 {
            self.list.delete_without_content(self.agent, at..at + deleted);
        }
        if !inserted.is_empty() {
            self.list.insert(self.agent, at, inserted);
        }
    }

    fn commit(&mut self) {}

    fn text(&self) -> String {
        self.list.branch.content().to_string()
    }

    fn save(&mut self) -> Vec<u8> {
        self.list.oplog.encode(ENCODE_FULL)
    }

    fn load(bytes: &[u8]) -> String {
        OpLog::load_from(bytes).unwrap().checkout_tip().content().to_string()
    }

    fn news(&mut self) -> Vec<u8> {
        let news = self.list.oplog.encode_from(ENCODE_PATCH, &self.given);
        self.given = self.list.oplog.local_version_ref().to_vec();
        news
    }

    fn merge(&mut self, news: &Vec<u8>) {
        self.list.merge_data_and_ff(news).unwrap();
    }
}
