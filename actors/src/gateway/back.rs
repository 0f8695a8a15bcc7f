//! The way back to the outbox that planned an effect.
//!
//! Whatever happens to an attempt after it was handed over, its outbox hears of it exactly once: an
//! attempt dropped on the way, by a full queue, an ended actor or a panic, answers by itself with
//! what is then known.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::model::{AttemptNo, EffectId, Millis};
use crate::outbox::Event;
use crate::ports::{Called, LookedUp};

/// Takes events to the shell of one entity. Must not block.
pub type Back = Arc<dyn Fn(Event) + Send + Sync>;

/// What an outbox is told when nobody gets round to telling it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing was begun.
    Waiting,
    /// `Sending` may be on record, and the call may have been made.
    Begun,
    /// A search.
    Searching,
    /// The outbox was told.
    Told,
}

/// One answer owed to an outbox.
pub(super) struct Answer {
    back: Back,
    effect: EffectId,
    no: AttemptNo,
    stage: Stage,
}

impl Answer {
    /// For an attempt.
    pub(super) fn to_attempt(back: Back, effect: EffectId, no: AttemptNo) -> Self {
        Self {
            back,
            effect,
            no,
            stage: Stage::Waiting,
        }
    }

    /// For a search.
    pub(super) fn to_search(back: Back, effect: EffectId) -> Self {
        Self {
            back,
            effect,
            no: AttemptNo(0),
            stage: Stage::Searching,
        }
    }

    /// From here on the provider may have been called.
    pub(super) fn begun(&mut self) {
        self.stage = Stage::Begun;
    }

    /// Nothing was begun; a search is answered as unanswered.
    pub(super) fn not_started(self, until: Option<Millis>) {
        let (effect, no) = (self.effect, self.no);
        if self.stage == Stage::Searching {
            self.looked_up(LookedUp::Unanswered {
                reason: "the gateway takes no searches now".to_owned(),
            });
        } else {
            self.tell(Event::NotStarted { effect, no, until });
        }
    }

    /// Nothing was begun, and nothing will be.
    pub(super) fn undeliverable(self, reason: SmolStr) {
        let (effect, no) = (self.effect, self.no);
        self.tell(Event::Undeliverable { effect, no, reason });
    }

    pub(super) fn looked_up(self, looked: LookedUp) {
        let effect = self.effect;
        self.tell(Event::LookedUp { effect, looked });
    }

    pub(super) fn tell(mut self, event: Event) {
        self.stage = Stage::Told;
        (self.back)(event);
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        let (effect, no) = (self.effect, self.no);
        let event = match self.stage {
            Stage::Told => return,
            Stage::Waiting => Event::NotStarted {
                effect,
                no,
                until: None,
            },
            Stage::Begun => Event::Called {
                effect,
                no,
                called: Called::Unknown {
                    reason: "the call was cut off inside the server".to_owned(),
                },
            },
            Stage::Searching => Event::LookedUp {
                effect,
                looked: LookedUp::Unanswered {
                    reason: "the search was cut off inside the server".to_owned(),
                },
            },
        };
        (self.back)(event);
    }
}
