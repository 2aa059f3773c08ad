//! A saved answer of a feed taken apart and thrown away: the benchmarks measure what
//! parsing alone takes with it.

use std::io::Read;

use super::items::Form;
use super::read::{MAX_ITEM_BYTES, SLICE};
use crate::config;
use crate::json::stream::{Piece, Splitter};

/// Splits an answer and takes its items apart as a read does. Answers how many there
/// were.
///
/// # Errors
/// It cannot be read, or is no feed.
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
