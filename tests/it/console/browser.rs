//! A real browser: Debian's Chromium, driven by its chromedriver. Starting one takes longer than
//! most of what is done in it, so each looks at much.

use std::time::Duration;

use super::busy::busy;
use super::look::{Eye, HEIGHT, WIDTHS};
use super::paths::{self, Page};
use super::webdriver::{Browser, Driver, button, field};
use crate::support::wait_within;

/// An outcome has to be on the page by then, without loading it.
const SHOWN_WITHIN: Duration = Duration::from_secs(7);

/// Looks at a page with scripts and without, each time at another width; `is_wide`: at which the
/// browser is.
fn visit(eye: &Eye<'_>, browser: &Browser<'_>, page: &Page, lang: &str, is_wide: &mut bool) {
    eye.open(browser, &page.in_language(lang));
    eye.picture(browser, page.name, lang, WIDTHS[usize::from(*is_wide)]);
    eye.is_accessible(browser, page.name, lang);
    browser.allow_scripts(false);
    *is_wide = !*is_wide;
    let width = WIDTHS[usize::from(*is_wide)];
    browser.resize(width, HEIGHT);
    browser.refresh();
    assert!(browser.source().contains("<h1"), "{} without scripts", page.name);
    eye.picture(browser, page.name, lang, width);
    browser.allow_scripts(true);
}

#[test]
fn every_page_is_quiet_accessible_and_asks_none_but_us() {
    let Some(driver) = Driver::start() else { return };
    let site = busy();
    let eye = Eye::new(&site);
    let browser = driver.browser(true);
    browser.prefer("light");
    let mut is_wide = false;
    browser.resize(WIDTHS[0], HEIGHT);
    for lang in ["ru", "en"] {
        visit(&eye, &browser, &paths::LOGIN, lang, &mut is_wide);
    }
    // An auditor's pages are an operator's, but for the log and the acts; a viewer's lack some.
    for (role, lang, out) in [("operator", "ru", "Выйти"), ("auditor", "en", "Sign out")] {
        eye.sign_in(&browser, role, lang);
        let pages = paths::of(role).chain([&paths::NONE]);
        for page in pages.filter(|page| page.is_auditors == (role == "auditor")) {
            for lang in ["ru", "en"].iter().filter(|_| !page.name.is_empty()) {
                visit(&eye, &browser, page, lang, &mut is_wide);
            }
            eye.is_quiet(&browser, page.name);
        }
        eye.open(&browser, &format!("/?lang={lang}"));
        browser.click(&button("header", out));
    }
}

#[test]
fn two_people_act_with_scripts_and_without() {
    let Some(driver) = Driver::start() else { return };
    let site = busy();
    {
        let eye = Eye::new(&site);
        let (anna, boris) = (driver.browser(true), driver.browser(false));
        eye.sign_in(&anna, "operator", "en");
        eye.sign_in(&boris, "operator", "ru");
        for browser in [&anna, &boris] {
            eye.open(browser, "/requests");
        }
        both_decide_one_request(&eye, &anna, &boris);
        rejects_without_scripts(&eye, &boris);
        keys_are_booked(&eye, &anna, &site.bench.simulator.macrocrm().ready_flats()[0]);
        a_secret_is_shown_in_place(&eye, &anna);
        eye.is_quiet(&anna, "a card");
    }
    let report = site.bench.report();
    assert_eq!(report.register_decisions["71"].len(), 1);
    assert_eq!(report.register_decisions["71"][0].times, 1);
    assert_eq!(report.register_decisions["72"][0].parameters["cause"], "это чужой счёт");
    assert_eq!(site.bench.simulator.macrocrm().bookings().len(), 1);
    assert_eq!(
        site.bench.lines("SELECT verb FROM act ORDER BY seq"),
        ["decide", "decide", "book", "reveal"]
    );
}

fn both_decide_one_request(eye: &Eye<'_>, anna: &Browser<'_>, boris: &Browser<'_>) {
    let within = "form[.//a[normalize-space()='71']]";
    anna.click(&button(within, "Approve"));
    anna.shows("cannot be taken back", SHOWN_WITHIN);
    eye.examine(anna, "confirm", "en");
    anna.double_click(&button("main", "Confirm"));
    // «sending» becomes «done» on the page that is there.
    anna.shows("done", SHOWN_WITHIN);
    eye.examine(anna, "done", "en");
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
}

/// Without scripts, what is missing is asked for, and the page is read again by itself.
fn rejects_without_scripts(eye: &Eye<'_>, boris: &Browser<'_>) {
    eye.open(boris, "/requests");
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

fn keys_are_booked(eye: &Eye<'_>, anna: &Browser<'_>, flat: &simulator::ReadyFlat) {
    eye.open(anna, &format!("/keys?lang=ru&flat={}%2Fflat%2F{}", flat.house_id, flat.flat_num));
    anna.click(&button("main", "Показать время"));
    wait_within(SHOWN_WITHIN, "times to choose", || !anna.text(&field("Время")).is_empty());
    eye.examine(anna, "times", "ru");
    anna.fill("Телефон", &flat.phone);
    anna.click(&button("main", "Забронировать"));
    anna.shows("взять назад нельзя", SHOWN_WITHIN);
    eye.examine(anna, "confirm", "ru");
    anna.click(&button("main", "Подтвердить"));
    anna.shows("исполнено", SHOWN_WITHIN);
    // Its time is as a person writes it.
    assert!(!anna.text("//main").contains("T08:30"), "{}", anna.text("//main"));
}

fn a_secret_is_shown_in_place(eye: &Eye<'_>, anna: &Browser<'_>) {
    eye.open(anna, "/records/uzhkh/object/o1");
    assert!(!anna.source().contains("seltsam"));
    anna.click(&button("dd", "Показать"));
    anna.shows("seltsam", SHOWN_WITHIN);
    anna.refresh();
    assert!(!anna.source().contains("seltsam"));
}

#[test]
fn an_open_page_says_that_the_service_is_away() {
    let Some(driver) = Driver::start() else { return };
    let mut site = busy();
    let anna = driver.browser(true);
    Eye::new(&site).sign_in(&anna, "operator", "ru");
    assert!(!anna.text("//main").contains("Служба не отвечает"));
    site.daemon.take().unwrap().kill();
    anna.shows("Служба не отвечает", Duration::from_secs(30));
    site.begin();
    // A session ends with the service.
    anna.shows("Пароль", Duration::from_secs(30));
}
