//! The place of the list in a document.
//!
//! The structure above the elements is read value by value; each is another container of the
//! structure, an element, a text to keep, or skipped. The layout itself bounds the depth: a
//! feed's wrappers and levels are few and only ever lead inwards, and a pointer has a limited
//! number of parts.

use super::ancestors::{Ancestors, Called, Level, NodeId};
use super::pointer::Spot;
use super::{End, Malformed, Pointer};

/// The expected layout of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Layout {
    /// UZhKH's: a bare array, or an object with `Items`.
    Items,
    /// Domoplaner's, told apart by the document itself: a bare array, an object with one of
    /// `data items flats deals objects result`, itself or one level further inside it,
    /// or projects, stages, houses, sections and floors with flats in them. Each list
    /// may be an object with the places as keys.
    Feed,
    /// The array that a pointer names.
    Pointer(Pointer),
}

/// The members that may be a feed's list.
const LISTS: [&str; 6] = ["data", "items", "flats", "deals", "objects", "result"];

/// The members that hold the levels above the flats. Any may be missing.
const LEVELS: [(&str, Level); 6] = [
    ("projects", Level::Project),
    ("stages", Level::Stage),
    ("houses", Level::House),
    ("houses_without_stage", Level::House),
    ("sections", Level::Section),
    ("floors", Level::Floor),
];

/// The member of any of them that holds the flats themselves.
const FLATS: &str = "flats";

/// The role of an entered container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The list, or one of a nested feed's.
    List(Option<NodeId>),
    /// UZhKH's object around `Items`.
    Wrapper,
    /// A feed's object in which the list is looked for, and the member that it is,
    /// where it is not the document.
    Search(Option<&'static str>),
    /// A candidate for a feed's list, with the places as keys.
    Gaps(Found),
    /// On the way of the pointer, before the part of this number.
    Path(usize),
    /// A list of projects, stages, …
    Nodes(Level),
    /// A project, stage, …
    Node(NodeId),
}

/// The handling of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Enter(Role),
    Element(Option<NodeId>),
    Text(Noted),
    Nothing,
}

/// The purpose of a kept text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noted {
    Page,
    NoResults,
    /// The list may be null.
    Items,
    Found(Found),
    Pointed,
    /// A list of flats, or of a level above them, may be null.
    Inside,
    Id,
    Title(Called),
}

/// A member that is a feed's list, or begins its nested layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    within: Option<&'static str>,
    key: &'static str,
    is_nested: bool,
}

/// A document being read by its layout.
#[derive(Debug)]
pub(super) struct Reading {
    layout: Layout,
    has_list: bool,
    /// Which list it is, where there are several that it could be.
    found: Option<Found>,
    /// A list of flats stands in something.
    has_flats: bool,
    end: End,
    pub(super) ancestors: Ancestors,
}

impl Reading {
    pub(super) fn new(layout: Layout) -> Self {
        Self {
            layout,
            has_list: false,
            found: None,
            has_flats: false,
            end: End::default(),
            ancestors: Ancestors::default(),
        }
    }

    /// The role of the document by its first byte: an array or an object.
    pub(super) fn document(&mut self, first: u8) -> Result<Role, Malformed> {
        match &self.layout {
            Layout::Pointer(pointer) if pointer.len() > 0 => Ok(Role::Path(0)),
            Layout::Items if first == b'{' => Ok(Role::Wrapper),
            Layout::Feed if first == b'{' => Ok(Role::Search(None)),
            Layout::Pointer(pointer) if first == b'{' => Err(not_an_array(pointer)),
            _ => {
                self.has_list = true;
                Ok(Role::List(None))
            }
        }
    }

    /// The meaning of a value in its container, by its first byte.
    pub(super) fn value(
        &mut self,
        role: Role,
        spot: Spot<'_>,
        first: u8,
    ) -> Result<Meaning, Malformed> {
        match (role, spot) {
            (Role::List(within), _) if is_item(spot, first) => Ok(Meaning::Element(within)),
            (Role::Wrapper, Spot::Member(key)) => Ok(self.beside(key, first)),
            (Role::Search(within), Spot::Member(key)) => self.search(within, key, first),
            (Role::Gaps(list), _) if is_item(spot, first) => self.find_gaps(list),
            (Role::Path(part), _) => self.follow(part, spot, first),
            (Role::Nodes(level), _) if is_item(spot, first) && first == b'{' => {
                Ok(Meaning::Enter(Role::Node(self.ancestors.open(level)?)))
            }
            (Role::Node(node), Spot::Member(key)) => Ok(self.inside(node, key, first)),
            _ => Ok(Meaning::Nothing),
        }
    }

    /// Takes a kept text; empty when it was too long.
    pub(super) fn note(&mut self, noted: Noted, text: &[u8]) -> Result<(), Malformed> {
        let is_null = text == b"null";
        match noted {
            Noted::Page => self.end.page = parse(text),
            Noted::NoResults => self.end.no_results = parse(text),
            Noted::Items => self.has_list |= is_null,
            Noted::Found(found) if is_null => self.find(found)?,
            Noted::Found(_) => {}
            Noted::Pointed => self.find_pointed(is_null)?,
            Noted::Inside if is_null => self.ancestors.has_list(),
            Noted::Inside => {}
            Noted::Id => self.ancestors.note_id(text),
            Noted::Title(called) => self.ancestors.note_title(called, text),
        }
        Ok(())
    }

    /// Leaves an entered container.
    pub(super) fn leave(&mut self, role: Role) -> Result<(), Malformed> {
        match role {
            Role::Node(_) => self.ancestors.close(),
            _ => Ok(()),
        }
    }

    /// Ends the document.
    pub(super) fn end(&self) -> Result<End, Malformed> {
        match &self.layout {
            Layout::Feed if self.ancestors.is_barren() && !self.has_flats => {
                Err(Malformed::NoFlats)
            }
            _ if self.has_list => Ok(self.end),
            Layout::Items => Err(Malformed::NoItems),
            Layout::Feed => Err(Malformed::NoList),
            Layout::Pointer(pointer) => {
                Err(Malformed::NotThere { pointer: pointer.text().to_owned() })
            }
        }
    }

    fn beside(&mut self, key: &str, first: u8) -> Meaning {
        match key {
            "Items" if first == b'[' => {
                self.has_list = true;
                Meaning::Enter(Role::List(None))
            }
            "Items" => Meaning::Text(Noted::Items),
            "Page" => Meaning::Text(Noted::Page),
            "NoResults" => Meaning::Text(Noted::NoResults),
            _ => Meaning::Nothing,
        }
    }

    fn search(
        &mut self,
        within: Option<&'static str>,
        key: &str,
        first: u8,
    ) -> Result<Meaning, Malformed> {
        if is_item(Spot::Member(key), first) {
            return self.find_gaps(Found {
                within: None,
                key: within.unwrap_or_default(),
                is_nested: false,
            });
        }
        let list = LISTS.into_iter().find(|list| *list == key);
        let level = LEVELS.into_iter().find(|(list, _)| *list == key);
        let Some(key) = list.or(level.map(|(key, _)| key)) else {
            return Ok(Meaning::Nothing);
        };
        let found = Found { within, key, is_nested: level.is_some() };
        Ok(match (first, level) {
            (b'[', None) => {
                self.find(found)?;
                Meaning::Enter(Role::List(None))
            }
            (b'[' | b'{', Some((_, level))) => {
                self.find(found)?;
                Meaning::Enter(Role::Nodes(level))
            }
            (b'{', None) if within.is_none() => Meaning::Enter(Role::Search(Some(key))),
            (b'{', None) => Meaning::Enter(Role::Gaps(found)),
            _ => Meaning::Text(Noted::Found(found)),
        })
    }

    /// Takes the list found; it must be the only one, except that nested lists may begin in
    /// several members of one object.
    fn find(&mut self, found: Found) -> Result<(), Malformed> {
        self.has_list = true;
        let Some(first) = self.found.replace(found) else {
            return Ok(());
        };
        if first.is_nested && found.is_nested && first.within == found.within {
            return Ok(());
        }
        Err(Malformed::Ambiguous { first: first.pointer(), second: found.pointer() })
    }

    /// An element of a list that PHP wrote as an object: the list is found with the first one.
    fn find_gaps(&mut self, list: Found) -> Result<Meaning, Malformed> {
        if self.found != Some(list) {
            self.find(list)?;
        }
        Ok(Meaning::Element(None))
    }

    fn follow(&mut self, part: usize, spot: Spot<'_>, first: u8) -> Result<Meaning, Malformed> {
        let Layout::Pointer(pointer) = &self.layout else {
            return Ok(Meaning::Nothing);
        };
        let is_last = part + 1 == pointer.len();
        Ok(match first {
            _ if !pointer.leads(part, spot) => Meaning::Nothing,
            b'[' if is_last => {
                self.find_pointed(true)?;
                Meaning::Enter(Role::List(None))
            }
            b'{' if is_last => return Err(not_an_array(pointer)),
            _ if is_last => Meaning::Text(Noted::Pointed),
            b'[' | b'{' => Meaning::Enter(Role::Path(part + 1)),
            _ => Meaning::Nothing,
        })
    }

    fn find_pointed(&mut self, is_list: bool) -> Result<(), Malformed> {
        let Layout::Pointer(pointer) = &self.layout else {
            return Ok(());
        };
        if !is_list {
            return Err(not_an_array(pointer));
        }
        if self.has_list {
            return Err(Malformed::Ambiguous {
                first: pointer.text().to_owned(),
                second: pointer.text().to_owned(),
            });
        }
        self.has_list = true;
        Ok(())
    }

    fn inside(&mut self, node: NodeId, key: &str, first: u8) -> Meaning {
        let noted = match key {
            "id" => Noted::Id,
            "title" => Noted::Title(Called::Title),
            "name" => Noted::Title(Called::Name),
            "number" => Noted::Title(Called::Number),
            _ => return self.list_inside(node, key, first),
        };
        match first {
            b'[' | b'{' => Meaning::Nothing,
            _ => Meaning::Text(noted),
        }
    }

    fn list_inside(&mut self, node: NodeId, key: &str, first: u8) -> Meaning {
        let outer = self.ancestors.get(node).level;
        let role = match LEVELS.into_iter().find(|(list, _)| *list == key) {
            Some((_, level)) if level > outer => Role::Nodes(level),
            None if key == FLATS => Role::List(Some(node)),
            _ => return Meaning::Nothing,
        };
        match first {
            b'[' | b'{' => {
                self.has_flats |= key == FLATS;
                self.ancestors.has_list();
                Meaning::Enter(role)
            }
            _ => Meaning::Text(Noted::Inside),
        }
    }
}

impl Found {
    fn pointer(self) -> String {
        let within = self.within.map(|key| format!("/{key}"));
        format!("{}/{}", within.unwrap_or_default(), self.key)
    }
}

/// Whether a value is one of a list's: PHP writes an array with gaps as an object with
/// the places as keys, beside which nothing else counts.
fn is_item(spot: Spot<'_>, first: u8) -> bool {
    match spot {
        Spot::Index(_) => true,
        Spot::Member(key) => {
            first == b'{' && !key.is_empty() && key.bytes().all(|letter| letter.is_ascii_digit())
        }
    }
}

fn not_an_array(pointer: &Pointer) -> Malformed {
    Malformed::NotAnArray { pointer: pointer.text().to_owned() }
}

fn parse<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.parse().ok()
}
