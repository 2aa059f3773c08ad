//! Effect of each request, unless a fault prevents it.

use super::body::{self, Members};
use super::fields::Shape;
use super::kind::AlmaKind;
use super::object::Object;
use super::path::{Target, Which};
use super::refusal::{REQUIRED, Refusal, no_page};
use super::state::{Key, Memory};
use super::upload::upload;
use crate::json::Writer;
use crate::reply::{JSON, Reply};
use crate::state::State;

/// A request that is understood so far.
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) target: &'a Target,
    /// Of the header `Api-Key`.
    pub(super) key: Option<&'a str>,
    pub(super) content_type: &'a str,
    pub(super) body: &'a [u8],
}

impl State {
    /// Does what a request of Alma asks for.
    pub(super) fn external_api(&mut self, asked: &Asked<'_>) -> Reply {
        if asked.key != Some(self.alma.api_key.as_str()) {
            self.report.unauthorized += 1;
            let detail = match asked.key {
                Some(_) => "Invalid API key.",
                None => "Authentication credentials were not provided.",
            };
            return Refusal::Detail(403, detail.to_owned()).reply();
        }
        let mut violations = Vec::new();
        let outcome = self.alma.perform(asked, &mut violations);
        for violation in violations {
            self.report.violation(violation);
        }
        outcome.unwrap_or_else(|refusal| refusal.reply())
    }
}

impl Memory {
    fn perform(
        &mut self,
        asked: &Asked<'_>,
        violations: &mut Vec<String>,
    ) -> Result<Reply, Refusal> {
        let (kind, which) = match asked.target {
            Target::Misprint => return Ok(no_page()),
            Target::Image => return self.take_image(asked, violations),
            Target::RentalObject(id) => {
                let found = self.rental_object(id).ok_or_else(Refusal::not_found)?;
                return Ok(json(200, Self::resolved(found)));
            }
            Target::All(kind) if asked.method == "GET" => {
                return Ok(json(200, self.listed(*kind)));
            }
            Target::All(kind) => {
                let members = written(asked, violations)?;
                let id = self.create(*kind, &members, violations)?;
                return self.read(201, *kind, id);
            }
            Target::One(kind, which)
            | Target::Archive(kind, which)
            | Target::Block(kind, which) => (*kind, which),
        };
        let by_external = matches!(which, Which::External(_)) && kind.is_contract();
        if by_external && asked.method == "GET" && !self.contracts_by_external_id {
            return Ok(no_page());
        }
        let found = self.find(kind, which).ok_or_else(Refusal::not_found)?;
        let id = found.id;
        match asked.target {
            _ if asked.method == "GET" => {}
            Target::Archive(..) => {
                let is_archived = flag(asked, "is_archived", violations)?;
                self.archive(kind, id, is_archived);
                return Ok(json(200, format!("{{\"is_archived\":{is_archived}}}")));
            }
            Target::Block(..) => {
                let is_blocked = flag(asked, "is_blocked", violations)?;
                self.block(kind, id, is_blocked)?;
                return Ok(json(200, "true".to_owned()));
            }
            _ => {
                let members = written(asked, violations)?;
                self.update(kind, id, &members, violations)?;
            }
        }
        self.read(200, kind, id)
    }

    fn read(&self, status: u16, kind: AlmaKind, id: i64) -> Result<Reply, Refusal> {
        let object = self.get(kind, id).ok_or_else(Refusal::not_found)?;
        Ok(json(status, self.shown(object)))
    }

    /// The live unit or room that fits an external id best.
    fn rental_object(&self, id: &str) -> Option<&Object> {
        let keys = [
            Key::External(AlmaKind::Room, id.to_owned()),
            Key::Additional(id.to_owned()),
            Key::External(AlmaKind::Unit, id.to_owned()),
        ];
        let mut live = keys.iter().flat_map(|key| self.by(key));
        live.find(|object| !object.is_archived)
    }

    fn take_image(
        &mut self,
        asked: &Asked<'_>,
        violations: &mut Vec<String>,
    ) -> Result<Reply, Refusal> {
        let file = upload(asked.content_type, asked.body, violations)?;
        let name = file.name.clone();
        let id = self.keep(file);
        let mut answer = Writer::default();
        answer.open();
        answer.raw("id", id);
        answer.text("image", &format!("/media/external_images/{name}"));
        answer.close();
        Ok(json(201, answer.into_text()))
    }

    /// Makes an object as people do, by no rules but that the fields are known.
    pub(super) fn place(&mut self, kind: AlmaKind, members: &Members) -> i64 {
        let id = self.next_id(kind);
        self.place_at(kind, id, members);
        id
    }

    /// Makes an object under an unused id, by no rules but that the fields are known.
    pub(super) fn place_at(&mut self, kind: AlmaKind, id: i64, members: &Members) {
        let mut object = Object::new(kind, id);
        if kind.is_contract() {
            object.usage = self.next_usage();
        }
        self.insert(object);
        for (name, raw) in members {
            self.overwrite(kind, id, name, raw);
        }
        if kind.is_contract() {
            let contract = self.get(kind, id);
            let client = contract.map_or(0, |contract| contract.reference("client_id"));
            self.activate(client);
        }
    }

    /// Writes a field as people do, by no rules but that there is such a field.
    pub(super) fn overwrite(&mut self, kind: AlmaKind, id: i64, name: &str, raw: &str) {
        let field = kind.field(name).filter(|field| !field.shape.is_made());
        let field = field.unwrap_or_else(|| panic!("a {kind} of Alma has no field {name}"));
        let object = self.get(kind, id);
        let object = object.unwrap_or_else(|| panic!("Alma has no {kind} {id}"));
        if field.shape == Shape::Photos {
            let photos = self.photos(raw, object);
            let photos = photos.unwrap_or_else(|problem| panic!("photos {raw}: {problem}"));
            let photos = self.attach(photos);
            self.change(kind, id, |object| object.photos = photos);
        } else {
            self.change(kind, id, |object| {
                object.fields.insert(field.name, raw.to_owned());
            });
        }
    }

    /// Takes an object away with what is inside it and all contracts about it.
    pub(super) fn remove(&mut self, kind: AlmaKind, id: i64) {
        let mut all = self.inside(kind, id);
        all.push((kind, id));
        for (kind, id) in all {
            let key = match kind {
                AlmaKind::Client => Key::Of(id),
                kind if kind.is_rental() => Key::On(id),
                _ => {
                    self.take(kind, id);
                    continue;
                }
            };
            let about: Vec<_> = self.by(&key).map(|other| (other.kind, other.id)).collect();
            for (kind, id) in about {
                self.take(kind, id);
            }
            self.take(kind, id);
        }
    }
}

fn json(status: u16, text: String) -> Reply {
    Reply::whole(status, JSON, text)
}

/// The members of a write.
fn written(asked: &Asked<'_>, violations: &mut Vec<String>) -> Result<Members, Refusal> {
    let media = asked.content_type.split(';').next().unwrap_or_default();
    if media.trim() != "application/json" {
        violations.push(format!("Alma: a body of {media:?} instead of JSON"));
        let detail = format!("Unsupported media type \"{media}\" in request.");
        return Err(Refusal::Detail(415, detail));
    }
    let members = body::members(asked.body);
    if members.is_err() {
        violations.push("Alma: a body that is no JSON object".to_owned());
    }
    members
}

/// The one flag that archiving and blocking are asked with.
fn flag(
    asked: &Asked<'_>,
    name: &'static str,
    violations: &mut Vec<String>,
) -> Result<bool, Refusal> {
    let members = written(asked, violations)?;
    for other in members.keys().filter(|other| *other != name) {
        violations.push(format!("Alma: {other} beside {name} is not written"));
    }
    match members.get(name).map(String::as_str) {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => Err(Refusal::field(name, "Must be a valid boolean.")),
        None => Err(Refusal::field(name, REQUIRED)),
    }
}
