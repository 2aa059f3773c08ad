//! The ledger against a model of it, over interleavings that no one test would have.
//!
//! Steps are drawn by proptest: entries of several kinds, temporary ids, nested
//! persons, references, entries that come again or with another body, deletions
//! before and after what they delete, runs that are killed or lose answers, full
//! lists that bring back or leave out, names that are given before a thing is seen, while
//! it waits, again, or that another thing has. A model written by hand says what must
//! stand in the ledger after every run of the real program, in either way of naming, and a
//! follower of its changes has the same records.
//!
//! `SEED` repeats a run, `CASES` sets how many interleavings are tried.
//!
//! ```text
//! step     what can happen      drive    takes the steps       ledger   the model
//! content  what entities say    naming   gives names           compare  the ledger beside the model
//! follow   a follower
//! ```

mod compare;
mod content;
mod drive;
mod follow;
mod ledger;
mod naming;
mod step;

use proptest::collection::vec;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::support::chance;
use drive::Drive;

/// Who names what is new, as `identity.assign` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Assign {
    Uuid,
    External,
}

#[test]
fn the_ledger_is_what_the_model_says() {
    holds("the_ledger_is_what_the_model_says", Assign::Uuid);
}

#[test]
fn the_ledger_is_what_the_model_says_where_others_name() {
    holds("the_ledger_is_what_the_model_says_where_others_name", Assign::External);
}

#[track_caller]
fn holds(test: &'static str, assign: Assign) {
    let mut random = chance(test);
    let seed: Vec<u8> = (0..32).map(|_| random.u8(..)).collect();
    let cases = std::env::var("CASES").map_or(10, |text| text.parse().expect("CASES is a number"));
    let config =
        Config { cases, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let steps = vec(step::any_step(), 8..28);
    let outcome = TestRunner::new_with_rng(config, random).run(&steps, |steps| {
        let mut drive = Drive::new(assign);
        for step in &steps {
            drive.take(step);
        }
        drive.finish();
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
