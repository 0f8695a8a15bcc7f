//! Claims about which template is chosen, and how it is filled.

use super::*;
use crate::model::{TemplateCategory, TemplatePlace};

fn template(name: &str, language: &str, approval: Approval, body: &str) -> Template {
    Template {
        name: name.into(),
        language: language.into(),
        category: TemplateCategory::Utility,
        approval,
        provider_id: "".into(),
        second_id: None,
        header: Header::None,
        body: body.to_owned(),
        footer: String::new(),
        buttons: Vec::new(),
        rests: false,
    }
}

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn catalogue() -> Catalogue {
    use Approval::{Approved, Paused};
    Catalogue {
        templates: vec![
            template("ticket_update", "es_PE", Approved, "Hola {{1}}"),
            template("ticket_update", "es", Approved, "Hola {{1}}."),
            template("ticket_update", "pt_BR", Paused, "Olá {{1}}"),
            template("resuelto", "es", Approved, "Listo"),
        ],
        purposes: [("ticket_solved".into(), "resuelto".into())].into(),
    }
}

#[test]
fn a_purpose_is_served_by_its_template_or_by_the_one_of_its_name() {
    let catalogue = catalogue();
    let serving = |purpose| catalogue.serving(purpose, &["es"]).expect("there is one");
    assert_eq!(serving("ticket_solved").name, "resuelto");
    assert_eq!(serving("ticket_update").name, "ticket_update");
    let missing = catalogue.serving("ticket_closed", &["es"]);
    let purpose = "ticket_closed".into();
    assert_eq!(missing, Err(Unfit::NoPurpose { purpose }));
}

#[test]
fn the_persons_language_comes_first_and_the_tenants_is_the_fall_back() {
    let catalogue = catalogue();
    let pick = |languages: &[&str]| {
        let picked = catalogue.pick("ticket_update", languages);
        picked.map(|row| row.language.to_string())
    };
    assert_eq!(pick(&["es"]), Ok("es".to_owned()), "the exact code wins");
    assert_eq!(
        pick(&["es-MX"]).map(|code| code.starts_with("es")),
        Ok(true)
    );
    assert_eq!(pick(&["it", "es-PE"]), Ok("es_PE".to_owned()));
    // The paused translation is passed over for the tenant's language.
    assert_eq!(pick(&["pt-BR", "es"]), Ok("es".to_owned()));
    let paused = pick(&["pt-BR"]).expect_err("paused");
    assert_eq!(
        paused.to_string(),
        "template ticket_update (pt_BR) is paused, only approved ones can be sent"
    );
    assert!(matches!(pick(&["it"]), Err(Unfit::NoTranslation { .. })));
}

#[test]
fn what_an_operator_paused_here_is_passed_over_and_named() {
    let mut catalogue = catalogue();
    for row in &mut catalogue.templates {
        row.rests = row.name == "ticket_update" && row.language != "es_PE";
    }
    let picked = catalogue.pick("ticket_update", &["es"]).expect("es_PE");
    assert_eq!(picked.language, "es_PE", "a variant that does not rest");
    catalogue.templates[0].rests = true;
    let refused = catalogue.pick("ticket_update", &["es"]);
    assert_eq!(
        refused.expect_err("all rest").to_string(),
        "template ticket_update (es) is paused here: resume it, or send another"
    );
    let paused = catalogue.pick("ticket_update", &["pt-BR"]);
    let paused = paused.expect_err("paused by WhatsApp too");
    assert_eq!(paused.code(), "template_not_approved");
}

#[test]
fn a_refused_value_names_its_variable() {
    let row = template("t", "es", Approval::Approved, "{{1}}: {{2}}");
    let refused = |values: &[&str]| row.fill(&texts(values), None).expect_err("refused");
    assert_eq!(
        refused(&["a"]).to_string(),
        "template t takes 2 values ({{1}}, {{2}}), 1 were given"
    );
    assert_eq!(refused(&["a", "b", "c"]).code(), "template_value_count");
    assert_eq!(
        refused(&["a", " "]).to_string(),
        "the value of {{2}} is empty"
    );
    for (value, what) in [
        ("a\nb", "a line break"),
        ("a\tb", "a tab"),
        ("a    b", "four spaces in a row"),
    ] {
        let variable = "{{1}}".into();
        assert_eq!(refused(&[value, "b"]), Unfit::Illegal { variable, what });
    }
    let long = "x".repeat(BODY_CHARS_MAX);
    assert_eq!(refused(&[&long, "b"]).code(), "template_too_long");
}

#[test]
fn values_fill_header_body_and_buttons_in_that_order() {
    let row = Template {
        header: Header::Text("Ticket {{1}}".to_owned()),
        footer: "Soporte".to_owned(),
        buttons: vec![
            TemplateButton {
                text: "No".to_owned(),
                url: String::new(),
            },
            TemplateButton {
                text: "Ver".to_owned(),
                url: "https://example.com/{{1}}".to_owned(),
            },
        ],
        ..template("t", "es", Approval::Approved, "{{2}} y {{1}}")
    };
    let places: Vec<_> = row.slots().into_iter().map(|slot| slot.place).collect();
    use TemplatePlace::{Body, Button, Header as Head};
    assert_eq!(places, [Head, Body, Body, Button(1)]);
    let values = texts(&["7", "uno {{2}}", "dos", "t/7"]);
    let filled = row.fill(&values, None).expect("it fits");
    assert_eq!(filled.text(), "Ticket 7\n\ndos y uno {{2}}\n\nSoporte");
}

#[test]
fn named_variables_keep_the_order_in_which_they_appear() {
    let row = template(
        "t",
        "es",
        Approval::Approved,
        "{{name}}, {{ticket}} y {{name}}",
    );
    let names: Vec<_> = row.slots().iter().map(Slot::name).collect();
    assert_eq!(names, ["{{name}}", "{{ticket}}"]);
    let filled = row.fill(&texts(&["Ana", "#7"]), None).expect("it fits");
    assert_eq!(filled.text(), "Ana, #7 y Ana");
}

#[test]
fn a_media_header_wants_a_link_and_others_want_none() {
    let plain = template("t", "es", Approval::Approved, "Hola");
    let with_image = Template {
        header: Header::Media("image".into()),
        ..plain.clone()
    };
    let link = Some("https://example.com/a.png");
    assert!(matches!(plain.fill(&[], link), Err(Unfit::NoMedia { .. })));
    assert!(matches!(
        with_image.fill(&[], None),
        Err(Unfit::Media { .. })
    ));
    assert!(with_image.fill(&[], link).is_ok());
}

#[test]
fn words_of_both_providers_say_how_a_template_stands() {
    for (word, approval) in [
        ("APPROVED", Approval::Approved),
        ("REINSTATED", Approval::Approved),
        ("IN_APPEAL", Approval::Pending),
        ("FAILED", Approval::Rejected),
        ("paused", Approval::Paused),
        ("PENDING_DELETION", Approval::Deleted),
        ("what nobody wrote", Approval::Pending),
    ] {
        assert_eq!(Approval::from_word(word), approval, "{word}");
        assert_eq!(Approval::from_word(approval.as_str()), approval);
    }
}
