//! The guided dialogue: greeting, problem, details, identity, created. It asks only for what is
//! missing, accepts corrections and cancelling at any point, and opens the ticket at once when the
//! last datum is there. The draft shown with the identity question is the confirmation; a person
//! whose identity is known already is shown the draft with two buttons instead.

mod draft;

use smol_str::SmolStr;

use super::super::Event;
use super::super::plan::Plan;
use super::{Flow, handover, locale, media, opening, say, tickets};
use crate::model::TicketDraft;
use crate::texts::{self, Key};
use crate::understand::{self, Identity, Intent, Reading, TEXT_CHARS_MAX};
pub use draft::{Draft, Need, Turn};

/// Ids of the two buttons of the confirmation.
const CONFIRM: &str = "ticket.confirm";
const CANCEL: &str = "ticket.cancel";
/// Times a question is asked; then what was written is taken as it stands.
const ASKED_MAX: u8 = 2;

/// How an answer begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tone {
    /// With a greeting: the first answer.
    Greeting,
    /// Without.
    Plain,
    /// Thanking for a correction.
    Corrected,
}

/// Moves the dialogue by a pressed button; `false` when the button is none of ours.
pub(super) fn take_button(plan: &mut Plan<'_>, id: &str, message: &SmolStr) -> bool {
    let Flow::Asking(draft) = plan.state.flow.clone() else {
        return false;
    };
    match (id, draft.need) {
        (CONFIRM, Need::Confirmation) => open(plan, &draft, message),
        (CANCEL, _) => cancel(plan),
        _ => return false,
    }
    true
}

/// Asks the open question again, in the language that holds now; with none open, what the matter is.
pub(super) fn ask_again(plan: &mut Plan<'_>) {
    if tickets::ask_again(plan) {
        return;
    }
    let Flow::Asking(draft) = plan.state.flow.clone() else {
        plan.reply(say(plan, Key::AskProblem, &[]));
        return wait(plan, Draft::asked_for(Need::Object));
    };
    match draft.need {
        // They were understood; there only is no more to ask for than at the beginning.
        Need::Object if draft.is_bare() => plan.reply(say(plan, Key::AskProblem, &[])),
        Need::Object => ask_object(plan, &draft, Tone::Plain),
        Need::Symptom => ask_symptom(plan, &draft, Tone::Plain),
        next @ (Need::Identity | Need::Confirmation) => show(plan, &draft, next, Tone::Plain),
    }
}

/// Moves the dialogue by a text.
pub(super) fn take_text(plan: &mut Plan<'_>, text: &str, message: &SmolStr) {
    let Ok(reading) = Reading::of(locale(plan), text) else {
        let limit = texts::integer(locale(plan), TEXT_CHARS_MAX as i64);
        plan.miss();
        plan.reply(say(plan, Key::TooLong, &[("limit", &limit)]));
        return;
    };
    match plan.state.flow.clone() {
        Flow::Asking(draft) => answer(plan, *draft, text, &reading, message),
        Flow::Idle
        | Flow::Gathering(_)
        | Flow::OnTicket(_)
        | Flow::Similar(_)
        | Flow::WithPeople(_) => begin(plan, text, &reading, message),
    }
}

fn begin(plan: &mut Plan<'_>, text: &str, reading: &Reading, message: &SmolStr) {
    let empty = reading.object.is_none() && reading.symptom.is_none();
    let waits_for_number = !plan.state.opening.is_empty();
    if handover::take_wish(plan, reading.intent, text) {
        return;
    }
    match reading.intent {
        Intent::Thanks => plan.reply(say(plan, Key::Welcome, &[])),
        Intent::Cancel => plan.reply(say(plan, Key::NothingToCancel, &[])),
        Intent::StatusQuery { number } => tickets::tell_state(plan, number, message),
        Intent::Other | Intent::Yes | Intent::No | Intent::Greeting
            if waits_for_number && empty =>
        {
            plan.reply(say(plan, Key::TicketFollows, &[]));
        }
        Intent::Greeting if empty => {
            greet(plan, Key::Greet, &[]);
            wait(plan, Draft::asked_for(Need::Object));
        }
        _ => {
            learn_identity(plan, reading.identity.clone());
            let mut draft = Draft::default();
            draft.add(turn(plan, text), reading);
            go_on(plan, draft, Tone::Greeting);
        }
    }
}

fn answer(plan: &mut Plan<'_>, mut draft: Draft, text: &str, reading: &Reading, message: &SmolStr) {
    match reading.intent {
        Intent::Cancel => return cancel(plan),
        wish if handover::take_wish(plan, wish, text) => return,
        // Asked in between; the open question stays.
        Intent::StatusQuery { number } if reading.symptom.is_none() => {
            return tickets::tell_state(plan, number, message);
        }
        Intent::Correction => {
            learn_identity(plan, reading.identity.clone());
            draft.correct(turn(plan, text), reading);
            return go_on(plan, draft, Tone::Corrected);
        }
        _ => {}
    }
    match draft.need {
        Need::Object | Need::Symptom => {
            learn_identity(plan, reading.identity.clone());
            draft.add(turn(plan, text), reading);
            go_on(plan, draft, Tone::Plain);
        }
        Need::Identity => take_identity(plan, draft, text, reading, message),
        Need::Confirmation => confirm(plan, draft, text, reading, message),
    }
}

/// A text with the language it is read in.
fn turn(plan: &Plan<'_>, text: &str) -> Turn {
    Turn {
        text: text.to_owned(),
        language: locale(plan),
    }
}

fn confirm(
    plan: &mut Plan<'_>,
    mut draft: Draft,
    text: &str,
    reading: &Reading,
    message: &SmolStr,
) {
    match reading.intent {
        Intent::Yes | Intent::Thanks => open(plan, &draft, message),
        Intent::No => refuse(plan, draft),
        _ if draft.refused && names_something(reading) => {
            draft.correct(turn(plan, text), reading);
            go_on(plan, draft, Tone::Plain);
        }
        _ => {
            learn_identity(plan, reading.identity.clone());
            draft.add(turn(plan, text), reading);
            go_on(plan, draft, Tone::Plain);
        }
    }
}

/// Asks what is wrong with the draft that was refused.
fn refuse(plan: &mut Plan<'_>, mut draft: Draft) {
    plan.reply(say(plan, Key::AskCorrection, &[]));
    draft.refused = true;
    wait(plan, draft);
}

fn names_something(reading: &Reading) -> bool {
    reading.object.is_some() || reading.symptom.is_some()
}

/// Goes on with a draft that something else had come between.
pub(super) fn resume(plan: &mut Plan<'_>, draft: Draft) {
    go_on(plan, draft, Tone::Plain);
}

/// Asks for the next missing thing, or shows the draft.
fn go_on(plan: &mut Plan<'_>, mut draft: Draft, tone: Tone) {
    if draft.missing().is_none() && !draft.apart && tickets::offer_similar(plan, &draft) {
        return;
    }
    let next = draft
        .missing()
        .filter(|need| *need != draft.need || draft.asked < ASKED_MAX);
    match next {
        Some(Need::Object) => ask_object(plan, &draft, tone),
        Some(Need::Symptom) => ask_symptom(plan, &draft, tone),
        Some(Need::Identity | Need::Confirmation) | None => {
            let next = identity_need(plan);
            show(plan, &draft, next, tone);
            draft.ask(next);
            return wait(plan, draft);
        }
    }
    draft.ask(next.unwrap_or_default());
    wait(plan, draft);
}

fn ask_object(plan: &mut Plan<'_>, draft: &Draft, tone: Tone) {
    let key = match (tone, draft.symptom.is_some()) {
        (Tone::Greeting, true) => Key::GreetSymptom,
        (Tone::Greeting, false) => Key::Greet,
        (_, true) => Key::AskObject,
        (_, false) => Key::NotUnderstood,
    };
    greet(plan, key, &[]);
}

fn ask_symptom(plan: &mut Plan<'_>, draft: &Draft, tone: Tone) {
    let Some(object) = &draft.object else { return };
    let (your, the) = (
        texts::your(locale(plan), object),
        texts::the(locale(plan), object),
    );
    let key = match tone {
        Tone::Greeting => Key::GreetObject,
        Tone::Plain => Key::AskSymptom,
        Tone::Corrected => Key::CorrectedAskSymptom,
    };
    greet(plan, key, &[("your_object", &your), ("the_object", &the)]);
}

/// Shows the draft and asks for what is missing of the identity, or for a yes.
fn show(plan: &mut Plan<'_>, draft: &Draft, next: Need, tone: Tone) {
    let locale = locale(plan);
    let priority = draft.priority();
    let (summary, mark) = (draft.title(), texts::level_mark(locale, priority.level));
    let (level, reason) = (
        texts::level(locale, priority.level),
        texts::reason(locale, priority.reason),
    );
    let name = plan.state.profile.name.clone();
    let values = [
        ("summary", summary.as_str()),
        ("mark", &mark),
        ("level", &level),
        ("reason", &reason),
        ("name", name.as_deref().unwrap_or_default()),
    ];
    if next == Need::Confirmation {
        let text = say(plan, Key::DraftConfirm, &values);
        let confirm = (CONFIRM.into(), say(plan, Key::ButtonConfirm, &[]).into());
        let cancel = (CANCEL.into(), say(plan, Key::ButtonCancel, &[]).into());
        return plan.reply_with_buttons(text, vec![confirm, cancel]);
    }
    let key = match (&name, &plan.state.profile.area, tone) {
        (None, Some(_), _) => Key::DraftAskName,
        (Some(_), None, _) => Key::DraftAskArea,
        (_, _, Tone::Greeting) => Key::GreetDraft,
        (_, _, Tone::Plain) => Key::Draft,
        (_, _, Tone::Corrected) => Key::Corrected,
    };
    greet(plan, key, &values);
}

fn take_identity(
    plan: &mut Plan<'_>,
    mut draft: Draft,
    text: &str,
    reading: &Reading,
    message: &SmolStr,
) {
    if reading.intent == Intent::No {
        return refuse(plan, draft);
    }
    if draft.refused && reading.identity.is_none() && names_something(reading) {
        draft.correct(turn(plan, text), reading);
        return go_on(plan, draft, Tone::Corrected);
    }
    let answered = match &reading.identity {
        Some(identity) => identity.clone(),
        None => understand::identity(locale(plan), text).unwrap_or_default(),
    };
    if reading.symptom.is_some() && answered.area.is_none() {
        draft.add(turn(plan, text), reading);
        return go_on(plan, draft, Tone::Plain);
    }
    learn_identity(plan, Some(answered));
    let profile = &plan.state.profile;
    let (named, placed) = (profile.name.is_some(), profile.area.is_some());
    if (named && placed) || draft.asked > ASKED_MAX {
        return open(plan, &draft, message);
    }
    let name = profile.name.clone().unwrap_or_default();
    let key = match (named, placed) {
        (true, _) => Key::AskArea,
        (_, true) => Key::AskName,
        _ => Key::AskIdentity,
    };
    plan.reply(say(plan, key, &[("name", &name)]));
    draft.ask(Need::Identity);
    wait(plan, draft);
}

fn learn_identity(plan: &mut Plan<'_>, identity: Option<Identity>) {
    let Some(Identity { name, area }) = identity else {
        return;
    };
    if let Some(name) = name {
        plan.emit(Event::NameGiven(name));
    }
    if let Some(area) = area {
        plan.emit(Event::AreaGiven(area));
    }
}

fn identity_need(plan: &Plan<'_>) -> Need {
    match (&plan.state.profile.name, &plan.state.profile.area) {
        (Some(_), Some(_)) => Need::Confirmation,
        _ => Need::Identity,
    }
}

fn open(plan: &mut Plan<'_>, draft: &Draft, message: &SmolStr) {
    let priority = draft.priority();
    let profile = &plan.state.profile;
    let display_name = profile.display_name.as_ref().map(ToString::to_string);
    let ticket = TicketDraft {
        title: draft.title(),
        description: draft.description(),
        transcript: draft.transcript(),
        urgency: priority.urgency(),
        category: draft.category(),
        requester_name: profile.name.clone().or(display_name).unwrap_or_default(),
        requester_area: profile.area.clone().unwrap_or_default(),
        phone: profile.phone.clone(),
        email: None,
    };
    if opening::open(plan, ticket, priority.level) {
        plan.show_typing(message.clone());
    }
    plan.emit(Event::FlowMoved(Flow::Idle));
}

/// Gives the draft up.
pub(super) fn cancel(plan: &mut Plan<'_>) {
    plan.reply(say(plan, Key::Cancelled, &[]));
    media::let_go(plan);
    plan.emit(Event::FlowMoved(Flow::Idle));
}

/// Says a text that may name the tenant.
fn greet(plan: &mut Plan<'_>, key: Key, values: &[(&str, &str)]) {
    let tenant = plan
        .settings
        .map_or("", |settings| settings.tenant_name.as_str());
    let mut all = vec![("tenant", tenant)];
    all.extend_from_slice(values);
    plan.reply(say(plan, key, &all));
}

fn wait(plan: &mut Plan<'_>, draft: Draft) {
    plan.emit(Event::FlowMoved(Flow::Asking(Box::new(draft))));
}
