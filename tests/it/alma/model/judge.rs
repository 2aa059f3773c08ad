//! Whether Alma holds what the oracle says, and whether what it does not hold has a
//! reason.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use simulator::{AlmaKind, AlmaObject};

use super::drive::Drive;
use super::oracle::{Key, Value, Want, wanted};

/// How the ledger says that an object stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) state: String,
    pub(crate) alma_id: Option<i64>,
    pub(crate) reason: String,
}

pub(crate) type Rows = BTreeMap<Key, Row>;

impl Drive {
    pub(crate) fn stand(&self) -> Rows {
        let sql = "SELECT kind, external_id, state, coalesce(alma_id, ''), coalesce(reason, '') FROM alma_object";
        let lines = self.bench.lines(sql).into_iter();
        lines
            .map(|line| {
                let mut cells = line.splitn(5, '|').map(str::to_owned);
                let mut cell = || cells.next().unwrap();
                let kind = cell();
                let kind = AlmaKind::ALL.into_iter().find(|known| known.word() == kind);
                let row = |cells: [String; 3]| {
                    let [state, alma_id, reason] = cells;
                    Row { state, alma_id: alma_id.parse().ok(), reason }
                };
                ((kind.unwrap(), cell()), row([cell(), cell(), cell()]))
            })
            .collect()
    }

    /// What is synced is held, and the rest has its reason; after the operator has done
    /// all there is to do (`is_last`), one that counts.
    pub(crate) fn judge(&self, is_last: bool) {
        let (wanted, rows) = (wanted(&self.world), self.stand());
        for (key, row) in &rows {
            assert_ne!(row.state, "pending", "{key:?} {row:?}");
            let is_well = matches!(row.state.as_str(), "synced" | "archived" | "ended");
            assert!(is_well || !row.reason.is_empty(), "{key:?} {row:?}");
            if !wanted.contains_key(key) {
                self.judge_left(key, row, is_last);
            }
        }
        for (key, want) in &wanted {
            let row = rows.get(key);
            let row = row.unwrap_or_else(|| panic!("the ledger has no {key:?}"));
            match want {
                Want::Fields(fields) if row.state == "synced" => self.holds(key, fields, &rows),
                // What is blocked goes on by itself as soon as it can; what Alma said no to,
                // and what it finds nothing to let for, waits for the operator.
                Want::Fields(fields) if is_last || goes_on(row) => assert!(
                    self.is_excused(key, row, fields, &rows),
                    "{key:?} {row:?} should be {fields:?}"
                ),
                Want::Fields(_) => assert_ne!(row.state, "archived", "{key:?} {row:?}"),
                Want::Lacks => assert_eq!(row.state, "blocked", "{key:?} {row:?}"),
                Want::Over => self.judge_over(key, row),
            }
        }
        for (id, code) in &self.edited {
            let unit = self.objects(AlmaKind::Unit).find(|unit| unit.id == *id).unwrap();
            assert_eq!(unit.fields.get("keybox_code"), Some(code), "{unit:?}");
        }
    }

    /// What is over stands as ended, and of a contract nothing in Alma runs on past tomorrow.
    fn judge_over(&self, key: &Key, row: &Row) {
        assert_eq!(row.state, "ended", "{key:?} is over: {row:?}");
        if key.0 == AlmaKind::Client {
            return;
        }
        let tomorrow = self.bench.alma().today().tomorrow().unwrap().to_string();
        for contract in self.objects(key.0).filter(|object| object.external_id == key.1) {
            let end = &contract.fields["end_date"][1..11];
            assert!(contract.is_archived || *end <= *tomorrow, "{key:?} runs on: {contract:?}");
        }
    }

    /// What UZhKH no longer has.
    fn judge_left(&self, key: &Key, row: &Row, is_last: bool) {
        let (kind, id) = key;
        let is_known =
            matches!(row.state.as_str(), "archived" | "ended") || row.state == "held" && !is_last;
        let waits = self.waits_for_a_contract(row);
        assert!(is_known || waits, "{key:?} should be gone: {row:?}");
        // What was over when it left is left as it is.
        let is_kept = matches!(row.state.as_str(), "held" | "ended") || waits;
        if matches!(kind, AlmaKind::Building | AlmaKind::Client) || is_kept {
            return;
        }
        let mut there = self.objects(*kind);
        let is_live = there.any(|object| object.external_id == *id && !object.is_archived);
        // The operator may have said that a contract is over without ending it.
        let is_said = row.reason.starts_with("taken for ended");
        assert!(!is_live || is_said, "{key:?} is live: {row:?}");
    }

    /// Whether a unit stays for a contract that is on it, of which nobody can tell where it
    /// goes before a person has put UZhKH right.
    fn waits_for_a_contract(&self, row: &Row) -> bool {
        let contract = row.reason.split_once(" is to move to another unit first");
        let Some((contract, _)) = contract.filter(|_| row.state == "blocked") else {
            return false;
        };
        let wanted = wanted(&self.world);
        let key = |(kind, id): &Key| format!("{} {id}", kind.word());
        wanted.iter().any(|(of, want)| key(of) == contract && matches!(want, Want::Lacks))
    }

    pub(crate) fn objects(&self, kind: AlmaKind) -> impl Iterator<Item = AlmaObject> {
        self.bench.alma().objects(kind).into_iter()
    }

    /// That Alma has an object once, and so.
    fn holds(&self, key: &Key, fields: &BTreeMap<&'static str, Value>, rows: &Rows) {
        let row = &rows[key];
        let (kind, id) = key;
        let mut found: Vec<AlmaObject> = match kind {
            AlmaKind::Building => {
                let Value::Is(name) = &fields["name"] else { panic!("a building has a name") };
                let all = self.objects(*kind);
                all.filter(|object| object.fields.get("name") == Some(name)).collect()
            }
            _ => self.objects(*kind).filter(|object| object.external_id == *id).collect(),
        };
        let by_people = |object: &AlmaObject| {
            let place = (object.kind, object.id);
            object.is_archived && self.archived.contains(&place)
        };
        let are_by_people = !found.is_empty() && found.iter().all(by_people);
        if *kind != AlmaKind::Client && !are_by_people {
            found.retain(|object| !object.is_archived);
        }
        if kind.word().ends_with("contract") && are_by_people {
            return;
        }
        assert_eq!(found.len(), 1, "{key:?} {row:?}: {found:?}");
        let object = &found[0];
        assert_eq!(Some(object.id), row.alma_id, "{key:?}");
        for (name, value) in fields {
            let held = object.fields.get(*name).map_or("null", String::as_str);
            assert!(
                self.is(held, value, rows),
                "{name} of {key:?} is {held} and should be {value:?}: {row:?}"
            );
        }
    }

    fn is(&self, held: &str, value: &Value, rows: &Rows) -> bool {
        match value {
            Value::Is(raw) if raw.starts_with(|one: char| one == '-' || one.is_ascii_digit()) => {
                plain(held) == plain(raw)
            }
            Value::Is(raw) => {
                serde_json::from_str::<Json>(held).ok() == serde_json::from_str::<Json>(raw).ok()
            }
            Value::Empty => held == "null" || self.may_adopt,
            Value::Zero => plain(held) == plain("0") || self.may_adopt,
            Value::Unsaid(raw) => held == *raw || self.may_adopt,
            Value::On(day) => held.get(1..11) == Some(day),
            // Alma is not told what a building is called by us; its name is judged apart.
            Value::Ref(key) if key.0 == AlmaKind::Building => {
                held == rows[key].alma_id.unwrap_or_default().to_string()
            }
            Value::Ref((kind, id)) => {
                let object = self.bench.alma().object(*kind, id);
                object.is_some_and(|object| held == object.id.to_string())
            }
        }
    }

    /// Whether something in Alma, or something that is missing there, is in the way.
    fn is_excused(
        &self,
        key: &Key,
        row: &Row,
        fields: &BTreeMap<&'static str, Value>,
        rows: &Rows,
    ) -> bool {
        let mut others = self.objects(key.0).filter(|object| Some(object.id) != row.alma_id);
        let raw = |name: &str| match &fields[name] {
            Value::Is(raw) => raw.to_lowercase(),
            Value::Unsaid(raw) => (*raw).to_owned(),
            value => panic!("{name} is {value:?}"),
        };
        let has = |object: &AlmaObject, name: &str, value: &str| {
            let held = object.fields.get(name).map_or("", String::as_str);
            held.to_lowercase() == value
        };
        match key.0 {
            AlmaKind::Building => others.any(|other| has(&other, "name", &raw("name"))),
            AlmaKind::Client => others.any(|other| has(&other, "email", &raw("email"))),
            AlmaKind::Unit => {
                let Value::Ref(building) = &fields["building"] else {
                    panic!("a unit stands in a building")
                };
                let Some(house) = rows[building].alma_id.map(|id| id.to_string()) else {
                    return true;
                };
                others.any(|other| {
                    has(&other, "building", &house) && has(&other, "name", &raw("name"))
                })
            }
            _ => self.is_contract_excused(key, fields, rows),
        }
    }

    fn is_contract_excused(
        &self,
        key: &Key,
        fields: &BTreeMap<&'static str, Value>,
        rows: &Rows,
    ) -> bool {
        let (Value::Ref(unit), Value::Ref(client)) = (&fields["unit_id"], &fields["client_id"])
        else {
            panic!("a contract is about a unit and a client")
        };
        let is_known = |key: &Key| rows.get(key).is_some_and(|row| row.alma_id.is_some());
        let held = self.bench.alma().object(unit.0, &unit.1);
        let Some(held) = held.filter(|_| is_known(unit) && is_known(client)) else {
            return true;
        };
        let unit_id = held.id.to_string();
        let (Value::On(start), Value::On(end)) = (&fields["start_date"], &fields["end_date"])
        else {
            panic!("a contract has dates")
        };
        let day = |object: &AlmaObject, name: &str| object.fields[name][1..11].to_owned();
        let mut rents = self.objects(AlmaKind::TenantContract).filter(|other| {
            let is_other = other.external_id != key.1 && !other.is_archived;
            is_other && other.fields["unit_id"] == unit_id
        });
        let is_rented =
            rents.any(|other| day(&other, "start_date") < *end && day(&other, "end_date") > *start);
        held.is_archived || key.0 == AlmaKind::TenantContract && is_rented
    }
}

fn goes_on(row: &Row) -> bool {
    row.state == "blocked" && !row.reason.contains("rental_object")
}

/// A number without zeros that do not count.
fn plain(number: &str) -> &str {
    match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    }
}
