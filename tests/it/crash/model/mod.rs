//! The ledger against a model of it, over interleavings that nobody thought of.
//!
//! Steps are drawn by proptest: entries of several kinds, temporary ids, nested
//! persons, references, entries that come again or with another body, deletions
//! before and after what they delete, runs that are killed or lose answers, full
//! lists that bring back or leave out. A model written by hand says what must
//! stand in the ledger after every run of the real program.
//!
//! `SEED` repeats a run, `CASES` sets how many interleavings are tried.

mod compare;
mod content;
mod drive;
mod ledger;
mod step;

use proptest::collection::vec;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::support::chance;
use drive::Drive;

#[test]
fn the_ledger_is_what_the_model_says() {
    let mut random = chance("the_ledger_is_what_the_model_says");
    let seed: Vec<u8> = (0..32).map(|_| random.u8(..)).collect();
    let cases = std::env::var("CASES").map_or(24, |text| text.parse().expect("CASES is a number"));
    let config =
        Config { cases, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let steps = vec(step::any_step(), 8..28);
    let outcome = TestRunner::new_with_rng(config, random).run(&steps, |steps| {
        let mut drive = Drive::new();
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
