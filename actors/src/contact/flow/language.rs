//! The language of a conversation: heard from what the person writes, or asked for by name. It is
//! an event like any other, so that a replayed conversation speaks as the live one did.

use super::super::Event;
use super::super::plan::Plan;
use super::{Flow, dialogue, say};
use crate::ports::Mode;
use crate::texts::Key;
use crate::understand::{asked, heard};

/// Listens to a text; `true` when it asked for a language and nothing else, and was answered.
pub(super) fn take_text(plan: &mut Plan<'_>, text: &str) -> bool {
    let asked = asked(text);
    let now = asked
        .map(|asked| asked.locale)
        .or_else(|| heard(text, plan.state.language));
    if let Some(language) = now.filter(|now| plan.state.language != Some(*now)) {
        plan.emit(Event::LanguageHeard(language));
    }
    if !asked.is_some_and(|asked| asked.alone) {
        return false;
    }
    plan.reply(say(plan, Key::LanguageSwitched, &[]));
    let in_queue = matches!(plan.settings.map(|s| s.mode), Some(Mode::Queue { .. }));
    if !in_queue && !matches!(plan.state.flow, Flow::Gathering(_)) {
        dialogue::ask_again(plan);
    }
    true
}
