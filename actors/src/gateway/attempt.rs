//! One call from its record to its answer.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt;
use smol_str::SmolStr;

use super::back::Answer;
use super::calls::Means;
use super::gate::Pass;
use super::quota;
use crate::journal::{CommitError, Journal};
use crate::model::{Attempt, AttemptNo, Call, Class, Effect, GatewayId, Millis, TemplateTaken};
use crate::outbox;
use crate::ports::{Asked, Called, LookedUp, Request};

/// An attempt as it was handed over.
pub struct Job {
    pub(super) effect: Arc<Effect>,
    pub(super) no: AttemptNo,
    pub(super) possible_repeat: bool,
    pub(super) sending_recorded: bool,
    pub(super) answer: Answer,
}

/// When to try again after the journal refused to record.
const RECORD_AGAIN_MS: u64 = 1_000;

/// Makes `Sending` durable, calls, and answers.
pub(super) async fn carry_out<J: Journal>(means: &Means<J>, mut job: Job, pass: Pass) {
    #[cfg(debug_assertions)]
    fail::fail_point!("gateway::before_sending");
    let counted = match count_template(means, &job).await {
        Ok(counted) => counted,
        Err(Stopped::ForGood(reason)) => {
            means.gate.given_back();
            return job.answer.undeliverable(reason);
        }
        Err(Stopped::ForNow(error)) => {
            tracing::warn!(
                effect = %job.effect.id, %error,
                "a template could not be counted and was not begun"
            );
            means.gate.given_back();
            let until = means.clock.now().plus_ms(RECORD_AGAIN_MS);
            return job.answer.not_started(Some(until));
        }
    };
    let unrecorded = !job.sending_recorded && job.effect.class != Class::Disposable;
    if unrecorded && let Err(error) = record(means, &job).await {
        tracing::warn!(
            effect = %job.effect.id, %error,
            "an attempt could not be recorded and was not begun"
        );
        let until = means.clock.now().plus_ms(RECORD_AGAIN_MS);
        means.gate.given_back();
        job.answer.not_started(Some(until));
        return;
    }
    // Recording takes a while, in which the person may have withdrawn.
    if means.withdrawals.stops(&job.effect) {
        return settle(means, job, pass, withdrawn(), counted).await;
    }
    job.answer.begun();
    #[cfg(debug_assertions)]
    fail::fail_point!("gateway::after_sending");
    let begun = Instant::now();
    let called = call(means, &job).await;
    means.gate.answered(begun.elapsed());
    #[cfg(debug_assertions)]
    fail::fail_point!("gateway::after_answer");
    settle(means, job, pass, called, counted).await;
}

/// Answers, and counts a template no longer that surely did not leave.
async fn settle<J: Journal>(
    means: &Means<J>,
    job: Job,
    pass: Pass,
    called: Called,
    counted: Option<TemplateTaken>,
) {
    let did_not_leave = matches!(called, Called::NotDone { .. } | Called::Refused { .. });
    let effect = Arc::clone(&job.effect);
    answer(job, pass, called, means.clock.now());
    if let Some(taken) = counted.filter(|_| did_not_leave) {
        let back = TemplateTaken {
            back: true,
            ..taken
        };
        // At worst the number is thought to have sent one more than it did.
        if let Err(error) = means.gate.number().note(&effect, back).await {
            tracing::warn!(effect = %effect.id, %error, "a template stays counted");
        }
    }
}

/// Why an attempt is not made.
enum Stopped {
    /// The person withdrew, or the day's templates are used up.
    ForGood(SmolStr),
    /// The count cannot be read or kept now.
    ForNow(SmolStr),
}

/// Counts a template, durably before it leaves; everything else passes.
async fn count_template<J: Journal>(
    means: &Means<J>,
    job: &Job,
) -> Result<Option<TemplateTaken>, Stopped> {
    if means.withdrawals.stops(&job.effect) {
        return Err(Stopped::ForGood(outbox::WITHDRAWN.into()));
    }
    let Call::SendTemplate(template) = &job.effect.call else {
        return Ok(None);
    };
    let number = means.gate.number();
    number.restore().await.map_err(Stopped::ForNow)?;
    let now = means.clock.now();
    let counted = means.gate.count_template(&job.effect, now);
    counted.map_err(Stopped::ForGood)?;
    let taken = quota::taken(template.category, now, false);
    if let Err(error) = number.note(&job.effect, taken).await {
        if let Some(quota) = &mut number.lock().quota {
            quota.give_back(template.category, now);
        }
        return Err(Stopped::ForNow(error));
    }
    Ok(Some(taken))
}

/// What a call that was stopped at the last moment is answered.
pub(crate) fn withdrawn() -> Called {
    Called::Refused {
        code: 0,
        reason: outbox::WITHDRAWN.to_owned(),
    }
}

async fn record<J: Journal>(means: &Means<J>, job: &Job) -> Result<(), CommitError> {
    let sending = Attempt::Sending {
        effect: job.effect.id,
        no: job.no,
        at: means.clock.now(),
        possible_repeat: job.possible_repeat,
        charge: None,
        line: second_line(&job.effect, means.gate.id()),
    };
    let expect = AttemptNo(job.no.0.saturating_sub(1));
    let recorded = means.journal.attempt(job.effect.id.key, &sending, expect);
    recorded.await
}

async fn call<J: Journal>(means: &Means<J>, job: &Job) -> Called {
    if job.no >= outbox::LAST_TRY && job.effect.class != Class::Repeatable {
        tracing::error!(
            effect = %job.effect.id, attempt = job.no.0, call = job.effect.call.name(),
            "the last try; the effect goes to the dead-letter list when it fails"
        );
    }
    let request = Request {
        effect: job.effect.id,
        attempt: job.no,
        call: &job.effect.call,
    };
    // Building the future may panic as well as polling it.
    let guarded = AssertUnwindSafe(async { means.provider.call(request).await }).catch_unwind();
    let time = means.gate.timeout() + job.effect.call.preparation();
    match tokio::time::timeout(time, guarded).await {
        Ok(Ok(called)) => called,
        Ok(Err(_)) => Called::Unknown {
            reason: "the provider's client panicked".to_owned(),
        },
        Err(_) => Called::Unknown {
            reason: format!("no answer within {} ms", time.as_millis()),
        },
    }
}

fn answer(job: Job, pass: Pass, called: Called, now: Millis) {
    let probe = pass.is_probe();
    pass.called(&job.effect, &called, now);
    job.answer
        .tell(event_of(&job.effect, job.no, probe, called, now));
}

/// What the outbox is told. A failed probe burns no try: an outage must not end in dead letters.
pub(crate) fn event_of(
    effect: &Effect,
    no: AttemptNo,
    probe: bool,
    called: Called,
    now: Millis,
) -> outbox::Event {
    match called {
        Called::NotDone {
            reason,
            counts_against: true,
            ..
        } if probe && effect.class != Class::Disposable => outbox::Event::Spared {
            effect: effect.id,
            no,
            until: now.plus_ms(PROBED_AGAIN_MS),
            reason: reason.into(),
        },
        called => outbox::Event::Called {
            effect: effect.id,
            no,
            called,
        },
    }
}

/// The effect whose probe failed waits for the next one.
const PROBED_AGAIN_MS: u64 = 5_000;

/// The line that carries an effect, where it is not its own gateway.
pub(crate) fn second_line(effect: &Effect, line: GatewayId) -> Option<GatewayId> {
    (effect.gateway != Some(line)).then_some(line)
}

/// Asks the provider how it is.
pub(super) async fn ask<J: Journal>(means: &Means<J>) -> Asked {
    let guarded = AssertUnwindSafe(async { means.provider.ask().await }).catch_unwind();
    let unwell = |reason: &str| Asked::Unwell {
        reason: reason.to_owned(),
    };
    match tokio::time::timeout(means.gate.timeout(), guarded).await {
        Ok(Ok(asked)) => asked,
        Ok(Err(_)) => unwell("the provider's client panicked"),
        Err(_) => unwell("no answer in time"),
    }
}

/// Searches for the result of an earlier call.
pub(super) async fn look_up<J: Journal>(
    means: &Means<J>,
    effect: Arc<Effect>,
    answer: Answer,
    pass: Pass,
) {
    let looked = search(means, &effect).await;
    pass.looked_up(&looked, means.clock.now());
    answer.looked_up(looked);
}

async fn search<J: Journal>(means: &Means<J>, effect: &Effect) -> LookedUp {
    let guarded = AssertUnwindSafe(async { means.provider.look_up(effect).await }).catch_unwind();
    match tokio::time::timeout(means.gate.timeout(), guarded).await {
        Ok(Ok(looked)) => looked,
        Ok(Err(_)) => unanswered("the provider's client panicked"),
        Err(_) => unanswered("no answer in time"),
    }
}

fn unanswered(reason: &str) -> LookedUp {
    LookedUp::Unanswered {
        reason: reason.to_owned(),
    }
}
