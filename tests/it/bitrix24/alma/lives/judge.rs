//! Whether Alma holds what the portal says, and whether what it does not hold has a reason.

use simulator::AlmaKind;

use super::world::{ALL_UNITS, APARTMENTS, CONTACTS, LOCKS, TITLES, World};
use crate::bitrix24::bench::Bench;

impl Bench {
    /// The next read of every kind is a full one, where there was a first.
    pub(super) fn forget_full_reads_if_any(&self) {
        if self.ledger().exists() {
            self.forget_full_reads();
        }
    }

    /// State and reason of an object.
    fn standing(&self, kind: &str, id: &str) -> Option<(String, String)> {
        let sql = format!(
            "SELECT state || '|' || coalesce(reason, '') FROM alma_object WHERE kind = '{kind}' AND external_id = '{id}'"
        );
        let line = self.lines(&sql).pop()?;
        let (state, reason) = line.split_once('|')?;
        Some((state.to_owned(), reason.to_owned()))
    }

    /// What is synced is held, nothing is pending, and the rest says why.
    #[track_caller]
    pub(super) fn judge(&self, world: &World) {
        let lines =
            self.lines("SELECT kind, external_id, state, coalesce(reason, '') FROM alma_object");
        for line in &lines {
            assert!(!line.contains("|pending|"), "{line}");
            let is_well = line.contains("|synced|");
            assert!(is_well || !line.ends_with('|'), "{line}");
        }
        self.judge_units(world);
        self.judge_clients(world);
        self.judge_contracts(world);
        assert_eq!(self.alma().twins(), [""; 0]);
    }

    fn judge_units(&self, world: &World) {
        for (at, apartment) in APARTMENTS.iter().enumerate() {
            let id = apartment.to_string();
            let (state, reason) = self.standing("unit", &id).expect("every apartment is a unit");
            assert_eq!(state == "excluded", !world.wanted[at], "unit {id} {state}: {reason}");
            if state == "excluded" {
                continue;
            }
            let unit = self.alma().object(AlmaKind::Unit, &id);
            let name = format!("{:?}", TITLES[world.titles[at]]);
            let units = self.alma().objects(AlmaKind::Unit);
            let mut others = units.iter().filter(|other| other.external_id != id);
            // Alma has a title once: the other one may not get its own either.
            let is_taken = others.any(|other| other.fields["name"] == name);
            let Some(unit) = unit else {
                assert!(is_taken, "unit {id} {state}: {reason}");
                continue;
            };
            let lock = format!("{:?}", LOCKS[world.locks[at]]);
            let (has_name, has_lock) = (
                unit.fields["name"] == name,
                unit.fields.get("electronic_lock_password") == Some(&lock),
            );
            if world.locks[at] < 2 {
                // Whatever is in the way of its title, its lock opens.
                assert!(has_lock, "unit {id} {state}: {reason}: {unit:?}");
            }
            assert!(has_name || is_taken, "unit {id} {state}: {reason}: {unit:?}");
            let is_well = has_name && has_lock;
            assert_eq!(state == "synced", is_well, "unit {id} {state}: {reason}: {unit:?}");
        }
    }

    fn judge_clients(&self, world: &World) {
        for (at, contact) in CONTACTS.iter().enumerate() {
            let id = contact.to_string();
            let Some((state, reason)) = self.standing("client", &id) else { continue };
            if state != "synced" {
                continue;
            }
            assert!(!world.is_gone[at], "client {id} {state}: {reason}");
            let client = self.held(AlmaKind::Client, &id);
            assert_eq!(client.fields["email"], format!("{:?}", world.email(at)), "client {id}");
        }
    }

    fn judge_contracts(&self, world: &World) {
        for (at, contract) in world.contracts.iter().enumerate() {
            let id = (at + 1).to_string();
            let (state, reason) =
                self.standing("tenant_contract", &id).expect("it is in the ledger");
            let is_out = !world.wanted[world.place(contract.unit).0];
            assert_eq!(state == "excluded", is_out, "contract {id} {state}: {reason}");
            let is_over = contract.is_over() && !is_out;
            assert_eq!(state == "ended", is_over, "contract {id} {state}: {reason}");
            if state != "synced" {
                continue;
            }
            let held = self.held(AlmaKind::TenantContract, &id);
            assert!(!held.is_archived, "contract {id}: {held:?}");
            assert_eq!(held.fields["end_date"][1..11], *contract.end(), "contract {id}");
            let (apartment, can_be_let) = world.place(contract.unit);
            assert!(can_be_let, "contract {id} {state}");
            let meant = match world.shared[apartment] {
                true => self.held(AlmaKind::Room, &ALL_UNITS[contract.unit].to_string()),
                false => self.held(AlmaKind::Unit, &APARTMENTS[apartment].to_string()),
            };
            assert_eq!(held.fields["unit_id"], meant.id.to_string(), "contract {id}");
            let client = self.held(AlmaKind::Client, &CONTACTS[contract.contact].to_string());
            assert_eq!(held.fields["client_id"], client.id.to_string(), "contract {id}");
        }
    }
}
