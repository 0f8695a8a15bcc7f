//! A template as an operator asks for it, before a provider has it (WhatsApp Cloud API, templates).

mod check;

use actors::model::{Name, TemplateCategory, TemplatePlace};
use actors::templates::{Approval, Header, Template, TemplateButton};
use serde_json::{Map, Value};

use crate::config::section::section;
use crate::config::setting::choice;
use crate::config::{self, Problems};

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
        draft.check(&mut problems);
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    pub(super) fn draft(change: Value) -> Result<Draft, Problems> {
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

    pub(super) fn fields<T: std::fmt::Debug>(read: Result<T, Problems>) -> Vec<String> {
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
