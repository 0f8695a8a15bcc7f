//! A person joins the number they write from to their user at the help desk, by that user's e-mail.
//!
//! Only where the tenant lists the domains of its addresses. The bot asks by itself once in a
//! person's life, after the confirmation of a ticket for which the help desk knew nobody, so that no
//! ticket waits for it; later the person asks for it. A typed e-mail proves nothing: the gateway
//! refuses what could be somebody else's, and a person tries few addresses a day.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::super::super::plan::Plan;
use super::super::super::{Event, State};
use super::super::{Flow, handover, locale, say};
use super::errand::{self, Errand, Work};
use super::{Awaits, Talk, talk};
use crate::model::{LinkedBy, Millis, refusal};
use crate::texts::Key;
use crate::understand::{self, Intent, Reading, Wish};

/// The id of the button that ends the question.
pub(super) const SKIP: &str = "link.skip";
/// Times the address is asked for: once, and twice more when it was none.
const ASKED_MAX: u8 = 3;
/// Words of an answer that is taken for an address gone wrong.
const LONE_WORDS: usize = 4;
/// Addresses of one person that the help desk may refuse within [`REFUSED_MS`].
const REFUSED_MAX: u8 = 3;
/// In milliseconds.
const REFUSED_MS: u64 = 86_400_000;

/// What is known of the person's user at the help desk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Linking {
    /// Whether the bot asks no more by itself: it did, or the person has answered.
    pub asked: bool,
    /// The e-mail of the user whose phone is the person's.
    pub email: Option<SmolStr>,
    /// The e-mail that an operator is to join or not.
    pub waits: Option<SmolStr>,
    /// Addresses refused since the instant below.
    pub refused: u8,
    /// When the first of them was refused.
    pub refused_since: Millis,
}

/// How the joining of a number and a user ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkEnd {
    /// They are joined.
    Done,
    /// No user has the e-mail.
    NoUser,
    /// The user has another phone, which stays.
    OtherPhone,
    /// The number is another user's.
    OtherUser,
    /// It waits for an operator.
    ForOperators,
    /// The help desk could not do it.
    Failed,
}

impl LinkEnd {
    /// The end as the API writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NoUser => "no_user",
            Self::OtherPhone => "other_phone",
            Self::OtherUser => "other_user",
            Self::ForOperators => "for_operators",
            Self::Failed => "failed",
        }
    }

    const fn of_refusal(code: u32) -> Self {
        match code {
            refusal::NO_USER => Self::NoUser,
            refusal::OTHER_PHONE => Self::OtherPhone,
            refusal::OTHER_USER => Self::OtherUser,
            refusal::FOR_OPERATORS => Self::ForOperators,
            _ => Self::Failed,
        }
    }
}

/// Whether people may join their number themselves here, and this one has a number.
pub(super) fn is_open(plan: &Plan<'_>) -> bool {
    let open = plan
        .settings
        .is_some_and(|settings| settings.help_desk.is_some() && !settings.link_domains.is_empty());
    open && plan.state.profile.phone.is_some()
}

/// Asks a newcomer once, when nothing else is open.
pub(in crate::contact::flow) fn offer(plan: &mut Plan<'_>) {
    let free = plan.state.flow.is_idle() && plan.state.opening.is_empty();
    if plan.state.linking.asked || !free || !is_open(plan) || plan.may_send().is_err() {
        return;
    }
    plan.emit(Event::LinkOffered);
    let domains = domains(plan);
    let text = say(plan, Key::LinkOffer, &[("domains", &domains)]);
    let skip = skip_button(plan);
    plan.notify_with_buttons(text, skip);
    talk::wait(plan, Awaits::Email, 1, Flow::Idle);
}

/// Takes the person's wish, which may name the address at once; `false` where it is not open.
pub(super) fn take_wish(plan: &mut Plan<'_>, words: Option<&str>, message: &SmolStr) -> bool {
    if !is_open(plan) {
        return false;
    }
    let address = words.and_then(|words| address(plan, words).ok());
    match address {
        Some(email) => join(plan, email, message),
        None => talk::begin(plan, Awaits::Email),
    }
    true
}

/// Asks for the address.
pub(super) fn ask(plan: &mut Plan<'_>) {
    let domains = domains(plan);
    let text = say(plan, Key::LinkAsk, &[("domains", &domains)]);
    let skip = skip_button(plan);
    plan.reply_with_buttons(text, skip);
}

/// Takes the answer; `false` when the text is something else, which then is read as if nothing had
/// been asked.
pub(super) fn take_text(plan: &mut Plan<'_>, talk: Talk, text: &str, message: &SmolStr) -> bool {
    let Ok(reading) = Reading::of(locale(plan), &around_address(text)) else {
        talk::uncover(plan);
        return false;
    };
    let leaves = matches!(reading.intent, Intent::No | Intent::Cancel)
        || understand::leaves_aside(locale(plan), text);
    if leaves && !text.contains('@') {
        skip(plan);
        return true;
    }
    let wish = understand::wish(locale(plan), text);
    let text = match &wish {
        Some(Wish::Account { words: Some(words) }) => words,
        Some(Wish::Account { words: None }) => {
            ask(plan);
            return true;
        }
        Some(_) => {
            talk::uncover(plan);
            return false;
        }
        None => text,
    };
    if handover::take_wish(plan, reading.intent, text) {
        return true;
    }
    let names_address = text.contains('@') && reading.symptom.is_none();
    if !names_address && !is_half_address(text) && !is_lone(&reading, text) {
        talk::uncover(plan);
        return false;
    }
    match address(plan, text) {
        Ok(email) => {
            join(plan, email, message);
            talk::leave(plan);
        }
        Err(wrong) if talk.asked < ASKED_MAX => {
            let skip = skip_button(plan);
            plan.reply_with_buttons(wrong, skip);
            talk::wait(plan, Awaits::Email, talk.asked + 1, talk.beneath);
        }
        Err(_) => {
            plan.emit(Event::LinkDropped);
            plan.reply(say(plan, Key::LinkGivenUp, &[]));
            talk::leave(plan);
        }
    }
    true
}

/// A text without its addresses: names in them are no words of a report.
fn around_address(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| !word.contains('@'));
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a text is one word made of several, as the part of an address before the @ is.
fn is_half_address(text: &str) -> bool {
    let word = text
        .trim()
        .trim_matches(|letter: char| !letter.is_alphanumeric());
    word.contains(['.', '_']) && !word.contains(char::is_whitespace)
}

/// Whether a text without an address is meant for one: short, and saying nothing else.
fn is_lone(reading: &Reading, text: &str) -> bool {
    let silent = matches!(
        reading.intent,
        Intent::Other | Intent::Yes | Intent::Identity
    );
    let short = text.split_whitespace().nth(LONE_WORDS).is_none();
    silent && short && reading.object.is_none() && reading.symptom.is_none()
}

/// The person does not want to; the bot does not ask again by itself.
pub(super) fn skip(plan: &mut Plan<'_>) {
    plan.emit(Event::LinkDropped);
    plan.reply(say(plan, Key::LinkSkipped, &[]));
    if let Flow::OnTicket(talk) = &plan.state.flow
        && talk.awaits == Awaits::Email
    {
        talk::leave(plan);
    }
}

/// The address in a text, or what is wrong with it in words.
fn address(plan: &Plan<'_>, text: &str) -> Result<SmolStr, String> {
    let own = plan.settings.map_or(&[][..], |s| &s.link_domains);
    let Some(email) = understand::email(text) else {
        let example = own.first().map_or("", SmolStr::as_str);
        return Err(say(plan, Key::LinkNoAddress, &[("domain", example)]));
    };
    let domain = email.split_once('@').map_or("", |(_, domain)| domain);
    if own.iter().any(|own| own == domain) {
        return Ok(email);
    }
    let values = [("email", email.as_str()), ("domains", &domains(plan))];
    Err(say(plan, Key::LinkOtherDomain, &values))
}

/// Has the number joined to the user with this e-mail.
fn join(plan: &mut Plan<'_>, email: SmolStr, message: &SmolStr) {
    let joining = |errand: &Errand| matches!(errand.work, Work::Link { .. });
    if plan.state.errands.iter().any(joining) {
        return plan.reply(say(plan, Key::LinkLate, &[]));
    }
    if plan.state.linking.is_exhausted(plan.now) {
        return plan.reply(say(plan, Key::LinkTooMany, &[]));
    }
    match plan.link_for_person(email.clone()) {
        Some(effect) => {
            let by = LinkedBy::Person;
            errand::begin(plan, effect, Work::Link { email, by });
            plan.show_typing(message.clone());
        }
        None => plan.reply(say(plan, Key::LinkFailed, &[])),
    }
}

/// They are joined.
pub(super) fn done(plan: &mut Plan<'_>, email: &SmolStr) {
    ended(plan, email, LinkEnd::Done);
    plan.notify(say(plan, Key::LinkDone, &[("email", email)]));
}

/// They are not, for good or until an operator has seen to it.
pub(super) fn failed(plan: &mut Plan<'_>, errand: &Errand, email: &SmolStr, code: u32) {
    let end = LinkEnd::of_refusal(code);
    ended(plan, email, end);
    let key = match end {
        LinkEnd::NoUser => Key::LinkNoUser,
        LinkEnd::OtherPhone => Key::LinkOtherPhone,
        LinkEnd::OtherUser => Key::LinkOtherUser,
        LinkEnd::ForOperators => Key::LinkForOperators,
        LinkEnd::Failed if errand.failure_told => return,
        LinkEnd::Done | LinkEnd::Failed => Key::LinkFailed,
    };
    let text = match key {
        Key::LinkNoUser | Key::LinkOtherPhone => say(plan, key, &[("email", email)]),
        _ => say(plan, key, &[]),
    };
    plan.notify(text);
}

fn ended(plan: &mut Plan<'_>, email: &SmolStr, end: LinkEnd) {
    let (email, at) = (email.clone(), plan.now);
    plan.emit(Event::LinkEnded { email, end, at });
}

/// `@empresa.pe, @empresa.com`.
fn domains(plan: &Plan<'_>) -> String {
    let own = plan.settings.map_or(&[][..], |s| &s.link_domains);
    let domains: Vec<String> = own.iter().map(|domain| format!("@{domain}")).collect();
    domains.join(", ")
}

fn skip_button(plan: &Plan<'_>) -> Vec<(SmolStr, SmolStr)> {
    vec![(SKIP.into(), say(plan, Key::ButtonSkip, &[]).into())]
}

impl Linking {
    /// Whether so many addresses were refused that no further one is tried for now.
    fn is_exhausted(&self, now: Millis) -> bool {
        self.refused >= REFUSED_MAX && now.since(self.refused_since) < REFUSED_MS
    }

    fn refuse(&mut self, at: Millis) {
        if self.refused == 0 || at.since(self.refused_since) >= REFUSED_MS {
            (self.refused, self.refused_since) = (0, at);
        }
        self.refused = self.refused.saturating_add(1);
    }

    /// Takes over what a younger self knew.
    pub(in crate::contact) fn merge(&mut self, younger: &Self) {
        self.asked |= younger.asked;
        self.email = self.email.take().or_else(|| younger.email.clone());
        self.waits = self.waits.take().or_else(|| younger.waits.clone());
        if younger.refused > self.refused {
            (self.refused, self.refused_since) = (younger.refused, younger.refused_since);
        }
    }
}

impl State {
    pub(in crate::contact) fn apply_linking(&mut self, event: &Event) {
        let linking = &mut self.linking;
        match event {
            Event::LinkOffered | Event::LinkDropped => linking.asked = true,
            Event::LinkEnded { email, end, at } => {
                linking.asked = true;
                match end {
                    LinkEnd::Done => {
                        *linking = Linking {
                            asked: true,
                            email: Some(email.clone()),
                            ..Linking::default()
                        };
                    }
                    LinkEnd::ForOperators => {
                        linking.waits = Some(email.clone());
                        linking.refuse(*at);
                    }
                    LinkEnd::NoUser | LinkEnd::OtherPhone | LinkEnd::OtherUser => {
                        linking.refuse(*at)
                    }
                    LinkEnd::Failed => {}
                }
            }
            _ => {}
        }
    }
}
