//! A company with one dialogue channel and a person who writes to it; its providers do and remember
//! what they are told.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use actors::model::{
    Call, ChannelId, Content, Effect, GatewayId, Identity, IdentityKey, InEvent, Inbound, Key,
    Message, Millis, Name, Phone, Reply, TenantId,
};
use actors::ports::{
    Called, ChannelSettings, Clock, GatewaySettings, LookedUp, Mode, Provider, Providers, Random,
    Request, Settings, UtcOffset,
};
use futures::future::BoxFuture;

/// The machine's clock.
pub struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Millis(since.unwrap().as_millis() as u64)
    }
}

/// Chance that never changes.
pub struct Steady;

impl Random for Steady {
    fn next(&self) -> u64 {
        0x9E37_79B9_7F4A_7C15
    }
}

/// Names contacts.
pub fn identity() -> IdentityKey {
    IdentityKey::new(&[7; 32])
}

/// The company, its settings and its providers at once. Clones share what was said.
#[derive(Clone)]
pub struct Company {
    channel: Arc<ChannelSettings>,
    texts: Arc<Mutex<Vec<String>>>,
}

impl Company {
    pub fn new() -> Arc<Self> {
        let tenant = TenantId::new("demo").unwrap();
        let name = Name::new("demo-meta").unwrap();
        let channel = ChannelSettings {
            id: ChannelId::of(&tenant, &name),
            tenant_name: "IT Green Peru".into(),
            locale: "es".into(),
            utc_offset: UtcOffset::fixed(-5 * 3600),
            mode: Mode::Dialogue,
            messages: GatewayId::of("meta", &tenant, &name),
            own_ids: false,
            help_desk: None,
            ticket_prefix: "TK".into(),
            soft_limit_per_minute: 20,
            interim_after_ms: 8_000,
            name,
            tenant,
        };
        Arc::new(Self {
            channel: Arc::new(channel),
            texts: Arc::default(),
        })
    }

    /// What people were told, in order.
    pub fn texts(&self) -> Vec<String> {
        self.texts.lock().unwrap().clone()
    }
}

/// A message of the one person.
pub fn message(company: &Company, id: &str, text: &str) -> InEvent {
    let phone = Phone::parse("51999888777").unwrap();
    let person = Identity::Phone(phone.clone());
    let channel = &company.channel;
    let now = MachineClock.now();
    InEvent {
        key: Key::Contact(identity().contact_id(&channel.tenant, &person)),
        id: identity().id_hash(b"meta", id.as_bytes()),
        stamp: Some(now.floor_seconds()),
        received: now,
        body: Inbound::Message(Message {
            tenant: channel.tenant.clone(),
            channel: channel.id,
            provider_id: id.into(),
            from: Some(phone),
            identities: vec![person],
            profile_name: None,
            context: None,
            content: Content::Text(text.into()),
        }),
    }
}

impl Settings for Company {
    fn channel(&self, id: &ChannelId) -> Option<Arc<ChannelSettings>> {
        (*id == self.channel.id).then(|| self.channel.clone())
    }

    fn gateway(&self, id: &GatewayId) -> Option<Arc<GatewaySettings>> {
        Some(Arc::new(GatewaySettings {
            id: *id,
            provider: "test",
            name: self.channel.name.clone(),
            tenant: self.channel.tenant.clone(),
            rate_per_second: 1_000,
            concurrency: 100,
            timeout: Duration::from_secs(30),
            settle: Duration::from_secs(35),
        }))
    }
}

impl Provider for Company {
    fn call<'a>(&'a self, request: Request<'a>) -> BoxFuture<'a, Called> {
        if let Call::SendText { text, .. } | Call::SendButtons { text, .. } = request.call {
            self.texts.lock().unwrap().push(text.clone());
        }
        let reply = Reply {
            id: "wamid.1".into(),
            at: None,
            remark: None,
        };
        Box::pin(async { Called::Done(reply) })
    }

    fn look_up<'a>(&'a self, _effect: &'a Effect) -> BoxFuture<'a, LookedUp> {
        Box::pin(async { LookedUp::NotFound })
    }
}

impl Providers for Company {
    fn provider(&self, _id: &GatewayId) -> Option<Arc<dyn Provider>> {
        Some(Arc::new(self.clone()))
    }
}
