//! The generator's data, against the tables of the vendor's document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;
use simulator::Options;

use crate::simulator::Bench;

type Object = BTreeMap<String, Box<RawValue>>;

/// Fields in the document's order. The letter is the type: `s`tring, `i`nt,
/// `b`ool, de`c`imal, `d`ouble, DateTime `t`, `l`ist of strings, `p`ersons; in
/// upper case it may be null.
const FIELDS: [(&str, &str); 10] = [
    (
        "Obj",
        "TypeObject s Address s Locality S Street s HouseNumber s FlatNumber s SquareAll D \
         SquareLiving D CountRooms S EtazhNumber I PodyezdNumber S Id s HouseId s YearOfHouse I \
         SipNumber S SipPassword S",
    ),
    (
        "Account",
        "Id s AccountNumber s IsActive b ApartmentID s TypeObject s DateTimeOpen T DateTimeClose T \
         SpelledOutPerson I RegisteredPerson I LivingPerson I RelatedAccountId S Balance c \
         Persons P",
    ),
    (
        "Resident",
        "Surname s Name s Patronymic s UrCompanyName S Email S Phone S Id s IsEmployer B IsOwner B \
         ParentResidentId S",
    ),
    (
        "Counter",
        "Id s SerialNumber S Value1 c Value2 C Value3 C DateTimeForValue T \
         CounterTypeIdentifier s IsPublish b FlatId s TypeObject s CheckDate T CommissioningDate T",
    ),
    (
        "Request",
        "Id i Number s Title s Description S Summary S CreationDate t FinishDate T AccountNumber s \
         AccountId s TimeFrom S TimeTo S DispatcherName S Service S ServiceCategory S \
         IdentifierService S IdentifierServiceCategory S ServiceGuid S ResponsibleId S ExecutorId S \
         RequestType S WorkType S Status s IsCrash b IsImportant b IsPayable b IsGuarantee b \
         IsComplaint b IsReasonable b IsRepeated b ResidentId s FlatId s TypeObject s Rating I \
         RatingComment S IsPayment b PaymentSum i Files l FilesFromExecutor l \
         DelayedPaymentDateTime T SourceComment S IdCounter S CarBrand S CarModel S CarNumber S \
         Date S Time S CurrentPhone S CurrentEmail S ProviderInn S InitiatorSurname S \
         InitiatorName S InitiatorPatronymic S",
    ),
    (
        "Payment",
        "Sum c Commission C AccountNumber s AccountId s DateTime t Id s AccrualDate S \
         ServiceTitle S IdRequest S OrderId S OrderNumber S IsRequest b FromWeb b FromMobile b \
         IsInsurance b InsurancePeriod S InsuranceNumber S InsuranceId S IsAutopay b \
         ContractorName S",
    ),
    (
        "Doc",
        "Id s TypeName s Title s Text s IsPublish b Date t IsForExecutors b IsForResponsibles b \
         IsForContractors b IsForDisp b IsForParking b IsForNoParking b PushText S EmailTitle S \
         EmailText S SmsText S HousesIds S ResidentsIds S ResidentToFlatsIds S",
    ),
    (
        "RequestToRegister",
        "Id s FlatId s AccountNumber s Surname s Name s Patronymic S Email s Phone s",
    ),
    ("RequestToObjectAdding", "Id s FlatId s ResidentId s"),
    ("Car", "Id s ResidentId s Brand s Model s Number s PhoneDriver S IsTemp b"),
];

fn fields(member: &str) -> Vec<(&'static str, char)> {
    let (_, text) = FIELDS.iter().find(|(name, _)| *name == member).unwrap();
    let words: Vec<&str> = text.split_whitespace().collect();
    let pairs = words.chunks(2);
    pairs.map(|pair| (pair[0], pair[1].chars().next().unwrap())).collect()
}

fn check(member: &str, raw: &RawValue) {
    let object: Object = serde_json::from_str(raw.get()).unwrap();
    let fields = fields(member);
    let documented: BTreeSet<&str> = fields.iter().map(|(name, _)| *name).collect();
    let present: BTreeSet<&str> = object.keys().map(String::as_str).collect();
    assert_eq!(present, documented, "{member}");
    for (name, kind) in fields {
        let text = object[name].get();
        let right = match (text, kind.to_ascii_lowercase()) {
            ("null", _) => kind.is_ascii_uppercase(),
            (_, 's') => serde_json::from_str::<String>(text).is_ok(),
            (_, 'i') => text.parse::<i32>().is_ok(),
            (_, 'b') => text.parse::<bool>().is_ok(),
            (_, 'c' | 'd') => text.parse::<f64>().is_ok() && text.contains('.'),
            (_, 't') => is_moment(text),
            (_, 'l') => serde_json::from_str::<Vec<String>>(text).is_ok(),
            (_, 'p') => {
                for person in serde_json::from_str::<Vec<Box<RawValue>>>(text).unwrap() {
                    check("Resident", &person);
                    let person: serde_json::Value = serde_json::from_str(person.get()).unwrap();
                    assert!(person["IsOwner"].is_boolean() && person["IsEmployer"].is_boolean());
                }
                true
            }
            _ => false,
        };
        assert!(right, "{member}.{name} is {text}");
    }
}

fn is_moment(text: &str) -> bool {
    let inside = text.trim_matches('"');
    if let Some(rest) = inside.strip_prefix("\\/Date(") {
        let milliseconds = rest.strip_suffix(")\\/").unwrap_or_default();
        return milliseconds.parse::<i64>().is_ok();
    }
    inside.parse::<jiff::civil::DateTime>().is_ok()
}

async fn generated(seed: u64, envelopes: usize) -> Vec<String> {
    let bench = Bench::start(Options { seed, envelopes, accounts: 50, ..Options::default() }).await;
    let mut texts = bench.simulator.uzhkh().waiting();
    texts.extend(bench.simulator.uzhkh().waiting_deleted());
    texts.iter().map(|text| String::from_utf8(text.to_vec()).unwrap()).collect()
}

#[tokio::test]
async fn the_seed_decides_everything() {
    let first = generated(7, 500).await;
    assert_eq!(first, generated(7, 500).await);
    assert_ne!(first, generated(8, 500).await);
}

/// Else a ledger that goes on acknowledges what it has of an earlier simulator, and the entry of this one
/// is gone unread.
#[tokio::test]
async fn an_entry_that_says_something_else_is_another_entry() {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let mut met = Vec::new();
    for is_named in [false, true] {
        let options = Options { envelopes: 500, accounts: 50, ..Options::default() };
        let bench = Bench::start(options).await;
        let uzhkh = bench.simulator.uzhkh();
        let temporary = if is_named { uzhkh.temporary_ids() } else { Vec::new() };
        for (number, (kind, id)) in temporary.iter().filter_map(|id| id.split_once('/')).enumerate()
        {
            bench.word(&format!("SetId?uzhkId={id}&externalId=P-{number}&type={kind}")).await;
        }
        uzhkh.generate(500);
        for text in uzhkh.waiting().iter().chain(&uzhkh.waiting_deleted()) {
            let text = String::from_utf8(text.to_vec()).unwrap();
            let entry: serde_json::Value = serde_json::from_str(&text).unwrap();
            let guid = entry["Guid"].as_str().unwrap().to_owned();
            let before = texts.insert(guid, text.clone());
            assert!(before.is_none_or(|before| before == text), "{text}");
        }
        met.push(texts.len());
    }
    assert!(met[1] > met[0] + 100, "the ids are in the texts: {met:?}");
}

#[tokio::test]
async fn envelopes_have_all_documented_fields() {
    let bench =
        Bench::start(Options { envelopes: 5000, accounts: 100, ..Options::default() }).await;
    let texts = bench.simulator.uzhkh().waiting();
    let mut members: BTreeMap<String, usize> = BTreeMap::new();
    let (mut bytes, mut several, mut null_members, mut own_temporary) = (0, 0, 0, 0);
    let mut guids = BTreeSet::new();
    for text in &texts {
        bytes += text.len();
        let mut envelope: Object = serde_json::from_slice(text).unwrap();
        let guid = envelope.remove("Guid").unwrap();
        assert!(guids.insert(guid.get().to_owned()));
        let all = envelope.len();
        envelope.retain(|_, value| value.get() != "null");
        null_members += usize::from(envelope.len() < all);
        several += usize::from(envelope.len() > 1);
        assert!(!envelope.is_empty());
        for (member, object) in envelope {
            check(&member, &object);
            own_temporary += usize::from(object.get().contains(r#""Id":"--"#));
            *members.entry(member).or_default() += 1;
        }
    }
    assert_eq!(members.len(), 10, "{members:?}");
    let mean = bytes / texts.len();
    assert!((900..1600).contains(&mean), "{mean} bytes on average");
    assert!(several > 10 && null_members > 1000 && null_members < 5000);
    assert!(own_temporary > 500, "{own_temporary}");
    assert!(bench.simulator.uzhkh().deleted_len() > 20);
    let whole: String = texts.iter().map(|text| String::from_utf8_lossy(text)).collect();
    for rarity in [r#""\/Date("#, r#"0,"Persons":["#, "\"Id\":\"--", r"\u003cp", "студия", "ООО"]
    {
        assert!(whole.contains(rarity), "no {rarity}");
    }
}

#[tokio::test]
async fn lists_have_all_documented_fields() {
    let bench = Bench::start(Options { accounts: 120, ..Options::default() }).await;
    for (list, member) in [
        ("Accounts", "Account"),
        ("Flats", "Obj"),
        ("Payments", "Payment"),
        ("Counters", "Counter"),
        ("Requests", "Request"),
        ("Docs", "Doc"),
    ] {
        let (_, body) = bench.get(&format!("Synchronization/Download{list}?page=1")).await;
        let page: Object = serde_json::from_str(&body).unwrap();
        let items: Vec<Box<RawValue>> = serde_json::from_str(page["Items"].get()).unwrap();
        assert!(!items.is_empty(), "{list}");
        for item in items {
            check(member, &item);
        }
    }
}

#[tokio::test]
async fn twenty_thousand_entries_stream_in_order() {
    let bench =
        Bench::start(Options { envelopes: 20_000, record: false, ..Options::default() }).await;
    let mut response = bench.request("To1c/Requests").send().await.unwrap();
    assert!(response.headers().get("content-length").is_none(), "it is streamed");
    let mut body = response.chunk().await.unwrap().unwrap().to_vec();
    // What is added while the answer is under way belongs to the next one.
    bench.simulator.uzhkh().generate(10);
    while let Some(bytes) = response.chunk().await.unwrap() {
        body.extend_from_slice(&bytes);
    }
    let items: Vec<&RawValue> = serde_json::from_slice(&body).unwrap();
    let waiting = bench.simulator.uzhkh().waiting();
    assert_eq!((items.len(), waiting.len()), (20_000, 20_010));
    assert!(items.iter().zip(&waiting).all(|(item, text)| item.get().as_bytes() == text));
}
