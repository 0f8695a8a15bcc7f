//! The guided dialogue: greeting, problem, details, identity, created. It asks only for what is
//! missing, accepts corrections and cancelling at any point, and opens the ticket at once when the
//! last datum is there. The draft shown before the identity question is the confirmation; a person
//! whose identity is known already is shown the draft with buttons instead.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::super::Event;
use super::super::plan::Plan;
use super::{Flow, opening, say};
use crate::model::TicketDraft;
use crate::texts::{self, Text};
use crate::understand::{self, Intent, Object, Priority, Reading, Symptom};

/// Turns a draft keeps; what is said beyond them is in the timeline.
const TURNS: usize = 16;
/// Ids of the two buttons of the confirmation.
const CONFIRM: &str = "ticket.confirm";
const CANCEL: &str = "ticket.cancel";

/// What is known of the ticket to be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// What the dialogue waits for.
    pub need: Need,
    /// What the person wrote about the problem, in order, at most 16 turns.
    pub turns: Vec<String>,
    /// The object the person named as a correction; it outdoes what the turns say.
    pub corrected: Option<String>,
    /// How often the current question was asked.
    pub asked: u8,
}

/// What the dialogue waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Need {
    /// What is it about?
    #[default]
    Problem,
    /// What is wrong with it?
    Symptom,
    /// Name and work area, or the one of them that is missing.
    Identity,
    /// A yes to the draft, from a person whose identity is known.
    Confirmation,
}

/// What the turns of a draft mean, read anew at each step.
struct Understood {
    object: Option<Object>,
    symptom: Option<Symptom>,
    priority: Priority,
    description: String,
}

/// Moves the dialogue by a pressed button; `false` when the button is none of ours.
pub(super) fn take_button(plan: &mut Plan<'_>, id: &str, message: &SmolStr) -> bool {
    let Flow::Asking(draft) = plan.state.flow.clone() else { return false };
    match (id, draft.need) {
        (CONFIRM, Need::Confirmation) => open(plan, &draft, message),
        (CANCEL, _) => cancel(plan),
        _ => return false,
    }
    true
}

/// Moves the dialogue by a text.
pub(super) fn take_text(plan: &mut Plan<'_>, text: &str, message: &SmolStr) {
    let reading = Reading::of(text).unwrap_or_default();
    match plan.state.flow.clone() {
        Flow::Asking(draft) => answer(plan, *draft, text, &reading, message),
        Flow::Idle | Flow::Gathering(_) => begin(plan, text, &reading),
    }
}

fn begin(plan: &mut Plan<'_>, text: &str, reading: &Reading) {
    match reading.intent {
        Intent::Thanks => plan.reply(say(plan, Text::Thanks, &[])),
        Intent::Cancel => plan.reply(say(plan, Text::NothingToCancel, &[])),
        Intent::Other | Intent::Yes | Intent::No if !plan.state.opening.is_empty() => {
            plan.reply(say(plan, Text::TicketInterim, &[]));
        }
        Intent::Greeting if reading.object.is_none() && reading.symptom.is_none() => {
            let draft = Draft { asked: 1, ..Draft::default() };
            greet(plan, Text::GreetingAskProblem, &[]);
            wait(plan, draft);
        }
        _ => {
            let draft = Draft { turns: vec![text.to_owned()], ..Draft::default() };
            go_on(plan, draft, true);
        }
    }
}

fn answer(
    plan: &mut Plan<'_>,
    mut draft: Draft,
    text: &str,
    reading: &Reading,
    message: &SmolStr,
) {
    match &reading.intent {
        Intent::Cancel => return cancel(plan),
        Intent::Correction { object } => {
            draft.corrected = Some(object.noun.to_string());
            return go_on(plan, draft, false);
        }
        _ => {}
    }
    match draft.need {
        Need::Problem | Need::Symptom => {
            draft.add(text);
            go_on(plan, draft, false);
        }
        Need::Identity => take_identity(plan, draft, text, reading, message),
        Need::Confirmation => match reading.intent {
            Intent::Yes | Intent::Thanks => open(plan, &draft, message),
            Intent::No => cancel(plan),
            _ => {
                draft.add(text);
                go_on(plan, draft, false);
            }
        },
    }
}

/// Asks for the next missing thing, or shows the draft.
fn go_on(plan: &mut Plan<'_>, mut draft: Draft, greeting: bool) {
    let understood = draft.understand();
    let known = understood.object.is_some() || understood.symptom.is_some();
    let next = match (&understood.object, &understood.symptom) {
        (None, None) => Need::Problem,
        (Some(_), None) => Need::Symptom,
        _ => draft.need_after_problem(plan),
    };
    // A question is asked twice; then what was written is taken as it stands.
    let stuck = next == draft.need && draft.asked >= 2;
    match next {
        Need::Problem if !stuck => {
            let text = if greeting { Text::GreetingAskProblem } else { Text::AskProblem };
            greet(plan, text, &[]);
            draft.ask(Need::Problem);
        }
        Need::Symptom if !stuck && known => {
            let object = understood.object.as_ref().map_or_else(String::new, Object::your);
            let text = if greeting { Text::GreetingAskSymptom } else { Text::AskSymptom };
            greet(plan, text, &[("object", &object)]);
            draft.ask(Need::Symptom);
        }
        _ => {
            let next = draft.need_after_problem(plan);
            show(plan, &draft, &understood, next);
            draft.ask(next);
        }
    }
    wait(plan, draft);
}

/// Shows the draft and asks for what is missing, or for a yes.
fn show(plan: &mut Plan<'_>, draft: &Draft, understood: &Understood, next: Need) {
    let locale = plan.settings.map_or("es", |settings| settings.locale.as_str()).to_owned();
    let problem = draft.title(understood);
    let level = understood.priority.level;
    let values = [
        ("problem", problem.as_str()),
        ("mark", level.mark()),
        ("priority", &texts::level(&locale, level)),
        ("reason", &texts::reason(&locale, understood.priority.reason)),
        ("question", &say(plan, question(plan), &[])),
    ];
    if next == Need::Confirmation {
        let text = say(plan, Text::DraftConfirm, &values);
        let buttons = vec![
            (CONFIRM.into(), say(plan, Text::ButtonConfirm, &[]).into()),
            (CANCEL.into(), say(plan, Text::ButtonCancel, &[]).into()),
        ];
        plan.reply_with_buttons(text, buttons);
    } else {
        plan.reply(say(plan, Text::DraftAskIdentity, &values));
    }
}

/// Which identity question fits what is known of the person.
fn question(plan: &Plan<'_>) -> Text {
    match (&plan.state.profile.name, &plan.state.profile.area) {
        (None, Some(_)) => Text::AskName,
        (Some(_), None) => Text::AskArea,
        _ => Text::AskNameAndArea,
    }
}

fn take_identity(
    plan: &mut Plan<'_>,
    mut draft: Draft,
    text: &str,
    reading: &Reading,
    message: &SmolStr,
) {
    let identity = understand::identity(text);
    let more_of_the_problem = reading.symptom.is_some() && identity.area.is_none();
    if more_of_the_problem {
        draft.add(text);
        return go_on(plan, draft, false);
    }
    if let Some(name) = identity.name {
        plan.emit(Event::NameGiven(name));
    }
    if let Some(area) = identity.area {
        plan.emit(Event::AreaGiven(area));
    }
    if plan.state.profile.name.is_some() && plan.state.profile.area.is_some() {
        return open(plan, &draft, message);
    }
    plan.reply(say(plan, question(plan), &[]));
    draft.ask(Need::Identity);
    wait(plan, draft);
}

fn open(plan: &mut Plan<'_>, draft: &Draft, message: &SmolStr) {
    let understood = draft.understand();
    let profile = &plan.state.profile;
    let ticket = TicketDraft {
        title: draft.title(&understood),
        description: understood.description.clone(),
        transcript: draft.turns.clone(),
        urgency: understood.priority.level.urgency(),
        requester_name: profile.name.clone().unwrap_or_default(),
        requester_area: profile.area.clone().unwrap_or_default(),
        phone: profile.phone.clone(),
        email: None,
    };
    if opening::open(plan, ticket, understood.priority.level) {
        plan.show_typing(message.clone());
    }
    plan.emit(Event::FlowMoved(Flow::Idle));
}

fn cancel(plan: &mut Plan<'_>) {
    plan.reply(say(plan, Text::Cancelled, &[]));
    plan.emit(Event::FlowMoved(Flow::Idle));
}

/// Says a text that may name the tenant.
fn greet(plan: &mut Plan<'_>, text: Text, values: &[(&str, &str)]) {
    let tenant = plan.settings.map_or("", |settings| settings.tenant_name.as_str());
    let mut all = vec![("tenant", tenant)];
    all.extend_from_slice(values);
    plan.reply(say(plan, text, &all));
}

fn wait(plan: &mut Plan<'_>, draft: Draft) {
    plan.emit(Event::FlowMoved(Flow::Asking(Box::new(draft))));
}

impl Draft {
    fn add(&mut self, text: &str) {
        if self.turns.len() < TURNS {
            self.turns.push(text.to_owned());
        }
    }

    fn ask(&mut self, need: Need) {
        self.asked = if need == self.need { self.asked.saturating_add(1) } else { 1 };
        self.need = need;
    }

    fn need_after_problem(&self, plan: &Plan<'_>) -> Need {
        let profile = &plan.state.profile;
        match (&profile.name, &profile.area) {
            (Some(_), Some(_)) => Need::Confirmation,
            _ => Need::Identity,
        }
    }

    fn understand(&self) -> Understood {
        let readings: Vec<Reading> =
            self.turns.iter().filter_map(|turn| Reading::of(turn).ok()).collect();
        let corrected = self.corrected.as_deref().map(Object::named);
        let object =
            corrected.or_else(|| readings.iter().find_map(|reading| reading.object.clone()));
        let symptom = readings.iter().find_map(|reading| reading.symptom.clone());
        let description = understand::description(object.as_ref(), &readings);
        Understood { object, symptom, priority: understand::priority(&readings), description }
    }

    /// The understood summary, else what was written last.
    fn title(&self, understood: &Understood) -> String {
        if understood.symptom.is_some() {
            return understand::summary(understood.object.as_ref(), understood.symptom.as_ref());
        }
        let last = self.turns.last().map_or("", String::as_str).trim();
        let said: String = last.chars().take(120).collect();
        match &understood.object {
            Some(object) if !said.is_empty() => format!("{}: {said}", object.title()),
            _ => said,
        }
    }
}
