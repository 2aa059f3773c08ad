//! Lives of a portal at random: titles and e-mails that are exchanged, contacts that are merged,
//! contracts that end early and are extended, apartments whose sharing is switched or that are left
//! out and wanted again, tenants who change rooms and exchange them; with Alma failing and the program dying in between, and an operator who
//! releases and retries. Whatever happens, all comes to rest, and what stands as synced is held.
//!
//! `CASES` sets how many lives are tried.

mod judge;
mod world;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use simulator::{Endpoint, Fault, FaultKind, Way};

use crate::bitrix24::bench::Bench;
use crate::support::wait_until;
use world::World;

/// What can happen; numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    /// An apartment gets a title.
    Title {
        apartment: usize,
        title: usize,
    },
    /// Two apartments exchange their titles.
    SwapTitles(usize, usize),
    /// An apartment gets another lock code; the last is too long for Alma.
    Lock {
        apartment: usize,
        code: usize,
    },
    /// An apartment is shared, or let whole.
    Sharing {
        apartment: usize,
        is_shared: bool,
    },
    /// An apartment is left out, or wanted.
    Status {
        apartment: usize,
        is_wanted: bool,
    },
    /// A contact gets an e-mail.
    Email {
        contact: usize,
        email: usize,
    },
    /// Two contacts exchange their e-mails.
    SwapEmails(usize, usize),
    /// A contact is merged into another, which takes its e-mail and its contracts.
    Merge {
        from: usize,
        into: usize,
    },
    /// A contract ends in the past, or far ahead.
    End {
        contract: usize,
        day: usize,
    },
    /// A tenant changes rooms.
    Move {
        contract: usize,
        unit: usize,
    },
    /// Two tenants exchange their rooms.
    SwapRooms(usize, usize),
    /// A contract is with another contact.
    Tenant {
        contract: usize,
        contact: usize,
    },
    /// Alma fails at some writes.
    Trouble {
        kind: usize,
        times: u32,
    },
    Pass,
    /// A pass is killed when so many more writes have reached Alma.
    Kill(u64),
    /// The operator releases what is held, or retries what waits.
    Operator {
        releases: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let (apartment, contact, contract) = (0..4usize, 0..5usize, 0..5usize);
    prop_oneof![
        3 => (apartment.clone(), 0..4usize).prop_map(|(apartment, title)| Step::Title { apartment, title }),
        3 => (apartment.clone(), apartment.clone()).prop_map(|(one, other)| Step::SwapTitles(one, other)),
        2 => (apartment.clone(), 0..3usize).prop_map(|(apartment, code)| Step::Lock { apartment, code }),
        3 => (apartment.clone(), any::<bool>()).prop_map(|(apartment, is_shared)| Step::Sharing { apartment, is_shared }),
        3 => (apartment, any::<bool>()).prop_map(|(apartment, is_wanted)| Step::Status { apartment, is_wanted }),
        3 => (contract.clone(), contract.clone()).prop_map(|(one, other)| Step::SwapRooms(one, other)),
        2 => (contact.clone(), 0..6usize).prop_map(|(contact, email)| Step::Email { contact, email }),
        2 => (contact.clone(), contact.clone()).prop_map(|(one, other)| Step::SwapEmails(one, other)),
        1 => (contact.clone(), contact.clone()).prop_map(|(from, into)| Step::Merge { from, into }),
        4 => (contract.clone(), 0..4usize).prop_map(|(contract, day)| Step::End { contract, day }),
        3 => (contract.clone(), 0..6usize).prop_map(|(contract, unit)| Step::Move { contract, unit }),
        1 => (contract, contact).prop_map(|(contract, contact)| Step::Tenant { contract, contact }),
        2 => (0..4usize, 1..4u32).prop_map(|(kind, times)| Step::Trouble { kind, times }),
        7 => Just(Step::Pass),
        2 => (1..8u64).prop_map(Step::Kill),
        2 => any::<bool>().prop_map(|releases| Step::Operator { releases }),
    ]
}

#[test]
fn whatever_happens_in_a_portal_alma_comes_to_hold_what_it_should() {
    let cases = std::env::var("CASES").map_or(3, |text| text.parse().expect("CASES is a number"));
    let mut runner = TestRunner::new(Config {
        cases,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    });
    let lives = (any::<bool>(), prop::collection::vec(step(), 8..26));
    let outcome = runner.run(&lives, |(is_auto, steps)| {
        live(is_auto, &steps);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

fn live(is_auto: bool, steps: &[Step]) {
    let bench = super::rentals();
    let archive = if is_auto { "archive = \"auto\"" } else { "" };
    bench.fills_alma("max_shrink = 100\nonly.apartment_status = [5976]", archive);
    let mut world = World::default();
    world.furnish(&bench);
    for step in steps {
        take(&bench, &mut world, step);
    }
    finish(&bench, &world);
}

fn take(bench: &Bench, world: &mut World, step: &Step) {
    match *step {
        Step::Title { apartment, title } => world.titles[apartment] = title,
        Step::SwapTitles(one, other) => world.titles.swap(one, other),
        Step::Lock { apartment, code } => world.locks[apartment] = code,
        Step::Sharing { apartment, is_shared } => world.shared[apartment] = is_shared,
        Step::Status { apartment, is_wanted } => world.wanted[apartment] = is_wanted,
        Step::SwapRooms(one, other) => world.swap_rooms(one, other),
        Step::Email { contact, email } => world.emails[contact] = email,
        Step::SwapEmails(one, other) => world.emails.swap(one, other),
        Step::Merge { from, into } => world.merge(bench, from, into),
        Step::End { contract, day } => world.contracts[contract].end = day,
        Step::Move { contract, unit } => world.contracts[contract].unit = unit,
        Step::Tenant { contract, contact } => world.lets(contract, contact),
        Step::Trouble { kind, times } => trouble(bench, kind, times),
        // What comes of it is free: things may go wrong meanwhile.
        Step::Pass => drop(bench.once()),
        Step::Kill(writes) => kill(bench, writes),
        Step::Operator { releases } => {
            let words: &[&str] = match releases {
                true => &["alma", "release", "--state", "held", "--yes"],
                false => &["alma", "retry", "--all"],
            };
            if bench.ledger().exists() {
                let said = bench.run(words);
                assert_eq!(said.code, Some(0), "{}", said.stderr);
            }
        }
    }
    world.write(bench);
}

fn trouble(bench: &Bench, kind: usize, times: u32) {
    let kinds =
        [FaultKind::LostAnswer, FaultKind::Error500, FaultKind::ResetBefore, FaultKind::CutBody];
    for endpoint in [Endpoint::AlmaUnits, Endpoint::AlmaClients, Endpoint::AlmaTenantContracts] {
        let fault = Fault::new(kinds[kind].clone()).at(endpoint).by(Way::Write);
        bench.inject(fault.times(times));
    }
}

fn kill(bench: &Bench, writes: u64) {
    let before = bench.alma().writes();
    let mut pass = bench.begin(&["run", "--once"]);
    wait_until("some writes, or the end", || {
        bench.alma().writes() >= before + writes || pass.has_ended()
    });
    pass.kill();
}

/// Everything goes well from now on: first the program alone, then with an operator.
fn finish(bench: &Bench, world: &World) {
    bench.clear_faults();
    bench.forget_full_reads_if_any();
    bench.pass();
    bench.pass();
    bench.judge(world);
    bench.rests();
    for round in 0.. {
        assert!(round < 8, "never came to rest: {:?}", bench.stuck());
        let before = bench.stand();
        let released = bench.run(&["alma", "release", "--state", "held", "--yes"]);
        assert_eq!(released.code, Some(0), "{}", released.stderr);
        bench.pass();
        // What only people can end in Alma is held once more.
        if round > 1 && bench.stand() == before {
            break;
        }
    }
    bench.judge(world);
    bench.rests();
    bench.verified();
}
