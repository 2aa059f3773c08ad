//! People, and what they sign.

use jiff::ToSpan;
use jiff::civil::Date;

use super::super::fields::{CONTRACT_TYPES, WORK_MODELS};
use super::super::kind::BitrixKind;
use super::super::state::Memory;
use super::shape::text;
use super::{Members, members};
use crate::invented::{Name, once_in, phone};

pub(super) const END: &str = "UF_CRM_20_CONTRACT_END_DATE";
const SCAN: &str = "UF_CRM_20_CONTRACT";
/// Scans of an owner's contract.
const SCANS: [(&str, &str); 5] = [
    ("UF_CRM_10_1709042143", "contract"),
    ("UF_CRM_10_1694000636731", "deed"),
    ("UF_CRM_10_1694000391518", "letter"),
    ("UF_CRM_10_1694000558852", "permit"),
    ("UF_CRM_10_1694000435068", "passport"),
];

impl Memory {
    /// Adds an owner or a tenant.
    pub(super) fn person(&mut self) -> u64 {
        let id = self.world.next(BitrixKind::Contact);
        let shaper = &mut self.world.shaper;
        let name = Name::invent(&mut shaper.random);
        let born = Date::constant(1960, 1, 1).saturating_add(shaper.random.i32(0..16_000).days());
        let birthday = match once_in(&mut shaper.random, 4) {
            true => "\"\"".to_owned(),
            false => format!("\"{born}T03:00:00+03:00\""),
        };
        // Alma takes an e-mail once.
        let email = format!("k{id}-{}", name.email);
        let mut fields = members([
            ("NAME", text(name.name)),
            ("SECOND_NAME", shaper.mostly(3, &name.patronymic)),
            ("LAST_NAME", shaper.mostly(40, &name.surname)),
            ("BIRTHDATE", birthday),
            ("TYPE_ID", text("CLIENT")),
            ("UF_CRM_1727788747", shaper.mostly(40, &email)),
        ]);
        if let Some(phones) = self.phones(id) {
            fields.insert("PHONE".to_owned(), phones);
        }
        if once_in(&mut self.world.shaper.random, 2) {
            let row = row(id * 10 + 5, "EMAIL", "HOME", &email);
            fields.insert("EMAIL".to_owned(), format!("[{row}]"));
        }
        self.put((BitrixKind::Contact, id), fields);
        id
    }

    /// Mostly one for work, at times beside others or none at all.
    pub(super) fn phones(&mut self, contact: u64) -> Option<String> {
        let random = &mut self.world.shaper.random;
        if once_in(random, 40) {
            return None;
        }
        let mut rows = Vec::new();
        if once_in(random, 3) {
            rows.push(row(contact * 10, "PHONE", "MOBILE", &phone(random)));
        }
        if rows.is_empty() || !once_in(random, 8) {
            let number = phone(random);
            let number = match random.u8(..3) {
                0 => number,
                1 => number.replace([' ', '-'], ""),
                _ => number.replace("+7 900 ", "+7 (900) "),
            };
            rows.push(row(contact * 10 + 1, "PHONE", "WORK", &number));
        }
        Some(format!("[{}]", rows.join(",")))
    }

    /// An owner hands an apartment over to be let.
    pub(super) fn owned(&mut self, number: usize, apartment: u64, owner: u64) -> u64 {
        let id = self.world.next(BitrixKind::OwnerContract);
        let today = self.clock.now().date();
        let shaper = &mut self.world.shaper;
        let start = today.saturating_sub(shaper.random.i32(200..900).days());
        let over = number % 11 == 5;
        let end = if over {
            today.saturating_sub(shaper.random.i32(5..90).days())
        } else {
            today.saturating_add(shaper.random.i32(100..700).days())
        };
        let (model, _) = WORK_MODELS[number % WORK_MODELS.len()];
        let passport = shaper.random.u32(1_000_000..9_999_999).to_string();
        let fields = members([
            ("TITLE", text(&format!("LL {id}"))),
            ("CONTACT_ID", owner.to_string()),
            ("UF_CRM_10_1693823247516", shaper.day(start)),
            ("UF_CRM_10_1693823282826", shaper.day(end)),
            ("UF_CRM_10_1693823301", shaper.link(BitrixKind::Apartment, apartment, false)),
            ("UF_CRM_10_1708956056", shaper.day(start)),
            ("UF_CRM_10_1708955996", shaper.day(end)),
            ("UF_CRM_10_1708955821", shaper.of_list(model)),
            ("UF_CRM_10_1740556751168", shaper.mostly(5, &format!("P{passport}"))),
        ]);
        let place = (BitrixKind::OwnerContract, id);
        self.put(place, fields);
        for (field, name) in SCANS {
            if once_in(&mut self.world.shaper.random, 2) {
                self.attach(place, field, &format!("{name}-{id}.pdf"));
            }
        }
        id
    }

    /// Adds past, present and future leases of a unit, which never overlap.
    pub(super) fn rented(&mut self, unit: u64) {
        let today = self.clock.now().date();
        let random = &mut self.world.shaper.random;
        let [past, running, future] = [random.u8(..10) < 5, random.u8(..10) < 7, random.bool()];
        let turn = today.saturating_sub(random.i32(10..120).days());
        let until = today.saturating_add(random.i32(20..300).days());
        let day = 1.day();
        if past {
            let before = turn.saturating_sub(200.days());
            self.signed(unit, before, turn.saturating_sub(day));
        }
        if running {
            self.signed(unit, turn, until);
        }
        if future {
            self.signed(unit, until.saturating_add(day), until.saturating_add(181.days()));
        }
    }

    /// Adds a lease with a new tenant.
    pub(super) fn signed(&mut self, unit: u64, start: Date, end: Date) -> u64 {
        let tenant = self.person();
        let id = self.world.next(BitrixKind::TenantContract);
        let fields = self.tenancy(id, unit, tenant, start, end);
        let place = (BitrixKind::TenantContract, id);
        self.put(place, fields);
        if !once_in(&mut self.world.shaper.random, 4) {
            self.attach(place, SCAN, &format!("lease-{id}.pdf"));
        }
        if once_in(&mut self.world.shaper.random, 3) {
            self.attach(place, "UF_CRM_20_1696615939", &format!("id-{id}.jpg"));
        }
        id
    }

    fn tenancy(&mut self, id: u64, unit: u64, tenant: u64, start: Date, end: Date) -> Members {
        let shaper = &mut self.world.shaper;
        let place = usize::try_from(id).unwrap_or(0) % CONTRACT_TYPES.len();
        let price = match shaper.random.u8(..3) {
            0 => format!("{}.10", shaper.random.u32(15..90) * 100),
            _ => (shaper.random.u32(15..90) * 100).to_string(),
        };
        let history = match shaper.random.u8(..3) {
            0 => "[]".to_owned(),
            1 => r#"["Signed by both","Keys handed over"]"#.to_owned(),
            _ => r#"["Prolonged once"]"#.to_owned(),
        };
        let history = shaper.choose(history, &[text("Signed by both"), "\"\"".to_owned()]);
        let passport = shaper.random.u32(1_000_000..9_999_999).to_string();
        members([
            ("TITLE", text(&format!("Lease {id}"))),
            ("CONTACT_ID", tenant.to_string()),
            ("OPPORTUNITY", price),
            ("CURRENCY_ID", text("AED")),
            ("UF_CRM_20_1693919019", shaper.link(BitrixKind::Unit, unit, false)),
            ("UF_CRM_20_CONTRACT_START_DATE", shaper.day(start)),
            (END, shaper.day(end)),
            ("UF_CRM_20_CONTRACT_HISTORY", history),
            ("UF_CRM_20_1693561495", shaper.of_list(CONTRACT_TYPES[place].0)),
            ("UF_CRM_20_1696523391", shaper.mostly(5, &passport)),
        ])
    }
}

/// A phone or an e-mail.
fn row(id: u64, kind: &str, of: &str, value: &str) -> String {
    let value = text(value);
    format!(r#"{{"ID":"{id}","VALUE_TYPE":"{of}","VALUE":{value},"TYPE_ID":"{kind}"}}"#)
}
