//! What must hold of any feed.

use super::items::Form;
use super::nested::around;
use crate::config::FeedKind;
use crate::json::stream::{Ancestors, Layout, NodeId, Piece, Splitter, depth};
use crate::json::{self, Members};
use crate::mirror::Form as _;

/// An item that can be read has an id, which also a broken one would seem to have, and becomes a
/// record that has the same, with what it stood in; its dates are read once.
pub(crate) fn feed(bytes: &[u8]) {
    let mut items = vec![(bytes.to_vec(), None)];
    let mut splitter = Splitter::new(Layout::Feed, 1 << 20);
    let fed = splitter.feed(bytes, &mut |piece| {
        if let Piece::Whole { bytes, within, .. } = piece {
            items.push((bytes.to_vec(), within));
        }
    });
    let is_whole = fed.is_ok() && splitter.finish().is_ok();
    let ancestors = splitter.into_ancestors();
    let forms = [
        Form::with(FeedKind::Premises, None, &[]),
        Form::with(FeedKind::Deals, None, &["signed".to_owned()]),
        Form::with(FeedKind::Deals, Some("/deal/uid"), &[]),
    ];
    for (item, within) in &items {
        let within = within.filter(|_| is_whole);
        for form in &forms {
            assert_item(form, item, within.map(|node| (&ancestors, node)));
        }
    }
}

fn assert_item(form: &Form, bytes: &[u8], within: Option<(&Ancestors, NodeId)>) {
    let Ok((id, text)) = form.identified(bytes, depth(bytes)) else { return };
    assert!(!id.trim().is_empty());
    assert_eq!(text.as_bytes(), bytes);
    assert_eq!(form.salvage(bytes).as_deref(), Some(id.as_str()));
    let around = within.map_or(String::new(), |(ancestors, node)| around(ancestors, node));
    let composed = form.compose(text, &around).body;
    let of_its_own = Members::parse(text).expect("it was identified");
    let members = Members::parse(&composed).expect("a record is an object");
    assert!(members.repeated().is_empty());
    let (again, _) =
        form.identified(composed.as_bytes(), depth(composed.as_bytes())).expect("an id");
    assert!(again == id || of_its_own.get("id").is_some_and(json_is_dotted), "{again} for {id}");
    let surroundings = Members::parse(&around).unwrap_or_default();
    for (name, value) in surroundings.iter() {
        let expected = of_its_own.get(name).unwrap_or(value);
        assert!(members.get(name).is_some_and(|kept| json::same(kept, expected)), "{name}");
    }
    assert_eq!(form.compose(&composed, "").body, composed, "a record composed again is the same");
}

/// Whether a value is text that may be a date: an id that is one would be rewritten.
fn json_is_dotted(value: &str) -> bool {
    json::string(value).is_some_and(|text| text.len() == 10)
}
