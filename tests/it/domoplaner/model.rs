//! A feed of premises that does whatever it likes, against a model of a few lines: what
//! is live afterwards, how many changes that took, and whether the read succeeded.
//!
//! `CASES` sets how many lives of a feed are tried.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::items::premises;
use crate::support::Bench;

/// What a full read may lack, in percent.
const MAX_SHRINK: usize = 40;

/// What happens between two looks at the ledger.
#[derive(Debug, Clone)]
enum Step {
    /// The feed shows these items, ids and versions.
    Show(Vec<(u32, u32)>),
    /// It shows them, and the operator lets it shrink.
    Accept(Vec<(u32, u32)>),
    /// It shows them, but breaks off.
    BreakOff(Vec<(u32, u32)>),
    /// It shows what it is not.
    Page,
    /// The service is killed while it reads, and the feed shows these again.
    Kill(Vec<(u32, u32)>),
}

#[derive(Debug, Default)]
struct Model {
    live: BTreeMap<u32, u32>,
    /// What the last read that succeeded showed.
    believed: BTreeSet<u32>,
    is_accepted: bool,
    changes: usize,
}

impl Model {
    /// A read that came to its end; true when it succeeds.
    fn read(&mut self, items: &[(u32, u32)]) -> bool {
        let shown: BTreeMap<u32, u32> = items.iter().copied().collect();
        let listed: BTreeSet<u32> = self.live.keys().copied().collect();
        let lacks_too_much = |of: &BTreeSet<u32>| {
            let missing = of.iter().filter(|id| !shown.contains_key(id)).count();
            missing * 100 > MAX_SHRINK * of.len()
        };
        let is_too_much = (shown.is_empty() && !listed.is_empty())
            || lacks_too_much(&listed)
            || lacks_too_much(&self.believed);
        let is_well = !is_too_much || self.is_accepted;
        for (id, version) in &shown {
            let was = self.live.insert(*id, *version);
            self.changes += usize::from(was != Some(*version));
        }
        if is_well {
            self.is_accepted = false;
            self.believed = shown.keys().copied().collect();
            for id in listed.iter().filter(|id| !shown.contains_key(id)) {
                self.live.remove(id);
                self.changes += 1;
            }
        }
        is_well
    }
}

fn text((id, version): &(u32, u32)) -> String {
    format!(r#"{{"id":{id},"version":{version}}}"#)
}

fn array(items: &[(u32, u32)]) -> String {
    let items: Vec<String> = items.iter().map(text).collect();
    format!("[{}]", items.join(","))
}

fn step() -> impl Strategy<Value = Step> {
    let items = || prop::collection::vec((0_u32..12, 0_u32..3), 0..14);
    prop_oneof![
        6 => items().prop_map(Step::Show),
        2 => items().prop_map(Step::Accept),
        1 => items().prop_map(Step::BreakOff),
        1 => Just(Step::Page),
        1 => items().prop_map(Step::Kill),
    ]
}

/// Reads the feed once and holds the ledger against the model.
fn read(bench: &Bench, arguments: &[&str], expected: bool) {
    let ended = bench.run(&[&["run", "--once"], arguments].concat());
    let code = if expected { Some(0) } else { Some(1) };
    assert_eq!(ended.code, code, "{}", ended.stderr);
}

fn live(steps: &[Step]) {
    let bench = premises(&[&format!("max_shrink = {MAX_SHRINK}")]).start();
    let mut model = Model::default();
    for step in steps {
        match step {
            Step::Show(items) => {
                bench.raw("flats", array(items));
                let is_well = model.read(items);
                read(&bench, &[], is_well);
            }
            Step::Accept(items) => {
                bench.raw("flats", array(items));
                model.is_accepted = true;
                let is_well = model.read(items);
                read(&bench, &["--accept-shrink", "flats"], is_well);
            }
            Step::BreakOff(items) => {
                let whole = array(items);
                bench.raw("flats", &whole[..whole.len() - 1]);
                read(&bench, &[], false);
            }
            Step::Page => {
                bench.raw("flats", "<!DOCTYPE html><title>Вход</title>");
                read(&bench, &[], false);
            }
            Step::Kill(items) => {
                bench.raw("flats", array(items));
                // Whether it came to its end before is left to chance; the same again
                // must make the same of it.
                bench.daemon().kill();
                let is_well = model.read(items);
                read(&bench, &[], is_well);
            }
        }
        let records = bench.lines("SELECT body FROM premises ORDER BY CAST(id AS INTEGER)");
        let expected: Vec<String> = model.live.iter().map(|(id, v)| text(&(*id, *v))).collect();
        assert_eq!(records, expected, "{step:?}");
        let changes = bench.one("SELECT count(*) FROM change");
        assert_eq!(changes, model.changes.to_string(), "{step:?}");
    }
    assert_eq!(bench.run(&["verify"]).code, Some(0));
}

#[test]
fn whatever_a_feed_does_the_ledger_has_what_it_should() {
    let cases = std::env::var("CASES").map_or(9, |text| text.parse().expect("CASES is a number"));
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Config::default()
    });
    let lives = prop::collection::vec(step(), 1..14);
    runner
        .run(&lives, |steps| {
            live(&steps);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}
