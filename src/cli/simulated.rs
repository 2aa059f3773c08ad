//! The sections of a config that point at a simulator. Their secrets open nothing but
//! the simulator, so they are printed and written down.

use simulator::{BitrixKind, Category, FeedKind, Layout, Simulator};

/// Polling schedules: cron with seconds.
pub(super) struct Schedules {
    /// UZhKH's two queues; the config's default where there is none.
    pub(super) queues: Option<&'static str>,
    /// Each feed of Domoplaner, the lists of MACRO, and Bitrix24.
    pub(super) lists: &'static str,
}

/// The sections `[uzhkh]`, `[domoplaner]` with a feed of each kind, `[macrocrm]`, `[bitrix24]`
/// where there are apartments, and `[alma]`.
pub(super) fn sections(simulator: &Simulator, token: &str, schedules: &Schedules) -> String {
    let mut lines = uzhkh(simulator, token, schedules.queues);
    lines.extend(domoplaner(simulator, schedules.lists));
    lines.extend(macrocrm(simulator, schedules.lists));
    lines.extend(bitrix24(simulator, schedules.lists));
    lines.extend(alma(simulator));
    lines.join("\n") + "\n"
}

/// The sections `[bitrix24]` and `[alma]`, which is kept in step with it.
pub(super) fn portal_sections(simulator: &Simulator, schedule: &str) -> String {
    let mut lines = bitrix24(simulator, schedule);
    lines.extend(alma(simulator));
    lines.push("source = \"bitrix24\"".to_owned());
    lines.join("\n") + "\n"
}

fn uzhkh(simulator: &Simulator, token: &str, schedule: Option<&str>) -> Vec<String> {
    let mut lines = vec![
        "[uzhkh]".to_owned(),
        format!("base_url = {}", quoted(&simulator.base_url())),
        format!("token = {}", quoted(token)),
    ];
    if let Some(schedule) = schedule {
        for queue in ["requests", "deleted"] {
            lines.push(format!("{queue}_schedule = {}", quoted(schedule)));
        }
    }
    lines
}

fn domoplaner(simulator: &Simulator, schedule: &str) -> Vec<String> {
    let mut lines =
        ["", "[domoplaner]", "timezone = \"Europe/Moscow\""].map(str::to_owned).to_vec();
    for (kind, layout) in
        [(FeedKind::Premises, Layout::nested()), (FeedKind::Deals, Layout::wrapped("data"))]
    {
        let url = simulator.domoplaner().add_feed(kind, layout);
        lines.extend([
            String::new(),
            "[[domoplaner.feed]]".to_owned(),
            format!("name = {}", quoted(kind.word())),
            format!("kind = {}", quoted(kind.word())),
            format!("url = {}", quoted(&url)),
            format!("schedule = {}", quoted(schedule)),
        ]);
        if kind == FeedKind::Deals {
            lines.push("full_every = \"1h\"".to_owned());
        }
    }
    lines
}

fn macrocrm(simulator: &Simulator, schedule: &str) -> Vec<String> {
    let macrocrm = simulator.macrocrm();
    let categories = Category::ALL.map(|category| quoted(category.word()));
    vec![
        String::new(),
        "[macrocrm]".to_owned(),
        format!("base_url = {}", quoted(&macrocrm.base_url())),
        format!("domain = {}", quoted(&macrocrm.domain())),
        format!("app_secret = {}", quoted(&macrocrm.app_secret())),
        "timezone = \"Europe/Moscow\"".to_owned(),
        format!("categories = [{}]", categories.join(", ")),
        format!("schedule = {}", quoted(schedule)),
    ]
}

fn bitrix24(simulator: &Simulator, schedule: &str) -> Vec<String> {
    let bitrix24 = simulator.bitrix24();
    if bitrix24.ids(BitrixKind::Apartment).is_empty() {
        return Vec::new();
    }
    vec![
        String::new(),
        "[bitrix24]".to_owned(),
        format!("webhook_url = {}", quoted(&bitrix24.webhook_url())),
        format!("schedule = {}", quoted(schedule)),
    ]
}

fn alma(simulator: &Simulator) -> Vec<String> {
    let alma = simulator.alma();
    vec![
        String::new(),
        "[alma]".to_owned(),
        format!("base_url = {}", quoted(&alma.base_url())),
        format!("api_key = {}", quoted(&alma.api_key())),
        format!("project = {}", alma.project()),
    ]
}

/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
