//! Answers to GET.

use super::fields::{Field, Shape};
use super::kind::AlmaKind;
use super::object::{Object, day, plain};
use super::state::Memory;
use crate::json::Writer;

impl Memory {
    /// An object as the document shows it.
    pub(super) fn shown(&self, object: &Object) -> String {
        let mut json = Writer::default();
        json.open();
        json.raw("id", object.id);
        for field in object.kind.fields().iter().filter(|field| field.is_shown) {
            self.member(object, field, &mut json);
        }
        json.close();
        json.into_text()
    }

    /// All of a kind, the newest first, with what the lists show of them.
    pub(super) fn listed(&self, kind: AlmaKind) -> String {
        let mut json = Writer::default();
        json.open_list();
        for object in self.all(kind).rev() {
            json.open();
            json.raw("id", object.id);
            let shown = kind.listed().iter().filter_map(|name| kind.field(name));
            shown.for_each(|field| self.member(object, field, &mut json));
            json.close();
        }
        json.close_list();
        json.into_text()
    }

    /// The resolver's answer.
    pub(super) fn resolved(object: &Object) -> String {
        let is_room = object.kind == AlmaKind::Room;
        let mut json = Writer::default();
        json.open();
        json.raw("id", object.id);
        json.text("external_id", &object.external_id());
        json.text("additional_external_id", &object.text("additional_external_id"));
        json.flag(
            "is_used_additional_external_id",
            object.is_set("is_used_additional_external_id"),
        );
        json.maybe_raw("parent_unit", is_room.then(|| object.reference("parent_unit")));
        json.close();
        json.into_text()
    }

    fn member(&self, object: &Object, field: &Field, json: &mut Writer) {
        let name = field.name;
        let raw = object.raw(name).unwrap_or(field.empty);
        match field.shape {
            Shape::Status => json.text(name, object.status_word()),
            Shape::Archived => json.flag(name, object.is_archived),
            Shape::Photos => self.pictures(object, json),
            Shape::Usage => usage(object, json),
            Shape::NumberOfUnits => json.raw(name, self.number_of_units(object)),
            Shape::ParentsBuilding => {
                let unit = self.get(AlmaKind::Unit, object.reference("parent_unit"));
                let building = unit.map_or(0, |unit| unit.reference("building"));
                self.parent(AlmaKind::Building, building, name, json);
            }
            Shape::Project => project(object.reference(name), json),
            Shape::ParentsProject => project(self.project_of(object), json),
            _ if raw == "null" => json.null(name),
            Shape::Number => json.raw(name, float(raw)),
            Shape::External => json.text(name, &plain(raw)),
            Shape::Price => json.text(name, &price(&plain(raw))),
            Shape::Moment => {
                let midnight = day(raw).map(|day| format!("{day}T00:00:00"));
                json.maybe_text(name, midnight.as_deref());
            }
            Shape::Choice(prefix, _) => {
                json.name(name);
                json.open();
                json.text("name", &format!("{prefix}.{}", plain(raw)));
                json.raw("value", raw);
                json.close();
            }
            Shape::Country => {
                json.name(name);
                json.open();
                json.text("name", "country.cyprus");
                json.raw("value", raw);
                json.close();
            }
            Shape::Parent(kind) => self.parent(kind, object.reference(name), name, json),
            Shape::File => json.text(name, &self.path(object, name)),
            _ => json.raw(name, raw),
        }
    }

    /// A building or unit, as far as what stands in it shows it.
    fn parent(&self, kind: AlmaKind, id: i64, name: &str, json: &mut Writer) {
        let Some(parent) = self.get(kind, id) else {
            return json.null(name);
        };
        json.name(name);
        json.open();
        json.raw("id", id);
        json.text("name", &parent.text("name"));
        if kind == AlmaKind::Unit {
            json.text("header", &parent.text("header"));
            json.text("external_id", &parent.external_id());
        }
        json.close();
    }

    /// The project that a unit or a room stands in.
    fn project_of(&self, object: &Object) -> i64 {
        let unit = match object.kind {
            AlmaKind::Room => self.get(AlmaKind::Unit, object.reference("parent_unit")),
            _ => Some(object),
        };
        let building = unit.map_or(0, |unit| unit.reference("building"));
        let building = self.get(AlmaKind::Building, building);
        building.map_or(self.project, |building| building.reference("project"))
    }

    fn number_of_units(&self, building: &Object) -> usize {
        let key = super::state::Key::Inside(AlmaKind::Unit, building.id);
        self.count(&key)
    }

    fn pictures(&self, object: &Object, json: &mut Writer) {
        json.name("photos");
        json.open_list();
        for photo in &object.photos {
            let file = self.files.get(&photo.file).map(|file| file.name.as_str());
            json.open();
            if self.photo_ids {
                json.raw("id", photo.id);
            }
            let path = format!(
                "/media/{}s/{}/photos/{}",
                object.kind,
                object.id,
                file.unwrap_or_default()
            );
            json.text("image", &path);
            json.close();
        }
        json.close_list();
    }

    /// Path of a scan.
    fn path(&self, object: &Object, name: &str) -> String {
        let file = self.files.get(&object.reference(name));
        let file = file.map(|file| file.name.as_str()).unwrap_or_default();
        let (kind, id) = (object.kind, object.id);
        format!("/private-media/127/{kind}s_files/{kind}_{id}/{name}/{file}")
    }
}

/// The usage that belongs to a contract.
fn usage(contract: &Object, json: &mut Writer) {
    let client_type = match contract.kind {
        AlmaKind::OwnerContract => "owner",
        _ => "tenant",
    };
    json.name("unit_usage");
    json.open();
    json.raw("usage_id", contract.usage);
    json.raw("client_id", contract.reference("client_id"));
    json.raw("unit_id", contract.reference("unit_id"));
    json.text("client_type", client_type);
    json.flag("is_archived", contract.is_archived);
    json.close();
}

fn project(id: i64, json: &mut Writer) {
    json.name("project");
    json.open();
    json.raw("id", id);
    json.text("name", &format!("Project {id}"));
    json.close();
}

/// A number as Python writes a float.
fn float(raw: &str) -> String {
    match raw.contains(['.', 'e', 'E']) {
        false => format!("{raw}.0"),
        // 12.20 is 12.2, and 12.00 is 12.0.
        true if !raw.contains(['e', 'E']) => {
            let short = raw.trim_end_matches('0');
            let zero = if short.ends_with('.') { "0" } else { "" };
            format!("{short}{zero}")
        }
        true => raw.to_owned(),
    }
}

/// A decimal with two places.
fn price(text: &str) -> String {
    let (whole, cents) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}.{cents:0<2}")
}
