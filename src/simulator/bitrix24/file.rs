//! Files: what they hold, and the links under which an answer shows them.
//!
//! A link carries a token that is made anew each time an item is shown; the earlier ones
//! are worth nothing then.

use bytes::Bytes;
use fastrand::Rng;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::fields;
use super::names::inside;
use super::state::{Held, Memory, Place};
use crate::json::Writer;

/// The bytes of a file.
#[derive(Clone)]
pub(super) enum Content {
    Given(Bytes),
    /// Made when they are wanted.
    Seeded {
        seed: u64,
        length: usize,
    },
}

#[derive(Clone)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) content: Content,
    /// Number of times that links to it were made.
    shown: u64,
}

impl File {
    pub(super) fn bytes(&self) -> Bytes {
        match &self.content {
            Content::Given(bytes) => bytes.clone(),
            Content::Seeded { seed, length } => {
                let mark: &[u8] = match self.content_type() {
                    "application/pdf" => b"%PDF-1.4\n",
                    _ => b"\xff\xd8\xff\xe0",
                };
                let mut bytes = vec![0; (*length).max(mark.len())];
                Rng::with_seed(*seed).fill(&mut bytes);
                bytes[..mark.len()].copy_from_slice(mark);
                bytes.into()
            }
        }
    }

    pub(super) fn content_type(&self) -> &'static str {
        match self.name.rsplit('.').next() {
            Some("pdf") => "application/pdf",
            Some("png") => "image/png",
            Some("jpg" | "jpeg") => "image/jpeg",
            _ => "application/octet-stream",
        }
    }
}

impl Memory {
    /// Adds a file to a field.
    pub(super) fn add_file(
        &mut self,
        place: Place,
        field: &str,
        name: &str,
        content: Content,
    ) -> Option<u64> {
        let field = inside(place.0, field);
        if !self.touch(place) {
            return None;
        }
        let id = self.last_file + 1;
        let item = self.items.get_mut(&place)?;
        let many = fields::find(place.0, &field).is_some_and(|field| field.is_multiple);
        match item.fields.get_mut(&field) {
            Some(Held::Files { ids, is_list }) => {
                ids.push(id);
                *is_list |= ids.len() > 1;
            }
            _ => {
                let held = Held::Files { ids: vec![id], is_list: many };
                item.fields.insert(field, held);
            }
        }
        let file = File { name: name.to_owned(), content, shown: 0 };
        self.files.insert(id, file);
        self.last_file = id;
        Some(id)
    }

    /// Removes a file from its field.
    pub(super) fn remove_file(&mut self, place: Place, field: &str, file: u64) -> bool {
        let field = inside(place.0, field);
        let held = self.items.get_mut(&place);
        let held = held.and_then(|item| item.fields.get_mut(&field));
        let Some(Held::Files { ids, .. }) = held else {
            return false;
        };
        ids.retain(|id| *id != file);
        self.files.remove(&file);
        self.touch(place)
    }

    /// Writes files with new links.
    pub(super) fn show_files(&mut self, ids: &[u64], is_list: bool, out: &mut Writer) {
        if !is_list {
            match ids.first() {
                Some(id) => self.show_file(*id, out),
                None => out.element("null"),
            }
            return;
        }
        out.open_list();
        for id in ids {
            self.show_file(*id, out);
        }
        out.close_list();
    }

    fn show_file(&mut self, id: u64, out: &mut Writer) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        file.shown += 1;
        let token = self.token(id);
        let token = utf8_percent_encode(&token, NON_ALPHANUMERIC);
        let host = if self.options.relative_links { "" } else { &self.portal };
        let secret = &self.secret;
        out.open();
        out.raw("id", id);
        // The first is for people who are logged in.
        let page = "bitrix/services/main/ajax.php?action=crm.controller.item.getFile";
        out.text("url", &format!("{host}/{page}&id={id}&token={token}"));
        let method = "crm.controller.item.getFile";
        let machine = format!("{host}/rest/1/{secret}/{method}?token={token}");
        out.text("urlMachine", &machine);
        out.close();
    }

    /// The newest token of a file.
    fn token(&self, id: u64) -> String {
        let shown = self.files.get(&id).map_or(0, |file| file.shown);
        self.token_at(id, shown)
    }

    fn token_at(&self, id: u64, shown: u64) -> String {
        let hash = Sha256::digest(format!("{} {id} {shown}", self.seed));
        let sign: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("crm|{id}.{shown}|{sign}=")
    }

    /// The file that a token opens.
    pub(super) fn opened(&self, token: &str) -> Option<(u64, File)> {
        let (id, shown) = token.split('|').nth(1)?.split_once('.')?;
        let (id, shown): (u64, u64) = (id.parse().ok()?, shown.parse().ok()?);
        let file = self.files.get(&id)?;
        let fresh = shown + self.options.token_life.max(1) > file.shown;
        let sound = fresh && self.token_at(id, shown) == token;
        sound.then(|| (id, file.clone()))
    }
}
