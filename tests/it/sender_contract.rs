//! What sending relies on in a WhatsApp provider, on whichever provider the environment names.
//!
//! `CHASQUI_META_URL`, `_VERSION`, `_PHONE_NUMBER_ID`, `_TOKEN` and `CHASQUI_GUPSHUP_URL`, `_APP`,
//! `_APP_ID`, `_SOURCE`, `_API_KEY` name real numbers; `CHASQUI_WHATSAPP_TO` is who gets the messages
//! and must have written to the number within the last 24 h. Without an address a test starts a
//! simulator of its own.

use std::time::Duration;

use actors::model::{
    AttemptNo, Button, Call, Card, ContactId, EffectId, IdHash, InSeq, Key, Location, Phone,
    Recipient, Rich, RichMessage,
};
use actors::ports::{Called, Provider, Request};
use chasqui::config::Secret;
use chasqui::providers::{gupshup, meta};

use crate::world::World;

/// A person whom simulators know like everybody else.
const PERSON: &str = "51999888777";

/// A number to send through, and what the sender is made of.
struct Bench<S> {
    settings: S,
    to: Recipient,
    _world: Option<World>,
}

fn named(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn required(name: &str) -> String {
    named(name).unwrap_or_else(|| panic!("{name} is needed beside the address"))
}

fn recipient() -> Recipient {
    let to = named("CHASQUI_WHATSAPP_TO").unwrap_or_else(|| PERSON.to_owned());
    Recipient::Phone(Phone::parse(&to).expect("a phone number"))
}

impl<S> Bench<S> {
    /// A number of the environment, or one of a world of its own.
    fn of(settings: S, world: Option<World>) -> Self {
        Self {
            settings,
            to: recipient(),
            _world: world,
        }
    }
}

impl Bench<meta::Settings> {
    async fn start() -> Self {
        let timeout = Duration::from_secs(10);
        if let Some(base_url) = named("CHASQUI_META_URL") {
            let settings = meta::Settings {
                base_url,
                version: required("CHASQUI_META_VERSION"),
                phone_number_id: required("CHASQUI_META_PHONE_NUMBER_ID"),
                token: required("CHASQUI_META_TOKEN").as_str().into(),
                timeout,
            };
            return Self::of(settings, None);
        }
        let world = World::start().await;
        Self::of(world.meta(timeout), Some(world))
    }

    async fn call(&self, index: u16, call: &Call) -> Called {
        let client = meta::Client::new(&self.settings).expect("usable settings");
        once(&client, index, call).await
    }
}

impl Bench<gupshup::Settings> {
    async fn start() -> Self {
        let timeout = Duration::from_secs(10);
        if let Some(base_url) = named("CHASQUI_GUPSHUP_URL") {
            let settings = gupshup::Settings {
                base_url,
                app: required("CHASQUI_GUPSHUP_APP"),
                app_id: required("CHASQUI_GUPSHUP_APP_ID"),
                source: required("CHASQUI_GUPSHUP_SOURCE"),
                api_key: required("CHASQUI_GUPSHUP_API_KEY").as_str().into(),
                timeout,
            };
            return Self::of(settings, None);
        }
        let world = World::start().await;
        Self::of(world.gupshup(timeout), Some(world))
    }

    async fn call(&self, index: u16, call: &Call) -> Called {
        let client = gupshup::Client::new(&self.settings).expect("usable settings");
        once(&client, index, call).await
    }
}

async fn once(client: &impl Provider, index: u16, call: &Call) -> Called {
    let effect = EffectId::derive(
        Key::Contact(ContactId([7; 16])),
        InSeq(1),
        IdHash([1; 8]),
        index,
    );
    let request = Request {
        effect,
        attempt: AttemptNo(1),
        call,
    };
    client.call(request).await
}

fn text(to: &Recipient, text: &str) -> Call {
    Call::SendText {
        to: to.clone(),
        text: text.to_owned(),
    }
}

fn buttons(to: &Recipient) -> Call {
    let button = |id: &str, title: &str| Button {
        id: id.into(),
        title: title.into(),
    };
    Call::SendButtons {
        to: to.clone(),
        text: "¿Lo creo así?".to_owned(),
        buttons: vec![
            button("ticket.confirm", "Sí, crear ticket"),
            button("ticket.cancel", "Cancelar"),
        ],
    }
}

/// A place and a card, and of a message that is known an answer, a reaction and its taking back.
fn rich(to: &Recipient, message: Option<&str>) -> Vec<Call> {
    let place = Location {
        latitude: -12.1211,
        longitude: -77.0297,
        name: Some("Oficina".into()),
        address: Some("Av. Larco 123, Miraflores".into()),
        link: None,
    };
    let card = Card {
        name: "Mesa de ayuda".into(),
        phones: vec!["+51 1 555 0100".into()],
        emails: vec!["mesa@example.com".into()],
        company: Some("IT Green Peru".into()),
        whatsapp: None,
    };
    let mut bodies = vec![Rich::Location(Box::new(place)), Rich::Card(Box::new(card))];
    if let Some(message) = message {
        bodies.push(Rich::Text("Sobre esto: sí".into()));
        for emoji in [Some("👍".into()), None] {
            bodies.push(Rich::Reaction {
                message: message.into(),
                emoji,
            });
        }
    }
    let message = message.map(Into::into);
    let call = |body| {
        Call::SendRich(Box::new(RichMessage {
            to: to.clone(),
            answers: message.clone(),
            body,
        }))
    };
    bodies.into_iter().map(call).collect()
}

/// A text of exactly as many characters as a message takes.
fn longest(to: &Recipient) -> Call {
    text(to, &"ñ".repeat(actors::split::TEXT_CHARS_MAX))
}

/// The provider's id of what it took.
fn taken(called: Called) -> String {
    match called {
        Called::Done(reply) => reply.id.to_string(),
        other => panic!("not sent: {other:?}"),
    }
}

/// Two different ids for two messages that are alike.
fn check_ids(first: &str, second: &str) {
    assert!(
        !first.is_empty() && !second.is_empty(),
        "a message without id"
    );
    assert_ne!(first, second, "two messages, one id");
}

/// A refusal tells why and keeps secrets and numbers to itself.
fn check_refusal(called: &Called, secret: &Secret) {
    let shown = format!("{called:?}");
    let refused = matches!(called, Called::Refused { .. } | Called::NotDone { .. });
    assert!(refused, "neither refused nor put off: {shown}");
    assert!(
        !shown.contains(secret.expose()),
        "a secret in a reason: {shown}"
    );
}

#[tokio::test]
async fn meta_takes_texts_and_buttons_and_names_each_message() {
    let bench = Bench::<meta::Settings>::start().await;
    let first = taken(
        bench
            .call(0, &text(&bench.to, "Su ticket es #TK-2026-000001 ✅"))
            .await,
    );
    let second = taken(bench.call(1, &buttons(&bench.to)).await);
    assert!(first.starts_with("wamid."), "{first}");
    check_ids(&first, &second);
}

#[tokio::test]
async fn meta_takes_places_cards_answers_reactions_and_the_longest_text() {
    let bench = Bench::<meta::Settings>::start().await;
    let asked = taken(bench.call(0, &text(&bench.to, "hola")).await);
    let mut calls = rich(&bench.to, Some(&asked));
    calls.push(longest(&bench.to));
    for (index, call) in (1..).zip(&calls) {
        assert!(!taken(bench.call(index, call).await).is_empty(), "{index}");
    }
}

#[tokio::test]
async fn gupshup_takes_places_cards_answers_reactions_and_the_longest_text() {
    let bench = Bench::<gupshup::Settings>::start().await;
    let asked = taken(bench.call(0, &text(&bench.to, "hola")).await);
    let mut calls = rich(&bench.to, Some(&asked));
    calls.push(longest(&bench.to));
    for (index, call) in (1..).zip(&calls) {
        assert!(!taken(bench.call(index, call).await).is_empty(), "{index}");
    }
}

#[tokio::test]
async fn meta_refuses_a_wrong_token_in_words_without_it() {
    let mut bench = Bench::<meta::Settings>::start().await;
    bench.settings.token = "EAAG-not-a-token-of-anybody".into();
    let called = bench.call(0, &text(&bench.to, "hola")).await;
    check_refusal(&called, &bench.settings.token);
}

#[tokio::test]
async fn meta_refuses_a_text_that_is_empty() {
    let bench = Bench::<meta::Settings>::start().await;
    let called = bench.call(0, &text(&bench.to, "")).await;
    check_refusal(&called, &bench.settings.token);
}

#[tokio::test]
async fn gupshup_takes_texts_and_buttons_and_names_each_message() {
    let bench = Bench::<gupshup::Settings>::start().await;
    let first = taken(
        bench
            .call(0, &text(&bench.to, "Su ticket es #TK-2026-000001 ✅"))
            .await,
    );
    let second = taken(bench.call(1, &buttons(&bench.to)).await);
    check_ids(&first, &second);
}

#[tokio::test]
async fn gupshup_refuses_a_wrong_key_in_words_without_it() {
    let mut bench = Bench::<gupshup::Settings>::start().await;
    bench.settings.api_key = "sk_not-a-key-of-anybody".into();
    let called = bench.call(0, &text(&bench.to, "hola")).await;
    check_refusal(&called, &bench.settings.api_key);
}
