//! Claims about rules, and about whom the bot answers at all.

use std::sync::Arc;

use super::*;
use crate::contact::TransferCause;
use crate::ports::{Cohort, Does, Rule, UnknownNumbers};
use crate::templates::{Approval, Catalogue, Header, Template};

impl Chat {
    fn with_rules(rules: Vec<Rule>) -> Self {
        let mut chat = Self::with_queue(|_| {});
        chat.settings.people.rules = rules.into();
        chat
    }

    fn sends(&mut self, content: Content) -> Vec<String> {
        let id = format!("c{}", self.position);
        let input = self.input(&id, self.message(content));
        texts(&self.take(&input).effects)
    }
}

fn rule(keywords: &[&str], kinds: &[&str], does: Does) -> Rule {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Rule {
        keywords: owned(keywords),
        kinds: owned(kinds),
        does,
    }
}

fn order(prices: &[&str]) -> Content {
    let item = |price: &&str| OrderItem {
        product: "p".into(),
        quantity: 2,
        price: (*price).into(),
        currency: "PEN".into(),
    };
    Content::Order(Box::new(Order {
        catalogue: "c".into(),
        words: None,
        items: prices.iter().map(item).collect(),
    }))
}

#[test]
fn five_keywords_answer_as_shipped_in_every_language() {
    for (keyword, answer) in [
        ("Horario", "a toda hora"),
        ("¡CONTACTO!", "quiero hablar con una persona"),
        ("ubicación", "no tengo ese dato"),
        ("precios", "no tengo ese dato"),
        ("opciones", "estado del ticket"),
    ] {
        let mut chat = Chat::with_queue(|_| {});
        let heard = chat.says(keyword);
        assert!(heard[0].contains(answer), "{keyword}: {heard:?}");
        assert!(chat.state.flow.is_idle());
    }
    for keyword in [
        "opening hours",
        "horario de atendimento",
        "orari",
        "endereço",
        "address",
        "indirizzo",
        "preço",
        "prices",
        "prezzi",
        "contato",
        "contact",
        "contatti",
        "opções",
        "options",
        "opzioni",
    ] {
        let mut chat = Chat::with_queue(|_| {});
        assert_eq!(chat.says(keyword).len(), 1, "{keyword}");
        assert!(chat.state.flow.is_idle(), "{keyword}");
    }
}

/// Ids of the rows that were just shown.
fn rows(chat: &Chat) -> Vec<String> {
    let shown = chat.last.iter().find_map(|effect| match &effect.call {
        Call::SendList { rows, .. } => Some(rows.iter().map(|row| row.id.to_string()).collect()),
        _ => None,
    });
    shown.unwrap_or_default()
}

#[test]
fn who_asks_what_can_be_done_gets_the_menu_also_where_people_answer() {
    for words in ["opciones", "qué puedes hacer", "menu", "comandos", "ayuda"] {
        let mut chat = Chat::with_queue(|_| {});
        chat.says(words);
        let rows = rows(&chat);
        assert_eq!(
            rows.first().map(String::as_str),
            Some("menu.report"),
            "{words}"
        );
        assert!(
            rows.contains(&"menu.person".to_owned()),
            "{words}: {rows:?}"
        );
    }
    let mut chat = Chat::with_queue(|_| {});
    chat.settings.help_desk = None;
    assert!(chat.says("opciones")[0].contains("Crear un ticket"));
}

fn offices() -> Template {
    Template {
        name: "offices".into(),
        language: "es".into(),
        category: TemplateCategory::Utility,
        approval: Approval::Approved,
        provider_id: "".into(),
        second_id: None,
        header: Header::None,
        body: "Hola {{1}}, estamos en {{2}}.".into(),
        footer: String::new(),
        buttons: Vec::new(),
        rests: false,
    }
}

#[test]
fn a_rule_opens_the_menu_or_sends_a_template_in_the_persons_language() {
    let greet = |name: &str| Does::Template {
        name: name.into(),
        values: vec!["{name}".into(), "Lima".into()],
    };
    let rules = vec![
        rule(&["tickets"], &[], Does::Menu),
        rule(&["sedes"], &[], greet("offices")),
        rule(&["planes"], &[], greet("plans")),
    ];
    let mut chat = Chat::with_rules(rules);
    chat.settings.sending.templates = Arc::new(Catalogue {
        templates: vec![offices()],
        ..Catalogue::default()
    });
    chat.says("tickets");
    assert_eq!(rows(&chat).first().map(String::as_str), Some("menu.report"));
    chat.says("sedes");
    let Call::SendTemplate(sent) = &chat.last[0].call else {
        panic!("{:?}", chat.last);
    };
    assert_eq!(sent.text, "Hola Juan, estamos en Lima.");
    // One that cannot be sent leaves the message to the dialogue, and its reason on record.
    let id = format!("m{}", chat.position);
    let decision = chat.hears(&id, chat.message(Content::Text("planes".into())));
    let withheld = |event: &Event| matches!(event, Event::ReplyWithheld { .. });
    assert!(decision.events.iter().any(withheld));
    assert!(
        !texts(&decision.effects).is_empty(),
        "the person is answered"
    );
}

#[test]
fn a_press_beside_people_is_read_or_left_to_them_and_never_becomes_words_of_a_ticket() {
    let press = |id: &str| Content::Button {
        id: id.into(),
        title: "Comentar".into(),
    };
    let opens = |queue: &mut crate::ports::Queue| {
        queue.opens = Some(crate::ports::Opens {
            merge_interval_ms: 15_000,
            number_told: true,
        });
    };
    let mut chat = Chat::with_queue(opens);
    chat.says("quiero hablar con una persona");
    assert!(
        chat.sends(press("ticket.state:7")).is_empty(),
        "it is looked up"
    );
    let asks = |effect: &Effect| matches!(effect.call, Call::AskTickets(_));
    assert!(chat.last.iter().any(asks));
    for id in ["ticket.comment:7", "ticket.confirm", "menu.report"] {
        let heard = chat.sends(press(id));
        assert!(heard[0].contains("quedó anotada"), "{id}: {heard:?}");
        assert_eq!(chat.cause(), Some(TransferCause::Asked), "{id}");
    }
    // A template's button is a word to the people, as any other.
    assert!(chat.sends(press("YES_123")).is_empty());
    let Flow::WithPeople(attended) = &chat.state.flow else {
        panic!("people have it");
    };
    let gathered = format!("{:?}", attended.gathering);
    assert_eq!(gathered.matches("Comentar").count(), 1, "{gathered}");
}

#[test]
fn a_keyword_inside_a_report_hijacks_nothing() {
    let say = || Does::Say("Estamos en Lima.".into());
    let mut chat = Chat::with_rules(vec![rule(&["ubicacion", "contacto"], &[], say())]);
    assert_eq!(chat.says("Ubicación"), ["Estamos en Lima."]);
    let heard = chat.says("la ubicación de la impresora no se imprime");
    assert!(!heard[0].contains("Lima"), "{heard:?}");
    assert!(
        !chat.says("contacto")[0].contains("Lima"),
        "a report is open"
    );
    let mut chat = Chat::with_rules(vec![rule(&["ubicacion"], &[], say())]);
    chat.says("hola");
    assert_eq!(
        chat.says("ubicación"),
        ["Estamos en Lima."],
        "nothing was told yet"
    );
}

#[test]
fn a_tenants_rule_comes_before_a_shipped_one() {
    let say = Does::Say("Desde S/ 10".into());
    let mut chat = Chat::with_rules(vec![rule(&["precio"], &[], say)]);
    assert_eq!(chat.says("precio"), ["Desde S/ 10"]);
}

#[test]
fn a_rule_by_kind_of_message_does_what_it_says() {
    let to_people = Does::Transfer {
        queue: None,
        text: Some("Lo mira una persona.".into()),
    };
    let mut chat = Chat::with_rules(vec![rule(&[], &["location"], to_people)]);
    let heard = chat.sends(Content::Other {
        kind: "location".into(),
    });
    assert_eq!(heard, ["Lo mira una persona."]);
    assert_eq!(chat.cause(), Some(TransferCause::Rule));
}

#[test]
fn every_order_is_confirmed_without_a_person() {
    for (prices, answer) in [
        (&["10.50", "3"][..], "Artículos: 4. Total: PEN 27.00"),
        (&["1000"], "Artículos: 2. Total: PEN 2000.00"),
        (&["gratis"], "Artículos: 2.\n"),
        (&["1.999"], "Artículos: 2.\n"),
        (&[], "Artículos: 0.\n"),
    ] {
        let mut chat = Chat::with_queue(|_| {});
        let heard = chat.sends(order(prices));
        assert!(heard[0].contains(answer), "{prices:?}: {heard:?}");
    }
    let say = Does::Say("Pedido de {items} por {total}".into());
    let mut chat = Chat::with_rules(vec![rule(&[], &["order"], say)]);
    assert_eq!(chat.sends(order(&["5"])), ["Pedido de 2 por PEN 10.00"]);
}

#[test]
fn only_a_cohort_gets_the_bot_and_the_others_go_to_people() {
    let listed = |numbers: &[&str], percent| Cohort {
        numbers: numbers.iter().map(|number| (*number).to_owned()).collect(),
        percent,
    };
    for (cohorts, answered) in [
        (vec![], true),
        (vec![listed(&["51999888777"], 0)], true),
        (vec![listed(&["51999888700"], 0)], false),
        (vec![listed(&["51999888700"], 0), listed(&[], 100)], true),
        (vec![listed(&[], 0)], false),
    ] {
        let mut chat = Chat::with_queue(|_| {});
        chat.settings.people.cohorts = cohorts.clone().into();
        assert_eq!(chat.says("mi impresora no imprime").len(), 1);
        let expected = (!answered).then_some(TransferCause::Cohort);
        assert_eq!(chat.cause(), expected, "{cohorts:?}");
    }
}

#[test]
fn a_greater_percentage_keeps_everybody_it_had() {
    let identity = IdentityKey::new(&[9; 32]);
    let tenant = TenantId::new("demo").unwrap();
    let person = |nth: u32| {
        let phone = Phone::parse(&format!("519991{nth:05}")).unwrap();
        identity.contact_id(&tenant, &Identity::Phone(phone))
    };
    let of = |percent, nth| {
        Cohort {
            numbers: vec![],
            percent,
        }
        .holds(person(nth), None)
    };
    let share = |percent| (0..2_000).filter(|nth| of(percent, *nth)).count();
    assert!((320..480).contains(&share(20)), "{}", share(20));
    assert!((0..2_000).all(|nth| !of(20, nth) || of(50, nth)));
    assert_eq!(share(100), 2_000);
}

#[test]
fn an_unknown_number_follows_the_policy() {
    for (known, policy, heard, cause) in [
        (&[][..], UnknownNumbers::Refuse, "ticket", None),
        (&["51999888777"], UnknownNumbers::Refuse, "ticket", None),
        (&["51999*"], UnknownNumbers::Refuse, "ticket", None),
        (&["54*"], UnknownNumbers::Accept, "ticket", None),
        (&["54*"], UnknownNumbers::Refuse, "no está registrado", None),
        (
            &["54*"],
            UnknownNumbers::People,
            "Una persona",
            Some(TransferCause::Policy),
        ),
    ] {
        let mut chat = Chat::with_queue(|_| {});
        chat.settings.people.known_numbers = known.iter().map(|s| (*s).to_owned()).collect();
        chat.settings.people.unknown_numbers = policy;
        let answer = chat.says("mi impresora no imprime");
        assert!(
            answer[0].contains(heard),
            "{known:?} {policy:?}: {answer:?}"
        );
        assert_eq!(chat.cause(), cause);
    }
}

#[test]
fn a_list_that_changes_cuts_no_conversation_in_two() {
    let mut chat = Chat::with_queue(|_| {});
    chat.says("mi impresora no imprime");
    chat.settings.people.known_numbers = ["54*".to_owned()].into();
    chat.settings.people.unknown_numbers = UnknownNumbers::Refuse;
    chat.says("Juan Pérez, contabilidad");
    assert!(chat.opens_a_ticket());
    assert!(chat.says("otra vez")[0].contains("no está registrado"));
}

#[test]
fn a_paused_channel_keeps_messages_and_answers_nothing() {
    let mut chat = Chat::with_queue(|_| {});
    chat.settings.people.paused = true;
    assert!(chat.says("mi impresora no imprime").is_empty());
    assert_eq!(chat.state.messages, 1);
}
