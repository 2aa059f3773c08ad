//! Parses a saved answer of a feed and drops the result: the benchmarks measure the cost of
//! parsing alone with it.

use std::io::Read;

use super::items::Form;
use super::read::{MAX_ITEM_BYTES, SLICE};
use crate::config;
use crate::json::stream::{Piece, Splitter};

/// Splits an answer and parses its items as a poll does. Returns the number of readable
/// items.
pub fn parse(feed: &config::Feed, mut answer: impl Read) -> std::io::Result<u64> {
    let form = Form::new(feed);
    let mut splitter = Splitter::new(super::layout(feed), MAX_ITEM_BYTES);
    let mut slice = vec![0; SLICE];
    let mut items = 0;
    loop {
        let count = answer.read(&mut slice)?;
        if count == 0 {
            break;
        }
        let fed = splitter.feed(&slice[..count], &mut |piece| {
            if let Piece::Whole { bytes, depth, .. } = piece {
                items += u64::from(form.identified(bytes, depth).is_ok());
            }
        });
        fed.map_err(std::io::Error::other)?;
    }
    splitter.finish().map_err(std::io::Error::other)?;
    Ok(items)
}
