//! The ancestors of the flats of a nested feed.
//!
//! The `id` and the title of a house may come after its flats, so a flat is handed out with
//! the number of its parent alone; the parent's id and title are final once it has closed. The
//! whole tree is kept: some tens of bytes a node, and the ids and titles in one text.

use std::iter;
use std::ops::Range;

use serde_json::value::RawValue;

use super::Malformed;
use crate::json;

/// The most projects, stages, houses, sections and floors of a feed, together.
pub(super) const MAX_NODES: usize = 1_000_000;
/// The most bytes of their ids and titles.
pub(super) const MAX_TEXTS: usize = 64 << 20;

/// The levels above a flat, from the outermost to the innermost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Project,
    Stage,
    House,
    Section,
    Floor,
}

impl Level {
    /// The name that keys are made of (`house_id`).
    pub(crate) fn word(self) -> &'static str {
        match self {
            Level::Project => "project",
            Level::Stage => "stage",
            Level::House => "house",
            Level::Section => "section",
            Level::Floor => "floor",
        }
    }
}

/// A project, stage, house, section or floor of one feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct NodeId(u32);

/// The id, title and parent of a project, stage, house, section or floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ancestor<'a> {
    pub(crate) level: Level,
    /// The parent.
    pub(crate) parent: Option<NodeId>,
    /// The `id`, a JSON string or number as written.
    pub(crate) id: Option<&'a str>,
    /// The `title`, or else the `name`, or else the `number`, likewise.
    pub(crate) title: Option<&'a str>,
}

/// All ancestors of flats, in the order of their beginnings.
#[derive(Debug, Default)]
pub(crate) struct Ancestors {
    nodes: Vec<Node>,
    texts: String,
    /// The open ones, the innermost last.
    open: Vec<Open>,
    is_barren: bool,
}

#[derive(Debug)]
struct Node {
    level: Level,
    parent: Option<NodeId>,
    /// Both in the texts; empty where there is none.
    id: Range<u32>,
    title: Range<u32>,
}

/// An ancestor that has not closed.
#[derive(Debug)]
struct Open {
    node: NodeId,
    id: String,
    title: String,
    called: Called,
    has_list: bool,
}

/// The member that a title was taken from, the best last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Called {
    Nothing,
    Number,
    Name,
    Title,
}

impl Ancestors {
    /// An ancestor as far as it is known by now; complete once it has closed.
    pub(crate) fn get(&self, node: NodeId) -> Ancestor<'_> {
        let Node { level, parent, id, title, .. } = self.node(node);
        Ancestor { level: *level, parent: *parent, id: self.text(id), title: self.text(title) }
    }

    /// A node and its ancestors, from the inside out.
    pub(crate) fn chain(&self, node: NodeId) -> impl Iterator<Item = Ancestor<'_>> {
        let mut next = Some(node);
        iter::from_fn(move || {
            let ancestor = self.get(next?);
            next = ancestor.parent;
            Some(ancestor)
        })
    }

    /// Opens a node in the innermost open one.
    pub(super) fn open(&mut self, level: Level) -> Result<NodeId, Malformed> {
        let node = u32::try_from(self.nodes.len()).map_err(|_| Malformed::TooManyNodes)?;
        if self.nodes.len() >= MAX_NODES {
            return Err(Malformed::TooManyNodes);
        }
        self.nodes.push(Node {
            level,
            parent: self.open.last().map(|open| open.node),
            id: 0..0,
            title: 0..0,
        });
        let node = NodeId(node);
        self.open.push(Open {
            node,
            id: String::new(),
            title: String::new(),
            called: Called::Nothing,
            has_list: false,
        });
        Ok(node)
    }

    /// Sets the `id` of the innermost open node.
    pub(super) fn note_id(&mut self, text: &[u8]) {
        if let (Some(open), Some(text)) = (self.open.last_mut(), scalar(text)) {
            text.clone_into(&mut open.id);
        }
    }

    /// Sets the title of the innermost open node, unless it has a better one.
    pub(super) fn note_title(&mut self, called: Called, text: &[u8]) {
        if let (Some(open), Some(text)) = (self.open.last_mut(), scalar(text))
            && called >= open.called
        {
            open.called = called;
            text.clone_into(&mut open.title);
        }
    }

    /// Marks the innermost open node as having a list of flats or of nodes, even an empty one.
    pub(super) fn has_list(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.has_list = true;
        }
    }

    /// Whether any node had no such list.
    pub(super) fn is_barren(&self) -> bool {
        self.is_barren
    }

    /// Closes the innermost open node.
    pub(super) fn close(&mut self) -> Result<(), Malformed> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        self.is_barren |= !open.has_list;
        let id = self.keep(&open.id)?;
        let title = self.keep(&open.title)?;
        let node = &mut self.nodes[open.node.0 as usize];
        node.id = id;
        node.title = title;
        Ok(())
    }

    fn keep(&mut self, text: &str) -> Result<Range<u32>, Malformed> {
        let place = |at: usize| u32::try_from(at).map_err(|_| Malformed::TooManyNodes);
        let start = place(self.texts.len())?;
        let end = place(self.texts.len() + text.len())?;
        if self.texts.len() + text.len() > MAX_TEXTS {
            return Err(Malformed::TooManyNodes);
        }
        self.texts.push_str(text);
        Ok(start..end)
    }

    fn node(&self, node: NodeId) -> &Node {
        &self.nodes[node.0 as usize]
    }

    fn text(&self, range: &Range<u32>) -> Option<&str> {
        let text = &self.texts[range.start as usize..range.end as usize];
        (!text.is_empty()).then_some(text)
    }
}

/// A JSON string that is not empty, or a number: an id or a title. It is validated, since it is
/// put beside a flat's own members.
fn scalar(text: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(text).ok()?;
    let is_sound = match text.as_bytes().first()? {
        b'"' => json::string(text).is_some_and(|text| !text.is_empty()),
        b'-' | b'0'..=b'9' => serde_json::from_str::<&RawValue>(text).is_ok(),
        _ => false,
    };
    is_sound.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_name_is_taken_for_one() {
        for good in ["0", "-1.50", r#""x""#, r#""\u0434""#] {
            assert_eq!(scalar(good.as_bytes()), Some(good));
        }
        for bad in ["", "null", "true", "01", "1x", r#""""#, r#""\ud800""#, "\"\u{1}\""] {
            assert_eq!(scalar(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(scalar(b"\"\xFF\""), None);
    }

    #[test]
    fn there_is_an_end_to_nodes_and_texts() {
        let mut ancestors = Ancestors::default();
        let text = format!("\"{}\"", "x".repeat(4000));
        let full = (0..).find_map(|_| {
            ancestors.open(Level::House).unwrap();
            ancestors.note_id(text.as_bytes());
            ancestors.close().err()
        });
        assert_eq!(full, Some(Malformed::TooManyNodes));

        let mut ancestors = Ancestors::default();
        for _ in 0..MAX_NODES {
            ancestors.open(Level::Floor).unwrap();
            ancestors.close().unwrap();
        }
        assert_eq!(ancestors.open(Level::Floor), Err(Malformed::TooManyNodes));
    }
}
