//! The parameters of a method: JSON, or PHP's nested names in a query or a form.

use serde_json::{Map, Value};

use crate::query::decode;

/// Reads a JSON body, which is an object.
pub(super) fn of_json(body: &[u8]) -> Result<Value, String> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(Value::Object(members)),
        Ok(_) => Err("the parameters are no JSON object".to_owned()),
        Err(error) => Err(format!("the parameters are not JSON: {error}")),
    }
}

/// Reads `filter[>id]=5&select[]=id`.
pub(super) fn of_form(text: &str) -> Result<Value, String> {
    let mut root = Map::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        put(&mut root, &path(&decode(name)?)?, decode(value)?);
    }
    let members = root.into_iter().map(|(name, value)| (name, lists(value)));
    Ok(Value::Object(members.collect()))
}

/// All of the first and what the second has beside it.
pub(super) fn merged(first: Value, second: Value) -> Value {
    match (first, second) {
        (Value::Object(mut first), Value::Object(second)) => {
            for (name, value) in second {
                first.entry(name).or_insert(value);
            }
            Value::Object(first)
        }
        (first, _) => first,
    }
}

/// `filter[>id]` has two steps.
fn path(name: &str) -> Result<Vec<&str>, String> {
    let Some((first, rest)) = name.split_once('[') else {
        return Ok(vec![name]);
    };
    let inner = rest.strip_suffix(']');
    let inner = inner.ok_or_else(|| format!("parameter {name:?}: a bracket is not closed"))?;
    Ok(std::iter::once(first).chain(inner.split("][")).collect())
}

fn put(members: &mut Map<String, Value>, path: &[&str], value: String) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    let name = match *first {
        "" => members.len().to_string(),
        name => name.to_owned(),
    };
    if rest.is_empty() {
        members.insert(name, Value::String(value));
        return;
    }
    let inner = members.entry(name);
    let inner = inner.or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

/// PHP's arrays with the keys 0, 1, 2 are lists.
fn lists(value: Value) -> Value {
    let Value::Object(members) = value else {
        return value;
    };
    let places: Vec<String> = (0..members.len()).map(|place| place.to_string()).collect();
    if !places.is_empty() && places.iter().all(|place| members.contains_key(place)) {
        let mut members = members;
        let elements = places.iter().filter_map(|place| members.remove(place));
        return Value::Array(elements.map(lists).collect());
    }
    let members = members.into_iter().map(|(name, value)| (name, lists(value)));
    Value::Object(members.collect())
}

/// A number or a text as text.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(if *flag { "Y" } else { "N" }.to_owned()),
        _ => None,
    }
}

/// A whole number, also one written as text.
pub(super) fn integer(value: Option<&Value>) -> Option<i64> {
    text(value?)?.parse().ok()
}

/// Y, 1 or true.
pub(super) fn is_yes(value: Option<&Value>) -> bool {
    let text = value.and_then(text);
    text.is_some_and(|text| matches!(text.as_str(), "Y" | "y" | "1" | "true"))
}
