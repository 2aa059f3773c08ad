//! «Заявка» and «Оплата».

use fastrand::Rng;

use super::people::car;
use super::vocabulary::{
    Name, company, guid, moment, money, month, mostly, once_in, phone, pick, prose,
};
use super::{Table, View};
use crate::json::Writer;

const STATUSES: [&str; 6] =
    ["Новая", "Принята", "В работе", "Ожидает оплаты", "Выполнена", "Отклонена"];
/// Services of the catalogue, with their categories.
const SERVICES: [(&str, &str); 5] = [
    ("Замена смесителя", "Сантехнические работы"),
    ("Установка розетки", "Электромонтажные работы"),
    ("Пропуск на автомобиль", "Пропуска"),
    ("Поверка прибора учёта", "Приборы учёта"),
    ("Уборка квартиры", "Клининг"),
];
const TITLES: [&str; 5] = [
    "Течёт кран",
    "Не горит свет в подъезде",
    "Холодная батарея",
    "Не работает домофон",
    "Шум после 23:00",
];

impl View<'_> {
    pub(super) fn request(self, index: usize, json: &mut Writer) {
        let random = &mut self.random(Table::Requests, index);
        let request = self.thing(Table::Requests, index);
        let [account, resident, counter, _] = request.links;
        let id = self.id(Table::Requests, index);
        json.raw("Id", &id);
        json.text("Number", &id);
        json.text("Title", pick(random, &TITLES));
        let sentences = random.usize(1..7);
        let description = prose(random, sentences);
        json.maybe_text("Description", mostly(random, 3, &*description));
        let done = request.version > 0;
        let summary = prose(random, 4);
        json.maybe_text("Summary", done.then_some(&*summary));
        json.raw("CreationDate", moment(random, 2023..2026));
        let finish = moment(random, 2026..2027);
        json.maybe_raw("FinishDate", mostly(random, 2, finish));
        json.text("AccountNumber", &Self::account_number(account as usize));
        json.text("AccountId", &self.id(Table::Accounts, account as usize));
        let agreed = once_in(random, 3);
        json.maybe_text("TimeFrom", agreed.then_some("10:00"));
        json.maybe_text("TimeTo", agreed.then_some("12:30"));
        let dispatcher = Name::invent(random);
        json.maybe_text("DispatcherName", once_in(random, 3).then_some(dispatcher.name));
        let service = once_in(random, 3).then(|| random.usize(..SERVICES.len()));
        Self::service(service, random, json);
        json.maybe_text("ResponsibleId", once_in(random, 2).then_some("resp-04"));
        json.maybe_text("ExecutorId", once_in(random, 2).then_some("exec-17"));
        json.maybe_text("RequestType", once_in(random, 2).then_some("Сантехника"));
        json.maybe_text("WorkType", once_in(random, 2).then_some("Внутриквартирные работы"));
        let status = if done { "Выполнена" } else { pick(random, &STATUSES) };
        json.text("Status", status);
        for (flag, times) in [
            ("IsCrash", 20),
            ("IsImportant", 10),
            ("IsPayable", 3),
            ("IsGuarantee", 12),
            ("IsComplaint", 15),
            ("IsReasonable", 15),
            ("IsRepeated", 15),
        ] {
            json.flag(flag, once_in(random, times));
        }
        json.text("ResidentId", &self.id(Table::Residents, resident as usize));
        let [flat, ..] = self.thing(Table::Accounts, account as usize).links;
        json.text("FlatId", &self.id(Table::Flats, flat as usize));
        json.text("TypeObject", self.type_of_object(flat as usize));
        let rating = random.u8(1..=5);
        json.maybe_raw("Rating", done.then_some(rating));
        json.maybe_text("RatingComment", (done && rating == 5).then_some("Спасибо, быстро!"));
        json.flag("IsPayment", done && service.is_some());
        json.raw("PaymentSum", if service.is_some() { random.u32(1..80) * 50 } else { 0 });
        Self::files("Files", random, json);
        Self::files("FilesFromExecutor", random, json);
        let until = moment(random, 2026..2027);
        let delayed = (status == "Ожидает оплаты").then_some(until);
        json.maybe_raw("DelayedPaymentDateTime", delayed);
        json.maybe_text("SourceComment", once_in(random, 6).then_some("см. фото"));
        let meter = self.linked(Table::Counters, counter).filter(|_| once_in(random, 3));
        json.maybe_text("IdCounter", meter.as_deref());
        Self::pass_and_people(service == Some(2), agreed, random, json);
    }

    /// The last fields: a car's pass, the wished time, who may be called.
    fn pass_and_people(pass: bool, agreed: bool, random: &mut Rng, json: &mut Writer) {
        let (brand, model, number) = car(random);
        json.maybe_text("CarBrand", pass.then_some(brand));
        json.maybe_text("CarModel", pass.then_some(model));
        json.maybe_text("CarNumber", pass.then_some(&*number));
        let date = format!("{:02}.{:02}.2026", random.u8(1..29), random.u8(1..13));
        json.maybe_text("Date", agreed.then_some(&*date));
        json.maybe_text("Time", agreed.then_some("18:30"));
        let initiator = Name::invent(random);
        let contact = phone(random);
        json.maybe_text("CurrentPhone", once_in(random, 2).then_some(&*contact));
        json.maybe_text("CurrentEmail", once_in(random, 5).then_some(&*initiator.email));
        json.maybe_text("ProviderInn", once_in(random, 8).then_some("0000000000"));
        let known = once_in(random, 4);
        json.maybe_text("InitiatorSurname", known.then_some(&*initiator.surname));
        json.maybe_text("InitiatorName", known.then_some(initiator.name));
        json.maybe_text("InitiatorPatronymic", known.then_some(&*initiator.patronymic));
    }

    /// The fields of a request for a service of the catalogue.
    fn service(service: Option<usize>, random: &mut Rng, json: &mut Writer) {
        let words = service.map(|index| SERVICES[index]);
        json.maybe_text("Service", words.map(|(name, _)| name));
        json.maybe_text("ServiceCategory", words.map(|(_, category)| category));
        let identifier = service.map(|index| format!("service-{}", index + 1));
        json.maybe_text("IdentifierService", identifier.as_deref());
        json.maybe_text("IdentifierServiceCategory", service.map(|_| "category-1"));
        let id = guid(random);
        json.maybe_text("ServiceGuid", service.map(|_| &*id));
    }

    fn files(name: &str, random: &mut Rng, json: &mut Writer) {
        json.name(name);
        json.open_list();
        if once_in(random, 4) {
            for _ in 0..random.u8(1..3) {
                json.string(&format!("https://files.example.com/{}.jpg", random.u32(..)));
            }
        }
        json.close_list();
    }

    pub(super) fn payment(self, index: usize, json: &mut Writer) {
        let random = &mut self.random(Table::Payments, index);
        let [account, request, ..] = self.thing(Table::Payments, index).links;
        let request = self.linked(Table::Requests, request);
        let insurance = request.is_none() && once_in(random, 10);
        let accrual = request.is_none() && !insurance && !once_in(random, 3);
        let kopecks = random.i64(10_000..1_500_000);
        let sum = money(random, kopecks);
        json.raw("Sum", sum);
        // Required «нет», yet a decimal without the question mark: it is there.
        let commission = match once_in(random, 3) {
            true => money(random, kopecks / 100),
            false => "0.0".to_owned(),
        };
        json.raw("Commission", commission);
        json.text("AccountNumber", &Self::account_number(account as usize));
        json.text("AccountId", &self.id(Table::Accounts, account as usize));
        json.raw("DateTime", moment(random, 2023..2026));
        json.text("Id", &self.id(Table::Payments, index));
        let month_number = format!("{:02}.{}", random.u8(1..13), random.u16(2023..2026));
        json.maybe_text("AccrualDate", accrual.then_some(&*month_number));
        let services = match request {
            Some(_) => Some(SERVICES[index % SERVICES.len()].0),
            None => accrual.then_some("Отопление, ХВС, ГВС, Содержание жилья"),
        };
        json.maybe_text("ServiceTitle", services);
        json.maybe_text("IdRequest", request.as_deref());
        let order = guid(random);
        json.maybe_text("OrderId", mostly(random, 5, &*order));
        let number = format!("UZ-{:08}", random.u32(..100_000_000));
        json.maybe_text("OrderNumber", mostly(random, 5, &*number));
        json.flag("IsRequest", request.is_some());
        let from_web = random.bool();
        json.flag("FromWeb", from_web);
        json.flag("FromMobile", !from_web);
        json.flag("IsInsurance", insurance);
        let period = format!("{} {}", month(random), random.u16(2023..2026));
        json.maybe_text("InsurancePeriod", insurance.then_some(&*period));
        let policy = format!("СП-{:07}", random.u32(..10_000_000));
        json.maybe_text("InsuranceNumber", insurance.then_some(&*policy));
        json.maybe_text("InsuranceId", insurance.then_some("offer-3"));
        json.flag("IsAutopay", once_in(random, 8));
        let contractor = company(random);
        let topping_up = request.is_none() && once_in(random, 6);
        json.maybe_text("ContractorName", topping_up.then_some(contractor));
    }
}
