//! An operator who does all there is to do, in Alma's web interface and with commands.

use simulator::AlmaKind;

use super::drive::Drive;
use super::oracle::{Key, Want, wanted};

/// More rounds than any world needs.
const ROUNDS: usize = 12;

impl Drive {
    /// Everything goes well from now on: first the program alone, then with an operator.
    pub(crate) fn finish(&mut self) {
        self.bench.clear_faults();
        // A block that Alma refuses makes one pass fail.
        let codes = (0..3).map(|_| self.bench.once().code);
        assert!(codes.into_iter().any(|code| code == Some(0)), "no pass went well");
        self.bench.pass();
        self.judge(false);
        self.bench.rests();
        self.unblock();
        self.undo();
        let mut before = self.stand();
        for round in 0.. {
            assert!(round < ROUNDS, "never came to rest: {before:?}");
            self.decide();
            self.bench.pass();
            let after = self.stand();
            let is_held = after.values().any(|row| row.state == "held");
            if after == before && !is_held {
                break;
            }
            before = after;
        }
        self.judge(true);
        self.bench.rests();
        let verified = self.bench.run(&["verify"]);
        assert_eq!(verified.code, Some(0), "{}", verified.stdout);
    }

    fn unblock(&self) {
        for unit in self.objects(AlmaKind::Unit).filter(|unit| unit.is_blocked) {
            self.say("unblock", "unit", &unit.external_id);
        }
        self.bench.pass();
    }

    /// People bring back what they have archived, where nothing has noticed it.
    fn undo(&mut self) {
        let (wanted, rows) = (wanted(&self.world), self.stand());
        for unit in self.objects(AlmaKind::Unit).filter(|unit| unit.is_archived) {
            let key = (unit.kind, unit.external_id.clone());
            let is_wanted = matches!(wanted.get(&key), Some(Want::Fields(_)));
            if is_wanted && rows[&key].state == "synced" {
                self.bench.alma().archive(unit.kind, unit.id, false);
            }
        }
        self.archived.retain(|(kind, _)| *kind != AlmaKind::Unit);
    }

    /// Ends contracts that are over, releases what is held, and tries the rest again.
    fn decide(&self) {
        let wanted = wanted(&self.world);
        for (key, row) in self.stand() {
            let (kind, id) = (key.0.word(), key.1.as_str());
            let is_to_be = matches!(wanted.get(&key), Some(Want::Fields(_)));
            match row.state.as_str() {
                "held" => {
                    if !is_to_be {
                        self.end(&key);
                    }
                    self.say("release", kind, id);
                }
                "blocked" | "rejected" => {
                    if !is_to_be {
                        self.end(&key);
                    }
                    self.say("retry", kind, id);
                }
                _ => {}
            }
        }
    }

    /// Ends a contract in Alma.
    fn end(&self, key: &Key) {
        if !key.0.word().ends_with("contract") {
            return;
        }
        let all = self.objects(key.0);
        for contract in all.filter(|contract| contract.external_id == key.1) {
            self.bench.alma().archive(contract.kind, contract.id, true);
        }
    }
}
