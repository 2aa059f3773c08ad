//! As much of JSON Schema as the description of the interface uses; what it has beside that is
//! an error here, and so is a member that it does not describe.

use serde_json::{Map, Value};

/// A description and the schemas in it.
pub(super) struct Schemas<'d>(pub(super) &'d Value);

impl Schemas<'_> {
    /// What a value has that its schema does not say.
    pub(super) fn faults(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        self.check("$", schema, value, &mut faults);
        faults
    }

    fn check(&self, at: &str, schema: &Value, value: &Value, faults: &mut Vec<String>) {
        let schema = self.resolved(schema);
        for word in schema.keys() {
            let known = [
                "type",
                "properties",
                "required",
                "items",
                "enum",
                "oneOf",
                "anyOf",
                "allOf",
                "format",
                "description",
                "example",
                "examples",
                "minimum",
                "maximum",
                "prefixItems",
                "default",
                "propertyNames",
                "additionalProperties",
                "title",
                "maxItems",
                "maxLength",
                "minItems",
            ];
            assert!(known.contains(&word.as_str()), "{at}: {word} is not checked");
        }
        if let Some(one_of) = schema.get("oneOf").or(schema.get("anyOf")) {
            let mut all = one_of.as_array().unwrap().iter();
            if !all.any(|one| self.faults(one, value).is_empty()) {
                faults.push(format!("{at}: {value} is none of {one_of}"));
            }
            return;
        }
        if let Some(parts) = schema.get("allOf") {
            self.check_object(at, &self.merged(parts), value, faults);
            return;
        }
        if let Some(types) = schema.get("type") {
            let is = |word: &Value| is_of(word.as_str().unwrap(), value);
            if !types.as_array().map_or_else(|| is(types), |types| types.iter().any(is)) {
                faults.push(format!("{at}: {value} is no {types}"));
                return;
            }
        }
        if let Some(words) = schema.get("enum")
            && !words.as_array().unwrap().contains(value)
        {
            faults.push(format!("{at}: {value} is none of {words}"));
        }
        for (word, is_wrong) in
            [("minimum", (|a, b| a < b) as fn(f64, f64) -> bool), ("maximum", |a, b| a > b)]
        {
            let bound = schema.get(word).and_then(Value::as_f64);
            if let (Some(bound), Some(number)) = (bound, value.as_f64())
                && is_wrong(number, bound)
            {
                faults.push(format!("{at}: {number} is beyond {word} {bound}"));
            }
        }
        if let (Some(items), Some(values)) = (schema.get("items"), value.as_array())
            && items.is_object()
        {
            for (n, value) in values.iter().enumerate() {
                self.check(&format!("{at}[{n}]"), items, value, faults);
            }
        }
        if let (Some(items), Some(values)) = (schema.get("prefixItems"), value.as_array()) {
            for (n, (schema, value)) in items.as_array().unwrap().iter().zip(values).enumerate() {
                self.check(&format!("{at}[{n}]"), schema, value, faults);
            }
        }
        self.check_object(at, &schema, value, faults);
    }

    fn check_object(
        &self,
        at: &str,
        schema: &Map<String, Value>,
        value: &Value,
        faults: &mut Vec<String>,
    ) {
        let (Some(properties), Some(members)) = (schema.get("properties"), value.as_object())
        else {
            return;
        };
        for (name, value) in members {
            match properties.get(name) {
                Some(schema) => self.check(&format!("{at}.{name}"), schema, value, faults),
                None => faults.push(format!("{at}.{name} is not described")),
            }
        }
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            if !members.contains_key(name.as_str().unwrap()) {
                faults.push(format!("{at}: {name} is missing"));
            }
        }
    }

    /// The schema that a reference leads to.
    fn resolved(&self, schema: &Value) -> Map<String, Value> {
        let mut schema = schema;
        while let Some(path) = schema.get("$ref") {
            let path = path.as_str().unwrap().strip_prefix('#').unwrap();
            schema = self.0.pointer(path).unwrap_or_else(|| panic!("{path} leads nowhere"));
        }
        schema.as_object().unwrap_or_else(|| panic!("no schema: {schema}")).clone()
    }

    /// One object of several, all of which a value is.
    fn merged(&self, parts: &Value) -> Map<String, Value> {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for part in parts.as_array().unwrap() {
            let part = self.resolved(part);
            let inner = part.get("allOf").map_or(part.clone(), |parts| self.merged(parts));
            let known = inner.get("properties").and_then(Value::as_object);
            properties.extend(known.cloned().unwrap_or_default());
            let needed = inner.get("required").and_then(Value::as_array);
            required.extend(needed.cloned().unwrap_or_default());
        }
        let merged = [("properties", properties.into()), ("required", required.into())];
        merged.map(|(name, value): (&str, Value)| (name.to_owned(), value)).into_iter().collect()
    }
}

fn is_of(word: &str, value: &Value) -> bool {
    match word {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("there is no type {other}"),
    }
}
