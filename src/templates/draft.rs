//! A template as an operator asks for it, before a provider has it (WhatsApp Cloud API, templates;
//! length and count limits).
//!
//! What Meta would refuse for its form is refused here first, each problem with its field, because a
//! business account may make a hundred templates an hour only and a refused one counts.

use actors::model::{Name, TemplateCategory, TemplatePlace};
use actors::templates::{Approval, BODY_CHARS_MAX, Header, Slot, Template, TemplateButton};
use serde_json::{Map, Value};

use crate::config::section::section;
use crate::config::setting::choice;
use crate::config::{self, Problems};

const NAME_CHARS_MAX: usize = 512;
const HEADER_CHARS_MAX: usize = 60;
const FOOTER_CHARS_MAX: usize = 60;
const BUTTONS_MAX: usize = 10;
const BUTTON_CHARS_MAX: usize = 25;
const URL_BUTTONS_MAX: usize = 2;
const PHONE_BUTTONS_MAX: usize = 1;
const URL_CHARS_MAX: usize = 2_000;
const PHONE_CHARS_MAX: usize = 20;

/// What a template is for, as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Tied to what the person asked for or bought.
    Utility,
    /// Everything that promotes.
    Marketing,
    /// One-time codes.
    Authentication,
}

choice!(Category {
    Utility = "utility",
    Marketing = "marketing",
    Authentication = "authentication",
});

section! {
    /// A message template to be made at the provider of its channel.
    pub struct Draft {
        /// The channel.
        pub channel: Name,
        /// Its name: a to z, 0 to 9 and _, at most 512 characters.
        pub name: String,
        /// The code of the translation, such as es_MX.
        pub language: String,
        /// What it is for.
        pub category: Category,
        /// The body, at most 1,024 characters, with its variables {{1}}, {{2}}, … neither first nor
        /// last.
        pub body: String,
        /// The text above the body, at most 60 characters and one variable.
        pub header: String = String::new(),
        /// The small line below, at most 60 characters, without variables.
        pub footer: String = String::new(),
        /// Its buttons, at most ten: two with an address, one with a number.
        pub buttons: Vec<DraftButton> = Vec::new(),
        /// An example for each variable: the header's, the body's by number, the buttons'.
        pub examples: Vec<String> = Vec::new(),
    }
}

section! {
    /// A button: a reply, or one that opens an address or calls a number.
    pub struct DraftButton {
        /// The label, at most 25 characters.
        pub text: String,
        /// The address it opens; {{1}} may stand at its end.
        pub url: String = String::new(),
        /// The number it calls, with its country code.
        pub phone: String = String::new(),
    }
}

section! {
    /// What changes in a template. What is not given stays; header, footer and buttons that are null
    /// are taken away.
    pub struct Change {
        /// What it is for.
        pub category: Option<Category> = None,
        /// The body.
        pub body: String = String::new(),
        /// The text above the body.
        pub header: String = String::new(),
        /// The small line below.
        pub footer: String = String::new(),
        /// All its buttons.
        pub buttons: Vec<DraftButton> = Vec::new(),
        /// An example for each variable of what is given: the header's, the body's, the buttons'.
        pub examples: Vec<String> = Vec::new(),
    }
}

/// Parts of a template that are given to its provider; `None` for those that are not. An empty
/// header, footer or row of buttons is one that is taken away.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    /// What it is for.
    pub category: Option<Category>,
    /// The text above the body.
    pub header: Option<String>,
    /// The body.
    pub body: Option<String>,
    /// The small line below.
    pub footer: Option<String>,
    /// The buttons.
    pub buttons: Option<Vec<DraftButton>>,
    /// An example for each variable of these parts, in the order of [`Template::slots`].
    pub examples: Vec<String>,
}

impl Draft {
    /// A draft that can be given to a provider.
    ///
    /// # Errors
    /// Every problem at once, each with its field.
    pub fn read(settings: Map<String, Value>) -> Result<Self, Problems> {
        let draft: Self = config::read_json(settings.into())?;
        let mut problems = Problems::default();
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !draft.name.chars().all(allowed) || draft.name.len() > NAME_CHARS_MAX {
            problems.add(
                "name",
                "must be a to z, 0 to 9 and _, at most 512 characters",
            );
        }
        if !is_language(&draft.language) {
            problems.add("language", "must be a code such as es, es_MX or pt_BR");
        }
        draft.parts().check(&mut problems);
        problems.unless(Some(draft))
    }

    /// All its parts.
    pub fn parts(&self) -> Parts {
        let given = |text: &String| (!text.is_empty()).then(|| text.clone());
        Parts {
            category: Some(self.category),
            header: given(&self.header),
            body: Some(self.body.clone()),
            footer: given(&self.footer),
            buttons: (!self.buttons.is_empty()).then(|| self.buttons.clone()),
            examples: self.examples.clone(),
        }
    }

    /// The template as it will stand in the catalogue, until its provider has decided.
    pub fn template(&self, provider_id: &str) -> Template {
        self.parts().onto(Template {
            name: self.name.as_str().into(),
            language: self.language.as_str().into(),
            provider_id: provider_id.into(),
            ..blank()
        })
    }
}

impl Parts {
    /// What a change gives.
    ///
    /// # Errors
    /// Every problem at once, each with its field.
    pub fn read(settings: Map<String, Value>) -> Result<Self, Problems> {
        let keys: Vec<String> = settings.keys().cloned().collect();
        let given = |key: &str| keys.iter().any(|given| given == key);
        let change: Change = config::read_json(settings.into())?;
        let parts = Self {
            category: change.category,
            header: given("header").then_some(change.header),
            body: given("body").then_some(change.body),
            footer: given("footer").then_some(change.footer),
            buttons: given("buttons").then_some(change.buttons),
            examples: change.examples,
        };
        let mut problems = Problems::default();
        if parts.category.is_none() && !parts.touch_text() {
            let what = "give what changes: category, header, body, footer or buttons";
            problems.add("body", what);
        }
        parts.check(&mut problems);
        problems.unless(Some(parts))
    }

    /// Whether anything but the category is given.
    pub fn touch_text(&self) -> bool {
        let texts = self.header.is_some() || self.body.is_some() || self.footer.is_some();
        texts || self.buttons.is_some()
    }

    /// A template with these parts in the place of its own.
    pub fn onto(&self, mut template: Template) -> Template {
        if let Some(category) = self.category {
            template.category = category.of_template();
        }
        if let Some(text) = &self.header {
            template.header = match text.is_empty() {
                true => Header::None,
                false => Header::Text(text.clone()),
            };
        }
        if let Some(body) = &self.body {
            template.body.clone_from(body);
        }
        if let Some(footer) = &self.footer {
            template.footer.clone_from(footer);
        }
        if let Some(buttons) = &self.buttons {
            let buttons = buttons.iter().map(|button| TemplateButton {
                text: button.text.clone(),
                url: button.url.clone(),
            });
            template.buttons = buttons.collect();
        }
        template
    }

    /// The examples that belong to one place.
    pub fn examples_at(&self, place: TemplatePlace) -> Vec<&str> {
        let slots = self.onto(blank()).slots();
        let own = slots.iter().zip(&self.examples);
        own.filter(|(slot, _)| slot.place == place)
            .map(|(_, example)| example.as_str())
            .collect()
    }

    fn check(&self, problems: &mut Problems) {
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

impl Category {
    fn of_template(self) -> TemplateCategory {
        match self {
            Self::Utility => TemplateCategory::Utility,
            Self::Marketing => TemplateCategory::Marketing,
            Self::Authentication => TemplateCategory::Authentication,
        }
    }
}

/// A template that WhatsApp has still to decide about, with nothing in it.
fn blank() -> Template {
    Template {
        name: "".into(),
        language: "".into(),
        category: TemplateCategory::Utility,
        approval: Approval::Pending,
        provider_id: "".into(),
        second_id: None,
        header: Header::None,
        body: String::new(),
        footer: String::new(),
        buttons: Vec::new(),
        rests: false,
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
    use serde_json::json;

    use super::*;

    fn draft(change: Value) -> Result<Draft, Problems> {
        let mut settings = json!({
            "channel": "demo-meta", "name": "visit_7", "language": "es", "category": "utility",
            "header": "Ticket {{1}}", "body": "Hola {{1}}, vamos el {{2}}.", "footer": "Soporte",
            "buttons": [{"text": "Bien"}, {"text": "Ver", "url": "https://example.com/{{1}}"}],
            "examples": ["7", "Ana", "lunes", "t/7"],
        });
        for (key, value) in change.as_object().expect("an object") {
            settings[key] = value.clone();
        }
        Draft::read(settings.as_object().cloned().expect("an object"))
    }

    fn fields<T: std::fmt::Debug>(read: Result<T, Problems>) -> Vec<String> {
        let problems = read.expect_err("problems");
        problems.iter().map(|one| one.place.clone()).collect()
    }

    #[test]
    fn a_draft_that_fits_gives_each_place_its_examples() {
        let draft = draft(json!({})).expect("it fits");
        let at = |place| draft.parts().examples_at(place).join(" ");
        assert_eq!(at(TemplatePlace::Header), "7");
        assert_eq!(at(TemplatePlace::Body), "Ana lunes");
        assert_eq!(at(TemplatePlace::Button(1)), "t/7");
        let template = draft.template("12");
        assert_eq!(template.approval, Approval::Pending);
        assert_eq!((template.slots().len(), template.buttons.len()), (4, 2));
    }

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

    #[test]
    fn a_change_gives_only_what_it_names_and_null_takes_away() {
        let read = |change: Value| Parts::read(change.as_object().cloned().expect("an object"));
        let before = draft(json!({})).expect("it fits").template("12");
        let parts = read(json!({"body": "Listo, {{1}}.", "footer": null, "examples": ["Ana"]}));
        let after = parts.expect("it fits").onto(before.clone());
        assert_eq!(
            (after.body.as_str(), after.footer.as_str()),
            ("Listo, {{1}}.", "")
        );
        assert_eq!(
            (after.header, after.buttons),
            (before.header, before.buttons)
        );
        assert_eq!(fields(read(json!({}))), ["body"]);
        assert_eq!(fields(read(json!({"body": null}))), ["body"]);
        assert_eq!(fields(read(json!({"body": "Hola {{1}}."}))), ["examples"]);
        assert!(
            !read(json!({"category": "marketing"}))
                .expect("it fits")
                .touch_text()
        );
    }
}
