//! Words to the person: in as many messages as they take, and only where they may be sent.

use smol_str::SmolStr;

use super::Plan;
use crate::contact::{Event, window};
use crate::model::{Button, Call, Class, Effect, EffectId, Lane, Priority, Recipient, Row};
use crate::split::{self, SHORT_CHARS_MAX, TEXT_CHARS_MAX};

/// What a list may hold (WhatsApp Cloud API, length and count limits).
const LIST_ROWS_MAX: usize = 10;
const ROW_TITLE_MAX: usize = 24;

/// Why nothing can be sent to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::contact) enum Unsent {
    /// The channel is gone, or the person never wrote.
    Unreachable,
    /// The service window is closed.
    WindowClosed,
}

impl Plan<'_> {
    /// Answers the person with a text. Without a channel or a way to reach them nothing is sent.
    pub fn reply(&mut self, text: String) {
        self.say_text(Priority::Reply, text);
    }

    /// Answers the person with a text and reply buttons.
    pub fn reply_with_buttons(&mut self, text: String, buttons: Vec<(SmolStr, SmolStr)>) {
        self.say_with_buttons(Priority::Reply, &text, buttons);
    }

    /// Answers the person with a text and a list to choose from; where WhatsApp would refuse the rows,
    /// with the text and its rows as lines.
    pub fn reply_with_list(&mut self, text: String, button: String, rows: Vec<Row>) {
        let count = |text: &str| text.chars().count();
        let fits = (1..=LIST_ROWS_MAX).contains(&rows.len())
            && rows.iter().all(|row| count(&row.title) <= ROW_TITLE_MAX);
        if !fits {
            let lines = rows.iter().enumerate();
            let lines = lines.map(|(index, row)| format!("\n{}. {}", index + 1, row.title));
            return self.reply(text + &lines.collect::<String>());
        }
        let button = button.into();
        let text = self.say_ahead(Priority::Reply, &text);
        self.say(Priority::Reply, |to| Call::SendList {
            to,
            text,
            button,
            rows,
        });
    }

    /// Tells the person something they wait for.
    pub fn notify(&mut self, text: String) {
        self.say_text(Priority::Notification, text);
    }

    /// Tells the person something they wait for, with what they can do about it; without buttons as a
    /// plain text.
    pub fn notify_with_buttons(&mut self, text: String, buttons: Vec<(SmolStr, SmolStr)>) {
        if buttons.is_empty() {
            return self.notify(text);
        }
        self.say_with_buttons(Priority::Notification, &text, buttons);
    }

    /// Answers the person with a text, ahead of everything else that waits when `urgent`.
    pub fn reply_urgently(&mut self, text: String, urgent: bool) {
        let priority = if urgent {
            Priority::Urgent
        } else {
            Priority::Reply
        };
        self.say_text(priority, text);
    }

    /// Whether a text may be sent to the person now.
    pub fn may_send(&self) -> Result<(), Unsent> {
        if self.settings.is_none() || self.state.reply_to.is_none() {
            return Err(Unsent::Unreachable);
        }
        match window::is_open(self.state.window_end, self.now) {
            true => Ok(()),
            false => Err(Unsent::WindowClosed),
        }
    }

    /// Sends the text of an operator; gives the effect of its first part.
    pub fn reply_for_operator(&mut self, text: String) -> Option<EffectId> {
        let before = self.effects.len();
        self.reply(text);
        self.effects.get(before).map(|effect| effect.id)
    }

    /// Says a text, in as many messages as it takes; each is an effect of its own and they leave in
    /// order.
    pub(super) fn say_text(&mut self, priority: Priority, text: String) {
        if text.chars().nth(TEXT_CHARS_MAX).is_none() {
            return self.say(priority, |to| Call::SendText { to, text });
        }
        for part in split::parts(&text, TEXT_CHARS_MAX) {
            let planned = self.effects.len();
            let text = part.to_owned();
            self.say(priority, |to| Call::SendText { to, text });
            // Why is on record once.
            if self.effects.len() == planned {
                break;
            }
        }
    }

    fn say_with_buttons(
        &mut self,
        priority: Priority,
        text: &str,
        buttons: Vec<(SmolStr, SmolStr)>,
    ) {
        let buttons = buttons
            .into_iter()
            .map(|(id, title)| Button { id, title })
            .collect();
        let text = self.say_ahead(priority, text);
        self.say(priority, |to| Call::SendButtons { to, text, buttons });
    }

    /// Says what of a text has no room above buttons or below a file; gives its end, which has.
    pub(super) fn say_ahead(&mut self, priority: Priority, text: &str) -> String {
        let (head, end) = split::head_and_end(text, SHORT_CHARS_MAX);
        if !head.is_empty() && self.may_send().is_ok() {
            self.say_text(priority, head.to_owned());
        }
        end.to_owned()
    }

    pub(super) fn say(&mut self, priority: Priority, call: impl FnOnce(Recipient) -> Call) {
        let (Some(settings), Some(to)) = (self.settings, self.state.reply_to.clone()) else {
            return;
        };
        if !window::is_open(self.state.window_end, self.now) {
            let reason = "the service window is closed; only a template may be sent".into();
            return self.emit(Event::ReplyWithheld { reason });
        }
        let id = self.next_effect_id();
        self.effects.push(Effect {
            id,
            lane: Lane::Person,
            priority,
            class: Class::Reply,
            gateway: Some(settings.messages),
            expires: None,
            report: settings.own_ids.is_some(),
            call: call(to),
        });
        self.emit(Event::ReplyPlanned { effect: id });
    }
}
