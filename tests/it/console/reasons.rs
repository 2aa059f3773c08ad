//! Whatever reason the code can write is in Russian on a Russian page, and names no command of
//! the shell on any. The sources themselves are asked which reasons there are, so that a new one
//! without its words fails here.

use std::fs;
use std::path::{Path, PathBuf};

use super::html::unescaped;
use super::literals::{filled, literals};
use super::russian::{english, shown};
use super::site::site;

/// Where reasons are worded that the ledger keeps, or a page is answered with.
const SOURCES: [&str; 10] = [
    "acts",
    "alma",
    "bitrix24",
    "domoplaner",
    "http",
    "json",
    "macrocrm",
    "mirror",
    "runtime",
    "uzhkh",
];

/// What these say, no page shows: it goes to shells and programs, is the name of a task, or one
/// of Alma's own words.
const ELSEWHERE: [&str; 13] = [
    "fuzzing.rs",
    "tests.rs",
    "system.rs",
    "alma/plan.rs",
    "alma/preview.rs",
    "alma/projection/bitrix24/stations.rs",
    "alma/projection/bitrix24/tables.rs",
    "acts/feeds.rs",
    "bitrix24/check.rs",
    "domoplaner/fetch.rs",
    "json/stream/pointer.rs",
    "uzhkh/naming.rs",
    "uzhkh/replay.rs",
];

/// Parts of sentences, and words that are looked for: [`WHOLE`] has the sentences.
const PARTS: &[&str] = &[
    " name it so: this may be its new name",
    "{leaving} of {all} apartments of {from}{NAMED_SO}, which that gets once all of them do. Where these have moved for good, `uzhkh-ledger alma release {}` makes another building",
    ", and alma.source is another one by now: nothing is written to it",
    "of {source}{SWITCHED}",
    "of {source}{SWITCHED}. `uzhkh-ledger alma release {}` lets the new source have it where that calls one so, and else {leaves}",
    "archives it in Alma, with its rooms and, for good, its contracts",
    "archives it in Alma and, for good, its contracts",
    "takes it for ended: end it in Alma's web interface first",
    "leaves it there and asks no more",
    "block was refused: ",
    "uzhkh-ledger alma release {}",
    "without an external id",
    "the service runs with another [alma] than this config has: restart it, or stop it to see what this one would send",
    "which the ledger does not have",
    "waits for {meant}, {how}",
    "waits for {awaited}, {how}",
    "which is blocked",
    "which is held",
    "which is left out",
    "which is not in Alma yet",
    "identity document",
    "names contact {id} as its co-tenant ({}), whose name the ledger does not have",
    "left out {cause}",
    "by the word \"-\" for {id} in alma.tables.{}",
    "{kind} {id} lacks {} altogether, by which bitrix24.only.{key} tells what is wanted: is the code in [bitrix24.fields] right, and may the webhook read the field?",
    "work model",
    "title deed",
    "management letter",
    "{name} has no {} ({}): give it in Bitrix24",
    "number of baths",
    "read rental object",
    "upload file",
    " owner contract",
    " tenant contract",
    "; the last attempt: {error}",
    "{fields}: waits for the file {file}, which is to be uploaded{tried}",
    "`uzhkh-ledger alma release {}`",
    "archived in Alma, and live in the ledger; {release} unarchives it, with its rooms and its building",
    "archived in Alma, and live in the ledger; {release} unarchives it, with its unit and its building",
    "archived in Alma, for good, and live in the ledger; {release} makes another in its place",
    "archived in Alma, and live in the ledger; unarchive it in Alma's web interface, then {release}",
    "download file",
    "ahead of",
    "the method has used up the time that the portal gives it (OPERATION_TIME_LIMIT){}",
    "; it has some again in {}",
    "; check bitrix24.webhook_url, that the webhook has the right \"crm\", and its user's access",
    "; check the access of the webhook's user",
    "; are the numbers of the smart processes in [bitrix24] those of this portal?",
    "; does the webhook have the right \"crm\"?",
    "; is it a feed of the format JSON?",
    " and no ",
    "; check macrocrm.domain, macrocrm.app_secret and this host's clock",
    "a time for {what} {} already, {transfer_date} (call {call}); {}",
    "is about to be booked",
    "was booked",
    "may have been booked",
    "`uzhkh-ledger calls list` tells how it stands",
    "--again books another one",
    "look into MACRO, and only if it is not there book it with --again",
    "it came empty, and showed {of} before",
    "{missing} of the {of} it showed are missing from it, which is over max_shrink ({} %)",
    "{source}: {name}: {problem}; nothing was deleted. If they are gone indeed: uzhkh-ledger run --once --accept-shrink {}",
    "of another name",
    "proxy authorization required",
    "not valid for name",
    "; it asks to wait {}",
    "is empty",
    "has more than {LONGEST} characters",
    "does not exist: the clocks are put forward then",
    "{transfer_date} is past",
    "is needed: {configured}, and MACRO would guess",
    "goes with a request to add an object",
    "goes with the rejection of a registration",
    "is needed to reject a registration",
    "is needed to approve an object",
    "goes with an approval",
    "has more than {most} characters",
    "given up",
];

/// Sentences that are put together from parts.
const WHOLE: &[&str] = &[
    "R7 of R7 apartments of R7 name it so: this may be its new name, which that gets once all of them do. Where these have moved for good, `uzhkh-ledger alma release building R7` makes another building",
    "of R7, and alma.source is another one by now: nothing is written to it. `uzhkh-ledger alma release unit R7` lets the new source have it where that calls one so, and else archives it in Alma, with its rooms and, for good, its contracts",
    "of R7, and alma.source is another one by now: nothing is written to it. `uzhkh-ledger alma release unit R7` lets the new source have it where that calls one so, and else archives it in Alma and, for good, its contracts",
    "of R7, and alma.source is another one by now: nothing is written to it. `uzhkh-ledger alma release unit R7` lets the new source have it where that calls one so, and else takes it for ended: end it in Alma's web interface first",
    "of R7, and alma.source is another one by now: nothing is written to it. `uzhkh-ledger alma release unit R7` lets the new source have it where that calls one so, and else leaves it there and asks no more",
    "waits for unit R7, which is blocked",
    "waits for unit R7, which Alma rejected",
    "waits for unit R7, which is held",
    "waits for unit R7, which is left out",
    "waits for unit R7, which is not in Alma yet",
    "waits for unit R7, which the ledger does not have",
    "tenant_contract R7 names contact R7 as its co-tenant (R7), whose name the ledger does not have",
    "tenant_contract R7 has no amount (R7): give it in Bitrix24",
    "apartment R7 has no number of baths (R7), which the item lacks altogether; and no Type (R7), which the item lacks altogether: is the code in [bitrix24.fields] right, and may the webhook read the field?",
    "apartment R7 has 3 units and is not shared: say in R7 which of them it is let as, or correct Sharing in Bitrix24",
    "owner_contract R7 has no title deed (R7): give it in Bitrix24; and no management letter (R7): give it in Bitrix24; and no work model (R7): give it in Bitrix24",
    "contact R7 has no identity document (R7): give it in Bitrix24",
    "left out by bitrix24.only.R7",
    "left out with apartment R7, by bitrix24.only.R7",
    "left out by the word \"-\" for R7 in alma.tables.R7",
    "R7: the file R7 cannot be had: R7: Alma does not take it: R7; then `uzhkh-ledger alma retry unit R7`",
    "R7: waits for the file R7, which is to be uploaded; the last attempt: alma: upload file: no answer came",
    "R7: waits for the file R7, which is to be uploaded",
    "archived in Alma, and live in the ledger; `uzhkh-ledger alma release unit R7` unarchives it, with its rooms and its building",
    "archived in Alma, and live in the ledger; `uzhkh-ledger alma release room R7` unarchives it, with its unit and its building",
    "archived in Alma, for good, and live in the ledger; `uzhkh-ledger alma release unit R7` makes another in its place",
    "archived in Alma, and live in the ledger; unarchive it in Alma's web interface, then `uzhkh-ledger alma release unit R7`",
    "bitrix24: R7: refused (R7); check bitrix24.webhook_url, that the webhook has the right \"crm\", and its user's access",
    "bitrix24: R7: refused (R7); check the access of the webhook's user",
    "bitrix24: R7: refused (R7); are the numbers of the smart processes in [bitrix24] those of this portal?",
    "bitrix24: R7: refused; check bitrix24.webhook_url, that the webhook has the right \"crm\", and its user's access",
    "bitrix24: R7: refused (R7); does the webhook have the right \"crm\"?",
    "bitrix24: R7: the method has used up the time that the portal gives it (OPERATION_TIME_LIMIT); it has some again in R7",
    "bitrix24: R7: the method has used up the time that the portal gives it (OPERATION_TIME_LIMIT)",
    "macrocrm: R7: refused (status_code R7); check macrocrm.domain, macrocrm.app_secret and this host's clock",
    "uzhkh: R7: HTTP 503; it asks to wait R7",
    "domoplaner: feed: expected JSON, got an empty answer; is it a feed of the format JSON?",
    "macrocrm: R7: it came empty, and showed R7 before; nothing was deleted. If they are gone indeed: uzhkh-ledger run --once --accept-shrink R7",
    "macrocrm: R7: R7 of the R7 it showed are missing from it, which is over max_shrink (R7 %); nothing was deleted. If they are gone indeed: uzhkh-ledger run --once --accept-shrink R7",
    "a time for flat R7 at house R7 is about to be booked already, R7 (call R7); `uzhkh-ledger calls list` tells how it stands",
    "a time for flat R7 at house R7 was booked already, R7 (call R7); --again books another one",
    "a time for flat R7 at house R7 may have been booked already, R7 (call R7); look into MACRO, and only if it is not there book it with --again",
    "category is needed: macrocrm.categories names R7, and MACRO would guess",
    "category is needed: macrocrm.categories names none, and MACRO would guess",
    "flat is empty",
    "phone has more than R7 characters",
    "at R7 is past",
    "at does not exist: the clocks are put forward then",
    "cause is needed to reject a registration",
    "account_number is needed to approve an object",
    "account_number goes with a request to add an object",
    "cause goes with the rejection of a registration",
    "cause goes with an approval",
    "no id and no R7",
    "no id and no R7 and no R7",
];

fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| files(&path)).collect()
}

/// Every sentence of ours in the sources, with all that it names.
fn sentences() -> Vec<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files: Vec<PathBuf> =
        SOURCES.iter().flat_map(|folder| files(&source.join(folder))).collect();
    files.retain(|path| {
        let is_test = path.components().any(|part| part.as_os_str() == "tests");
        !is_test && !ELSEWHERE.iter().any(|name| path.ends_with(name))
    });
    let texts = files.iter().flat_map(|path| literals(&fs::read_to_string(path).unwrap()));
    let mut sentences: Vec<String> = texts
        .filter(|text| !PARTS.contains(&text.as_str()))
        .map(|text| filled(&text, "R7"))
        .filter(|text| !english(text).is_empty())
        .chain(WHOLE.iter().map(|&text| text.to_owned()))
        .collect();
    sentences.sort_unstable();
    sentences.dedup();
    assert!(sentences.len() > 200, "these are not all sentences");
    sentences
}

#[test]
fn every_reason_has_its_words_on_a_page() {
    let mut site = site(|setup| setup);
    site.begin();
    let sentences = sentences();
    let rows = sentences.iter().map(|text| {
        format!(
            "INSERT INTO call (target, op, params, state, attempts, created_at, finished_at, last_error) VALUES \
             ('uzhkh', 'SetId', '{{}}', 'failed', 1, '2026-05-01T08:00:00.000Z', '2026-05-01T08:00:01.000Z', '{}');",
            text.replace('\'', "''")
        )
    });
    site.bench.tamper(&format!("BEGIN; {} COMMIT;", rows.collect::<String>()));
    let operator = site.signed_in("operator");
    let mut reasons = 0;
    let mut wrong: Vec<String> = Vec::new();
    for page in 1..=sentences.len().div_ceil(50) {
        let [ru, en] = ["ru", "en"]
            .map(|lang| operator.page(&format!("/stuck?state=failed&page={page}&lang={lang}")));
        reasons += ru.matches("class=\"note bad\">").count();
        wrong.extend(english(&shown(&ru)));
        let texts = [unescaped(&ru), unescaped(&en)].concat();
        let names = ["uzhkh-ledger", "--again", "--accept-shrink"];
        let lines = texts.lines().filter(|line| names.iter().any(|name| line.contains(name)));
        wrong.extend(lines.map(str::to_owned));
    }
    assert_eq!(wrong, [""; 0], "a page does not say these in its words: src/web/words/reasons");
    assert_eq!(reasons, sentences.len(), "not all were looked at");
}
