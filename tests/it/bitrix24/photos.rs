//! The photos of a unit: a set that is written whole, and never twice.

use simulator::{AlmaKind, BitrixKind, Endpoint, Fault, FaultKind, Way};

use crate::bitrix24::bench::Bench;
use crate::bitrix24::files::{PHOTOS, both};
use crate::support::wait_until;

impl Bench {
    /// Alma's photos that are noted as ours, in the order of the set.
    fn noted(&self) -> Vec<String> {
        self.lines("SELECT photo_id FROM alma_photo WHERE kind = 'unit' ORDER BY place")
    }

    /// Gives the unit in Alma this set.
    fn set(&self, photos: &str) {
        let alma = self.simulator.alma();
        let unit = alma.object(AlmaKind::Unit, "7").unwrap();
        alma.edit(AlmaKind::Unit, unit.id, "photos", photos);
    }

    /// The uploads that the unit's photos came from, in their order.
    fn came_from(&self) -> Vec<i64> {
        let shown = self.shown();
        let ids = shown.split("external_file_id\":").skip(1);
        let digits = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse();
        ids.map(|text| digits(text).unwrap()).collect()
    }

    /// Alma's id of the file that was wanted at this place.
    fn upload(&self, at: usize) -> i64 {
        let sql = "SELECT alma_file_id FROM alma_file ORDER BY seq";
        self.lines(sql)[at].parse().unwrap()
    }
}

#[test]
fn a_set_that_changes_keeps_what_stays_and_what_people_added() {
    let bench = both("");
    let first = bench.photo("one");
    bench.photo("two");
    bench.pass();
    let ids = bench.noted();
    bench.set(&format!(
        "[{{\"id\":{}}},{{\"id\":{}}},{{\"external_file_id\":{}}}]",
        ids[0],
        ids[1],
        bench.upload(0)
    ));
    let portal = bench.portal();
    portal.remove_file(BitrixKind::Apartment, 7, PHOTOS, first);
    bench.photo("three");
    bench.pass();
    assert_eq!(bench.uploads(), 3);
    // The second stays, the third is new, and people's stays; the first is gone.
    let noted = bench.noted();
    assert_eq!(noted.len(), 2);
    assert_eq!(noted[0], ids[1]);
    let mut came = bench.came_from();
    came.sort_unstable();
    let mut all = [0, 1, 2].map(|at| bench.upload(at));
    all.sort_unstable();
    assert_eq!(came, all);
    bench.leaves_all();
}

#[test]
fn a_set_that_is_emptied_leaves_what_people_added() {
    let bench = both("");
    let first = bench.photo("one");
    bench.pass();
    let ours = bench.noted().remove(0);
    let theirs = bench.upload(0);
    bench.set(&format!("[{{\"id\":{ours}}},{{\"external_file_id\":{theirs}}}]"));
    let portal = bench.portal();
    portal.remove_file(BitrixKind::Apartment, 7, PHOTOS, first);
    bench.pass();
    assert!(!bench.shown().contains(&format!("\"id\":{ours}}}")));
    assert_eq!(bench.came_from(), [theirs]);
    assert_eq!(bench.noted(), Vec::<String>::new());
    bench.leaves_all();
}

#[test]
fn an_answer_that_is_lost_writes_no_photo_twice() {
    // To the making of the unit, and to a change of its photos.
    for is_made in [false, true] {
        for kind in [FaultKind::LostAnswer, FaultKind::CutBody, FaultKind::ResetBefore] {
            let bench = both("");
            bench.photo("one");
            if is_made {
                bench.pass();
            }
            let second = bench.photo("two");
            let fault = Fault::new(kind).at(Endpoint::AlmaUnits).by(Way::Write);
            bench.simulator.inject(fault.times(1));
            bench.pass();
            assert_eq!(bench.came_from(), [bench.upload(0), bench.upload(1)]);
            // What was noted is what there is: the first stays when the second goes.
            let ids = bench.noted();
            let portal = bench.portal();
            portal.remove_file(BitrixKind::Apartment, 7, PHOTOS, second);
            bench.pass();
            assert_eq!(bench.noted(), ids[..1]);
            assert_eq!(bench.came_from(), [bench.upload(0)]);
            bench.leaves_all();
        }
    }
}

#[test]
fn kill_9_while_the_set_is_written_writes_no_photo_twice() {
    for is_made in [false, true] {
        let bench = both("");
        bench.photo("one");
        if is_made {
            bench.pass();
            bench.photo("two");
        }
        let fault = Fault::new(FaultKind::StallBody).at(Endpoint::AlmaUnits);
        bench.simulator.inject(fault.by(Way::Write));
        let service = bench.service();
        let all = 1 + usize::from(is_made);
        wait_until("the photos in Alma", || {
            let unit = bench.simulator.alma().object(AlmaKind::Unit, "7");
            unit.is_some() && bench.came_from().len() == all
        });
        service.kill();
        bench.simulator.clear_faults();
        bench.pass();
        let uploads: Vec<i64> = (0..all).map(|at| bench.upload(at)).collect();
        assert_eq!(bench.came_from(), uploads);
        assert_eq!(bench.noted().len(), all);
        bench.leaves_all();
    }
}

#[test]
fn a_set_that_was_there_before_the_ledger_is_taken_for_ours_where_it_is_as_large() {
    let bench = both("");
    bench.photo("one");
    let second = bench.photo("two");
    bench.pass();
    let (ids, came) = (bench.noted(), bench.came_from());
    // A new ledger beside the same Alma.
    bench.forget_ledger();
    let writes = bench.simulator.alma().writes();
    bench.pass();
    // Files go up anew, since nobody can ask for them; what is there is left as it is.
    assert_eq!(bench.simulator.alma().writes(), writes + 2);
    assert_eq!(bench.noted(), ids);
    let portal = bench.portal();
    portal.remove_file(BitrixKind::Apartment, 7, PHOTOS, second);
    bench.pass();
    assert_eq!(bench.noted(), ids[..1]);
    assert_eq!(bench.came_from(), came[..1]);
}
