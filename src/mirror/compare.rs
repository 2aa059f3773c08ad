//! Tells the new and changed items of a list from those it showed when it was last read.

use sha2::{Digest, Sha256};

use super::batch::Item;
use super::{Batch, Error, Mirror, Spool};
use crate::ledger::{ItemSha, NewItem, Reader};

/// A batch that was looked up, its items in order.
pub(super) struct Compared {
    pub(super) reader: Reader,
    /// None while nothing differs.
    pub(super) spool: Option<Spool>,
    pub(super) items: Vec<Seen>,
}

/// An item that was looked up.
pub(super) enum Seen {
    /// Unchanged.
    Known(Box<str>),
    /// New or changed: at this offset of the spool.
    Differs(Box<str>, u64),
    /// Unreadable, with the id that it seems to have.
    Bad(NewItem, Option<String>),
}

/// Looks a batch up and puts what differs into the spool. Blocks.
pub(super) fn compare(
    mirror: &Mirror,
    reader: Option<Reader>,
    mut spool: Option<Spool>,
    batch: &Batch,
) -> Result<Compared, Error> {
    let reader = mirror.reader(reader)?;
    let settings = Sha256::new_with_prefix(mirror.list.form.settings());
    let items = reader.at_one_moment(|reader| {
        batch
            .iter()
            .map(|item| {
                let sha256 = hash(&settings, &item);
                match reader.known_item(&mirror.list.feed, &sha256)? {
                    Some(id) if item.id.is_none_or(|own| own == id) => Ok(Seen::Known(id.into())),
                    _ => differing(mirror, &mut spool, &item, &sha256),
                }
            })
            .collect::<Result<_, Error>>()
    })?;
    Ok(Compared { reader, spool, items })
}

fn hash(settings: &Sha256, item: &Item<'_>) -> ItemSha {
    let mut hasher = settings.clone();
    hasher.update(item.bytes);
    if !item.around.is_empty() {
        hasher.update(b"\n");
        hasher.update(item.around.as_bytes());
    }
    hasher.finalize().into()
}

fn differing(
    mirror: &Mirror,
    spool: &mut Option<Spool>,
    item: &Item<'_>,
    sha256: &ItemSha,
) -> Result<Seen, Error> {
    let id = match item.id {
        Some(id) => Ok(id.to_owned()),
        None => mirror.list.form.identify(item.bytes, item.depth),
    };
    let id = match id {
        Ok(id) => id,
        Err(reason) => {
            let bad = mirror.unreadable(item.bytes, reason);
            return Ok(Seen::Bad(bad, mirror.list.form.salvage(item.bytes)));
        }
    };
    let spool = match spool {
        Some(spool) => spool,
        None => spool.insert(mirror.spool()?),
    };
    let around = item.around.as_bytes();
    let at = spool.append([id.as_bytes(), sha256.as_slice(), item.bytes, around])?;
    Ok(Seen::Differs(id.into(), at))
}
