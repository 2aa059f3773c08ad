//! The opaque `next` of a page: the keys of its last row. It is of use only with the list that
//! gave it out.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::problem::Problem;

/// Writes the keys of a list's row.
pub(crate) fn written(list: &str, keys: &[&str]) -> String {
    let all: Vec<&str> = [list].into_iter().chain(keys.iter().copied()).collect();
    URL_SAFE_NO_PAD.encode(serde_json::Value::from(all).to_string())
}

/// Reads what [`written`] has written for this list.
///
/// # Errors
/// 400 where it is of another list, or of none.
pub(crate) fn read<const N: usize>(list: &str, text: &str) -> Result<[String; N], Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let all = bytes.and_then(|bytes| serde_json::from_slice::<Vec<String>>(&bytes).ok());
    let keys = all.and_then(|mut all| {
        let is_ours = all.first().is_some_and(|first| first == list);
        is_ours.then(|| all.split_off(1))
    });
    keys.and_then(|keys| keys.try_into().ok()).ok_or_else(|| {
        Problem::bad_request("after must be the `next` of the page before, as it was given")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_of_its_list_alone() {
        let next = written("records", &["uzhkh", "counter", "Ж/1 \"2\""]);
        let keys: [String; 3] = read("records", &next).unwrap();
        assert_eq!(keys, ["uzhkh", "counter", "Ж/1 \"2\""]);
        assert!(read::<3>("alma", &next).is_err());
        assert!(read::<2>("records", &next).is_err());
        for wrong in ["", "1", "null", "W10", &next[1..], "%%%"] {
            assert!(read::<3>("records", wrong).is_err(), "{wrong}");
        }
    }
}
