//! All the way: what people write in the portal arrives in Alma.

use simulator::{AlmaKind, AlmaObject, BitrixKind};

use crate::bitrix24::bench::{Bench, bench};

mod about;
mod buildings;
mod clashes;
mod empty;
mod exchange;
mod fields;
mod gone;
mod left_out;
mod lives;
mod moves;
mod people;
mod plan;
mod refusals;
mod waits;
mod whole;
mod world;

/// The portal and Alma, with nothing in either.
fn rentals() -> Bench {
    of("")
}

/// The same, with these lines in `[alma]`.
fn of(lines: &str) -> Bench {
    let bench = bench("");
    bench.fills_alma("", lines);
    bench
}

/// The document's apartment, but for its sharing and its unit.
const APARTMENT: &str =
    r#""title":"Gate 1204","ufCrm6_1682232363193":"Golden Gate","ufCrm6_1682232863625":56"#;
/// The document's unit, but for its apartment.
const UNIT: &str =
    r#""title":"Gate 1204 / 1","ufCrm8_1698838056004":1294,"ufCrm8_1682957076924":244"#;
/// The document's contract of an owner, but for what it names.
const OWNS: &str = r#""title":"LL 1204","ufCrm10_1693823247516":"2024-10-21T03:00:00+03:00","ufCrm10_1693823282826":"2097-10-29T03:00:00+03:00","ufCrm10_1708955821":1698"#;
/// The document's contract of a tenant, but for what it names.
const RENTS: &str = r#""title":"Lease 1204","opportunity":5500,"ufCrm20ContractStartDate":"2025-08-21T03:00:00+03:00","ufCrm20ContractEndDate":"2098-08-25T03:00:00+03:00","ufCrm20_1693561495":886"#;

const SHARED: u32 = 4600;
const WHOLE: u32 = 4598;

impl Bench {
    /// From now on the config has these lines in `[bitrix24]` and `[alma]`.
    fn fills_alma(&self, portal: &str, alma: &str) {
        let base_url = self.alma().base_url();
        let api_key = self.alma().api_key();
        self.configure(&format!(
            "{portal}\n[alma]\nbase_url = {base_url:?}\napi_key = {api_key:?}\nsource = \"bitrix24\"\n{alma}"
        ));
    }

    fn apartment(&self, id: u64, sharing: u32, units: &str) {
        let fields = format!(
            r#"{{{APARTMENT},"title":"Gate {id}","ufCrm6_1736951470242":{sharing},"ufCrm6_1684425402":{units}}}"#
        );
        self.portal().put(BitrixKind::Apartment, id, &fields);
    }

    fn unit(&self, id: u64, apartment: u64) {
        let fields = format!(r#"{{{UNIT},"ufCrm8_1684429208":[{apartment}]}}"#);
        self.portal().put(BitrixKind::Unit, id, &fields);
    }

    fn owns(&self, id: u64, apartment: u64, contact: u64) {
        let fields =
            format!(r#"{{{OWNS},"ufCrm10_1693823301":{apartment},"contactId":{contact}}}"#);
        self.portal().put(BitrixKind::OwnerContract, id, &fields);
    }

    fn rents(&self, id: u64, unit: u64, contact: u64) {
        let fields = format!(r#"{{{RENTS},"ufCrm20_1693919019":{unit},"contactId":{contact}}}"#);
        self.portal().put(BitrixKind::TenantContract, id, &fields);
    }

    fn person(&self, id: u64) {
        let fields = format!(
            r#"{{"NAME":"Инна","LAST_NAME":"Ветрова","UF_CRM_1727788747":"p{id}@example.com","PHONE":[{{"ID":"1","VALUE_TYPE":"WORK","VALUE":"+7 900 000-{:02}-{:02}","TYPE_ID":"PHONE"}}]}}"#,
            id / 100 % 100,
            id % 100
        );
        self.portal().put(BitrixKind::Contact, id, &fields);
    }

    /// Apartment 7, let whole as unit 22, of 51 and to 52; apartment 8, whose only room is
    /// unit 7, of 51 and to 53.
    fn furnish(&self) {
        self.apartment(7, WHOLE, "[22]");
        self.unit(22, 7);
        self.apartment(8, SHARED, "[7]");
        self.unit(7, 8);
        self.owns(1, 7, 51);
        self.owns(2, 8, 51);
        self.rents(1, 22, 52);
        self.rents(2, 7, 53);
        for id in 51..=53 {
            self.person(id);
        }
    }

    /// How every object stands: `kind external_id state`.
    fn stand(&self) -> Vec<String> {
        self.lines(
            "SELECT kind || ' ' || external_id || ' ' || state FROM alma_object ORDER BY kind, external_id",
        )
    }

    /// What does not stand as it should: `kind external_id state: reason`.
    fn stuck(&self) -> Vec<String> {
        self.lines(
            "SELECT kind || ' ' || external_id || ' ' || state || ': ' || coalesce(reason, '') \
             FROM alma_pending ORDER BY kind, external_id",
        )
    }

    /// Why an object waits.
    fn why(&self, kind: &str, id: &str) -> String {
        self.one(&format!(
            "SELECT reason FROM alma_object WHERE kind = '{kind}' AND external_id = '{id}'"
        ))
    }

    /// `state` of an object.
    #[track_caller]
    fn state(&self, kind: &str, external_id: &str) -> String {
        self.one(&format!(
            "SELECT state FROM alma_object WHERE kind = '{kind}' AND external_id = '{external_id}'"
        ))
    }

    /// An object as Alma has it.
    #[track_caller]
    fn held(&self, kind: AlmaKind, external_id: &str) -> AlmaObject {
        let object = self.alma().object(kind, external_id);
        object.unwrap_or_else(|| panic!("Alma has no {kind:?} {external_id}"))
    }

    /// Alma's id of an object.
    #[track_caller]
    fn id(&self, kind: AlmaKind, external_id: &str) -> i64 {
        self.held(kind, external_id).id
    }

    /// A field of it, raw JSON.
    #[track_caller]
    fn field(&self, kind: AlmaKind, external_id: &str, field: &str) -> String {
        let object = self.held(kind, external_id);
        object.fields.get(field).cloned().unwrap_or_default()
    }

    /// All fields of it that were ever written, and nothing else, as `name raw-JSON`.
    #[track_caller]
    fn holds(&self, kind: AlmaKind, external_id: &str, expected: &[(&str, &str)]) {
        let object = self.held(kind, external_id);
        let fields = object.fields.iter();
        let fields: Vec<String> = fields.map(|(name, raw)| format!("{name} {raw}")).collect();
        let expected = expected.iter();
        let mut expected: Vec<String> =
            expected.map(|(name, raw)| format!("{name} {raw}")).collect();
        expected.sort();
        assert_eq!(fields, expected);
    }

    /// A pass that finds nothing to send, and asks Alma nothing.
    #[track_caller]
    fn rests(&self) {
        let before = (self.alma().writes(), self.alma().reads());
        self.pass();
        let after = (self.alma().writes(), self.alma().reads());
        assert_eq!(before, after, "a pass over an unchanged portal asked Alma");
        assert_eq!(self.alma().twins(), [""; 0]);
    }

    /// The operator says something about an object, and a pass follows it.
    #[track_caller]
    fn tell(&self, words: &[&str]) {
        let said = self.run(&[&["alma"], words].concat());
        assert_eq!(said.code, Some(0), "{}", said.stderr);
        self.pass();
    }
}
