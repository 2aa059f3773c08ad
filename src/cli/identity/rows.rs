//! The rows of an import: CSV with a header line, or JSON lines, in UTF-8 or Windows-1251.

use std::borrow::Cow;

use anyhow::Context;

use crate::cli::Elsewhere;

/// The members of a row, in the order of [`Row::names`].
const MEMBERS: [&str; 3] = ["kind", "temporary_id", "permanent_id"];

/// A row of the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The line that it begins on; the first is 1.
    pub(super) line: u64,
    /// Kind, temporary and permanent id, or why the row has none.
    pub(super) names: Result<[String; 3], String>,
}

/// Stands in the place of what could not be decoded.
const UNDECODED: char = char::REPLACEMENT_CHARACTER;

/// The text of the file: UTF-8 or UTF-16 without its BOM, else Windows-1251, which has a letter
/// for nearly every byte and is what accounting systems write beside it. Where a file has letters
/// in UTF-8, or its BOM, the rest that is none is damage, and marked in its place: read as
/// Windows-1251, every name in it would be another.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) if has_letters_in_utf8(bytes) => String::from_utf8_lossy(bytes),
        Err(_) => encoding_rs::WINDOWS_1251.decode_without_bom_handling(bytes).0,
    }
}

/// Whether a line is UTF-8 and more than ASCII. What is so by chance in Windows-1251 is no word.
fn has_letters_in_utf8(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    lines.any(|line| !line.is_ascii() && std::str::from_utf8(line).is_ok())
}

/// Reads the rows.
///
/// # Errors
/// The header lacks a member; what is wrong with a row stands in it.
pub(super) fn parse(text: &str, delimiter: Option<u8>) -> anyhow::Result<Vec<Row>> {
    if text.starts_with('{') {
        return Ok(json_lines(text));
    }
    csv_rows(text, delimiter)
}

fn json_lines(text: &str) -> Vec<Row> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(line, text)| Row { line, names: members(text) }).collect()
}

fn members(text: &str) -> Result<[String; 3], String> {
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(text).map_err(|_| "not a JSON object on one line".to_owned())?;
    let mut names = <[String; 3]>::default();
    for (name, member) in names.iter_mut().zip(MEMBERS) {
        *name = match object.get(member) {
            Some(serde_json::Value::String(text)) => decoded(member, text)?,
            Some(_) => return Err(format!("{member} is not text")),
            None => return Err(format!("{member} is missing")),
        };
    }
    Ok(names)
}

/// A value of a row, unless a part of it could not be decoded.
fn decoded(member: &str, value: &str) -> Result<String, String> {
    if value.contains(UNDECODED) {
        return Err(format!("{member} cannot be decoded: it is not UTF-8, as the file is"));
    }
    Ok(value.to_owned())
}

fn csv_rows(text: &str, delimiter: Option<u8>) -> anyhow::Result<Vec<Row>> {
    let header = text.lines().next().unwrap_or_default();
    let delimiter = delimiter.unwrap_or(if header.contains(';') { b';' } else { b',' });
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader.headers().context("line 1 is not a header line")?;
    let mut places = [0; 3];
    for (place, member) in places.iter_mut().zip(MEMBERS) {
        let found = header.iter().position(|column| column.eq_ignore_ascii_case(member));
        let Some(found) = found else {
            let problem = format!(
                "line 1 has no column {member}: the header line names kind, temporary_id and \
                 permanent_id, with a comma or a semicolon between them, or what --delimiter says"
            );
            return Err(Elsewhere(problem).into());
        };
        *place = found;
    }
    let (mut rows, mut lines) = (Vec::new(), Lines { text, at: 0, line: 1 });
    for record in reader.records() {
        let (line, names) = match record {
            Ok(record) => (lines.of(record.position()), columns(&record, places)),
            Err(error) => (lines.of(error.position()), Err("not a line of CSV".to_owned())),
        };
        rows.push(Row { line, names });
    }
    Ok(rows)
}

/// The lines of a text, asked for in order.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line that a record begins on. Its position is that of the line end before it where
    /// lines end in CR and LF, or are empty.
    fn of(&mut self, position: Option<&csv::Position>) -> u64 {
        let bytes = self.text.as_bytes();
        let byte = position.and_then(|position| usize::try_from(position.byte()).ok());
        let begins = byte.unwrap_or(self.at).clamp(self.at, bytes.len());
        let ends = bytes[begins..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = &bytes[self.at..begins + ends];
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = begins + ends;
        self.line
    }
}

fn columns(record: &csv::StringRecord, places: [usize; 3]) -> Result<[String; 3], String> {
    let mut names = <[String; 3]>::default();
    for ((name, place), member) in names.iter_mut().zip(places).zip(MEMBERS) {
        let value = record.get(place);
        *name = decoded(member, value.ok_or_else(|| format!("{member} is missing"))?)?;
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u64, names: [&str; 3]) -> Row {
        Row { line, names: Ok(names.map(str::to_owned)) }
    }

    #[test]
    fn columns_go_by_their_names_whatever_stands_between_them() {
        let text = "\u{FEFF}permanent_id;Kind;note;temporary_id\r\n\"a;b\";counter;;--5\r\n\r\n7;object;x;--6\r\n";
        let rows = parse(&decode(text.as_bytes()), None).unwrap();
        assert_eq!(rows, [row(2, ["counter", "--5", "a;b"]), row(4, ["object", "--6", "7"])]);
        let text = "kind|temporary_id|permanent_id\ncounter|--5|a,b\n";
        assert_eq!(parse(text, Some(b'|')).unwrap(), [row(2, ["counter", "--5", "a,b"])]);
    }

    #[test]
    fn windows_1251_is_read() {
        let text = "kind;temporary_id;permanent_id\naccount;--1;ЛС-7\n";
        let bytes = encoding_rs::WINDOWS_1251.encode(text).0;
        assert_eq!(parse(&decode(&bytes), None).unwrap(), [row(2, ["account", "--1", "ЛС-7"])]);
    }

    #[test]
    fn a_bad_row_names_its_problem_and_stops_no_other() {
        let text = "{\"kind\":\"counter\",\"temporary_id\":\"--5\",\"permanent_id\":5}\nnonsense\n\n\
                    {\"kind\":\"counter\",\"temporary_id\":\"--5\",\"permanent_id\":\"5\"}\n";
        let rows = parse(text, None).unwrap();
        assert_eq!(rows[0].names, Err("permanent_id is not text".to_owned()));
        assert_eq!(rows[1].names, Err("not a JSON object on one line".to_owned()));
        assert_eq!(rows[2], row(4, ["counter", "--5", "5"]));
        let rows = parse("kind,temporary_id,permanent_id\ncounter,--5\n", None).unwrap();
        assert_eq!(rows[0].names, Err("permanent_id is missing".to_owned()));
    }

    #[test]
    fn a_header_without_the_columns_is_refused() {
        let error = parse("type,from,to\ncounter,--5,7\n", None).unwrap_err();
        assert!(error.to_string().starts_with("line 1 has no column kind"), "{error}");
    }
}
