//! Layout of a feed around its items.
//!
//! The document shows no feed. Several layouts are in use: a list under `data`,
//! also with the titles and ids of where an item stands beside its own members,
//! and projects that hold stages that hold houses and so on down to the flats.

use std::fmt::Write;

use super::catalogue::{Catalogue, Place};
use crate::json::Writer;

/// Layout of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    shape: Shape,
    id_member: String,
    place_ids: bool,
    pub(super) heeds_date_format: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    /// The members that lead to the list; none is a bare array.
    List(Vec<String>),
    Nested,
}

impl Layout {
    fn new(shape: Shape) -> Self {
        Self { shape, id_member: "id".to_owned(), place_ids: true, heeds_date_format: true }
    }

    /// A bare array.
    pub fn array() -> Self {
        Self::new(Shape::List(Vec::new()))
    }

    /// An object whose member `name` is the list.
    pub fn wrapped(name: &str) -> Self {
        Self::new(Shape::List(vec![name.to_owned()]))
    }

    /// The list at a JSON pointer of member names, such as `/answer/list`.
    pub fn at(pointer: &str) -> Self {
        let names = pointer.split('/').skip(1);
        let names = names.map(|name| name.replace("~1", "/").replace("~0", "~"));
        Self::new(Shape::List(names.collect()))
    }

    /// `projects` → `stages` → `houses`, or `houses_without_stage` → `sections` →
    /// `floors` → `flats`.
    pub fn nested() -> Self {
        Self::new(Shape::Nested)
    }

    /// The items have their id in this member instead of `id`.
    #[must_use]
    pub fn id_member(mut self, name: &str) -> Self {
        name.clone_into(&mut self.id_member);
        self
    }

    /// Nested, with titles but no ids around the flats.
    #[must_use]
    pub fn titles_only(mut self) -> Self {
        self.place_ids = false;
        self
    }

    /// Dates without time stay `DD.MM.YYYY`, whatever is asked for.
    #[must_use]
    pub fn ignores_date_format(mut self) -> Self {
        self.heeds_date_format = false;
        self
    }

    pub(super) fn is_nested(&self) -> bool {
        self.shape == Shape::Nested
    }

    /// Name of an item's id.
    pub(super) fn id_name(&self) -> &str {
        &self.id_member
    }

    /// Text before the first item.
    pub(super) fn opening(&self) -> String {
        let Shape::List(names) = &self.shape else {
            return "{\"projects\":[".to_owned();
        };
        let mut json = Writer::default();
        for (depth, name) in names.iter().enumerate() {
            json.open();
            if depth == 0 {
                json.raw("v", 1);
            }
            json.name(name);
        }
        json.open_list();
        json.into_text()
    }

    /// Text after the last item.
    pub(super) fn closing(&self) -> String {
        match &self.shape {
            Shape::List(names) => format!("]{}", "}".repeat(names.len())),
            Shape::Nested => "]}".to_owned(),
        }
    }

    /// From one place to the next in the nested layout: closes what ends, opens
    /// what begins, and puts the commas between. None is outside of all projects.
    pub(super) fn pass(&self, from: Option<Place>, to: Option<Place>, out: &mut String) {
        let shared = match (from, to) {
            (Some(from), Some(to)) => from.levels_shared(to),
            _ => 0,
        };
        if let Some(from) = from {
            for level in (shared..5).rev() {
                match (level, from.stage) {
                    // Houses without a stage stand in the project's own list.
                    (1, None) => {}
                    (0, Some(_)) => out.push_str("],\"houses_without_stage\":[]}"),
                    _ => out.push_str("]}"),
                }
            }
        }
        let Some(to) = to else { return };
        let stages_end = shared == 1 && to.stage.is_none();
        if stages_end {
            out.push_str("],\"houses_without_stage\":[");
        } else if from.is_some() {
            out.push(',');
        }
        for level in shared..5 {
            self.open(to, level, out);
        }
    }

    fn open(&self, place: Place, level: usize, out: &mut String) {
        let (id, title, list) = match level {
            0 => {
                let list = match place.stage {
                    Some(_) => "stages",
                    None => "stages\":[],\"houses_without_stage",
                };
                (place.project_id(), Catalogue::project_title(place), list)
            }
            1 => match place.stage {
                Some(_) => (place.stage_id(), Catalogue::stage_title(place), "houses"),
                None => return,
            },
            2 => (place.house_id(), Catalogue::house_title(place), "sections"),
            3 => (place.section_id(), Catalogue::section_title(place), "floors"),
            _ => {
                // Most floors have no id of their own, as in what was seen.
                let id = match self.place_ids && place.house.is_multiple_of(2) {
                    true => format!("\"id\":{},", place.floor_id()),
                    false => String::new(),
                };
                write!(out, "{{{id}\"number\":{},\"flats\":[", place.floor).unwrap_or_default();
                return;
            }
        };
        let mut json = Writer::default();
        json.open();
        if self.place_ids {
            json.raw("id", id);
        }
        json.text("title", &title);
        out.push_str(&json.into_text());
        write!(out, ",\"{list}\":[").unwrap_or_default();
    }
}
