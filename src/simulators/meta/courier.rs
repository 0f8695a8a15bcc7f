//! How a number's webhooks are delivered: batches, signed bodies, only a 200 counts, further tries
//! with growing waits for up to seven days (WhatsApp Cloud API, delivery semantics).

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode};
use tokio::time::Instant;

use super::super::Surroundings;
use super::super::whatsapp::courier::{Courier, Delivery, Fate, Parcel, Teller};
use super::super::whatsapp::people::People;
use super::line::Line;
use super::settings::Webhooks;
use super::webhook::{self, Update};

impl Teller for Line {
    type Update = Update;

    fn around(&self) -> &Surroundings {
        &self.around
    }

    fn people(&self) -> &People {
        &self.people
    }

    fn courier(&self) -> &Courier<Update> {
        &self.courier
    }

    fn delivery(&self) -> Delivery {
        let webhooks = &self.settings().webhooks;
        Delivery {
            batch: webhooks.batch.clamp(1, 1_000),
            linger: Duration::from_millis(webhooks.linger_ms),
            shuffle_ms: webhooks.shuffle_ms,
            duplicate: webhooks.duplicate,
            drop: webhooks.drop,
            concurrency: webhooks.concurrency.max(1),
            paused: webhooks.paused,
        }
    }

    fn fate(update: &Update) -> Option<Fate<'_>> {
        match update {
            Update::Status(status) => Some(Fate {
                who: &status.sent.who,
                id: &status.sent.id,
                status: status.status,
            }),
            _ => None,
        }
    }

    fn pack(&self, updates: &[Update]) -> Vec<Parcel> {
        let settings = self.settings();
        if settings.callback_url.is_none() {
            return Vec::new();
        }
        let messages = updates.iter().filter_map(|update| match update {
            Update::Message { who, message, .. } => {
                let id = message["id"].as_str().unwrap_or_default();
                Some((who.clone(), id.to_owned()))
            }
            _ => None,
        });
        let statuses = updates.iter().filter_map(Self::fate).count();
        let body = webhook::body(&settings, updates, self.around.clock.now_s());
        vec![Parcel::new(body).holding(messages.collect(), statuses as u64)]
    }

    fn call(&self, client: &Client, parcel: &Parcel) -> Option<RequestBuilder> {
        let settings = self.settings();
        let address = settings.callback_url.as_deref()?;
        let signature = webhook::signature(&settings.app_secret, parcel.body());
        let call = client
            .post(address)
            .timeout(Duration::from_millis(settings.webhooks.timeout_ms))
            .header("user-agent", "facebookexternalua")
            .header("x-hub-signature-256", signature);
        Some(call)
    }

    fn is_taken(status: StatusCode) -> bool {
        status == StatusCode::OK
    }

    fn wait_after(&self, tries: u32, since: Instant) -> Option<Duration> {
        let webhooks = &self.settings().webhooks;
        let goes_on = since.elapsed() <= Duration::from_secs(webhooks.retry_for_s);
        goes_on.then(|| retry_wait(webhooks, tries))
    }
}

fn retry_wait(webhooks: &Webhooks, tries: u32) -> Duration {
    let doubled = webhooks
        .retry_ms
        .saturating_mul(1u64 << tries.saturating_sub(1).min(30));
    Duration::from_millis(doubled.min(webhooks.retry_max_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_bound() {
        let webhooks = Webhooks {
            retry_ms: 100,
            retry_max_ms: 350,
            ..Webhooks::default()
        };
        let waits: Vec<_> = (1..=4)
            .map(|n| retry_wait(&webhooks, n).as_millis())
            .collect();
        assert_eq!(waits, [100, 200, 350, 350]);
    }
}
