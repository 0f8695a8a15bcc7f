//! What is answered by rule: keywords that are the whole message, and kinds of message.
//!
//! A rule is tried before the dialogue, and only where nothing was told yet: a keyword inside a
//! report, or while one is written, hijacks nothing. The tenant's rules come first, in their order;
//! then those shipped here, which say only what is known: the hours are the queue's, and what nobody
//! has set up is said to be unknown. A tenant replaces one by a rule with the same keyword.

use std::collections::HashMap;
use std::sync::OnceLock;

use smol_str::SmolStr;

use super::super::plan::Plan;
use super::handover::{self, TransferCause};
use super::{Flow, locale, media, say, tickets};
use crate::model::{Content, MediaKind, Message, Order, TemplateChoice};
use crate::ports::{Does, People, Rule};
use crate::texts::{self, Key};
use crate::understand::folded;

/// Longest keyword in characters; a longer message is none.
const KEYWORD_CHARS: usize = 60;

/// The shipped keywords in the languages of the catalogues.
const SHIPPED: [(&[&str], Shipped); 5] = [
    (
        &[
            "horario",
            "horarios",
            "horario de atencion",
            "que horario tienen",
            "horario de atendimento",
            "hours",
            "opening hours",
            "business hours",
            "orario",
            "orari",
            "orari di apertura",
        ],
        Shipped::Hours,
    ),
    (
        &[
            "contacto",
            "contactos",
            "telefono",
            "numero de telefono",
            "contato",
            "contatos",
            "telefone",
            "contact",
            "contact us",
            "phone number",
            "contatto",
            "contatti",
            "numero di telefono",
        ],
        Shipped::Contact,
    ),
    (
        &[
            "ubicacion",
            "direccion",
            "donde estan",
            "donde quedan",
            "localizacao",
            "endereco",
            "onde ficam",
            "location",
            "address",
            "where are you",
            "indirizzo",
            "posizione",
            "dove siete",
        ],
        Shipped::Unset,
    ),
    (
        &[
            "precio", "precios", "tarifas", "preco", "precos", "price", "prices", "pricing",
            "prezzo", "prezzi", "tariffe",
        ],
        Shipped::Unset,
    ),
    (
        &[
            "comandos",
            "opciones",
            "que puedes hacer",
            "opcoes",
            "o que voce faz",
            "commands",
            "options",
            "what can you do",
            "comandi",
            "opzioni",
            "cosa puoi fare",
        ],
        Shipped::Help,
    ),
];

#[derive(Clone, Copy)]
enum Shipped {
    Hours,
    Contact,
    Help,
    Unset,
}

/// The shipped keywords as [`folded`] gives them.
fn shipped() -> &'static HashMap<String, Shipped> {
    static READ: OnceLock<HashMap<String, Shipped>> = OnceLock::new();
    READ.get_or_init(|| {
        let rows = SHIPPED.iter();
        rows.flat_map(|(keywords, does)| keywords.iter().map(|word| (folded(word), *does)))
            .collect()
    })
}

/// Answers a message by rule; `false` when none fits or something was told already.
pub(super) fn take_message(plan: &mut Plan<'_>, message: &Message) -> bool {
    let untold = match &plan.state.flow {
        Flow::Idle => true,
        Flow::Asking(draft) => draft.turns.is_empty(),
        Flow::Gathering(_) | Flow::WithPeople(_) | Flow::OnTicket(_) | Flow::Similar(_) => false,
    };
    let Some(people) = plan
        .settings
        .map(|settings| &settings.people)
        .filter(|_| untold)
    else {
        return false;
    };
    match &message.content {
        Content::Text(text) if text.chars().count() <= KEYWORD_CHARS => {
            take_keyword(plan, people, text)
        }
        content => take_kind(plan, people, content),
    }
}

fn take_keyword(plan: &mut Plan<'_>, people: &People, text: &str) -> bool {
    let said = folded(text);
    let fits = |rule: &&Rule| rule.keywords.contains(&said);
    if let Some(rule) = people.rules.iter().find(fits) {
        return obey(plan, people, &rule.does, text, None);
    }
    // Shipped answers name people, so they are given where there are some.
    let shipped = people.default_queue().and_then(|_| shipped().get(&said));
    match shipped {
        Some(Shipped::Hours) => tell_hours(plan, people),
        Some(Shipped::Contact) => tell(plan, Key::ContactTold),
        Some(Shipped::Help) => show_menu(plan),
        Some(Shipped::Unset) => tell(plan, Key::NotToldHere),
        None => false,
    }
}

fn take_kind(plan: &mut Plan<'_>, people: &People, content: &Content) -> bool {
    let kind = match content {
        Content::Media(media) => match media.kind {
            MediaKind::Voice => MediaKind::Audio.name(),
            kind => kind.name(),
        },
        Content::Location(_) => "location",
        Content::Cards(_) => "contacts",
        Content::Order(_) => "order",
        Content::Other { kind } => kind,
        _ => return false,
    };
    let order = match content {
        Content::Order(order) => Some(&**order),
        _ => None,
    };
    let fits = |rule: &&Rule| rule.kinds.iter().any(|own| own == kind);
    match (people.rules.iter().find(fits), order) {
        (Some(rule), _) => {
            if let Content::Media(file) = content {
                media::take_silently(plan, file);
            }
            obey(plan, people, &rule.does, kind, order)
        }
        (None, Some(order)) => {
            let text = confirmed(plan, order);
            plan.reply(text);
            true
        }
        (None, None) => false,
    }
}

fn obey(
    plan: &mut Plan<'_>,
    people: &People,
    does: &Does,
    said: &str,
    order: Option<&Order>,
) -> bool {
    match does {
        Does::Say(text) => {
            let text = order.map_or_else(|| text.clone(), |order| filled(plan, text, order));
            plan.reply(text);
            true
        }
        Does::TellHours => tell_hours(plan, people),
        Does::Help => tell(plan, Key::HelpTold),
        Does::Menu => show_menu(plan),
        Does::Template { name, values } => send_template(plan, name, values),
        Does::Transfer { queue, text } => {
            let named = queue.as_ref().and_then(|name| people.queue(name));
            let Some(queue) = named.or_else(|| people.default_queue()) else {
                return false;
            };
            let cause = TransferCause::Rule;
            match text {
                Some(text) => {
                    let words = text.clone();
                    handover::transfer_with(plan, queue, cause, Some(said), None, words);
                }
                None => handover::transfer_to(plan, queue, cause, Some(said), None),
            }
            true
        }
    }
}

/// Shows what can be chosen from; without a help desk there are no tickets in it, and words say what
/// is left.
fn show_menu(plan: &mut Plan<'_>) -> bool {
    if plan
        .settings
        .is_none_or(|settings| settings.help_desk.is_none())
    {
        return tell(plan, Key::HelpTold);
    }
    tickets::show_menu(plan);
    true
}

/// Sends a template in the person's language. `false` when it cannot be sent, for which the reason
/// is on record; the message is then answered as if there were no rule.
fn send_template(plan: &mut Plan<'_>, name: &SmolStr, values: &[String]) -> bool {
    let person = plan.state.profile.name.clone();
    let person = person.or_else(|| Some(plan.state.profile.display_name.as_ref()?.to_string()));
    let person = person.unwrap_or_else(|| say(plan, Key::NewsCustomer, &[]));
    let values: Vec<String> = values
        .iter()
        .map(|value| value.replace("{name}", person.trim()))
        .collect();
    let choice = TemplateChoice::Named {
        name: name.clone(),
        language: None,
    };
    plan.send_chosen_template(&choice, &values, None).is_ok()
}

fn tell(plan: &mut Plan<'_>, key: Key) -> bool {
    plan.reply(say(plan, key, &[]));
    true
}

/// When the people of the channel's queue are there; `false` when it has none.
fn tell_hours(plan: &mut Plan<'_>, people: &People) -> bool {
    let Some(queue) = people.default_queue() else {
        return false;
    };
    let text = match &queue.hours {
        Some(hours) => {
            let hours = hours.words(locale(plan));
            say(plan, Key::HoursTold, &[("hours", &hours)])
        }
        None => say(plan, Key::HoursAlways, &[]),
    };
    plan.reply(text);
    true
}

fn confirmed(plan: &Plan<'_>, order: &Order) -> String {
    let items = items(plan, order);
    match total(plan, order) {
        Some(total) => say(
            plan,
            Key::OrderTotalled,
            &[("items", &items), ("total", &total)],
        ),
        None => say(plan, Key::OrderNoted, &[("items", &items)]),
    }
}

/// A tenant's text about an order.
fn filled(plan: &Plan<'_>, text: &str, order: &Order) -> String {
    let total = total(plan, order).unwrap_or_default();
    text.replace("{items}", &items(plan, order))
        .replace("{total}", &total)
}

fn items(plan: &Plan<'_>, order: &Order) -> String {
    let pieces: i64 = order
        .items
        .iter()
        .map(|item| i64::from(item.quantity))
        .sum();
    texts::integer(locale(plan), pieces)
}

/// What the order comes to; `None` when its prices do not add up in one currency.
fn total(plan: &Plan<'_>, order: &Order) -> Option<String> {
    let currency = &order.items.first()?.currency;
    let mut hundredths: i64 = 0;
    for item in &order.items {
        if item.currency != *currency {
            return None;
        }
        let price = price(&item.price)?;
        hundredths = hundredths.checked_add(price.checked_mul(item.quantity.into())?)?;
    }
    Some(format!(
        "{currency} {}",
        texts::decimal(locale(plan), hundredths)
    ))
}

/// A price of at most two decimals, in hundredths.
fn price(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    whole
        .parse::<i64>()
        .ok()?
        .checked_mul(100)?
        .checked_add(part)
}
