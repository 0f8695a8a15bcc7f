//! Which of a channel's two lines carries a message now.
//!
//! A message goes by the first line while its circuit is closed. Once that has been open for the
//! configured time, messages go by the second, as long as the second's own circuit lets them in. Only
//! what surely did not reach the first provider gets here: an effect in doubt is pinned to the line of
//! its doubt by the outbox, since another line would double it. When the first provider, asked,
//! answers well again, the next message probes it, and its success brings everything back.
//!
//! Order needs nothing here: a person's lane has one effect in flight, whichever line took it.
//!
//! A read mark belongs to the line its message came by, and consent to the line whose provider keeps
//! a list of it; a template goes by the second line only when that provider has approved it too.

use std::sync::Arc;

use super::gate::Gate;
use crate::model::{Call, Effect, Millis, Recipient};
use crate::ports::Fallback;

/// Whether the second line carries an effect now.
pub(crate) fn by_second(
    effect: &Effect,
    fallback: &Fallback,
    first: &Gate,
    second: &Gate,
    now: Millis,
) -> bool {
    let takes_over =
        first.is_given_up(now) && second.would_let_in(now) && carries(effect, fallback);
    if takes_over {
        first.hands_over();
    }
    takes_over
}

/// Whether the second line's provider takes an effect of the first line's.
fn carries(effect: &Effect, fallback: &Fallback) -> bool {
    let reaches = |to: &Recipient| !fallback.numbers_only || matches!(to, Recipient::Phone(_));
    match &effect.call {
        Call::SendText { to, .. } | Call::SendButtons { to, .. } | Call::SendList { to, .. } => {
            reaches(to)
        }
        Call::SendTemplate(template) => template.second_id.is_some() && reaches(&template.to),
        _ => false,
    }
}

/// The effect as the second line's provider takes it: a template by that provider's own id.
pub(crate) fn rendered(effect: &Arc<Effect>) -> Arc<Effect> {
    let Call::SendTemplate(template) = &effect.call else {
        return Arc::clone(effect);
    };
    let mut template = template.clone();
    template.provider_id = template.second_id.clone().unwrap_or_default();
    Arc::new(Effect {
        call: Call::SendTemplate(template),
        ..(**effect).clone()
    })
}
