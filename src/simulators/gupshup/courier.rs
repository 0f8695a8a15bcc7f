//! How an app's events are delivered: one by one, copies for each subscription, any 2xx counts, a
//! time-out of ten seconds and few further tries (Gupshup, webhook transport).

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode};
use tokio::time::Instant;

use super::super::Surroundings;
use super::super::whatsapp::courier::{Courier, Delivery, Fate, Parcel, Receiver, Teller};
use super::super::whatsapp::people::People;
use super::app::App;
use super::event::Event;
use super::settings::{Subscription, Version};

impl Teller for App {
    type Update = Event;

    fn around(&self) -> &Surroundings {
        &self.around
    }

    fn people(&self) -> &People {
        &self.people
    }

    fn courier(&self) -> &Courier<Event> {
        &self.courier
    }

    fn delivery(&self) -> Delivery {
        let webhooks = &self.settings().webhooks;
        Delivery {
            batch: 1,
            linger: Duration::ZERO,
            shuffle_ms: webhooks.shuffle_ms,
            duplicate: webhooks.duplicate,
            drop: webhooks.drop,
            concurrency: webhooks.concurrency.max(1),
            paused: webhooks.paused,
        }
    }

    fn fate(event: &Event) -> Option<Fate<'_>> {
        match event {
            Event::Fate(fate) => Some(Fate {
                who: &fate.who,
                id: &fate.wamid,
                status: fate.status,
            }),
            _ => None,
        }
    }

    fn pack(&self, events: &[Event]) -> Vec<Parcel> {
        events
            .iter()
            .flat_map(|event| copies(self, event))
            .collect()
    }

    fn call(&self, client: &Client, parcel: &Parcel) -> Option<RequestBuilder> {
        let to = parcel.receiver()?;
        let timeout = Duration::from_millis(self.settings().webhooks.timeout_ms);
        let mut call = client.post(&to.url).timeout(timeout);
        for (name, value) in &to.headers {
            call = call.header(name, value);
        }
        Some(call)
    }

    fn is_taken(status: StatusCode) -> bool {
        status.is_success()
    }

    fn wait_after(&self, tries: u32, _since: Instant) -> Option<Duration> {
        let settings = self.settings();
        let nth = usize::try_from(tries).ok()?.checked_sub(1)?;
        let wait_ms = settings.webhooks.retries_ms.get(nth)?;
        Some(Duration::from_millis(*wait_ms))
    }
}

/// A body for the app's own address and for each subscription that wants the event. Only what the
/// own address is told of a message's fate counts as a status.
fn copies(app: &App, event: &Event) -> Vec<Parcel> {
    let settings = app.settings();
    let now_ms = app.around.clock.now_ms();
    let mode = event.mode();
    let wants = |subscription: &&Subscription| {
        let modes = &subscription.modes;
        modes.iter().any(|wanted| wanted == "ALL" || wanted == mode)
    };
    let own = settings.callback_url.iter().map(|url| Subscription {
        url: url.clone(),
        version: settings.version,
        modes: Vec::new(),
        headers: Default::default(),
    });
    let further = settings.subscriptions.iter().filter(wants).cloned();
    let written = match event {
        Event::Message(written) => vec![(written.who.clone(), written.id.clone())],
        _ => Vec::new(),
    };
    let is_status = App::fate(event).is_some() && settings.callback_url.is_some();
    let parcels = own.chain(further).enumerate().map(|(nth, to)| {
        let version = match to.version {
            Version::Mixed if app.around.dice.hits(0.5) => Version::Three,
            Version::Mixed => Version::Two,
            version => version,
        };
        let body = event.body(&settings, version, now_ms).to_string();
        let receiver = Receiver {
            url: to.url,
            headers: to.headers.into_iter().collect(),
        };
        Parcel::new(body)
            .to(receiver)
            .holding(written.clone(), u64::from(is_status && nth == 0))
    });
    parcels.collect()
}
