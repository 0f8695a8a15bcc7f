//! Stop words and the way back: withdrawn by one word, given by two.
//!
//! A stop word is obeyed before anything else is done with the message, also beyond the soft limit
//! and while people talk with people. Inside a draft that holds something, the words that also give
//! up a request (salir, parar, sair, basta) mean the draft, in whatever language it is held; BAJA and
//! STOP mean consent wherever they are said, and what is open stays open. Who has only greeted has
//! nothing to be asked for again: the confirmation is all they read.

use smol_str::SmolStr;

use super::super::consent::{ConsentSource, proof};
use super::super::plan::Plan;
use super::super::{Event, State};
use super::{Flow, dialogue, locale};
use crate::model::{ConsentLevel, Content, Message};
use crate::texts::{self, Key, Locale};
use crate::understand::{ConsentWord, Intent, Reading, consent_word};

/// Ids of the buttons that confirm.
const YES: &str = "consent.yes";
const NO: &str = "consent.no";
/// A yes in words counts this long after the question, in milliseconds; the button always.
const WORDS_COUNT_MS: u64 = 24 * 3_600_000;

/// Takes a message about consent; `false` when it is about something else.
pub(in crate::contact) fn take_message(plan: &mut Plan<'_>, message: &Message) -> bool {
    let id = &message.provider_id;
    match &message.content {
        Content::Text(text) => take_text(plan, text, id),
        Content::Button { id: button, title } => {
            let stops = asks_to_stop(&plan.state, title);
            match button.as_str() {
                YES => confirm(plan, id),
                NO => decline(plan),
                _ if stops => withdraw(plan, id, None),
                _ => return false,
            }
            true
        }
        _ => false,
    }
}

/// Takes a stop word for a contact that forwards to an older self, which answers.
pub(in crate::contact) fn heed_silently(plan: &mut Plan<'_>, message: &Message) {
    let text = match &message.content {
        Content::Text(text) => text.as_str(),
        Content::Button { title, .. } => title.as_str(),
        _ => return,
    };
    if asks_to_stop(&plan.state, text) && plan.state.permission.level == ConsentLevel::Marketing {
        note_withdrawal(plan, &message.provider_id);
    }
}

fn take_text(plan: &mut Plan<'_>, text: &str, message: &SmolStr) -> bool {
    let idle = plan.state.flow.is_idle();
    match consent_word(text) {
        Some((ConsentWord::Back, language)) if idle => ask(plan, message, language),
        Some((_, language)) if asks_to_stop(&plan.state, text) => {
            withdraw(plan, message, language);
        }
        Some((ConsentWord::Leave, _)) => dialogue::cancel(plan),
        _ if idle && is_asked(plan) => return take_answer(plan, text, message),
        _ => return false,
    }
    true
}

/// Whether a text withdraws consent as the conversation stands.
fn asks_to_stop(state: &State, text: &str) -> bool {
    match consent_word(text) {
        Some((ConsentWord::Stop, _)) => true,
        Some((ConsentWord::Leave, _)) => match &state.flow {
            Flow::Asking(draft) => draft.is_bare() && !has_withdrawn(state),
            _ => true,
        },
        Some((ConsentWord::Back, _)) | None => false,
    }
}

fn is_asked(plan: &Plan<'_>) -> bool {
    let asked = plan.state.permission.asked.as_ref();
    asked.is_some_and(|asked| plan.now.since(asked.at) < WORDS_COUNT_MS)
}

/// A yes or a no to the question; anything else is about something else, and the question stands.
fn take_answer(plan: &mut Plan<'_>, text: &str, message: &SmolStr) -> bool {
    let intent = Reading::of(locale(plan), text).map(|reading| reading.intent);
    match intent {
        Ok(Intent::Yes) => confirm(plan, message),
        Ok(Intent::No) => decline(plan),
        _ => return false,
    }
    true
}

/// Withdraws consent and says so, once. What is open is asked for again, so that nobody is lost.
fn withdraw(plan: &mut Plan<'_>, message: &SmolStr, language: Option<Locale>) {
    if has_withdrawn(&plan.state) {
        return plan.emit(Event::Ignored {
            reason: "consent to marketing had been withdrawn before".into(),
        });
    }
    note_withdrawal(plan, message);
    tell(plan, Key::ConsentStopped, language);
    match &plan.state.flow {
        Flow::Asking(draft) if draft.is_empty() => plan.emit(Event::FlowMoved(Flow::Idle)),
        Flow::Asking(draft) if !draft.is_bare() => dialogue::ask_again(plan),
        _ => {}
    }
}

fn has_withdrawn(state: &State) -> bool {
    let permission = &state.permission;
    permission.withdrawn && permission.level < ConsentLevel::Marketing
}

fn note_withdrawal(plan: &mut Plan<'_>, message: &SmolStr) {
    let level = plan.state.permission.level.min(ConsentLevel::Transactional);
    let proof = proof(plan, ConsentSource::StopWord, message.clone());
    plan.emit(Event::ConsentChanged { level, proof });
}

/// Asks for the second word; who has given it before is told so.
fn ask(plan: &mut Plan<'_>, message: &SmolStr, language: Option<Locale>) {
    if plan.state.permission.level == ConsentLevel::Marketing {
        return tell(plan, Key::ConsentGiven, language);
    }
    let proof = proof(plan, ConsentSource::Confirmed, message.clone());
    plan.emit(Event::ConsentAsked(proof));
    let locale = spoken(plan, language);
    let text = rendered(plan, locale, Key::ConsentAsk);
    let button = |id: &'static str, key| (SmolStr::new_static(id), rendered(plan, locale, key));
    let (yes, no) = (button(YES, Key::ButtonYes), button(NO, Key::ButtonNo));
    let buttons = [yes, no].map(|(id, title)| (id, title.into()));
    plan.reply_with_buttons(text, buttons.into());
}

fn confirm(plan: &mut Plan<'_>, message: &SmolStr) {
    if plan.state.permission.asked.is_none() {
        return plan.emit(Event::Ignored {
            reason: "nobody asked for consent, or it was answered before".into(),
        });
    }
    let proof = proof(plan, ConsentSource::Confirmed, message.clone());
    let level = ConsentLevel::Marketing;
    plan.emit(Event::ConsentChanged { level, proof });
    plan.tell_consent();
    tell(plan, Key::ConsentGiven, None);
}

fn decline(plan: &mut Plan<'_>) {
    if plan.state.permission.asked.is_none() {
        return plan.emit(Event::Ignored {
            reason: "nobody asked for consent, or it was answered before".into(),
        });
    }
    plan.emit(Event::ConsentDeclined { at: plan.now });
    tell(plan, Key::ConsentDeclined, None);
}

fn tell(plan: &mut Plan<'_>, key: Key, language: Option<Locale>) {
    let locale = spoken(plan, language);
    plan.reply(rendered(plan, locale, key));
}

/// The person's language; of somebody who has not been heard yet, the language of their word.
fn spoken(plan: &Plan<'_>, word: Option<Locale>) -> Locale {
    let own = plan.state.language.or(word);
    own.unwrap_or_else(|| locale(plan))
}

fn rendered(plan: &Plan<'_>, locale: Locale, key: Key) -> String {
    let tenant = plan.settings.map_or("", |settings| &settings.tenant_name);
    texts::render(locale, key, &[("tenant", tenant)])
}
