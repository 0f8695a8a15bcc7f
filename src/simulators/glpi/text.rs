//! Text as GLPI keeps and compares it: the HTML encoding of 9.5/10.0 and MySQL's comparison
//! that knows neither case nor accents (GLPI REST API, HTML encoding; search engine).

use std::borrow::Cow;

use serde_json::Value;

const ENTITIES: [(&str, &str); 6] = [
    ("&#60;", "<"),
    ("&#62;", ">"),
    ("&#38;", "&"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&amp;", "&"),
];

/// How text is stored by version 10: `<`, `>` and `&` as numeric entities. Text that already
/// looks encoded is kept as it is.
pub fn encode(text: &str) -> String {
    if looks_encoded(text) {
        return text.to_owned();
    }
    text.replace('&', "&#38;")
        .replace('<', "&#60;")
        .replace('>', "&#62;")
}

/// The reverse, for answers with `X-GLPI-Sanitized-Content: false`.
pub fn decode(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let entity = ENTITIES
            .iter()
            .find(|(entity, _)| rest[at..].starts_with(entity));
        let (from, to) = entity.copied().unwrap_or(("&", "&"));
        out.push_str(to);
        rest = &rest[at + from.len()..];
    }
    out.push_str(rest);
    out
}

/// Applies a change to every text inside a value.
pub fn map_texts(value: &Value, change: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::from(change(text)),
        Value::Array(items) => items.iter().map(|item| map_texts(item, change)).collect(),
        Value::Object(fields) => {
            let mapped = fields
                .iter()
                .map(|(key, value)| (key.clone(), map_texts(value, change)));
            Value::Object(mapped.collect())
        }
        other => other.clone(),
    }
}

fn looks_encoded(text: &str) -> bool {
    if text.contains(['<', '>']) || !text.contains('&') {
        return false;
    }
    text.match_indices('&').all(|(at, _)| {
        ENTITIES
            .iter()
            .any(|(entity, _)| text[at..].starts_with(entity))
    })
}

/// The words of a text without its tags, cut to `max` characters.
pub fn plain(text: &str, max: usize) -> String {
    let decoded = decode(text);
    let mut depth = 0usize;
    let mut words = String::new();
    for character in decoded.chars() {
        match character {
            '<' => {
                depth += 1;
                words.push(' ');
            }
            '>' => depth = depth.saturating_sub(1),
            other if depth == 0 => words.push(other),
            _ => {}
        }
    }
    let joined = words.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.chars().take(max).collect()
}

/// Text as the collation compares it: lower case without accents.
pub fn fold(text: &str) -> Cow<'_, str> {
    let is_folded = text
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_folded {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .flat_map(char::to_lowercase)
            .map(unaccented)
            .collect(),
    )
}

fn unaccented(character: char) -> char {
    match character {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        other => other,
    }
}

/// A value of a `contains` criterion: `^` and `$` anchor, `NULL` matches empty, an empty value
/// matches everything.
#[derive(Debug)]
pub struct Pattern {
    text: String,
    start: bool,
    end: bool,
    null: bool,
}

impl Pattern {
    /// Reads a criterion's value.
    pub fn new(value: &str) -> Self {
        let null = value.eq_ignore_ascii_case("null");
        let start = value.starts_with('^');
        let end = value.ends_with('$') && value.len() > 1;
        let body = value.strip_prefix('^').unwrap_or(value);
        let body = if end {
            body.strip_suffix('$').unwrap_or(body)
        } else {
            body
        };
        Self {
            text: fold(body).into_owned(),
            start,
            end,
            null,
        }
    }

    /// Whether a stored text matches.
    pub fn matches(&self, stored: &str) -> bool {
        if self.null {
            return stored.is_empty();
        }
        let stored = fold(stored);
        match (self.start, self.end) {
            (true, true) => stored == self.text.as_str(),
            (true, false) => stored.starts_with(&self.text),
            (false, true) => stored.ends_with(&self.text),
            (false, false) => stored.contains(&self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_follows_version_10() {
        let given = "<p>Hola <b>equipo</b> & \"soporte\"</p>";
        let stored = "&#60;p&#62;Hola &#60;b&#62;equipo&#60;/b&#62; &#38; \"soporte\"&#60;/p&#62;";
        assert_eq!(encode(given), stored);
        assert_eq!(decode(stored), given);
        assert_eq!(encode("&lt;p&gt;"), "&lt;p&gt;");
        assert_eq!(encode("a & b"), "a &#38; b");
        assert_eq!(plain("<p>uno</p><p>dos</p>", 70), "uno dos");
    }

    #[test]
    fn contains_knows_neither_case_nor_accents_but_anchors() {
        assert!(Pattern::new("conexión").matches("Sin CONEXION"));
        assert!(Pattern::new("^+51999888777$").matches("+51999888777"));
        assert!(!Pattern::new("^+51999888777$").matches("+519998887770"));
        assert!(Pattern::new("").matches("anything"));
        assert!(Pattern::new("NULL").matches("") && !Pattern::new("NULL").matches("x"));
    }
}
