//! Invented words, which all the systems share.
//!
//! All people here are invented: the surnames are made from nature, phone numbers lie in
//! +7 900 000-xx-xx, e-mail addresses in example.com and example.org.

use fastrand::Rng;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const SURNAMES: [(&str, &str); 24] = [
    ("Подберёзов", "podberyozov"),
    ("Калинкин", "kalinkin"),
    ("Ельников", "elnikov"),
    ("Рябинин", "ryabinin"),
    ("Сойкин", "soykin"),
    ("Журавлёв", "zhuravlyov"),
    ("Ветров", "vetrov"),
    ("Полынин", "polynin"),
    ("Снегирёв", "snegiryov"),
    ("Лугов", "lugov"),
    ("Заречнов", "zarechnov"),
    ("Брусникин", "brusnikin"),
    ("Тропинин", "tropinin"),
    ("Озёров", "ozyorov"),
    ("Морошкин", "moroshkin"),
    ("Клёнов", "klyonov"),
    ("Грачёв", "grachyov"),
    ("Ручьёв", "ruchyov"),
    ("Колосков", "koloskov"),
    ("Кедрин", "kedrin"),
    ("Родников", "rodnikov"),
    ("Осокин", "osokin"),
    ("Чижов", "chizhov"),
    ("Мятликов", "myatlikov"),
];
const MEN: [&str; 12] = [
    "Арсений",
    "Богдан",
    "Вадим",
    "Глеб",
    "Демьян",
    "Ефим",
    "Захар",
    "Игнат",
    "Лука",
    "Матвей",
    "Платон",
    "Тихон",
];
const WOMEN: [&str; 12] = [
    "Агата",
    "Варвара",
    "Глафира",
    "Дарина",
    "Есения",
    "Злата",
    "Инесса",
    "Кира",
    "Лада",
    "Майя",
    "Пелагея",
    "Ульяна",
];
const FATHERS: [&str; 10] = [
    "Арсеньев",
    "Богданов",
    "Вадимов",
    "Глебов",
    "Демьянов",
    "Ефимов",
    "Захаров",
    "Матвеев",
    "Платонов",
    "Тихонов",
];
const COMPANIES: [&str; 8] = [
    "ООО «Тихая Пристань»",
    "ООО «Медный Чайник»",
    "АО «Северный Фонарь»",
    "ИП Сойкин З. Т.",
    "ООО «Кофейня \"Полдень\"»",
    "ТСН «Яблоневый двор»",
    "ООО «Бумажный Змей»",
    "АО «Лунная Дорога – Сервис»",
];
const STREETS: [&str; 12] = [
    "ул. Тихих Сосен",
    "ул. Речных Камней",
    "пер. Яблоневый",
    "пр-т Северных Огней",
    "ул. Мастеров Стекла",
    "б-р Бумажных Змеев",
    "ул. Лунная Дорога",
    "наб. Синей Цапли",
    "ул. Старой Мельницы",
    "ул. 3-я Фонарная",
    "проезд Полевых Мышей",
    "ул. Медных Чайников",
];
const LOCALITIES: [&str; 4] =
    ["г. Новозёрск", "г. Верхнелесье", "пос. Тихий Бор", "г. Заречный Яр"];

/// Picks one of these.
pub(super) fn pick<T: Copy>(random: &mut Rng, from: &[T]) -> T {
    from[random.usize(..from.len())]
}

/// True once in so many times.
pub(super) fn once_in(random: &mut Rng, times: u32) -> bool {
    random.u32(..times) == 0
}

/// The value, or nothing once in so many times.
pub(super) fn mostly<T>(random: &mut Rng, times: u32, value: T) -> Option<T> {
    (!once_in(random, times)).then_some(value)
}

/// Names that agree in gender, and an e-mail address that goes with them.
pub(super) struct Name {
    pub(super) surname: String,
    pub(super) name: &'static str,
    pub(super) patronymic: String,
    pub(super) email: String,
}

impl Name {
    pub(super) fn invent(random: &mut Rng) -> Self {
        let (surname, latin) = pick(random, &SURNAMES);
        let father = pick(random, &FATHERS);
        let woman = random.bool();
        let (ending, end_of_patronymic) = if woman { ("а", "на") } else { ("", "ич") };
        let domain = pick(random, &["example.com", "example.org"]);
        Self {
            surname: format!("{surname}{ending}"),
            name: pick(random, if woman { &WOMEN } else { &MEN }),
            patronymic: format!("{father}{end_of_patronymic}"),
            email: format!("{latin}{}@{domain}", random.u32(1..1000)),
        }
    }
}

pub(super) fn company(random: &mut Rng) -> &'static str {
    pick(random, &COMPANIES)
}

pub(super) fn street(random: &mut Rng) -> &'static str {
    pick(random, &STREETS)
}

pub(super) fn locality(random: &mut Rng) -> &'static str {
    pick(random, &LOCALITIES)
}

pub(super) fn phone(random: &mut Rng) -> String {
    format!("+7 900 000-{:02}-{:02}", random.u8(..100), random.u8(..100))
}

/// A random UUID in its usual form.
pub(super) fn guid(random: &mut Rng) -> String {
    shaped(random.u128(..))
}

/// The guid of an entry whose text carries a random one so far, and the text with it. Another text is
/// another entry, also to a ledger that met an earlier simulator with the same seed: ids that were
/// assigned meanwhile stand in the texts.
pub(super) fn sealed(text: &str, drawn: &str) -> (String, String) {
    let digest = Sha256::digest(text);
    let bits = digest.iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte));
    let guid = shaped(bits);
    let text = text.replacen(drawn, &guid, 1);
    (guid, text)
}

fn shaped(bits: u128) -> String {
    let version = (bits & !(0xf << 76)) | (4 << 76);
    let variant = (version & !(3 << 62)) | (2 << 62);
    Uuid::from_u128(variant).to_string()
}
