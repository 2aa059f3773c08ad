//! Worlds of flats and people that change at random, with Alma failing, people working
//! in it, an operator who says this and that, and the program dying in between; and an
//! oracle that knows what Alma should hold of each.
//!
//! `CASES` sets how many lives are tried.
//!
//! ```text
//! step      what can happen             drive     makes it happen
//! world     what UZhKH says by now      oracle    what Alma should hold of that
//! operator  does all there is to do     judge     whether Alma holds it
//! ```

mod drive;
mod judge;
mod operator;
mod oracle;
mod step;
mod world;

use proptest::prelude::any;
use proptest::test_runner::{Config, TestRunner};

use drive::Drive;

#[test]
fn whatever_happens_alma_comes_to_hold_what_it_should() {
    let cases = std::env::var("CASES").map_or(6, |text| text.parse().expect("CASES is a number"));
    let mut runner = TestRunner::new(Config {
        cases,
        max_shrink_iters: 80,
        failure_persistence: None,
        ..Config::default()
    });
    let lives = (any::<bool>(), step::any_life());
    let outcome = runner.run(&lives, |(is_auto, steps)| {
        let mut drive = Drive::new(is_auto);
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

#[test]
fn a_flat_stays_for_a_contract_of_which_nobody_can_tell_where_it_goes() {
    use step::{Role, Step::*};
    let role = |resident, is_owner, is_tenant| Role { resident, is_owner, is_tenant };
    let steps = [
        Object { slot: 2, house: 0, kind: 0, flat: 0, look: 0 },
        Object { slot: 1, house: 0, kind: 0, flat: 0, look: 0 },
        Account { slot: 1, object: 0, roles: vec![role(0, true, false)], opened: 0, closed: 3 },
        Account { slot: 0, object: 0, roles: vec![role(0, true, false)], opened: 0, closed: 0 },
        Pass,
        Account {
            slot: 0,
            object: 1,
            roles: vec![role(3, true, false), role(1, false, true), role(1, false, false)],
            opened: 7,
            closed: 13,
        },
        Pass,
        Account { slot: 0, object: 2, roles: vec![role(3, true, false)], opened: 0, closed: 9 },
        Object { slot: 1, house: 1, kind: 11, flat: 5, look: 1 },
        Pass,
        DeleteAccount(2),
        DeleteResident(0),
    ];
    let mut drive = Drive::new(false);
    for step in &steps {
        drive.take(step);
    }
    drive.finish();
}
