//! Russian pages speak Russian: no sentence of our own is left in English. What vendors say, and
//! the words of contracts, stay as they are.

use super::html::{form, unescaped};
use super::paths;
use super::site::{Person, Site, section};
use crate::support::nowhere;
use crate::support::wait_until;

/// The text that a page shows, without what is quoted verbatim.
pub(super) fn shown(html: &str) -> String {
    let mut html = html.split_once("<main").map_or(html, |(_, main)| main).to_owned();
    for tag in ["pre", "code"] {
        while let Some(begin) = html.find(&format!("<{tag}")) {
            let close = format!("</{tag}>");
            let end = html[begin..].find(&close).unwrap() + begin + close.len();
            html.replace_range(begin..end, "");
        }
    }
    let mut text = String::new();
    for piece in html.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, text)| text));
        text.push('\n');
    }
    unescaped(&text)
}

/// Two English words side by side are a sentence, or a part of one.
pub(super) fn english(text: &str) -> Vec<String> {
    let is_word = |word: &str| word.len() > 1 && word.bytes().all(|one| one.is_ascii_lowercase());
    let lines = text.lines().filter(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        words.windows(2).any(|pair| pair.iter().all(|word| is_word(word)))
    });
    lines.map(str::to_owned).collect()
}

#[track_caller]
fn speaks_russian(what: &str, html: &str) {
    assert_eq!(english(&shown(html)), [""; 0], "{what}");
}

fn visit(person: &Person<'_>, path: &str) {
    speaks_russian(path, &person.page(path));
}

#[test]
fn no_sentence_of_ours_is_left_in_english() {
    let bench = crate::commands::operator::bench();
    let address = nowhere();
    let config = std::fs::read_to_string(bench.config()).unwrap();
    std::fs::write(bench.config(), config + &section(address, "")).unwrap();
    bench.tamper(
        "UPDATE call SET last_error = 'uzhkh: HandleRequestToRegister: no answer within 30s; the request may have been \
         received' WHERE params ->> '$.id' = '77'",
    );
    let mut site = Site { bench, daemon: None, address };
    site.bench.uzhkh().set_token("another");
    site.begin();
    let operator = site.signed_in("operator");
    wait_until("UZhKH is down", || operator.page("/").contains("Не отвечают"));
    for page in paths::of("operator").chain([&paths::NONE]) {
        speaks_russian(page.path, &operator.get(page.path).text);
    }
    visit(&operator, "/records/uzhkh/object/o2");
    visit(&site.signed_in("auditor"), "/log");
    // What was refused, and what is asked about.
    let page = operator.page("/quarantine");
    let retry = form(&page, "/acts/quarantine-retry", "value=\"1\"");
    speaks_russian("a refusal", &operator.send(&retry).text);
    let give_up = form(&page, "/confirm/quarantine-acknowledge", "value=\"1\"");
    speaks_russian("giving up", &operator.send(&give_up).text);
    let release = form(&operator.page("/alma?state=held"), "/confirm/alma-release", "все 2");
    speaks_russian("a release", &operator.send(&release).text);
    // The test can fail.
    assert_eq!(english("нет ответа\nno answer came"), ["no answer came"]);
    assert!(!english(&shown(&operator.page("/?lang=en"))).is_empty());
}
