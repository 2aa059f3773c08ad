//! A real browser: Debian's Chromium, driven by its chromedriver.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::site::{PASSWORD, Site, site};
use super::webdriver::{Browser, Driver, button, field};
use crate::support::entities::{
    account_of, envelope, object, person, request, to_object_adding, to_register,
};
use crate::support::skip;

/// An outcome has to be on the page by then, without loading it.
const SHOWN_WITHIN: Duration = Duration::from_secs(7);

fn sign_in(browser: &Browser<'_>, site: &Site, name: &str, lang: &str) {
    let words = match lang {
        "ru" => ["Имя", "Пароль", "Войти", "Выйти"],
        _ => ["Name", "Password", "Sign in", "Sign out"],
    };
    browser.goto(&format!("http://{}/login?lang={lang}", site.address));
    browser.fill(words[0], name);
    browser.fill(words[1], PASSWORD);
    browser.click(&button("main", words[2]));
    assert_eq!(browser.text(&button("header", words[3])), words[3]);
}

/// What the browser complained of since it was last asked, and whom it asked for anything.
fn complaints(browser: &Browser<'_>, own: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for entry in browser.log("browser") {
        found.push(format!("{}: {}", entry["level"], entry["message"]));
    }
    for entry in browser.log("performance") {
        let told: serde_json::Value =
            serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
        let told = &told["message"];
        if told["method"] == "Network.requestWillBeSent" {
            let url = told["params"]["request"]["url"].as_str().unwrap_or_default();
            if !url.starts_with(own) && !url.starts_with("data:") && !url.starts_with("chrome") {
                found.push(format!("asked for {url}"));
            }
        }
    }
    found
}

/// axe-core, where `.ci/run` has brought it.
fn axe() -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/axe-core/package/axe.min.js");
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        let why = format!("{} is missing; `.ci/run` brings it", path.display());
        assert!(std::env::var_os("CI").is_none(), "{why}");
        skip(&why);
    }
    text
}

/// The serious violations that axe-core finds on the page.
fn violations(browser: &Browser<'_>, axe: &str) -> Vec<String> {
    browser.run(axe);
    let run = "const done = arguments[arguments.length - 1]; axe.run().then(found => done(found.violations \
               .filter(one => ['serious', 'critical'].includes(one.impact)) \
               .map(one => one.id + ': ' + one.nodes.map(node => node.html).join(' '))))";
    serde_json::from_value(browser.await_script(run)).unwrap()
}

fn screenshots() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A site with something on every page.
fn busy() -> Site {
    let mut site = site(|setup| {
        setup
            .options(|options| {
                options.ready_flats = 12;
                options.catalogue_rate = 0.0;
            })
            .alma("")
            .macrocrm(
                "timezone = \"Europe/Moscow\"\ncategories = [\"flat\"]\nschedule = \"* * * * * *\"",
            )
    });
    let push = |guid: &str, member: &str, entity: &str| {
        site.bench.uzhkh().push_request(envelope(guid, member, entity));
    };
    let flat = |id: &str, number: &str| {
        object(id)
            .replace("кв. 12", &format!("кв. {number}"))
            .replace(r#""FlatNumber":"12""#, &format!(r#""FlatNumber":"{number}""#))
            .replace(r#""SipPassword":null"#, r#""SipPassword":"seltsam""#)
    };
    push("g1", "Obj", &flat("o1", "12"));
    push("g2", "Obj", &flat("o2", "13"));
    push("g3", "Account", &account_of("a1", &[person("r1")]));
    push("g4", "RequestToRegister", &to_register("71"));
    push("g5", "RequestToRegister", &to_register("72").replace("\"1001\"", "\"9009\""));
    push("g6", "RequestToObjectAdding", &to_object_adding("73"));
    push("g7", "Request", &request(5));
    push("g8", "Tank", r#"{"Volume":"5"}"#);
    site.begin();
    site.wait_for("SELECT count(*) FROM alma_object WHERE kind = 'unit' AND state = 'synced'", "2");
    site.bench.uzhkh().push_request(envelope("g9", "Obj", &flat("o1", "12а")));
    site.bench.uzhkh().push_deletion("object", "o2");
    site.wait_for("SELECT count(*) FROM alma_object WHERE state = 'held'", "1");
    site.wait_for("SELECT count(*) > 0 FROM ready_flat", "1");
    site.bench.tamper(
        "INSERT INTO call (target, op, params, state, attempts, created_at, finished_at, last_error) VALUES \
         ('macrocrm', 'add', '{\"transfer_date\":\"2026-06-11T10:00:00+03:00\",\"house_id\":\"123\",\
         \"flat_num\":\"5\",\"phone\":\"+70000000001\",\"category\":\"flat\"}', 'unknown', 1, \
         '2026-05-01T08:00:00.000Z', '2026-05-01T08:00:01.000Z', 'no answer came')",
    );
    site
}

const PAGES: [(&str, &str); 11] = [
    ("today", "/"),
    ("requests", "/requests"),
    ("keys", "/keys"),
    ("stuck", "/stuck?state=unknown"),
    ("quarantine", "/quarantine"),
    ("alma", "/alma?state=held"),
    ("search", "/search"),
    ("card", "/records/uzhkh/object/o1"),
    ("systems", "/systems"),
    ("log", "/log"),
    ("none", "/nothing"),
];

/// Whether the page has made the browser complain, or ask anyone but us.
#[track_caller]
fn is_quiet(browser: &Browser<'_>, own: &str, name: &str) {
    let mut heard = complaints(browser, own);
    // A page that is not there is told by its status.
    heard.retain(|one| name != "none" || !one.contains("404"));
    assert_eq!(heard, [""; 0], "{name}");
}

/// Takes pictures of the page at both widths, and in the dark; looks that nothing sticks out.
fn look_at(browser: &Browser<'_>, name: &str, lang: &str) {
    for width in [390, 1280] {
        browser.resize(width, 1400);
        browser.screenshot(&screenshots().join(format!("{name}-{lang}-{width}.png")));
        let wide =
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.run(wide).as_i64(), Some(0), "{name} is wider than {width}");
    }
    // Contrast is looked at in the light in one language, and in the dark in the other.
    if lang == "en" {
        browser.prefer("dark");
        browser.screenshot(&screenshots().join(format!("{name}-dark.png")));
    }
}

#[test]
fn every_page_is_quiet_accessible_and_asks_none_but_us() {
    let Some(driver) = Driver::start() else { return };
    let site = busy();
    let (own, axe) = (format!("http://{}", site.address), axe());
    let browser = driver.browser(true);
    browser.prefer("light");
    for (lang, out) in [("ru", "Выйти"), ("en", "Sign out")] {
        browser.goto(&format!("{own}/login?lang={lang}"));
        look_at(&browser, "login", lang);
        browser.prefer("light");
        for role in ["operator", "auditor", "viewer"] {
            sign_in(&browser, &site, role, lang);
            for (name, path) in PAGES {
                // An auditor's pages are an operator's, but for the log and the acts.
                if (role == "auditor") != (name == "log") {
                    continue;
                }
                browser.goto(&format!("{own}{path}"));
                if role != "viewer" {
                    look_at(&browser, name, lang);
                    if let Some(axe) = &axe {
                        assert_eq!(violations(&browser, axe), [""; 0], "{name} {lang}");
                    }
                }
                is_quiet(&browser, &own, name);
                browser.prefer("light");
                browser.allow_scripts(false);
                browser.refresh();
                assert!(browser.source().contains("<h1"), "{name} without scripts");
                is_quiet(&browser, &own, name);
                browser.allow_scripts(true);
            }
            browser.click(&button("header", out));
        }
    }
}

#[test]
fn two_people_decide_with_scripts_and_without() {
    let Some(driver) = Driver::start() else { return };
    let site = busy();
    {
        let (anna, boris) = (driver.browser(true), driver.browser(false));
        sign_in(&anna, &site, "operator", "en");
        sign_in(&boris, &site, "operator", "ru");
        for browser in [&anna, &boris] {
            browser.goto(&format!("http://{}/requests", site.address));
        }
        let within = "form[.//a[normalize-space()='71']]";
        anna.click(&button(within, "Approve"));
        anna.double_click(&button("main", "Confirm"));
        // «sending» becomes «done» on the page that is there.
        anna.shows("done", SHOWN_WITHIN);
        // The way back leads past the question, which no browser keeps, to the list as it was, or
        // as it is by now.
        anna.back();
        anna.back();
        if anna.source().contains("id=\"r-71\"") {
            anna.click(&button(within, "Approve"));
        }
        anna.shows("approved", SHOWN_WITHIN);
        // The other one has the page from before.
        boris.click(&button(within, "Отклонить"));
        boris.shows("operator", SHOWN_WITHIN);
        boris.shows("одобрено", SHOWN_WITHIN);
        // Without scripts, what is missing is asked for, and the page is read again by itself.
        boris.goto(&format!("http://{}/requests", site.address));
        let within = "form[.//a[normalize-space()='72']]";
        boris.click(&button(within, "Отклонить"));
        boris.fill("Причина", "это чужой счёт");
        boris.click(&button("main", "Подтвердить"));
        boris.shows("это чужой счёт", SHOWN_WITHIN);
        boris.click(&button("main", "Подтвердить"));
        boris.shows("отклонено", SHOWN_WITHIN);
        boris.shows("исполнено", Duration::from_secs(30));
        let url = boris.url();
        assert!(!url.contains('?'), "{url}");
    }
    let report = site.bench.report();
    assert_eq!(report.register_decisions["71"].len(), 1);
    assert_eq!(report.register_decisions["71"][0].times, 1);
    assert_eq!(report.register_decisions["72"][0].parameters["cause"], "это чужой счёт");
    assert_eq!(site.bench.one("SELECT count(*) FROM act"), "2");
}

#[test]
fn keys_are_booked_and_a_secret_is_shown_in_place() {
    let Some(driver) = Driver::start() else { return };
    let site = busy();
    let flat = site.bench.simulator.macrocrm().ready_flats().remove(0);
    {
        let browser = driver.browser(true);
        sign_in(&browser, &site, "operator", "ru");
        let path = format!("/keys?flat={}%2Fflat%2F{}", flat.house_id, flat.flat_num);
        browser.goto(&format!("http://{}{path}", site.address));
        browser.click(&button("main", "Показать время"));
        browser.fill("Телефон", &flat.phone);
        assert!(!browser.text(&field("Время")).is_empty());
        browser.click(&button("main", "Забронировать"));
        browser.click(&button("main", "Подтвердить"));
        browser.shows("исполнено", SHOWN_WITHIN);
        browser.goto(&format!("http://{}/records/uzhkh/object/o1", site.address));
        assert!(!browser.source().contains("seltsam"));
        browser.click(&button("dd", "Показать"));
        browser.shows("seltsam", SHOWN_WITHIN);
        browser.refresh();
        assert!(!browser.source().contains("seltsam"));
    }
    assert_eq!(site.bench.simulator.macrocrm().bookings().len(), 1);
}
