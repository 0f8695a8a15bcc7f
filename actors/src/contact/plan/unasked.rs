//! What is sent to a person who did not just write: templates, and consent told to the provider.

use smol_str::SmolStr;

use super::Plan;
use crate::contact::{Event, flow, window};
use crate::model::{
    Call, Class, ConsentLevel, Effect, EffectId, Lane, Priority, TemplateCategory, TemplateChoice,
};
use crate::templates::{Catalogue, Template, Unfit};

/// Why a template is not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::contact) enum NotSent {
    /// The template or its values.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The person does not want it.
    #[error("{0}")]
    Consent(&'static str),
    /// There is no channel any more, or no way to reach the person on it.
    #[error("this person cannot be reached on any channel")]
    Unreachable,
}

impl Plan<'_> {
    /// Sends the template that the channel uses for `purpose`, in the person's language or else the
    /// tenant's; values in the template's order. Why it is not sent is on record.
    pub fn send_template(&mut self, purpose: &str, values: &[String]) -> Result<EffectId, NotSent> {
        let choice = TemplateChoice::Purpose(purpose.into());
        self.send_chosen_template(&choice, values, None)
    }

    /// Sends a template; `media` is the address of its header's medium, where it has one.
    pub fn send_chosen_template(
        &mut self,
        choice: &TemplateChoice,
        values: &[String],
        media: Option<&str>,
    ) -> Result<EffectId, NotSent> {
        let planned = self.plan_template(choice, values, media);
        if let Err(error) = &planned {
            let reason = error.to_string().into();
            self.emit(Event::ReplyWithheld { reason });
        }
        planned
    }

    fn plan_template(
        &mut self,
        choice: &TemplateChoice,
        values: &[String],
        media: Option<&str>,
    ) -> Result<EffectId, NotSent> {
        let (Some(settings), Some(to)) = (self.settings, self.state.reply_to.clone()) else {
            return Err(NotSent::Unreachable);
        };
        let catalogue: &Catalogue = &settings.sending.templates;
        let own = flow::locale(self).tag();
        let template = chosen(catalogue, choice, own, &settings.locale)?;
        let allowed = self.state.permission.allows(template.category);
        allowed.map_err(NotSent::Consent)?;
        let message = template.fill(values, media)?.to(to);
        let in_window = window::is_open(self.state.window_end, self.now);
        let id = self.next_effect_id();
        self.effects.push(Effect {
            id,
            lane: Lane::Person,
            priority: match message.category {
                TemplateCategory::Marketing => Priority::Marketing,
                TemplateCategory::Utility | TemplateCategory::Authentication => {
                    Priority::Notification
                }
            },
            // Inside the window a utility template is free; a paid one is never sent twice.
            class: match message.category {
                TemplateCategory::Utility if in_window => Class::Reply,
                _ => Class::Once,
            },
            gateway: Some(settings.messages),
            expires: None,
            report: settings.own_ids.is_some(),
            call: Call::SendTemplate(Box::new(message)),
        });
        self.emit(Event::ReplyPlanned { effect: id });
        Ok(id)
    }

    /// Sends a message once more that its provider had taken and not sent.
    pub fn send_again(&mut self, failed: &Effect) {
        let id = self.next_effect_id();
        self.effects.push(Effect {
            id,
            ..failed.clone()
        });
        self.emit(Event::SentAgain {
            effect: id,
            instead_of: failed.id,
        });
    }

    /// Tells a provider that keeps a list of consent of its own about consent given here.
    pub fn tell_consent(&mut self) {
        let Some(list) = self.settings.and_then(|s| s.sending.tells_consent) else {
            return;
        };
        let given = self.state.permission.level > ConsentLevel::None;
        let (true, Some(to)) = (given, self.state.reply_to.clone()) else {
            return;
        };
        let id = self.next_effect_id();
        self.effects.push(Effect {
            id,
            lane: Lane::Consent,
            priority: Priority::Notification,
            class: Class::Searchable,
            gateway: Some(list),
            expires: None,
            report: false,
            call: Call::ReportConsent { to },
        });
    }
}

fn chosen<'c>(
    catalogue: &'c Catalogue,
    choice: &TemplateChoice,
    own: &str,
    tenants: &str,
) -> Result<&'c Template, Unfit> {
    match choice {
        TemplateChoice::Purpose(purpose) => catalogue.serving(purpose, &[own, tenants]),
        TemplateChoice::Named { name, language } => {
            let asked = language.as_ref().map(SmolStr::as_str);
            match asked {
                Some(asked) => catalogue.pick(name, &[asked]),
                None => catalogue.pick(name, &[own, tenants]),
            }
        }
    }
}
