//! What waits for a person, and where its links lead.

use std::collections::{BTreeMap, BTreeSet};

use super::html::unescaped;
use super::site::site;
use crate::support::entities::{envelope, to_object_adding, to_register};

/// So many of each kind: more than a page of any list has.
const OF_EACH: usize = 60;

#[test]
fn each_thing_that_waits_is_on_the_page_that_its_link_leads_to() {
    let mut site = site(|setup| setup.alma(""));
    site.begin();
    for number in 0..OF_EACH {
        let id = (1000 + number).to_string();
        let push = |name: &str, member: &str, entity: &str| {
            site.bench.uzhkh().push_request(envelope(&format!("{name}{id}"), member, entity));
        };
        push("r", "RequestToRegister", &to_register(&id));
        push("o", "RequestToObjectAdding", &to_object_adding(&id));
        push("q", "Tank", "{}");
    }
    site.wait_for("SELECT count(*) FROM decision WHERE open", &(2 * OF_EACH).to_string());
    site.wait_for("SELECT count(*) FROM quarantine", &OF_EACH.to_string());
    // What is written at different times stands in another order in the lists.
    site.bench.tamper(
        "WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 119)
         INSERT INTO call (target, op, params, state, attempts, created_at, finished_at, last_error)
         SELECT 'uzhkh', 'HandleRequestToRegister', json_object('id', 'c' || n), iif(n % 2, 'unknown', 'failed'), 1,
             '2024-05-01T08:00:00.000Z', printf('2024-05-01T08:%02d:00.000Z', n * 7 % 60), 'no answer' FROM n;
         WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 119)
         INSERT INTO alma_object (kind, external_id, state, reason, updated_at)
         SELECT iif(n % 2, 'unit', 'client'), 'дом 1/' || n, 'held', 'left',
             printf('2024-05-01T08:%02d:00.000Z', n * 7 % 60) FROM n;
         INSERT INTO item (source, feed, body, body_sha256, bytes, received_at, state, last_error)
         VALUES ('domoplaner', 'deals', '{}', printf('%064d', 1), 2, '2020-01-01T00:00:00.000Z', 'quarantined', 'odd')",
    );
    let anna = site.signed_in("operator");
    let links = |page: &str| -> Vec<String> {
        let list =
            page.split("<ol class=\"waiting\">").nth(1).unwrap().split("</ol>").next().unwrap();
        let links = list.split("<a href=\"").skip(1);
        links.map(|rest| unescaped(rest.split('"').next().unwrap())).collect()
    };
    let mut all = BTreeSet::new();
    let mut pages: BTreeMap<String, String> = BTreeMap::new();
    for page in 1.. {
        let today = anna.page(&format!("/?page={page}"));
        if !today.contains("<ol class=\"waiting\">") {
            break;
        }
        for link in links(&today) {
            let (path, anchor) = link.split_once('#').unwrap_or_else(|| panic!("{link}"));
            let there = pages.entry(path.to_owned()).or_insert_with(|| anna.page(path));
            assert!(there.contains(&format!(" id=\"{anchor}\"")), "{link}");
            all.insert(link);
        }
    }
    assert_eq!(all.len(), 7 * OF_EACH + 1);
}
