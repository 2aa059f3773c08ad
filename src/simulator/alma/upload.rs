//! `external-image/`, whose form the document does not give: one part of a multipart
//! form, or the address of the file in JSON.

use memchr::memmem;
use sha2::{Digest, Sha256};

use super::body::{Members, members};
use super::object::plain;
use super::refusal::{BLANK, REQUIRED, Refusal};
use super::state::File;

const NOT_A_FILE: &str = "The submitted data was not a file. Check the encoding type on the form.";

/// An upload.
pub(super) fn upload(
    content_type: &str,
    body: &[u8],
    violations: &mut Vec<String>,
) -> Result<File, Refusal> {
    match content_type.split_once("boundary=") {
        Some((kind, boundary)) if kind.starts_with("multipart/form-data") => {
            let boundary = boundary.split(';').next().unwrap_or_default();
            in_form(boundary.trim_matches('"'), body, violations)
        }
        _ => linked(&members(body)?, violations),
    }
}

/// The file part of a multipart form.
fn in_form(boundary: &str, body: &[u8], violations: &mut Vec<String>) -> Result<File, Refusal> {
    let mut file = None;
    for part in parts(boundary, body) {
        let Some((head, content)) = split(part, b"\r\n\r\n") else {
            return Err(Refusal::Detail(
                400,
                "Multipart form parse error - a part without headers".to_owned(),
            ));
        };
        let head = String::from_utf8_lossy(head).into_owned();
        match (parameter(&head, "name"), parameter(&head, "filename")) {
            (Some("file" | "image"), Some(name)) if file.is_none() => {
                file = Some(File {
                    name: base_name(name),
                    length: content.len(),
                    sha256: Some(hex(&Sha256::digest(content))),
                    url: None,
                });
            }
            (Some("file" | "image"), None) => return Err(Refusal::field("file", NOT_A_FILE)),
            (Some("description"), None) => {}
            (name, _) => {
                let name = name.unwrap_or("without a name");
                violations.push(format!("Alma: an upload has one file, not also {name}"));
            }
        }
    }
    match file {
        Some(file) if file.length == 0 => {
            Err(Refusal::field("file", "The submitted file is empty."))
        }
        Some(file) => Ok(file),
        None => Err(Refusal::field("file", "No file was submitted.")),
    }
}

/// The bytes between the boundaries.
fn parts<'a>(boundary: &str, body: &'a [u8]) -> Vec<&'a [u8]> {
    let mark = format!("--{boundary}");
    let places: Vec<usize> = memmem::find_iter(body, mark.as_bytes()).collect();
    let between = places.windows(2).filter_map(|pair| {
        let part = body.get(pair[0] + mark.len()..pair[1])?;
        part.strip_prefix(b"\r\n")?.strip_suffix(b"\r\n")
    });
    between.collect()
}

fn split<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memmem::find(bytes, mark)?;
    Some((&bytes[..at], &bytes[at + mark.len()..]))
}

/// A parameter of Content-Disposition.
fn parameter<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.split("\r\n");
    let line = lines.find(|line| {
        let name = line.split(':').next().unwrap_or_default();
        name.eq_ignore_ascii_case("content-disposition")
    })?;
    let mut parameters = line.split(';').map(str::trim);
    parameters.find_map(|parameter| {
        let (given, value) = parameter.split_once('=')?;
        (given == name).then(|| value.trim_matches('"'))
    })
}

/// Reads an upload that names an address for Alma to fetch.
fn linked(members: &Members, violations: &mut Vec<String>) -> Result<File, Refusal> {
    for name in members.keys() {
        if !matches!(name.as_str(), "url" | "description") {
            violations.push(format!("Alma: {name} of an image is not written"));
        }
    }
    let Some(raw) = members.get("url") else {
        return Err(Refusal::field("url", REQUIRED));
    };
    let address = plain(raw);
    if address.is_empty() {
        return Err(Refusal::field("url", BLANK));
    }
    match url::Url::parse(&address) {
        Ok(url) if url.has_host() => {
            Ok(File { name: base_name(url.path()), length: 0, sha256: None, url: Some(address) })
        }
        _ => Err(Refusal::field("url", "Enter a valid URL.")),
    }
}

fn base_name(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    match name {
        "" => "image".to_owned(),
        name => name.to_owned(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
