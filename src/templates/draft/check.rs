//! What WhatsApp would refuse for its form (WhatsApp Cloud API, length and count limits).
//!
//! It is refused here first, each problem with its field, because a business account may make a
//! hundred templates an hour only and a refused one counts.

use actors::model::TemplatePlace;
use actors::templates::{BODY_CHARS_MAX, Slot};

use super::{Draft, DraftButton, Parts, blank};
use crate::config::Problems;

const NAME_CHARS_MAX: usize = 512;
const HEADER_CHARS_MAX: usize = 60;
const FOOTER_CHARS_MAX: usize = 60;
const BUTTONS_MAX: usize = 10;
const BUTTON_CHARS_MAX: usize = 25;
const URL_BUTTONS_MAX: usize = 2;
const PHONE_BUTTONS_MAX: usize = 1;
const URL_CHARS_MAX: usize = 2_000;
const PHONE_CHARS_MAX: usize = 20;

impl Draft {
    /// Adds what is wrong with it.
    pub(super) fn check(&self, problems: &mut Problems) {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !self.name.chars().all(allowed) || self.name.len() > NAME_CHARS_MAX {
            problems.add(
                "name",
                "must be a to z, 0 to 9 and _, at most 512 characters",
            );
        }
        if !is_language(&self.language) {
            problems.add("language", "must be a code such as es, es_MX or pt_BR");
        }
        self.parts().check(problems);
    }
}

impl Parts {
    /// Adds what is wrong with the parts that are given.
    pub(super) fn check(&self, problems: &mut Problems) {
        let slots = self.onto(blank()).slots();
        let numbered = |place| {
            let mut own = slots.iter().filter(|slot| slot.place == place).zip(1..);
            own.all(|(slot, number): (_, usize)| slot.variable == number.to_string())
        };
        if let Some(header) = &self.header {
            if !is_line(header, HEADER_CHARS_MAX) {
                problems.add("header", "must be one line of at most 60 characters");
            }
            let own = slots.iter();
            let own = own.filter(|slot| slot.place == TemplatePlace::Header);
            if own.count() > 1 || !numbered(TemplatePlace::Header) {
                problems.add("header", "takes one variable at most, {{1}}");
            }
        }
        if let Some(body) = &self.body {
            let text = body.trim();
            if text.is_empty() || body.chars().count() > BODY_CHARS_MAX {
                problems.add("body", "must be a text of at most 1,024 characters");
            } else if text.starts_with("{{") || text.ends_with("}}") {
                problems.add("body", "must not begin or end with a variable");
            }
            if !numbered(TemplatePlace::Body) {
                problems.add("body", "must number its variables {{1}}, {{2}}, … in order");
            }
        }
        if let Some(footer) = &self.footer
            && (!is_line(footer, FOOTER_CHARS_MAX) || footer.contains("{{"))
        {
            let what = "must be one line of at most 60 characters without variables";
            problems.add("footer", what);
        }
        self.check_buttons(problems);
        if self.examples.len() != slots.len() {
            let names: Vec<_> = slots.iter().map(Slot::name).collect();
            let what = match names.is_empty() {
                true => "there is no variable that takes one".to_owned(),
                false => format!(
                    "must be one for each variable, in this order: {}",
                    names.join(", ")
                ),
            };
            problems.add("examples", what);
        }
    }

    fn check_buttons(&self, problems: &mut Problems) {
        let buttons = self.buttons.iter().flatten();
        let count = |of: fn(&DraftButton) -> bool| buttons.clone().filter(|one| of(one)).count();
        if count(|_| true) > BUTTONS_MAX {
            problems.add("buttons", "must be ten at most");
        }
        if count(|button| !button.url.is_empty()) > URL_BUTTONS_MAX {
            problems.add("buttons", "must be two with an address at most");
        }
        if count(|button| !button.phone.is_empty()) > PHONE_BUTTONS_MAX {
            problems.add("buttons", "must be one with a number at most");
        }
        for (at, button) in buttons.clone().enumerate() {
            let mut wrong = |field: &str, what: &str| {
                problems.add(format!("buttons[{at}].{field}"), what);
            };
            if !is_line(&button.text, BUTTON_CHARS_MAX) || button.text.contains("{{") {
                let what = "must be one line of at most 25 characters without variables";
                wrong("text", what);
            }
            if !button.url.is_empty() && !button.phone.is_empty() {
                wrong("phone", "cannot stand beside an address");
            }
            if !button.url.is_empty() && !is_address(&button.url) {
                let what = "must be an http or https address of at most 2,000 characters, with no \
                            variable but {{1}} at its end";
                wrong("url", what);
            }
            let digits = button.phone.strip_prefix('+').unwrap_or(&button.phone);
            let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
            if !is_number || button.phone.len() > PHONE_CHARS_MAX {
                wrong("phone", "must be digits with the country code, 20 at most");
            }
        }
    }
}

/// Two or three small letters, then perhaps a country.
fn is_language(code: &str) -> bool {
    let (language, country) = code.split_once('_').unwrap_or((code, "XX"));
    let small = language.bytes().all(|byte| byte.is_ascii_lowercase());
    let known = country.bytes().all(|byte| byte.is_ascii_alphanumeric());
    small && known && matches!(language.len(), 2 | 3) && matches!(country.len(), 2..=4)
}

fn is_line(text: &str, chars_max: usize) -> bool {
    !text.contains(['\n', '\r']) && text.chars().count() <= chars_max
}

fn is_address(url: &str) -> bool {
    let fixed = url.strip_suffix("{{1}}").unwrap_or(url);
    let secure = fixed.strip_prefix("https://");
    let rest = secure.or_else(|| fixed.strip_prefix("http://"));
    let plain = |rest: &str| !rest.is_empty() && !rest.contains(char::is_whitespace);
    rest.is_some_and(plain) && !fixed.contains("{{") && url.chars().count() <= URL_CHARS_MAX
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::{draft, fields};

    #[test]
    fn what_whatsapp_would_refuse_is_named_by_its_field() {
        let long = |count| "x".repeat(count);
        for (change, expected) in [
            (json!({"name": "Visit 7"}), "name"),
            (json!({"language": "spanish"}), "language"),
            (json!({"category": "news"}), "category"),
            (
                json!({"header": long(61), "examples": ["a", "b", "c"]}),
                "header",
            ),
            (
                json!({"body": format!("{} {{{{1}}}} {{{{2}}}}.", long(1_024))}),
                "body",
            ),
            (json!({"body": "{{1}} y {{2}}."}), "body"),
            (json!({"body": "Hola {{1}} y {{3}}."}), "body"),
            (json!({"footer": long(61)}), "footer"),
            (json!({"footer": "Hola {{1}}"}), "footer"),
            (json!({"examples": ["7", "Ana", "lunes"]}), "examples"),
            (json!({"colour": "red"}), "colour"),
        ] {
            let found = fields(draft(change.clone()));
            assert_eq!(found, [expected], "{change}");
        }
    }

    #[test]
    fn buttons_keep_to_the_limits() {
        let reply = || json!({"text": "Bien"});
        let url = || json!({"text": "Ver", "url": "https://example.com"});
        let call = || json!({"text": "Llamar", "phone": "+51999888777"});
        let examples = json!(["7", "Ana", "lunes"]);
        let with = |buttons: Vec<Value>| {
            let change = json!({"buttons": buttons, "examples": examples.clone()});
            draft(change)
        };
        assert!(with(vec![reply(), url(), url(), call()]).is_ok());
        assert_eq!(fields(with(vec![reply(); 11])), ["buttons"]);
        assert_eq!(fields(with(vec![url(), url(), url()])), ["buttons"]);
        assert_eq!(fields(with(vec![call(), call()])), ["buttons"]);
        let both = json!({"text": "Ver", "url": "https://example.com", "phone": "51999888777"});
        assert_eq!(fields(with(vec![both])), ["buttons[0].phone"]);
        let long = json!({"text": "x".repeat(26)});
        assert_eq!(fields(with(vec![reply(), long])), ["buttons[1].text"]);
        let nowhere = json!({"text": "Ver", "url": "example.com"});
        assert_eq!(fields(with(vec![nowhere])), ["buttons[0].url"]);
    }
}
