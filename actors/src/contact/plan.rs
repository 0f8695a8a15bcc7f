//! A decision in the making: events applied to a working copy of the state as they are decided, and
//! effects with their deterministic ids.

mod desk;
mod rich;
mod unasked;

use smol_str::SmolStr;

use super::flow::transitions::{Stage, permits};
use super::{Event, Flow, State, window};
use crate::model::{
    Button, Call, Class, ContactId, Effect, EffectId, Fetch, GatewayId, IdHash, InSeq, Inbound,
    Key, Lane, Media, Millis, Priority, Row, TicketDraft, TicketFile,
};
use crate::ports::{ChannelSettings, SecondLine};
use crate::split::{self, SHORT_CHARS_MAX, TEXT_CHARS_MAX};

/// Read marks and typing signs are worthless after this, in milliseconds.
const FREE_LIFE_MS: u64 = 10_000;
/// What a list may hold (WhatsApp Cloud API, length and count limits).
const LIST_ROWS_MAX: usize = 10;
const ROW_TITLE_MAX: usize = 24;

/// WhatsApp keeps a file that a person sent for 7 days, in milliseconds.
const MEDIA_LIFE_MS: u64 = 7 * 86_400_000;
/// A technician's file that could not be had for so long is only told of, in milliseconds: it stays
/// on its ticket, and the service window may close meanwhile.
const DESK_FILE_LIFE_MS: u64 = 3_600_000;

/// Why nothing can be sent to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsent {
    /// The channel is gone, or the person never wrote.
    Unreachable,
    /// The service window is closed.
    WindowClosed,
}

/// Events and effects of one step while it is decided.
#[derive(Clone)]
pub(super) struct Plan<'a> {
    /// The state after the events so far.
    pub state: State,
    /// The channel, unless it was deleted.
    pub settings: Option<&'a ChannelSettings>,
    /// The instant of the decision.
    pub now: Millis,
    key: Key,
    position: InSeq,
    input: IdHash,
    events: Vec<Event>,
    effects: Vec<Effect>,
    closes: Vec<EffectId>,
    missed: bool,
    by_second: bool,
}

/// What makes effect ids: the entity and the input being consumed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    pub key: Key,
    pub position: InSeq,
    pub input: IdHash,
}

impl<'a> Plan<'a> {
    pub fn new(
        state: &State,
        settings: Option<&'a ChannelSettings>,
        now: Millis,
        origin: Origin,
    ) -> Self {
        let Origin {
            key,
            position,
            input,
        } = origin;
        Self {
            state: state.clone(),
            settings,
            now,
            key,
            position,
            input,
            events: Vec::with_capacity(6),
            effects: Vec::with_capacity(2),
            closes: Vec::new(),
            missed: false,
            by_second: false,
        }
    }

    /// Notes that the message being consumed came by the channel's second line.
    pub const fn came_by_second(&mut self, by_second: bool) {
        self.by_second = by_second;
    }

    /// The gateway of the line by which the message being consumed came.
    fn own_line(&self, first: GatewayId, of: impl FnOnce(SecondLine) -> GatewayId) -> GatewayId {
        let second = self.settings.and_then(|settings| settings.second);
        second.filter(|_| self.by_second).map_or(first, of)
    }

    /// Decides an event: it is recorded and applied at once to the working state.
    pub fn emit(&mut self, event: Event) {
        if let Event::FlowMoved(to) = &event {
            let (from, to) = (Stage::of(&self.state.flow), Stage::of(to));
            debug_assert!(permits(from, to), "no move from {from:?} to {to:?}");
        }
        self.state.apply(&event);
        self.events.push(event);
    }

    /// Notes that a reported effect was taken note of.
    pub fn close(&mut self, effect: EffectId) {
        self.closes.push(effect);
    }

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

    /// Notes that this message was not understood: nothing came of it.
    pub const fn miss(&mut self) {
        self.missed = true;
    }

    /// Whether nothing has come of the conversation yet: the bot has to ask on, or did not
    /// understand.
    pub fn came_to_nothing(&self) -> bool {
        self.missed || matches!(self.state.flow, Flow::Asking(_))
    }

    /// Messages to the person decided here and not yet in `earlier`.
    pub fn replies_since(&self, earlier: &Self) -> u16 {
        let since = self.events.iter().skip(earlier.events.len());
        let replies = since.filter(|event| matches!(event, Event::ReplyPlanned { .. }));
        u16::try_from(replies.count()).unwrap_or(u16::MAX)
    }

    /// Says a text, in as many messages as it takes; each is an effect of its own and they leave in
    /// order.
    fn say_text(&mut self, priority: Priority, text: String) {
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
    fn say_ahead(&mut self, priority: Priority, text: &str) -> String {
        let (head, end) = split::head_and_end(text, SHORT_CHARS_MAX);
        if !head.is_empty() && self.may_send().is_ok() {
            self.say_text(priority, head.to_owned());
        }
        end.to_owned()
    }

    fn say(&mut self, priority: Priority, call: impl FnOnce(crate::model::Recipient) -> Call) {
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

    /// Marks the person's message read and shows the typing sign while longer work goes on.
    pub fn show_typing(&mut self, message: SmolStr) {
        let Some(settings) = self.settings else {
            return;
        };
        let id = self.next_effect_id();
        self.effects.push(Effect {
            id,
            lane: Lane::Free,
            priority: Priority::Reply,
            class: Class::Disposable,
            gateway: Some(self.own_line(settings.messages, |second| second.messages)),
            expires: Some(self.now.plus_ms(FREE_LIFE_MS)),
            report: false,
            call: Call::MarkRead {
                message,
                typing: true,
            },
        });
    }

    /// Opens a ticket at the channel's help desk; `None` when it has none.
    pub fn open_ticket(&mut self, draft: TicketDraft) -> Option<EffectId> {
        let help_desk = self.settings?.help_desk?;
        let id = self.next_effect_id();
        self.effects.push(Effect {
            id,
            lane: Lane::Ticket(0),
            priority: Priority::Reply,
            class: Class::Searchable,
            gateway: Some(help_desk),
            expires: None,
            report: true,
            call: Call::OpenTicket(Box::new(draft)),
        });
        Some(id)
    }

    /// Has a file fetched into the store; `None` when the channel was deleted.
    pub fn fetch(&mut self, media: &Media) -> Option<EffectId> {
        let settings = self.settings?;
        let id = self.next_effect_id();
        let life = self.now.plus_ms(MEDIA_LIFE_MS);
        let fetch = Fetch {
            tenant: settings.tenant.clone(),
            media: Media {
                caption: None,
                ..media.clone()
            },
        };
        self.effects.push(Effect {
            id,
            lane: Lane::Free,
            priority: Priority::Notification,
            class: Class::Repeatable,
            gateway: Some(self.own_line(settings.media, |second| second.media)),
            expires: Some(media.expires.map_or(life, |expires| expires.min(life))),
            report: true,
            call: Call::FetchMedia(Box::new(fetch)),
        });
        Some(id)
    }

    /// Has a file of a help desk's fetched into the store; `None` when the channel was deleted.
    pub fn fetch_from(&mut self, help_desk: GatewayId, media: Media) -> Option<EffectId> {
        let tenant = self.settings?.tenant.clone();
        let id = self.next_effect_id();
        self.effects.push(Effect {
            id,
            lane: Lane::Free,
            priority: Priority::Notification,
            class: Class::Repeatable,
            gateway: Some(help_desk),
            expires: Some(self.now.plus_ms(DESK_FILE_LIFE_MS)),
            report: true,
            call: Call::FetchMedia(Box::new(Fetch { tenant, media })),
        });
        Some(id)
    }

    /// Puts a file of the store onto a ticket; `None` when the channel has no help desk.
    pub fn attach(&mut self, file: TicketFile) -> Option<EffectId> {
        let help_desk = self.settings?.help_desk?;
        let id = self.next_effect_id();
        self.effects.push(Effect {
            id,
            lane: Lane::Ticket(file.ticket),
            priority: Priority::Notification,
            class: Class::Searchable,
            gateway: Some(help_desk),
            expires: None,
            report: true,
            call: Call::AttachFile(Box::new(file)),
        });
        Some(id)
    }

    /// Gives another entity an input.
    pub fn tell(&mut self, to: Key, input: Inbound) {
        let id = self.next_effect_id();
        self.effects.push(Effect {
            id,
            lane: Lane::Free,
            priority: Priority::Urgent,
            class: Class::Searchable,
            gateway: None,
            expires: None,
            report: false,
            call: Call::Tell {
                to,
                input: Box::new(input),
            },
        });
    }

    /// The finished parts: state after the step, events, effects, closed effects.
    pub fn finish(self) -> super::Decision {
        super::Decision {
            state: self.state,
            events: self.events,
            effects: self.effects,
            closes: self.closes,
        }
    }

    /// The contact's own id.
    pub const fn contact(&self) -> Option<ContactId> {
        match self.key {
            Key::Contact(id) => Some(id),
            Key::Channel(_) | Key::Gateway(_) => None,
        }
    }

    /// Where the input being consumed stands in the journal.
    pub const fn position(&self) -> InSeq {
        self.position
    }

    fn next_effect_id(&self) -> EffectId {
        EffectId::derive(
            self.key,
            self.position,
            self.input,
            self.effects.len() as u16,
        )
    }
}
