//! The files of a portal. The link of a file expires, so its item is read shortly before the
//! download ([`super::links`]), and once more where the link has expired meanwhile. Links are as
//! secret as the files, and appear in no error.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::api::Api;
use super::error::Error;
use super::links::Links;
use crate::http::{self, Response};
use crate::runtime::files::{self, FileSource, Opening, Spool, Spooled};

/// After this time a download must have averaged this many bytes a second.
const PATIENCE: Duration = Duration::from_secs(60);
const PACE: u64 = 8 << 10;

/// A portal as a source of files.
pub(super) struct Files {
    api: Arc<Api>,
    links: Links,
}

impl FileSource for Files {
    fn fetch<'f>(&'f self, file: &'f str, mut spool: Spool) -> Opening<'f, Spooled> {
        Box::pin(async move {
            let mut rereads = 0;
            loop {
                let error = match self.begun(file).await?.into_spool(&mut spool).await {
                    Ok((name, content_type)) => return spool.finish(name, content_type),
                    Err(Broken::Off(error)) => error,
                    Err(Broken::For(error)) => return Err(error),
                };
                if !self.api.may_read_again("download file", &mut rereads, &error).await {
                    return Err(files::Error::Later(error.to_string()));
                }
                spool.clear()?;
            }
        })
    }

    fn prepare<'f>(&'f self, files: &'f [String]) -> Pin<Box<dyn Future<Output = ()> + Send + 'f>> {
        Box::pin(self.links.prepare(files))
    }

    fn link<'f>(&'f self, file: &'f str, is_stale: bool) -> Opening<'f, String> {
        Box::pin(async move {
            let link = self.links.find(file, is_stale).await?;
            self.api.linked(&link).ok_or_else(elsewhere)
        })
    }
}

impl Files {
    pub(super) fn new(api: Arc<Api>) -> Self {
        Self { links: Links::new(Arc::clone(&api)), api }
    }

    /// An answer with the file, of which nothing has been read yet.
    async fn begun(&self, file: &str) -> Result<Begun, files::Error> {
        let answer = match self.opened(file, false).await {
            Ok(answer) if is_file(&answer) => answer,
            // An expired link may also lead to a login page.
            Ok(_) | Err(files::Error::NotThis(_)) => self.opened(file, true).await?,
            Err(error) => return Err(error),
        };
        if answer.status() != 200 {
            let error = answer.as_error().to_string();
            return Err(match answer.status() {
                status if status < 500 && !matches!(status, 401 | 403 | 408 | 429) => {
                    files::Error::NotThis(error)
                }
                _ => files::Error::Later(error),
            });
        }
        if !is_file(&answer) {
            return Err(page());
        }
        Ok(Begun(answer))
    }

    /// The answer to the link of a file.
    async fn opened(&self, file: &str, is_stale: bool) -> Result<Response, files::Error> {
        let link = self.links.find(file, is_stale).await?;
        let answer = self.api.download(&link).await.ok_or_else(elsewhere)?;
        answer.map_err(|error| match &error {
            Error::Http(http) if http.status().is_some_and(|status| status < 400) => {
                files::Error::NotThis(error.to_string())
            }
            _ => files::Error::Later(error.to_string()),
        })
    }
}

pub(super) fn gone() -> files::Error {
    files::Error::Gone("Bitrix24 no longer has it".to_owned())
}

fn elsewhere() -> files::Error {
    files::Error::Gone("its link in Bitrix24 does not lead to the portal".to_owned())
}

/// Whether a download of this length in this time is too slow: others wait behind it.
fn is_too_slow(time: Duration, length: u64) -> bool {
    time > PATIENCE && length / time.as_secs().max(1) < PACE
}

fn page() -> files::Error {
    let why = "Bitrix24 answered with a page, or nothing, in the place of the file";
    files::Error::NotThis(why.to_owned())
}

/// Whether content begins as a page of HTML does.
fn is_page(content: &[u8]) -> bool {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let content = content.trim_ascii_start();
    let begins = |mark: &[u8]| {
        let start = content.get(..mark.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(mark))
    };
    begins(b"<!doctype html") || begins(b"<html")
}

/// Whether an answer is a file: an expired link may bring a login page, or an error in JSON.
fn is_file(answer: &Response) -> bool {
    let media_type = answer.content_type().unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let is_page =
        ["text/html", "application/json"].iter().any(|page| media_type.eq_ignore_ascii_case(page));
    answer.status() == 200 && (!is_page || answer.file_name().is_some())
}

/// An answer with a file.
struct Begun(Response);

/// Why a file did not come.
enum Broken {
    /// It broke off: asked for again, it may come.
    Off(http::Error),
    For(files::Error),
}

impl From<files::Error> for Broken {
    fn from(error: files::Error) -> Self {
        Broken::For(error)
    }
}

impl Begun {
    /// Puts the content into the spool; returns the name and the media type.
    async fn into_spool(self, spool: &mut Spool) -> Result<(String, String), Broken> {
        let Self(mut answer) = self;
        let name = answer.file_name();
        let content_type = answer.content_type().unwrap_or_default().to_owned();
        let mut is_begun = false;
        let (began, mut length) = (Instant::now(), 0);
        loop {
            if is_too_slow(began.elapsed(), length) {
                let why = "Bitrix24 hands it out too slowly";
                return Err(files::Error::Later(why.to_owned()).into());
            }
            match answer.chunk().await {
                Ok(Some(piece)) => {
                    // A page may come without its media type.
                    if !is_begun && name.is_none() && is_page(&piece) {
                        return Err(page().into());
                    }
                    is_begun |= !piece.is_empty();
                    length += piece.len() as u64;
                    spool.write(&piece)?;
                }
                Ok(None) if !is_begun && name.is_none() => return Err(page().into()),
                Ok(None) => {
                    let name = name.unwrap_or_else(|| "file".to_owned());
                    return Ok((name, content_type));
                }
                Err(error) if error.is_broken_body() => return Err(Broken::Off(error)),
                Err(error) => return Err(files::Error::Later(error.to_string()).into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_be_slow_and_not_without_end() {
        for (seconds, length, expected) in [
            (5, 0, false),
            (60, 1, false),
            (61, 61 * PACE, false),
            (61, 60 * PACE, true),
            (2000, 16 << 20, false),
            (3000, 16 << 20, true),
        ] {
            let time = Duration::from_secs(seconds);
            assert_eq!(is_too_slow(time, length), expected, "{seconds} {length}");
        }
    }

    #[test]
    fn a_page_begins_as_pages_do() {
        for page in ["<!DOCTYPE html><p>", "\u{feff}\n <HTML lang=x>"] {
            assert!(is_page(page.as_bytes()), "{page}");
        }
        for file in ["", "<", "%PDF-1.4 <html>", "<svg>", "\u{ff}"] {
            assert!(!is_page(file.as_bytes()), "{file}");
        }
    }
}
