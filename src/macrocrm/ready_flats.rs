//! Parses the list of flats whose keys can be handed over.
//!
//! `data.houses[]` has `id`, `title` and `flats`, the numbers of the flats. A number is
//! opaque text: `К-1.4-7-1` is neither trimmed nor transliterated. An unreadable piece
//! is set aside with its text and the reason; the rest goes on.

use super::answer::{as_text, php_array};
use crate::config::Category;
use crate::json::{self, Members};

/// The category of flats listed without one.
pub(crate) const ANY: &str = "any";

/// The longest id and title of a house, in bytes: each of its flats repeats them.
const MAX_ID: usize = 64;
const MAX_TITLE: usize = 1024;
/// The most flats of a list: all of it is held in memory.
const MAX_FLATS: usize = 1_000_000;

/// A parsed list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ReadyFlats {
    /// In the order of the list.
    pub(crate) flats: Vec<ReadyFlat>,
    /// Unreadable pieces of the list. They may hide flats: while there are any, a flat that is
    /// not in `flats` need not be gone.
    pub(crate) unclear: Vec<Unclear>,
}

/// A flat whose keys can be handed over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ReadyFlat {
    /// `HOUSE/CATEGORY/FLAT`.
    pub(crate) id: String,
    /// A JSON object of `house_id`, `title`, `category` and `flat`.
    pub(crate) body: String,
}

/// An unreadable piece of a list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unclear {
    /// The text as received.
    pub(crate) text: String,
    /// The reason.
    pub(crate) reason: String,
}

/// The id of a record: `HOUSE/CATEGORY/FLAT`.
pub(crate) fn record_id(house: &str, category: Option<Category>, flat: &str) -> String {
    format!("{house}/{}/{flat}", category.map_or(ANY, Category::word))
}

/// Parses the `data` of getReadyFlats; the error is the reason why it is no list of houses.
pub(super) fn decode(data: &str, category: Option<Category>) -> Result<ReadyFlats, &'static str> {
    let mut list = ReadyFlats::default();
    // PHP writes an empty array where nothing is ready.
    if php_array(data).is_some_and(|values| values.is_empty()) {
        return Ok(list);
    }
    let houses = Members::parse(data)
        .ok_or("its data is not an object")?
        .get("houses")
        .ok_or("its data has no houses")?;
    for house in php_array(houses).ok_or("its houses are not a list")? {
        if let Err(reason) = list.add_house(house, category) {
            list.set_aside(house, reason);
        }
    }
    Ok(list)
}

impl ReadyFlats {
    fn add_house(&mut self, text: &str, category: Option<Category>) -> Result<(), String> {
        let house = Members::parse(text).ok_or("a house that is not an object")?;
        let id = house.get("id").and_then(as_text);
        let id = id.filter(|id| !id.trim().is_empty()).ok_or("a house without an id")?;
        if id.len() > MAX_ID {
            return Err(format!("a house whose id is over {MAX_ID} bytes"));
        }
        let title = house.get("title").and_then(as_text);
        if title.as_ref().is_some_and(|title| title.len() > MAX_TITLE) {
            return Err(format!("a house whose title is over {MAX_TITLE} bytes"));
        }
        let title = title.map_or_else(|| "null".to_owned(), |title| json::quote(&title));
        let flats = php_array(house.get("flats").unwrap_or("null"))
            .ok_or_else(|| format!("the flats of house {id} are not a list"))?;
        if self.flats.len() + flats.len() > MAX_FLATS {
            return Err(format!("with house {id} there are over {MAX_FLATS} flats"));
        }
        for raw in flats {
            let flat = as_text(raw).filter(|flat| !flat.trim().is_empty());
            let Some(flat) = flat else {
                let reason = format!("a flat of house {id} that is neither text nor a number");
                self.set_aside(raw, reason);
                continue;
            };
            let body = format!(
                r#"{{"house_id":{},"title":{title},"category":{},"flat":{}}}"#,
                json::quote(&id),
                json::quote(category.map_or(ANY, Category::word)),
                json::quote(&flat)
            );
            self.flats.push(ReadyFlat { id: record_id(&id, category, &flat), body });
        }
        Ok(())
    }

    fn set_aside(&mut self, text: &str, reason: String) {
        self.unclear.push(Unclear { text: text.to_owned(), reason });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(list: &ReadyFlats) -> Vec<&str> {
        list.flats.iter().map(|flat| flat.id.as_str()).collect()
    }

    #[test]
    fn the_documented_list_is_taken_apart() {
        let data = r#"{"houses":[
            {"id":"123","title":"3 очередь бизнес-класс","flats":["1.8-12-1","1.8-13-2"]},
            {"id":"124","title":"Бизнес-класс 2 очередь","flats":["К-1.4-7-1"]}]}"#;
        let list = decode(data, Some(Category::Garage)).unwrap();
        assert_eq!(
            ids(&list),
            ["123/garage/1.8-12-1", "123/garage/1.8-13-2", "124/garage/К-1.4-7-1"]
        );
        assert_eq!(
            list.flats[2].body,
            r#"{"house_id":"124","title":"Бизнес-класс 2 очередь","category":"garage","flat":"К-1.4-7-1"}"#
        );
        assert_eq!(list.unclear, []);
    }

    #[test]
    fn numbers_are_text_by_their_spelling_and_text_is_left_alone() {
        let data =
            r#"{"houses":{"3":{"id":7,"title":5.10,"flats":{"0":12,"4":" 1\/\"2 ","9":1.50}}}}"#;
        let list = decode(data, None).unwrap();
        assert_eq!(ids(&list), ["7/any/12", "7/any/ 1/\"2 ", "7/any/1.50"]);
        assert_eq!(
            list.flats[1].body,
            r#"{"house_id":"7","title":"5.10","category":"any","flat":" 1/\"2 "}"#
        );
    }

    #[test]
    fn nothing_ready_has_many_shapes() {
        for data in [
            "[]",
            "null",
            "{}",
            r#"{"houses":[]}"#,
            r#"{"houses":{}}"#,
            r#"{"houses":null}"#,
            r#"{"houses":[{"id":1,"flats":[]},{"id":2,"flats":null},{"id":3}]}"#,
        ] {
            assert_eq!(decode(data, None), Ok(ReadyFlats::default()), "{data}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_set_aside_and_the_rest_goes_on() {
        let data = r#"{"houses":[{"title":"no id","flats":["1"]},{"id":"","flats":[]},7,
            {"id":2,"flats":"2"},{"id":3,"flats":[null,{"n":1},"",true,"ok"],"title":[]}]}"#;
        let list = decode(data, None).unwrap();
        assert_eq!(ids(&list), ["3/any/ok"]);
        assert_eq!(
            list.flats[0].body,
            r#"{"house_id":"3","title":null,"category":"any","flat":"ok"}"#
        );
        let unclear: Vec<(&str, &str)> = list
            .unclear
            .iter()
            .map(|unclear| (unclear.text.as_str(), unclear.reason.as_str()))
            .collect();
        let flat = "a flat of house 3 that is neither text nor a number";
        assert_eq!(
            unclear,
            [
                (r#"{"title":"no id","flats":["1"]}"#, "a house without an id"),
                (r#"{"id":"","flats":[]}"#, "a house without an id"),
                ("7", "a house that is not an object"),
                (r#"{"id":2,"flats":"2"}"#, "the flats of house 2 are not a list"),
                ("null", flat),
                (r#"{"n":1}"#, flat),
                (r#""""#, flat),
                ("true", flat),
            ]
        );
    }

    #[test]
    fn what_every_flat_would_repeat_is_not_longer_than_it_may_be() {
        let house = |id: &str, title: &str| {
            let data = format!(
                r#"{{"houses":[{{"id":"{id}","title":"{title}","flats":["1"]}},{{"id":2,"flats":["2"]}}]}}"#
            );
            decode(&data, None).unwrap()
        };
        assert_eq!(house(&"1".repeat(64), &"t".repeat(1024)).flats.len(), 2);
        for list in [house("1", &"t".repeat(1025)), house(&"1".repeat(65), "t")] {
            assert_eq!(ids(&list), ["2/any/2"]);
            assert_eq!(list.unclear.len(), 1);
            assert!(list.unclear[0].reason.len() < 100);
        }
    }

    #[test]
    fn what_is_no_list_of_houses_is_an_error() {
        for data in [
            r#"[{"id":1,"flats":[]}]"#,
            r#""none""#,
            r#"{"flats":[]}"#,
            r#"{"houses":"none"}"#,
            r#"{"houses":{"id":1,"flats":[]}}"#,
        ] {
            assert!(decode(data, None).is_err(), "{data}");
        }
    }
}
