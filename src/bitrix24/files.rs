//! The files of a portal. The link of a file is good for a while only, so its item is read
//! anew before each download; one that has gone stale meanwhile is asked for once more.
//! Links are as secret as the files, and appear in no error.

use std::sync::Arc;

use super::api::Api;
use super::names;
use crate::files::{self, Content, FileSource, Opening};
use crate::http::Response;
use crate::json::{self, Members};

/// A portal as somewhere files are.
pub(super) struct Files {
    pub(super) api: Arc<Api>,
}

impl FileSource for Files {
    fn fetch<'f>(&'f self, file: &'f str, limit: usize) -> Opening<'f, Content> {
        Box::pin(async move {
            let answer = match self.opened(file).await? {
                (200, answer) => answer,
                _ => match self.opened(file).await? {
                    (200, answer) => answer,
                    (_, answer) => return Err(files::Error::Later(answer.as_error().to_string())),
                },
            };
            let name = answer.file_name().unwrap_or("file").to_owned();
            let content_type = answer.content_type().unwrap_or_default().to_owned();
            let bytes = read(answer, limit).await?.into();
            Ok(Content {
                name,
                content_type,
                bytes,
            })
        })
    }

    fn link<'f>(&'f self, file: &'f str) -> Opening<'f, String> {
        Box::pin(async move {
            let link = self.fresh_link(file).await?;
            self.api.linked(&link).ok_or_else(elsewhere)
        })
    }
}

impl Files {
    /// The answer to a fresh link, and its status.
    async fn opened(&self, file: &str) -> Result<(u16, Response), files::Error> {
        let link = self.fresh_link(file).await?;
        let answer = self.api.download(&link).await.ok_or_else(elsewhere)?;
        let answer = answer.map_err(|error| files::Error::Later(error.to_string()))?;
        Ok((answer.status(), answer))
    }

    /// The link of a file as its item shows it now.
    async fn fresh_link(&self, file: &str) -> Result<String, files::Error> {
        let gone = || files::Error::Gone("Bitrix24 no longer has it".to_owned());
        let mut parts = file.splitn(4, '/');
        let (Some(kind), Some(id), Some(field), Some(file)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(gone());
        };
        let id = id.parse().map_err(|_| gone())?;
        let item = match self.api.item(kind, id).await {
            Ok(item) => item.ok_or_else(gone)?,
            Err(error) => return Err(files::Error::Later(error.to_string())),
        };
        link_in(&item, field, file).ok_or_else(gone)
    }
}

fn elsewhere() -> files::Error {
    files::Error::Gone("its link in Bitrix24 does not lead to the portal".to_owned())
}

/// The link of a file in an item: one object, or one of a list.
fn link_in(item: &str, field: &str, file: &str) -> Option<String> {
    let item = Members::parse(item)?;
    let value = names::get(&item, field)?;
    let values = json::elements(value).unwrap_or_else(|| vec![value]);
    values.into_iter().find_map(|value| {
        let members = Members::parse(value)?;
        let id = names::get(&members, "id")?;
        let id = json::string(id).unwrap_or(id.into());
        let link = members.get("urlMachine").filter(|_| id == file)?;
        Some(json::string(link)?.into_owned())
    })
}

async fn read(mut answer: Response, limit: usize) -> Result<Vec<u8>, files::Error> {
    let mut bytes = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(piece)) if bytes.len() + piece.len() > limit => {
                return Err(files::Error::TooLarge(limit));
            }
            Ok(Some(piece)) => bytes.extend_from_slice(&piece),
            Ok(None) => return Ok(bytes),
            Err(error) => return Err(files::Error::Later(error.to_string())),
        }
    }
}
