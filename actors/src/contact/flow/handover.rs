//! People take over: the transfer with its cause, the silence of the bot until it is handed back or
//! the queue's idle time passes, and what operators do meanwhile.
//!
//! A press of the bot's own button is the exception to its silence, because the person asked the bot
//! itself: what is only read or needs no further word is done, and anything else is said to be noted
//! for the people, who see it in the timeline.
//!
//! The talk that was under way goes along: a draft is kept, and comes back to life when the bot gets
//! the conversation back. Where the queue says so, a transfer opens a ticket by itself: what was
//! written and what is added within the merge interval becomes one ticket.

mod command;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::super::Event;
use super::super::plan::Plan;
use super::queue::{self, Burst};
use super::{Draft, Flow, dialogue, locale, say, tickets};
use crate::model::{Content, Message, Millis, Name, Seconds};
use crate::ports::{IDLE_MS, Queue};
use crate::texts::Key;
use crate::understand::{Intent, Reading};

pub(in crate::contact) use command::obey;
pub use command::{Answer, Refusal};

/// Why a conversation is with people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TransferCause {
    /// The person asked for somebody.
    Asked,
    /// The person complained.
    Complaint,
    /// Too many messages came to nothing.
    TooManyMessages,
    /// A rule says so.
    Rule,
    /// The person is outside the group that the bot answers.
    Cohort,
    /// The number is none that the bot answers.
    Policy,
    /// An operator took it.
    Operator,
}

impl TransferCause {
    /// The cause as the API and the timeline write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Complaint => "complaint",
            Self::TooManyMessages => "too_many_messages",
            Self::Rule => "rule",
            Self::Cohort => "cohort",
            Self::Policy => "policy",
            Self::Operator => "operator",
        }
    }
}

/// How people let go of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ended {
    /// An operator gave it back to the bot.
    HandedBack {
        /// Who.
        by: SmolStr,
    },
    /// An operator closed it.
    Closed {
        /// Who.
        by: SmolStr,
    },
    /// Nobody said anything for the queue's idle time.
    Idle,
}

/// A conversation that is with people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attended {
    /// Where it waits; none when an operator took it from a channel without a queue.
    pub queue: Option<Name>,
    /// Why.
    pub cause: TransferCause,
    /// Since when.
    pub since: Millis,
    /// Who has it; none while it waits.
    pub operator: Option<SmolStr>,
    /// When the person wrote last.
    pub heard: Millis,
    /// The second at which the bot answers again unless somebody says something.
    pub until: Seconds,
    /// The talk with the bot that was under way.
    pub draft: Option<Box<Draft>>,
    /// Messages gathered for the ticket that the transfer opens.
    pub gathering: Option<Box<Burst>>,
}

impl Attended {
    /// When this conversation wants to go on by itself.
    pub fn due(&self) -> Seconds {
        let burst = self.gathering.as_ref().map(|burst| burst.due);
        burst.map_or(self.until, |due| due.min(self.until))
    }
}

/// Hands over what people shall answer: a wish for somebody, or a complaint. `false` when it is
/// neither, or when nobody is there to take it.
pub(super) fn take_wish(plan: &mut Plan<'_>, intent: Intent, text: &str) -> bool {
    let cause = match intent {
        Intent::HumanRequest => TransferCause::Asked,
        Intent::Complaint => TransferCause::Complaint,
        _ => return false,
    };
    transfer(plan, cause, Some(text))
}

/// Hands the conversation over to the channel's queue; `false` when it has none.
pub(super) fn transfer(plan: &mut Plan<'_>, cause: TransferCause, said: Option<&str>) -> bool {
    let draft = plan.state.flow.draft();
    let queue = plan
        .settings
        .and_then(|settings| settings.people.default_queue());
    let Some(queue) = queue.cloned() else {
        return false;
    };
    transfer_to(plan, &queue, cause, said, draft);
    true
}

/// Leaves the conversation to people, whether or not the channel has a queue to wait in.
pub(super) fn leave(plan: &mut Plan<'_>, cause: TransferCause, said: Option<&str>) {
    if !transfer(plan, cause, said) {
        enter(plan, None, cause, said, None);
        plan.reply(say(plan, Key::PeopleAnswer, &[]));
    }
}

/// Hands the conversation over with the talk that was under way, and tells the person.
pub(super) fn transfer_to(
    plan: &mut Plan<'_>,
    queue: &Queue,
    cause: TransferCause,
    said: Option<&str>,
    draft: Option<Box<Draft>>,
) {
    let words = match cause {
        TransferCause::Complaint => Key::ComplaintNoted,
        TransferCause::TooManyMessages => Key::HandOverUnsolved,
        TransferCause::Cohort | TransferCause::Policy => Key::PeopleAnswer,
        TransferCause::Asked | TransferCause::Rule | TransferCause::Operator => Key::HandOver,
    };
    let words = say(plan, words, &[]);
    transfer_with(plan, queue, cause, said, draft, words);
}

/// The same, saying these words.
pub(super) fn transfer_with(
    plan: &mut Plan<'_>,
    queue: &Queue,
    cause: TransferCause,
    said: Option<&str>,
    draft: Option<Box<Draft>>,
    mut words: String,
) {
    enter(plan, Some(queue), cause, said, draft);
    if let Some(closed) = closed_words(plan, queue) {
        words = format!("{words}\n\n{closed}");
    }
    plan.reply_urgently(words, cause == TransferCause::Complaint);
}

/// What people hear out of hours; `None` while somebody is there.
fn closed_words(plan: &Plan<'_>, queue: &Queue) -> Option<String> {
    if queue.is_open(plan.now) {
        return None;
    }
    let own = queue.closed_text.clone();
    own.or_else(|| {
        let hours = queue.hours.as_ref()?.words(locale(plan));
        Some(say(plan, Key::PeopleClosed, &[("hours", &hours)]))
    })
}

/// Moves the conversation to people. A ticket is begun where the queue opens one on transfer.
fn enter(
    plan: &mut Plan<'_>,
    queue: Option<&Queue>,
    cause: TransferCause,
    said: Option<&str>,
    draft: Option<Box<Draft>>,
) {
    let has_help_desk = plan
        .settings
        .is_some_and(|settings| settings.help_desk.is_some());
    let opens = queue
        .and_then(|queue| queue.opens)
        .filter(|_| has_help_desk);
    let under_way = match &plan.state.flow {
        Flow::Gathering(burst) => Some(burst.clone()),
        _ => None,
    };
    let gathering = match (under_way, opens) {
        (Some(mut burst), _) => {
            if let Some(said) = said {
                burst.add(said, plan.position());
            }
            Some(burst)
        }
        (None, Some(opens)) => {
            let due = plan.now.plus_ms(opens.merge_interval_ms).ceil_seconds();
            let told = draft.iter().flat_map(|draft| &draft.turns);
            let mut burst = Burst::begun(due);
            for text in told.map(|turn| turn.text.as_str()).chain(said) {
                burst.add(text, plan.position());
            }
            (burst.count > 0).then(|| Box::new(burst))
        }
        (None, None) => None,
    };
    let name = queue.map(|queue| queue.name.clone());
    plan.emit(Event::HandedOver {
        queue: name.clone(),
        cause,
    });
    plan.emit(Event::FlowMoved(Flow::WithPeople(Box::new(Attended {
        queue: name,
        cause,
        since: plan.now,
        operator: None,
        heard: plan.now,
        until: silent_until(plan, queue),
        draft,
        gathering,
    }))));
}

fn silent_until(plan: &Plan<'_>, queue: Option<&Queue>) -> Seconds {
    let idle_ms = queue.map_or(IDLE_MS, |queue| queue.idle_ms);
    plan.now.plus_ms(idle_ms).ceil_seconds()
}

/// The queue this conversation waits in, as it is set up now.
fn queue_of<'a>(plan: &Plan<'a>, attended: &Attended) -> Option<&'a Queue> {
    let queues = &plan.settings?.people;
    queues.queue(attended.queue.as_ref()?).map(|queue| &**queue)
}

/// Listens to a message while people have the conversation: kept and not answered. `false` when the
/// bot has it.
pub(super) fn take_message(plan: &mut Plan<'_>, message: &Message) -> bool {
    let Flow::WithPeople(mut attended) = plan.state.flow.clone() else {
        return false;
    };
    let queue = queue_of(plan, &attended);
    let until = silent_until(plan, queue);
    let press = match &message.content {
        Content::Button { id, .. } | Content::Row { id, .. } if tickets::is_own(id) => Some(id),
        _ => None,
    };
    // What the bot's own button says is no word to the people, and none of a ticket.
    let text = super::words(message).filter(|_| press.is_none());
    if let (Some(burst), Some(text)) = (&mut attended.gathering, text) {
        let interval_ms = queue
            .and_then(|queue| queue.opens)
            .map(|opens| opens.merge_interval_ms);
        if let Some(interval_ms) = interval_ms {
            burst.due = plan.now.plus_ms(interval_ms).ceil_seconds();
        }
        burst.add(text, plan.position());
        (attended.until, attended.heard) = (until, plan.now);
        plan.emit(Event::FlowMoved(Flow::WithPeople(attended)));
        return true;
    }
    if let Content::Media(file) = &message.content {
        super::media::take_silently(plan, file);
    }
    plan.emit(Event::PeopleHeard {
        at: plan.now,
        until,
    });
    let tells = attended.operator.is_none() && queue.is_some_and(|queue| queue.tells_tickets);
    if let (true, Some(text)) = (tells, text)
        && let Ok(reading) = Reading::of(locale(plan), text)
        && let Intent::StatusQuery { number } = reading.intent
    {
        tickets::tell_state(plan, number, &message.provider_id);
    }
    if let Some(id) = press
        && !tickets::take_press_beside(plan, id, &message.provider_id)
    {
        plan.reply(say(plan, Key::PressPassedOn, &[]));
    }
    true
}

/// Goes on when a wake came due: opens the ticket of the transfer, or gives the conversation back
/// to the bot in silence. `false` when the bot has it.
pub(super) fn take_wake(plan: &mut Plan<'_>, due: Seconds) -> bool {
    let Flow::WithPeople(attended) = plan.state.flow.clone() else {
        return false;
    };
    if attended.due() != due {
        plan.emit(Event::Ignored {
            reason: "somebody said something meanwhile".into(),
        });
        return true;
    }
    let burst = attended.gathering.clone().filter(|burst| burst.due <= due);
    if let Some(burst) = burst {
        open_ticket(plan, *attended, &burst);
    } else {
        plan.emit(Event::PeopleLetGo(Ended::Idle));
        plan.emit(Event::FlowMoved(Flow::Idle));
    }
    true
}

/// Opens the ticket of the transfer; the talk it was made of is used up with it.
fn open_ticket(plan: &mut Plan<'_>, mut attended: Attended, burst: &Burst) {
    let queue = queue_of(plan, &attended);
    let told = queue
        .and_then(|queue| queue.opens)
        .is_none_or(|opens| opens.number_told);
    let draft = attended.draft.take();
    attended.gathering = None;
    plan.emit(Event::FlowMoved(Flow::WithPeople(Box::new(attended))));
    let set = draft.map(|draft| (draft.set_level, draft.set_category));
    let (level, category) = set.unwrap_or_default();
    queue::open(
        plan,
        burst,
        queue::Wanted {
            level,
            category,
            told,
        },
    );
}

/// Lets go of a conversation: to the bot, which goes on where it was, or for good.
fn let_go(plan: &mut Plan<'_>, mut attended: Attended, ended: Ended) {
    let goes_on = matches!(ended, Ended::HandedBack { .. });
    plan.emit(Event::PeopleLetGo(ended));
    if let Some(burst) = attended.gathering.take() {
        open_ticket(plan, attended.clone(), &burst);
        attended.draft = None;
    }
    match attended.draft.filter(|_| goes_on) {
        Some(draft) => {
            plan.reply(say(plan, Key::HandedBack, &[]));
            plan.emit(Event::FlowMoved(Flow::Asking(draft)));
            dialogue::ask_again(plan);
        }
        None => {
            if goes_on {
                plan.reply(say(plan, Key::HandedBack, &[]));
            }
            plan.emit(Event::FlowMoved(Flow::Idle));
        }
    }
}
