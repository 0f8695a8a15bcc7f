//! The decision of a contact: one input in, events and effects out. Pure; it runs once per input.

use super::flow;
use super::limiter::Verdict;
use super::plan::{Origin, Plan};
use super::{Answer, Event, State, consent, receipts, window};
use crate::model::{
    Command, DeliveryRank, Effect, EffectId, Identity, InEvent, InSeq, Inbound, Key, Message,
    Millis, Recipient, Status,
};
use crate::ports::{ChannelSettings, Mode};

/// What a decision may know besides state and input.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The instant of the decision.
    pub now: Millis,
    /// The input's place in the order of acceptance.
    pub position: InSeq,
    /// Whether the seen index holds this input at an earlier position; asked only when
    /// [`needs_look_up`] says so.
    pub seen_before: bool,
    /// The channel the input or, for other inputs, the conversation runs on.
    pub settings: Option<&'a ChannelSettings>,
    /// The older contact that an alias on record says this one is.
    pub alias_of: Option<Key>,
    /// The contacts that the message's further identities would be.
    pub siblings: &'a [Sibling],
    /// The message that `repeatable` named, as it was decided, when it is still on record.
    pub again: Option<&'a Effect>,
}

/// The contact that one of a person's further identities would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sibling {
    /// Its key.
    pub key: Key,
    /// Whether it has been heard of.
    pub known: bool,
    /// An alias on record says that it is this contact, which therefore never joins it.
    pub ours: bool,
}

/// What was decided.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The state after the step.
    pub state: State,
    /// The events that lead there.
    pub events: Vec<Event>,
    /// What is to be done outside.
    pub effects: Vec<Effect>,
    /// Reported effects that were taken note of.
    pub closes: Vec<EffectId>,
}

/// Whether the seen index must be asked before this input can be decided.
pub fn needs_look_up(state: &State, input: &InEvent) -> bool {
    is_remembered(input) && state.recent.needs_look_up(input.id, input.stamp)
}

/// Whether an input that comes again is known by its id; all others are idempotent by what they say.
fn is_remembered(input: &InEvent) -> bool {
    match input.fact() {
        Inbound::Message(_)
        | Inbound::Merged { .. }
        | Inbound::TemplateOrdered(_)
        | Inbound::Operator(_)
        | Inbound::Consent(_)
        | Inbound::ConsentNoted(_) => true,
        Inbound::Status(_)
        | Inbound::Report(_)
        | Inbound::Woken { .. }
        | Inbound::Joined { .. }
        | Inbound::Receipt(_)
        | Inbound::Billed(_)
        | Inbound::Unplaced(_)
        | Inbound::TicketNews(_)
        | Inbound::Erased
        | Inbound::Polled(_)
        | Inbound::Nudged { .. }
        | Inbound::TemplateCounted(_)
        | Inbound::Released { .. } => false,
    }
}

/// What is decided about an input whose decision fails for good: it is set aside for an operator,
/// and a provider that sends it again meanwhile sends a duplicate.
pub fn set_aside(state: &State, input: &InEvent, position: InSeq, now: Millis) -> Decision {
    let mut plan = Plan::new(state, None, now, origin(input, position));
    if is_remembered(input) {
        plan.emit(Event::SetAside {
            id: input.id,
            stamp: input.stamp,
        });
    }
    plan.finish()
}

fn origin(input: &InEvent, position: InSeq) -> Origin {
    Origin {
        key: input.key,
        position,
        input: input.id,
    }
}

/// Decides one input of the contact `input.key`.
pub fn decide(state: &State, input: &InEvent, context: Context<'_>) -> Decision {
    let origin = origin(input, context.position);
    let mut plan = Plan::new(state, context.settings, context.now, origin);
    if let Inbound::Released { position, .. } = input.body
        && state.forgotten.is_some_and(|before| position < before)
    {
        // Two operators at once: one released what the other had forgotten.
        plan.emit(Event::Ignored {
            reason: "the person was forgotten since".into(),
        });
        return plan.finish();
    }
    match input.fact() {
        Inbound::Message(message) => take_message(&mut plan, input, message, &context),
        Inbound::Status(status) => take_status(&mut plan, status),
        Inbound::Report(report) => {
            if !receipts::take_report(&mut plan, report, context.again) {
                flow::take_report(&mut plan, report);
            }
        }
        Inbound::Woken { due } => flow::take_wake(&mut plan, *due),
        Inbound::Erased => {
            let before = plan.position();
            plan.emit(Event::Erased { before });
        }
        Inbound::Joined { into } => join(&mut plan, input.key, *into),
        Inbound::Merged { from, state } => take_merged(&mut plan, input, *from, state, &context),
        Inbound::Operator(command) => take_command(&mut plan, input, command, &context),
        Inbound::Released { .. } => plan.emit(Event::Ignored {
            reason: "a release of a release".into(),
        }),
        Inbound::Unplaced(_) => plan.emit(Event::Ignored {
            reason: "an unplaced item belongs to a channel".into(),
        }),
        Inbound::TemplateCounted(_) => plan.emit(Event::Ignored {
            reason: "a count of templates belongs to a gateway".into(),
        }),
        Inbound::Polled(_) | Inbound::Nudged { .. } => plan.emit(Event::Ignored {
            reason: "a look at a help desk belongs to its gateway".into(),
        }),
        Inbound::TicketNews(news) => {
            let older = plan.state.joined.or(context.alias_of);
            flow::news::take(&mut plan, older, news);
        }
        Inbound::Receipt(receipt) => {
            let older = plan.state.joined.or(context.alias_of);
            receipts::take_receipt(&mut plan, input.key, older, receipt, context.again);
        }
        Inbound::Billed(billed) => {
            let older = plan.state.joined.or(context.alias_of);
            receipts::take_billed(&mut plan, input.key, older, billed);
        }
        Inbound::Consent(_) | Inbound::ConsentNoted(_) | Inbound::TemplateOrdered(_) => {
            let older = plan.state.joined.or(context.alias_of);
            consent::take(&mut plan, input, older, context.seen_before);
        }
    }
    plan.finish()
}

fn take_message(plan: &mut Plan<'_>, input: &InEvent, message: &Message, context: &Context<'_>) {
    plan.came_by_second(message.second_line);
    if plan.state.recent.holds(input.id) || context.seen_before {
        plan.emit(Event::DuplicateFound { id: input.id });
        return;
    }
    let window_end = window::end(input.stamp, input.fact_received());
    plan.emit(Event::MessageTaken {
        id: input.id,
        stamp: input.stamp,
        window_end,
    });
    if let Some(older) = older_self(plan, context) {
        if plan.state.joined.is_none() {
            plan.emit(Event::JoinedInto(older));
        }
        flow::consent::heed_silently(plan, message);
        plan.tell(older, Inbound::Message(message.clone()));
        return;
    }
    for sibling in context.siblings.iter().filter(|sibling| sibling.known) {
        plan.tell(sibling.key, Inbound::Joined { into: input.key });
    }
    meet(plan, message);
    consent::on_message(plan, &message.provider_id);
    // Beyond the soft limit, too: a word that stops marketing is obeyed at once.
    if flow::consent::take_message(plan, message) {
        return;
    }
    if within_limit(plan) {
        flow::take_message(plan, message);
    } else {
        flow::take_throttled(plan, message);
    }
}

fn take_command(plan: &mut Plan<'_>, input: &InEvent, command: &Command, context: &Context<'_>) {
    if plan.state.recent.holds(input.id) || context.seen_before {
        plan.emit(Event::DuplicateFound { id: input.id });
        return;
    }
    let answer = match plan.state.joined.or(context.alias_of) {
        Some(older) => {
            plan.tell(older, Inbound::Operator(command.clone()));
            Answer::Done { effect: None }
        }
        None => flow::obey(plan, command),
    };
    plan.emit(Event::CommandAnswered {
        id: input.id,
        by: command.by.clone(),
        answer,
    });
}

/// The contact this one forwards to: the one it joined, the one an alias names, or, when nothing was
/// heard of this one before, a known contact behind another identity of the same message.
fn older_self(plan: &Plan<'_>, context: &Context<'_>) -> Option<Key> {
    let first_message = plan.state.messages == 1;
    let mut siblings = context.siblings.iter();
    let mut known_sibling = || siblings.find(|sibling| sibling.known && !sibling.ours);
    plan.state
        .joined
        .or(context.alias_of.filter(|_| first_message))
        .or_else(|| {
            known_sibling()
                .filter(|_| first_message)
                .map(|sibling| sibling.key)
        })
}

/// Learns how the person is reached and who they are.
fn meet(plan: &mut Plan<'_>, message: &Message) {
    let user_id = || {
        message
            .identities
            .iter()
            .find_map(|identity| match identity {
                Identity::UserId(id) => Some(id.clone()),
                Identity::Phone(_) => None,
            })
    };
    let reply_to = message
        .from
        .clone()
        .map(Recipient::Phone)
        .or_else(|| user_id().map(Recipient::UserId));
    if let Some(reply_to) = reply_to {
        let reached = plan.state.tenant.as_ref() == Some(&message.tenant)
            && plan.state.channel == Some(message.channel)
            && plan.state.reply_to.as_ref() == Some(&reply_to);
        if !reached {
            let (tenant, channel) = (message.tenant.clone(), message.channel);
            plan.emit(Event::Reached {
                tenant,
                channel,
                reply_to,
            });
        }
    }
    for identity in &message.identities {
        if !plan.state.identities.contains(identity) {
            plan.emit(Event::IdentitySeen(identity.clone()));
        }
    }
    if message.from.is_some() && message.from != plan.state.profile.phone {
        plan.emit(Event::PhoneSeen(
            message.from.clone().expect("checked above"),
        ));
    }
    if message.profile_name.is_some() && message.profile_name != plan.state.profile.display_name {
        let name = message.profile_name.clone().expect("checked above");
        plan.emit(Event::DisplayNameSeen(name));
    }
}

fn within_limit(plan: &mut Plan<'_>) -> bool {
    let Some(settings) = plan.settings else {
        return true;
    };
    // In queue mode a burst is answered once however long it is, and all of it belongs in the ticket.
    if matches!(settings.mode, Mode::Queue { .. }) {
        return true;
    }
    let per_minute = settings.soft_limit_per_minute;
    match plan.state.limiter.judge(plan.now, per_minute) {
        Verdict::Within => {
            plan.emit(Event::LimitPassed {
                at: plan.now,
                per_minute,
            });
            true
        }
        Verdict::FirstBeyond => {
            flow::say_too_many(plan);
            plan.emit(Event::Throttled { told: true });
            false
        }
        Verdict::Beyond => {
            plan.emit(Event::Throttled { told: false });
            false
        }
    }
}

fn take_status(plan: &mut Plan<'_>, status: &Status) {
    if plan.state.sends.advances(status.effect, status.rank) {
        plan.emit(Event::DeliveryAdvanced {
            effect: status.effect,
            rank: status.rank,
            failure: status
                .failure
                .clone()
                .filter(|_| status.rank == DeliveryRank::Failed),
        });
    } else {
        plan.emit(Event::Ignored {
            reason: "status says nothing new".into(),
        });
    }
}

/// Hands everything over to the older contact, once.
fn join(plan: &mut Plan<'_>, own: Key, into: Key) {
    if plan.state.joined.is_some() || into == own {
        plan.emit(Event::Ignored {
            reason: "joined before".into(),
        });
        return;
    }
    if !plan.state.is_new() {
        let mut state = Vec::with_capacity(512);
        crate::journal::StateBytes::encode(&plan.state, &mut state);
        plan.tell(into, Inbound::Merged { from: own, state });
    }
    plan.emit(Event::JoinedInto(into));
}

fn take_merged(
    plan: &mut Plan<'_>,
    input: &InEvent,
    from: Key,
    state: &[u8],
    context: &Context<'_>,
) {
    if plan.state.recent.holds(input.id) || context.seen_before {
        plan.emit(Event::DuplicateFound { id: input.id });
        return;
    }
    match State::decode(state) {
        Ok(state) => plan.emit(Event::MergedFrom {
            from,
            id: input.id,
            state: Box::new(state),
        }),
        Err(error) => plan.emit(Event::Ignored {
            reason: error.to_string().into(),
        }),
    }
}
