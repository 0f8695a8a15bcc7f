//! The count of a business number's templates beyond a restart.
//!
//! Each template is an input of the gateway entity of the number's first line, durable before the
//! template leaves, so a kill at any moment lets no number send more in a day than it may. One that
//! surely did not leave is taken back the same way. Templates are rare beside replies, which leave no
//! such record. A kill between the count and the call counts what is sent afterwards once more, which
//! errs on the side of the limit.

use std::fmt::Debug;
use std::sync::{Arc, Weak};

use futures::future::BoxFuture;
use smol_str::{SmolStr, format_smolstr};

use super::entity::State;
use super::quota::TemplateHours;
use crate::environment::Environment;
use crate::fold::state_of;
use crate::journal::Journal;
use crate::model::{EffectId, GatewayId, InEvent, Inbound, Key, TemplateTaken};

/// Inputs read from the journal at a time.
const BATCH: usize = 64;

/// Where templates are counted.
pub(crate) trait Book: Debug + Send + Sync {
    /// What was counted of a number, by its first line.
    fn kept(&self, number: GatewayId) -> BoxFuture<'_, Result<TemplateHours, SmolStr>>;

    /// Makes one change of the count durable.
    fn note(
        &self,
        number: GatewayId,
        effect: EffectId,
        taken: TemplateTaken,
    ) -> BoxFuture<'_, Result<(), SmolStr>>;
}

/// The book in a system's journal.
pub(crate) struct JournalBook<J>(Weak<Environment<J>>);

impl<J: Journal> JournalBook<J> {
    pub(crate) fn of(environment: &Arc<Environment<J>>) -> Self {
        Self(Arc::downgrade(environment))
    }

    fn environment(&self) -> Result<Arc<Environment<J>>, SmolStr> {
        let gone = || SmolStr::new_static("the server is stopping");
        self.0.upgrade().ok_or_else(gone)
    }

    async fn read(&self, number: GatewayId) -> Result<TemplateHours, SmolStr> {
        let (environment, key) = (self.environment()?, Key::Gateway(number));
        let journal = &environment.journal;
        let loaded = journal.load(key).await;
        let loaded = loaded.map_err(|error| format_smolstr!("{error}"))?;
        let state: State = state_of(key, &loaded).map_err(|error| format_smolstr!("{error}"))?;
        let (mut hours, mut after) = (state.templates, loaded.consumed);
        // What the entity has not consumed yet counts all the same.
        loop {
            let inputs = journal.next_inputs(key, after, BATCH).await;
            let inputs = inputs.map_err(|error| format_smolstr!("{error}"))?;
            for (seq, input) in &inputs {
                after = *seq;
                if let Inbound::TemplateCounted(taken) = input.fact() {
                    hours.apply(taken);
                }
            }
            if inputs.len() < BATCH {
                return Ok(hours);
            }
        }
    }
}

impl<J: Journal> Book for JournalBook<J> {
    fn kept(&self, number: GatewayId) -> BoxFuture<'_, Result<TemplateHours, SmolStr>> {
        Box::pin(self.read(number))
    }

    fn note(
        &self,
        number: GatewayId,
        effect: EffectId,
        taken: TemplateTaken,
    ) -> BoxFuture<'_, Result<(), SmolStr>> {
        Box::pin(async move {
            let environment = self.environment()?;
            let now = environment.clock.now();
            let name = format!("{effect}/{}/{}", taken.at.0, taken.back);
            let event = InEvent {
                key: Key::Gateway(number),
                id: environment.identity.id_hash(b"template", name.as_bytes()),
                stamp: None,
                received: now,
                body: Inbound::TemplateCounted(taken),
            };
            let accepted = environment.accept_inside(event).await;
            accepted.map_err(|refused| format_smolstr!("{refused}"))
        })
    }
}

impl<J> Debug for JournalBook<J> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JournalBook")
    }
}
