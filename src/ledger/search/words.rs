//! Texts folded so that the spellings of one thing meet: lower case, `ё` as `е`, runs of
//! letters and of digits apart, phones by their last ten digits.

/// Words of an address that say what the next one is, and that people leave out.
const NOISE: &[&str] = &[
    "ул",
    "улица",
    "пер",
    "переулок",
    "пр",
    "просп",
    "проспект",
    "бул",
    "бульвар",
    "наб",
    "набережная",
    "проезд",
    "пл",
    "площадь",
    "ш",
    "шоссе",
    "г",
    "гор",
    "город",
    "пос",
    "поселок",
    "с",
    "село",
    "д",
    "дом",
    "кв",
    "квартира",
    "к",
    "корп",
    "корпус",
    "стр",
    "строение",
    "оф",
    "офис",
    "пом",
    "помещение",
    "flat",
    "apartment",
    "apt",
    "house",
    "street",
    "st",
];

/// Words that say that a phone follows.
const BEFORE_PHONE: &[&str] = &["т", "тел", "телефон", "моб", "tel", "phone", "mob"];

/// The digits of a phone that count.
const NATIONAL: usize = 10;
/// The digits of a phone with what stands before those that count: 8, or the 7 of the country.
pub(super) const MOST_OF_PHONE: usize = NATIONAL + 1;
/// The fewest digits that are looked for as a phone.
pub(super) const FEWEST_OF_PHONE: usize = 7;

/// Lower case, with `ё` as `е`; letters that were written as a letter and a mark are whole.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'ё' => folded.push('е'),
            // е and its dots, и and its breve.
            '\u{308}' => {}
            '\u{306}' if folded.ends_with('и') => {
                folded.pop();
                folded.push('й');
            }
            _ => folded.push(letter),
        }
    }
    folded
}

/// The words of a text: runs of letters and runs of digits.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = None;
    for letter in fold(text).chars() {
        let class = match letter {
            _ if letter.is_numeric() => Some(true),
            _ if letter.is_alphabetic() => Some(false),
            _ => None,
        };
        match (class, words.last_mut()) {
            (None, _) => {}
            (Some(_), Some(word)) if class == last => word.push(letter),
            (Some(_), _) => words.push(letter.to_string()),
        }
        last = class;
    }
    words
}

/// The words of an address, without those that only say what the next one is.
pub(super) fn place(text: &str) -> Vec<String> {
    let mut words = words(text);
    words.retain(|word| !NOISE.contains(&word.as_str()));
    // «3-я Фонарная», «пр-т»: what is left of an ending after a digit says nothing.
    words.retain(|word| !matches!(word.as_str(), "я" | "й" | "ая" | "ой" | "т" | "р"));
    words
}

/// A number of an account or a contract: its letters and digits alone.
pub(super) fn number(text: &str) -> String {
    fold(text).chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// The digits of a text.
pub(super) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The digits by which a phone is known, last first, so that a beginning of them is an end of
/// the phone: `8 (900) 000-00-01` and `+7 900 0000001` are one. `None` where it is none.
pub(super) fn phone(text: &str) -> Option<String> {
    let digits = digits(text);
    if digits.len() < FEWEST_OF_PHONE {
        return None;
    }
    let is_russian = digits.len() == MOST_OF_PHONE && digits.starts_with(['7', '8']);
    let national = if is_russian { &digits[1..] } else { &digits };
    Some(national.chars().rev().collect())
}

/// Whether a text is written as a phone is: digits, whatever people and programs put between them,
/// and no word but one that says so.
pub(super) fn is_like_phone(text: &str) -> bool {
    let words = words(text);
    let is_number = |word: &String| word.starts_with(char::is_numeric);
    words.iter().all(|word| is_number(word) || BEFORE_PHONE.contains(&word.as_str()))
        && !is_date(&words)
}

/// Whether words are a date, `12.05.2026` or `2026-05-12`: it has as many digits as a phone.
fn is_date(words: &[String]) -> bool {
    let [first, month, last] = words else { return false };
    let is_year =
        |word: &str| word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
    let is_upto =
        |word: &str, most: u8| word.len() <= 2 && word.parse().is_ok_and(|n: u8| n <= most);
    let is_date = |day: &str, year: &str| is_upto(day, 31) && is_upto(month, 12) && is_year(year);
    is_date(first, last) || is_date(last, first)
}
