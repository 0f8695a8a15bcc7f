//! Parameters as PHP reads them: `criteria[0][field]=12` becomes nested values, `true` and
//! `false` become booleans. Nested levels are objects, also where the keys are numbers.

use serde_json::{Map, Value};

use super::super::exchange::pairs;

/// Reads a query string or form body.
pub fn parameters(query: &str) -> Map<String, Value> {
    let mut root = Map::new();
    for (name, value) in pairs(query) {
        let (first, rest) = name.split_at(name.find('[').unwrap_or(name.len()));
        let mut keys = vec![first.to_owned()];
        keys.extend(
            rest.split('[')
                .skip(1)
                .map(|key| key.trim_end_matches(']').to_owned()),
        );
        put(&mut root, &keys, scalar(value));
    }
    root
}

/// The elements of a list that arrived as an array or as an object with numeric keys.
pub fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => {
            let mut numbered: Vec<_> = fields
                .iter()
                .map(|(key, value)| (key.parse::<u64>().unwrap_or(u64::MAX), value))
                .collect();
            numbered.sort_by_key(|(key, _)| *key);
            numbered.into_iter().map(|(_, value)| value).collect()
        }
        Value::Null => Vec::new(),
        scalar => vec![scalar],
    }
}

/// A parameter as PHP's `if ($x)` sees it.
pub fn truthy(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.is_empty() && text != "0",
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(_) => true,
    }
}

/// A scalar as text.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(if *flag { "1" } else { "" }.to_owned()),
        _ => None,
    }
}

fn scalar(value: String) -> Value {
    match value.as_str() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => Value::from(value),
    }
}

fn put(into: &mut Map<String, Value>, keys: &[String], value: Value) {
    let Some((key, rest)) = keys.split_first() else {
        return;
    };
    // `name[]` appends.
    let key = if key.is_empty() {
        into.len().to_string()
    } else {
        key.clone()
    };
    if rest.is_empty() {
        into.insert(key, value);
        return;
    }
    let below = into.entry(key).or_insert_with(|| Value::Object(Map::new()));
    if !below.is_object() {
        *below = Value::Object(Map::new());
    }
    if let Value::Object(below) = below {
        put(below, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn brackets_nest_and_booleans_are_read() {
        let read = parameters(
            "criteria%5B0%5D%5Bfield%5D=12&criteria[1][criteria][0][value]=a%20b&is_deleted=false&k[]=1&k[]=2",
        );
        assert_eq!(
            Value::Object(read),
            json!({
                "criteria": {"0": {"field": "12"}, "1": {"criteria": {"0": {"value": "a b"}}}},
                "is_deleted": false,
                "k": {"0": "1", "1": "2"},
            })
        );
        assert_eq!(
            elements(&json!({"10": "b", "2": "a"})),
            [&json!("a"), &json!("b")]
        );
        assert!(truthy(Some(&json!("1"))) && !truthy(Some(&json!("0"))) && !truthy(None));
    }
}
