//! A link is a credential: whatever way it is given, and however talkative the
//! program is made, it stands in no output and nowhere in the ledger. That of every
//! run is looked at where it ends; here is what makes it talk.

use std::fs;

use super::items::{deals, flats, live};
use crate::support::process::{command, finish};
use crate::support::secrets::{assert_none_in_files, of_feeds};
use crate::support::{Bench, setup, wait_until};
use simulator::{Endpoint, Fault, FaultKind, FeedKind, Layout};

/// All the ways of a link into the program.
#[derive(Clone, Copy)]
enum Way {
    Inline,
    File,
    Variable,
    Credential,
}

const WAYS: [Way; 4] = [Way::Inline, Way::File, Way::Variable, Way::Credential];

impl Way {
    /// Between them, all that can go wrong.
    fn faults(self) -> Vec<FaultKind> {
        match self {
            Way::Inline => vec![FaultKind::Html, FaultKind::Error500],
            Way::File => vec![FaultKind::Forbidden, FaultKind::CutBody],
            Way::Variable => vec![FaultKind::Redirect],
            Way::Credential => vec![FaultKind::ResetBefore],
        }
    }
}

/// A bench with two feeds, the link of `deals` given in this way.
fn bench(way: Way) -> Bench {
    let mut bench = setup()
        .without_uzhkh()
        .feed("flats", FeedKind::Premises, Layout::array(), &[])
        .feed("deals", FeedKind::Deals, Layout::array(), &["schedule = \"* * * * * *\""])
        .start();
    let link = bench.link("deals");
    let file = bench.dir.path().join("domoplaner-deals-url");
    match way {
        Way::Inline => {}
        Way::File => {
            fs::write(&file, format!("{link}\n")).unwrap();
            bench.spell("deals", &format!("url_file = {file:?}"));
        }
        Way::Variable => bench.spell("deals", ""),
        Way::Credential => {
            fs::write(&file, &link).unwrap();
            bench.spell("deals", "");
        }
    }
    bench
}

fn run(bench: &Bench, way: Way, arguments: &[&str]) -> Option<i32> {
    let mut command = command(&bench.config(), arguments);
    command.env("UZHKH_LEDGER_LOG", "trace");
    match way {
        Way::Inline | Way::File => {}
        Way::Variable => {
            command.env("DOMOPLANER_DEALS_URL", bench.link("deals"));
        }
        Way::Credential => {
            command.env("CREDENTIALS_DIRECTORY", bench.dir.path());
        }
    }
    // It looks for the links itself.
    let ended = finish(command);
    for (output, what) in [(&ended.stdout, "stdout"), (&ended.stderr, "stderr")] {
        assert!(!output.contains("dc-api"), "{what} of {arguments:?}: {output}");
    }
    ended.code
}

#[test]
fn a_link_stays_secret_in_whatever_way_it_is_given() {
    for way in WAYS {
        let bench = bench(way);
        bench.items("flats", flats(1..40));
        bench.items("deals", deals(1..40));
        for (arguments, code) in [
            (&["check", "--offline"][..], 0),
            (&["check"], 0),
            (&["run", "--once"], 0),
            (&["fetch", "deals", "--deal-ids", "3"], 0),
            (&["status"], 0),
            (&["status", "--json"], 0),
            (&["fetch", "nothing"], 2),
            (&["run", "--once", "--accept-shrink", "nothing"], 2),
        ] {
            assert_eq!(run(&bench, way, arguments), Some(code), "{arguments:?}");
        }
        assert_eq!(live(&bench, "deal").len(), 39);
        for kind in way.faults() {
            bench.uzhkh().inject(Fault::new(kind).at(Endpoint::Feed));
            for arguments in [&["check"][..], &["run", "--once"], &["status"]] {
                run(&bench, way, arguments);
            }
            bench.uzhkh().clear_faults();
        }
        let told = bench.lines("SELECT error FROM poll WHERE error IS NOT NULL");
        assert_eq!(told.len(), 2 * way.faults().len());
        assert!(!told.join("\n").contains("dc-api"), "{told:?}");
        assert_none_in_files(bench.dir.path(), "ledger.db");
    }
}

#[test]
fn a_faulty_config_does_not_quote_a_link() {
    let mut bench = bench(Way::Inline);
    let link = bench.link("deals");
    for spelling in [
        format!("url = \"{link}#x\""),
        format!("url = \"{link}?ids=1\""),
        format!("url = \"ftp{}\"", &link[4..]),
        format!("url = \"{}\"", link.trim_start_matches("http://")),
        format!("url = \"{link}\"\nurl_file = \"{link}\""),
        format!("url_file = \"{link}\""),
        format!("url = \"{link}\"\nurll = \"{link}\""),
        format!("url = \"{link}\"\nitems = \"{link}\""),
        format!("url = \"{link}\"\nschedule = \"{link}\""),
        format!("url = \"{link}\"\nmax_shrink = \"{link}\""),
        format!("url = [\"{link}\"]"),
        format!("url = \"{link}\n"),
    ] {
        bench.spell("deals", &spelling);
        for arguments in [&["check"][..], &["run", "--once"]] {
            // It looks for the link itself.
            assert_eq!(bench.run(arguments).code, Some(78), "{arguments:?}");
        }
    }
}

#[test]
fn a_service_at_its_most_talkative_keeps_them_too() {
    let bench = bench(Way::Inline);
    let mut traced = bench.command(&["run"]);
    traced.env("UZHKH_LEDGER_LOG", "trace");
    let daemon = bench.spawn(traced);
    wait_until("a poll", || !bench.reads("deals").is_empty());
    bench.uzhkh().inject(Fault::new(FaultKind::Error500).at(Endpoint::Feed).times(2));
    let reads = bench.reads("deals").len();
    wait_until("further polls", || bench.reads("deals").len() > reads + 3);
    assert!(daemon.log().contains("trying again"), "{}", daemon.log());
    daemon.stop();
    assert!(!of_feeds().is_empty());
}
