//! Lists that others have taken the place of: that of all where the config names categories by
//! now, and the other way round. What they showed stands under other ids by now.

use super::ready_flats::ANY;
use super::{KIND, SOURCE};
use crate::config::{Category, Macrocrm};
use crate::ledger::{Error, Feed, Ledger, Reader};

/// The most flats in one transaction.
const BATCH: usize = 512;

/// The lists that are read, and those whose place they have.
pub(super) struct Replaced {
    read: Vec<Feed>,
    replaced: Vec<Feed>,
}

impl Replaced {
    /// By the config.
    pub(super) fn by(macrocrm: &Macrocrm) -> Self {
        let replaced = match macrocrm.categories.is_empty() {
            true => Category::ALL.map(|category| feed(category.word())).to_vec(),
            false => vec![feed(ANY)],
        };
        Self { read: macrocrm.lists().map(feed).collect(), replaced }
    }

    /// Deletes what they showed, once all lists in their place have been read whole, unless
    /// these show nothing.
    pub(super) async fn delete(&self, ledger: &Ledger) -> Result<(), Error> {
        for replaced in &self.replaced {
            let (feed, read) = (replaced.clone(), self.read.clone());
            let looking = ledger.read(move |reader| {
                let as_of = reader.newest_change()?;
                let mut ids = reader.missing_items(&feed, |_| true)?.ids;
                if !ids.is_empty() && !have_its_place(reader, &read)? {
                    ids.clear();
                }
                Ok((as_of, ids))
            });
            let (as_of, ids) = looking.await?;
            for batch in ids.chunks(BATCH) {
                let (feed, batch) = (replaced.clone(), batch.to_vec());
                let deleting = ledger.write(move |tx| {
                    batch.iter().try_for_each(|id| tx.drop_item(&feed, id, &[], as_of).map(drop))
                });
                deleting.await?;
            }
            if !ids.is_empty() {
                tracing::info!(
                    list = replaced.name,
                    deleted = ids.len(),
                    "ready flats deleted: by the config other lists have the place of theirs"
                );
            }
        }
        Ok(())
    }
}

fn feed(name: &str) -> Feed {
    Feed { source: SOURCE, name: name.to_owned(), kind: KIND }
}

/// Whether each of these lists has been read whole, and any of them shows something.
fn have_its_place(reader: &Reader, read: &[Feed]) -> Result<bool, Error> {
    let mut is_any_shown = false;
    for feed in read {
        if reader.feed_state(feed)?.full_at.is_none() {
            return Ok(false);
        }
        is_any_shown |= reader.missing_items(feed, |_| false)?.of_all.of > 0;
    }
    Ok(is_any_shown)
}
