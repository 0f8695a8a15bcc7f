//! One contact's shell in the world: the same order of work as the actor's, without tasks. Where the
//! actor awaits the disk, this one stops until the disk has ended the group.

mod step;

use std::collections::VecDeque;

use super::core::Core;
use super::sabotage::Sabotage;
use crate::contact::State;
use crate::gateway::Pass;
use crate::journal::Accepted;
use crate::model::{
    Call, EffectId, InEvent, InSeq, Inbound, Key, Millis, TemplateCategory, Version,
};
use crate::outbox::{self, Action, Outbox, Rules};
use step::Stepped;

/// How often a contact with a message in doubt looks whether the channel's statuses arrive.
const LOOK_FOR_STATUSES_MS: u64 = 5_000;

/// What a shell is told.
#[derive(Debug)]
pub(super) enum Mail {
    /// An input was accepted; it may be at hand.
    Input(Accepted, Option<Box<InEvent>>),
    /// Something happened to an effect.
    Outbox(outbox::Event),
    /// Look around.
    Due,
}

/// A contact that is alive or has mail.
#[derive(Debug)]
pub(super) struct Shell {
    key: Key,
    life: Option<Life>,
    mail: VecDeque<Mail>,
    actions: VecDeque<Action>,
    /// Where the record awaited ends, and what follows it.
    waiting: Option<(usize, Then)>,
    look_in_journal: bool,
    pub(super) timer: Option<Millis>,
}

#[derive(Debug)]
struct Life {
    rules: Rules,
    state: State,
    version: Version,
    consumed: InSeq,
    outbox: Outbox,
    /// Weight of the strikes against the next input.
    strikes: u8,
    /// Taken for the send that was recorded together with its step.
    pass: Option<Pass>,
}

/// What follows when the disk has ended the group.
#[derive(Debug)]
enum Then {
    Stepped(Box<Stepped>),
    Told(EffectId),
    Nothing,
}

impl Shell {
    pub(super) fn new(key: Key) -> Self {
        Self {
            key,
            life: None,
            mail: VecDeque::new(),
            actions: VecDeque::new(),
            waiting: None,
            look_in_journal: false,
            timer: None,
        }
    }

    pub(super) fn push(&mut self, mail: Mail) {
        self.mail.push_back(mail);
    }

    /// Works until there is nothing to do or the disk is awaited.
    pub(super) fn advance(&mut self, core: &mut Core) {
        while self.work(core) {}
        if self.waiting.is_none() {
            self.rest_or_wait(core);
        }
    }

    fn work(&mut self, core: &mut Core) -> bool {
        if let Some((position, _)) = &self.waiting {
            if core.store.durable() < *position && !core.ignores_the_disk() {
                return false;
            }
            if let Some((_, then)) = self.waiting.take() {
                self.go_on(then, core);
            }
            return true;
        }
        if let Some(action) = self.actions.pop_front() {
            self.perform(action, core);
            return true;
        }
        if self.life.is_none() {
            if self.mail.is_empty() {
                return false;
            }
            self.load(core);
        }
        let Some(life) = &mut self.life else {
            return false;
        };
        let line = life.outbox.status_line();
        if let Some(at) = line.and_then(|line| core.statuses.get(&line).copied()) {
            life.outbox.on(outbox::Event::StatusesSeen { at }, core.now);
        }
        self.actions.extend(life.outbox.poll(core.now));
        if !self.actions.is_empty() {
            return true;
        }
        if self.look_in_journal && life.outbox.room() > 0 {
            match core.store.next_input(self.key, life.consumed) {
                Some((position, input)) => self.step(position, input, core),
                None => self.look_in_journal = false,
            }
            return true;
        }
        let Some(mail) = self.mail.pop_front() else {
            return false;
        };
        self.take(mail, core);
        true
    }

    fn load(&mut self, core: &mut Core) {
        let loaded = core.store.load(self.key, core.now);
        let mut state = State::default();
        for step in &loaded.tail {
            if let Err(error) = state.fold(step) {
                core.checks.broken(11, error.to_string());
            }
        }
        core.checks.loaded(self.key, loaded.version, &state);
        let rules = core.rules(state.channel);
        let outbox = Outbox::restore(self.key, loaded.open, rules.clone(), core.now);
        self.look_in_journal = true;
        self.life = Some(Life {
            rules,
            state,
            version: loaded.version,
            consumed: loaded.consumed,
            outbox,
            strikes: loaded.strikes,
            pass: None,
        });
        self.hear_waiting(core);
        self.heed_consent(core);
    }

    /// Listens to stop words that were accepted before and are not consumed.
    fn hear_waiting(&self, core: &Core) {
        let Some(life) = &self.life else { return };
        let mut after = life.consumed;
        while let Some((position, input)) = core.store.next_input(self.key, after) {
            core.withdrawals.hear(position, &input);
            after = position;
        }
    }

    /// Marketing of a person who does not want it ends.
    fn heed_consent(&mut self, core: &Core) {
        let Some(life) = &mut self.life else { return };
        let allowed = life.state.permission.allows(TemplateCategory::Marketing);
        let refuses = allowed.is_err() && life.outbox.holds_marketing();
        core.withdrawals.settle(self.key, life.consumed, refuses);
        if refuses && core.sabotage != Some(Sabotage::DeafToStop) {
            let event = outbox::Event::MarketingWithdrawn;
            life.outbox.on(event, core.now);
        }
    }

    fn take(&mut self, mail: Mail, core: &mut Core) {
        let Some(life) = &mut self.life else { return };
        match mail {
            Mail::Due => self.look_in_journal = true,
            Mail::Outbox(event) => life.outbox.on(event, core.now),
            Mail::Input(accepted, _) if accepted.seq <= life.consumed => {}
            Mail::Input(accepted, Some(event)) if accepted.previous == Some(life.consumed) => {
                self.step(accepted.seq, *event, core);
            }
            Mail::Input(..) => self.look_in_journal = true,
        }
    }

    fn wait(&mut self, then: Then, core: &mut Core) {
        self.waiting = Some((core.store.end(), then));
        core.need_flush();
    }

    fn go_on(&mut self, then: Then, core: &mut Core) {
        match then {
            Then::Nothing => {}
            Then::Stepped(stepped) => self.stepped(*stepped, core),
            Then::Told(effect) => {
                if let Some(life) = &mut self.life {
                    life.outbox.on(outbox::Event::Told { effect }, core.now);
                }
            }
        }
    }

    fn perform(&mut self, action: Action, core: &mut Core) {
        match action {
            Action::Send {
                effect,
                no,
                possible_repeat,
                sending_recorded,
                pinned,
            } => {
                let Some(life) = &mut self.life else { return };
                let pass = life.pass.take().filter(|_| sending_recorded);
                let entered = match pass {
                    Some(pass) => Ok(pass),
                    None => core.try_enter(&effect, pinned),
                };
                let pass = match entered {
                    Ok(pass) => pass,
                    Err(busy) => {
                        let (effect, until) = (effect.id, busy.until());
                        let event = outbox::Event::NotStarted { effect, no, until };
                        return life.outbox.on(event, core.now);
                    }
                };
                let taken = outbox::Event::Taken {
                    effect: effect.id,
                    no,
                    line: pass.gateway(),
                };
                life.outbox.on(taken, core.now);
                let refused = core.send(effect, no, possible_repeat, sending_recorded, pass);
                if let Some(event) = refused {
                    life.outbox.on(event, core.now);
                }
            }
            Action::LookUp { effect } => {
                let Some(life) = &mut self.life else { return };
                if let Some(event) = core.look_up(effect) {
                    life.outbox.on(event, core.now);
                }
            }
            Action::Record { attempt, expect } => {
                match core.store.attempt(self.key, attempt, expect) {
                    Ok(()) => self.wait(Then::Nothing, core),
                    Err(error) => core.checks.broken(5, error.to_string()),
                }
            }
            Action::Report(report) => {
                let kind = format!("{:?}", std::mem::discriminant(&report.outcome));
                let name = format!("{}/{kind}", report.effect);
                core.accept_inside(self.key, b"report", &name, Inbound::Report(report));
                self.wait(Then::Nothing, core);
            }
            Action::Tell { effect } => {
                if let Call::Tell { to, input } = &effect.call {
                    let name = effect.id.to_string();
                    core.accept_inside(*to, b"tell", &name, (**input).clone());
                    self.wait(Then::Told(effect.id), core);
                }
            }
        }
    }

    /// Sets the timer for what comes next; an idle contact sometimes falls asleep at once.
    fn rest_or_wait(&mut self, core: &mut Core) {
        let Some(life) = &self.life else { return };
        let due = life.outbox.next_due();
        if life.outbox.is_idle() && core.dice.below(3) == 0 {
            self.life = None;
            self.timer = None;
            return;
        }
        // Statuses of other people may decide what becomes of a message in doubt.
        let look = life.outbox.awaits_status();
        let look = look.then(|| core.now.plus_ms(LOOK_FOR_STATUSES_MS));
        let Some(due) = due.into_iter().chain(look).min() else {
            return;
        };
        let due = due.max(core.now.plus_ms(1));
        if self
            .timer
            .is_none_or(|timer| due < timer || timer <= core.now)
        {
            self.timer = Some(due);
            core.set_timer(self.key, due);
        }
    }
}
