//! What operators do with a conversation, each command answered once.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::super::super::Event;
use super::super::super::plan::{Plan, Unsent};
use super::super::{Draft, Flow, tickets};
use super::{Attended, Ended, TransferCause, enter, let_go, queue_of, silent_until, transfer_to};
use crate::model::{Change, Command, EffectId, Name, Rich, Wish};
use crate::understand::{Category, Level};

/// Longest text of an operator to a person, in characters: three messages.
const SAID_CHARS_MAX: usize = 3 * crate::split::TEXT_CHARS_MAX;
/// Longest text of an operator on a ticket or as a remark, in characters.
const TEXT_CHARS_MAX: usize = 4_096;
/// Longest e-mail address (RFC 5321, path).
const EMAIL_BYTES_MAX: usize = 254;

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It was done; a message has an effect.
    Done {
        /// The message that was decided.
        effect: Option<EffectId>,
    },
    /// It was refused, and nothing was changed.
    Refused(Refusal),
}

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Refusal {
    /// The service window is closed.
    WindowClosed,
    /// There is no way to reach the person: the channel is gone or nobody wrote yet.
    Unreachable,
    /// The text is empty or too long.
    Text,
    /// The tenant has no such queue, or the channel has none.
    NoQueue,
    /// The bot has the conversation already.
    NotWithPeople,
    /// There is no ticket to be.
    NoDraft,
    /// The channel has no help desk.
    NoHelpDesk,
    /// The person's number is not known.
    NoNumber,
    /// It is no e-mail address.
    Email,
    /// WhatsApp would not take it.
    Content,
}

impl Refusal {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::WindowClosed => "window_closed",
            Self::Unreachable => "unreachable",
            Self::Text => "text",
            Self::NoQueue => "no_queue",
            Self::NotWithPeople => "not_with_people",
            Self::NoDraft => "no_draft",
            Self::NoHelpDesk => "no_help_desk",
            Self::NoNumber => "no_number",
            Self::Email => "email",
            Self::Content => "content",
        }
    }

    /// The reason in plain words, with the way out.
    pub const fn words(self) -> &'static str {
        match self {
            Self::WindowClosed => {
                "more than 24 hours have passed since the person last wrote; only an approved \
                 template may be sent until they write again"
            }
            Self::Unreachable => {
                "there is no way to reach this person: their channel was deleted, or they never \
                 wrote"
            }
            Self::Text => {
                "a message to a person has 1 to 12288 characters, a remark or a word on a ticket 1 \
                 to 4096"
            }
            Self::NoQueue => "there is no such queue; name one, or give the channel a queue",
            Self::NotWithPeople => "the bot has this conversation; take it over first",
            Self::NoDraft => "no ticket is being prepared in this conversation",
            Self::NoHelpDesk => "the person's channel has no help desk; give it a GLPI connection",
            Self::NoNumber => "the number this person writes from is not known yet",
            Self::Email => "an e-mail address has a name, an @ and a domain",
            Self::Content => "WhatsApp would not take this file, place, card, reaction or text",
        }
    }
}

/// Obeys an operator's command, or says why not.
pub(in crate::contact) fn obey(plan: &mut Plan<'_>, command: &Command) -> Answer {
    let by = &command.by;
    let done = match &command.wish {
        Wish::Say { text } => speak(plan, by, text),
        Wish::HandOver { queue } => hand_over(plan, queue.as_ref()),
        Wish::HandBack => end(plan, Ended::HandedBack { by: by.clone() }),
        Wish::Close => end(plan, Ended::Closed { by: by.clone() }),
        Wish::Take { operator } => take(plan, operator),
        Wish::Note { text } => note(plan, by, text),
        Wish::Classify { level, category } => classify(plan, *level, *category),
        Wish::Ticket { ticket, change } => change_ticket(plan, *ticket, change),
        Wish::Link { email } => link(plan, email),
        Wish::Send { answers, bodies } => send(plan, by, answers.as_ref(), bodies),
    };
    match done {
        Ok(effect) => Answer::Done { effect },
        Err(refusal) => Answer::Refused(refusal),
    }
}

type Done = Result<Option<EffectId>, Refusal>;

fn speak(plan: &mut Plan<'_>, by: &SmolStr, text: &str) -> Done {
    let text = text.trim();
    if !is_sayable(text) {
        return Err(Refusal::Text);
    }
    takes_over(plan, by)?;
    Ok(plan.reply_for_operator(text.to_owned()))
}

fn send(plan: &mut Plan<'_>, by: &SmolStr, answers: Option<&SmolStr>, bodies: &[Rich]) -> Done {
    for body in bodies {
        let fits = match body {
            Rich::Text(text) => is_sayable(text),
            _ => body.check().is_ok(),
        };
        if !fits {
            return Err(Refusal::Content);
        }
    }
    takes_over(plan, by)?;
    let mut first = None;
    for body in bodies {
        let sent = plan.send_rich(answers, body.clone());
        first = first.or(sent);
    }
    Ok(first)
}

fn is_sayable(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().nth(SAID_CHARS_MAX).is_none()
}

/// Whoever writes has the conversation.
fn takes_over(plan: &mut Plan<'_>, by: &SmolStr) -> Result<(), Refusal> {
    plan.may_send().map_err(|unsent| match unsent {
        Unsent::Unreachable => Refusal::Unreachable,
        Unsent::WindowClosed => Refusal::WindowClosed,
    })?;
    let attended = taken_over(plan);
    let until = silent_until(plan, queue_of(plan, &attended));
    let operator = attended.operator.clone().or_else(|| Some(by.clone()));
    plan.emit(Event::FlowMoved(Flow::WithPeople(Box::new(Attended {
        until,
        operator,
        ..attended
    }))));
    Ok(())
}

/// The conversation in people's hands, taken from the bot when it had it.
fn taken_over(plan: &mut Plan<'_>) -> Attended {
    if !matches!(plan.state.flow, Flow::WithPeople(_)) {
        let queue = plan
            .settings
            .and_then(|settings| settings.people.default_queue());
        let queue = queue.cloned();
        let draft = draft(&plan.state.flow);
        enter(plan, queue.as_deref(), TransferCause::Operator, None, draft);
    }
    match &plan.state.flow {
        Flow::WithPeople(attended) => (**attended).clone(),
        _ => unreachable!("the conversation was just moved to people"),
    }
}

fn draft(flow: &Flow) -> Option<Box<Draft>> {
    match flow {
        Flow::Asking(draft) => Some(draft.clone()),
        _ => None,
    }
}

fn hand_over(plan: &mut Plan<'_>, queue: Option<&Name>) -> Done {
    let people = plan.settings.map(|settings| &settings.people);
    let people = people.ok_or(Refusal::Unreachable)?;
    let found = match queue {
        Some(name) => people.queue(name),
        None => people.default_queue(),
    };
    let queue = found.cloned().ok_or(Refusal::NoQueue)?;
    if let Flow::WithPeople(attended) = plan.state.flow.clone() {
        let until = silent_until(plan, Some(&queue));
        plan.emit(Event::HandedOver {
            queue: Some(queue.name.clone()),
            cause: attended.cause,
        });
        plan.emit(Event::FlowMoved(Flow::WithPeople(Box::new(Attended {
            queue: Some(queue.name.clone()),
            operator: None,
            until,
            ..*attended
        }))));
    } else {
        let draft = draft(&plan.state.flow);
        transfer_to(plan, &queue, TransferCause::Operator, None, draft);
    }
    Ok(None)
}

fn take(plan: &mut Plan<'_>, operator: &SmolStr) -> Done {
    let attended = taken_over(plan);
    let until = silent_until(plan, queue_of(plan, &attended));
    plan.emit(Event::FlowMoved(Flow::WithPeople(Box::new(Attended {
        operator: Some(operator.clone()),
        until,
        ..attended
    }))));
    Ok(None)
}

fn end(plan: &mut Plan<'_>, ended: Ended) -> Done {
    let Flow::WithPeople(attended) = plan.state.flow.clone() else {
        return Err(Refusal::NotWithPeople);
    };
    let_go(plan, *attended, ended);
    Ok(None)
}

fn note(plan: &mut Plan<'_>, by: &SmolStr, text: &str) -> Done {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > TEXT_CHARS_MAX {
        return Err(Refusal::Text);
    }
    plan.emit(Event::NoteKept {
        by: by.clone(),
        text: text.to_owned(),
    });
    Ok(None)
}

fn change_ticket(plan: &mut Plan<'_>, ticket: u64, change: &Change) -> Done {
    let texts = match change {
        Change::Say { text, .. } | Change::Solve { text } | Change::Cancel { text } => Some(text),
        Change::Update(_) | Change::Delete | Change::Rate { .. } => None,
    };
    if texts.is_some_and(|text| text.trim().is_empty() || text.chars().count() > TEXT_CHARS_MAX) {
        return Err(Refusal::Text);
    }
    let effect = plan.change_for_operator(ticket, change.clone());
    effect.map(Some).ok_or(Refusal::NoHelpDesk)
}

fn link(plan: &mut Plan<'_>, email: &SmolStr) -> Done {
    let parts = email.split_once('@');
    let address = parts.is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'));
    if !address || email.chars().any(char::is_whitespace) || email.len() > EMAIL_BYTES_MAX {
        return Err(Refusal::Email);
    }
    let phone = plan.state.profile.phone.clone().ok_or(Refusal::NoNumber)?;
    // A person who asked for it is told that it is done.
    let awaited = plan.state.linking.waits.is_some();
    let effect = plan.link_for_operator(phone, email.clone(), awaited);
    let effect = effect.ok_or(Refusal::NoHelpDesk)?;
    if awaited {
        tickets::link_ordered(plan, effect, email.clone());
    }
    Ok(Some(effect))
}

fn classify(plan: &mut Plan<'_>, level: Option<Level>, category: Option<Category>) -> Done {
    let corrected = |draft: &mut Draft| {
        draft.set_level = level.or(draft.set_level);
        draft.set_category = category.or(draft.set_category);
    };
    let flow = match plan.state.flow.clone() {
        Flow::Asking(mut draft) => {
            corrected(&mut draft);
            Flow::Asking(draft)
        }
        Flow::WithPeople(mut attended) => {
            corrected(attended.draft.as_mut().ok_or(Refusal::NoDraft)?);
            Flow::WithPeople(attended)
        }
        Flow::Similar(mut likeness) => {
            corrected(&mut likeness.draft);
            Flow::Similar(likeness)
        }
        Flow::OnTicket(mut talk) => {
            let Flow::Asking(draft) = &mut talk.beneath else {
                return Err(Refusal::NoDraft);
            };
            corrected(draft);
            Flow::OnTicket(talk)
        }
        Flow::Idle | Flow::Gathering(_) => return Err(Refusal::NoDraft),
    };
    plan.emit(Event::FlowMoved(flow));
    Ok(None)
}
