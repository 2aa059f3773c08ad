//! Feeds of Domoplaner on a bench: in the simulator and in the config.
//!
//! A feed's link is its credential: the part of it that is secret is kept here, so
//! that every run of the binary can be held to keeping it secret too.

use super::{Bench, Setup, secrets};
use simulator::{Domoplaner, FeedKind, Layout};

/// How much of the end of a link, but for the slash, is secret.
const SECRET_LENGTH: usize = 64;

/// A feed to be.
pub(crate) struct NewFeed {
    name: String,
    kind: FeedKind,
    layout: Layout,
    lines: Vec<String>,
}

/// A feed of the simulator, as the config has it.
pub(crate) struct Feed {
    name: String,
    kind: FeedKind,
    /// Its link.
    url: String,
    /// How the config says where it is; None: by `url`.
    spelling: Option<String>,
    /// Further lines of its section.
    lines: Vec<String>,
}

impl NewFeed {
    pub(super) fn add(self, domoplaner: &Domoplaner) -> Feed {
        let url = domoplaner.add_feed(self.kind, self.layout);
        let link = url.trim_end_matches('/');
        secrets::add_feed(&link[link.len() - SECRET_LENGTH..]);
        Feed { name: self.name, kind: self.kind, url, spelling: None, lines: self.lines }
    }
}

impl Feed {
    pub(super) fn section(&self) -> String {
        let kind = match self.kind {
            FeedKind::Premises => "premises",
            FeedKind::Deals => "deals",
        };
        let link = match &self.spelling {
            Some(spelling) => spelling.clone(),
            None => format!("url = {:?}", self.url),
        };
        format!(
            "[[domoplaner.feed]]\nname = {:?}\nkind = {kind:?}\n{link}\n{}\n",
            self.name,
            self.lines.join("\n")
        )
    }
}

impl Setup {
    /// Without `[uzhkh]`.
    pub(crate) fn without_uzhkh(mut self) -> Self {
        self.has_uzhkh = false;
        self
    }

    /// With a line in `[domoplaner]`.
    pub(crate) fn domoplaner(mut self, line: &str) -> Self {
        self.domoplaner.push(line.to_owned());
        self
    }

    /// With a feed of this name in the simulator and, with these further lines, in
    /// the config.
    pub(crate) fn feed(
        mut self,
        name: &str,
        kind: FeedKind,
        layout: Layout,
        lines: &[&str],
    ) -> Self {
        self.feeds.push(NewFeed {
            name: name.to_owned(),
            kind,
            layout,
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        });
        self
    }
}

impl Bench {
    pub(crate) fn domoplaner(&self) -> &Domoplaner {
        self.simulator.domoplaner()
    }

    #[track_caller]
    fn feed(&self, name: &str) -> &Feed {
        let mut feeds = self.feeds.iter();
        feeds.find(|feed| feed.name == name).expect("no such feed")
    }

    /// A feed's link.
    #[track_caller]
    pub(crate) fn link(&self, name: &str) -> String {
        self.feed(name).url.clone()
    }

    /// From now on a feed holds these texts.
    #[track_caller]
    pub(crate) fn items<T: Into<String>>(&self, name: &str, items: impl IntoIterator<Item = T>) {
        let items = items.into_iter().map(Into::into).collect();
        self.domoplaner().clear(&self.link(name));
        self.domoplaner().set_items(&self.link(name), items);
    }

    /// From now on a feed answers these bytes.
    #[track_caller]
    pub(crate) fn raw(&self, name: &str, body: impl AsRef<[u8]>) {
        let body = body.as_ref().to_vec();
        self.domoplaner().set_raw(&self.link(name), body);
    }

    /// What each read of a feed asked for, but for the format of dates, which each
    /// must have asked for.
    #[track_caller]
    pub(crate) fn reads(&self, name: &str) -> Vec<Vec<(String, String)>> {
        let mut reads = self.domoplaner().asked(&self.link(name));
        for read in &mut reads {
            let format = ("date_format".to_owned(), "YYYY-MM-DD".to_owned());
            let asked = read.iter().filter(|(name, _)| name == "date_format");
            assert_eq!(asked.collect::<Vec<_>>(), [&format]);
            read.retain(|parameter| *parameter != format);
        }
        reads
    }

    /// The last read of a feed, as `name=value` with `&` between.
    #[track_caller]
    pub(crate) fn last_read(&self, name: &str) -> String {
        let read = self.reads(name).pop().expect("it was not read");
        let parameters: Vec<String> =
            read.iter().map(|(name, value)| format!("{name}={value}")).collect();
        parameters.join("&")
    }

    /// What another client gets that asks a link with this query.
    pub(crate) fn of_another_client(&self, link: &str, query: &str) -> String {
        self.runtime.block_on(async {
            let asking =
                crate::support::http_client().build().unwrap().get(format!("{link}?{query}"));
            asking.send().await.unwrap().text().await.unwrap()
        })
    }

    /// From now on a feed has these further lines in the config.
    #[track_caller]
    pub(crate) fn reconfigure(&mut self, name: &str, lines: &[&str]) {
        let mut feeds = self.feeds.iter_mut();
        let feed = feeds.find(|feed| feed.name == name).expect("no such feed");
        feed.lines = lines.iter().map(|line| (*line).to_owned()).collect();
        self.write_config(&self.base_url());
    }

    /// From now on the config says in this way, if at all, where a feed is.
    #[track_caller]
    pub(crate) fn spell(&mut self, name: &str, spelling: &str) {
        let mut feeds = self.feeds.iter_mut();
        let feed = feeds.find(|feed| feed.name == name).expect("no such feed");
        feed.spelling = Some(spelling.to_owned());
        self.write_config(&self.base_url());
    }

    /// A feed is taken out of the config.
    pub(crate) fn forget(&mut self, name: &str) {
        self.feeds.retain(|feed| feed.name != name);
        self.write_config(&self.base_url());
    }
}
