//! The strict reading of sequences.

use super::run::{Content, Run, RunWriter, Runs};
use super::tree::{arrange, newest_first, sorted};
use crate::bytes::Reader;
use crate::causal::check::Check;
use crate::error::{Error, Result};
use crate::value;

impl Check {
    /// Checks a sequence; says whether it holds anything.
    pub(in crate::causal) fn sequence(&mut self, content: Content, body: &[u8]) -> Result<bool> {
        let runs = Runs::new(body, content)?;
        let any = self.dots(runs.own)?;
        let written = runs.rest();
        let runs = runs.collect()?;
        for run in &runs {
            self.mark(run.id.row)?;
            elements(content, run)?;
        }
        let any = any || !runs.is_empty();
        let count = runs.len();
        // One tree has one encoding: written again it is the same, or it was not that.
        let runs = sorted(runs, |run| (run.id, run.last()))?;
        let runs = arrange(content, &runs, newest_first(self.times()))?;
        let (mut again, mut writer) = (Vec::with_capacity(written.len()), RunWriter::new(content));
        for run in runs {
            writer.put(&mut again, run);
        }
        writer.end(&mut again);
        if again != written {
            return Err(Error::corrupt(format!("the {count} runs of a sequence are not in their one form")));
        }
        Ok(any)
    }
}

/// That a visible run holds as many elements as it says.
fn elements(content: Content, run: &Run<'_>) -> Result<()> {
    if !run.is_visible() {
        return Ok(());
    }
    let count = match content {
        Content::Chars => {
            let text = std::str::from_utf8(run.content);
            let text = text.map_err(|error| Error::corrupt("a text is not UTF-8").with_source(error))?;
            text.chars().count()
        }
        Content::Values => {
            let (mut reader, mut count) = (Reader::new(run.content), 0);
            while !reader.is_empty() {
                let item = reader.take(value::item_len(reader.rest())?)?;
                value::check(item)?;
                count += 1;
            }
            count
        }
    };
    if count == run.count as usize {
        Ok(())
    } else {
        Err(Error::corrupt("a run of a sequence holds more or fewer elements than it says"))
    }
}
