//! What an app's receivers are told, and its bodies in both versions (Gupshup, v2 envelope; v3
//! events).

use serde_json::{Value, json};

use super::settings::{AppSettings, Version};

/// One thing the receivers are told.
#[derive(Clone, Debug)]
pub enum Event {
    /// A person wrote.
    Message(Box<Written>),
    /// The fate of a message to a person.
    Fate(Fate),
    /// A message was charged, or not.
    Billing(Fate),
    /// A person gave or withdrew consent, or the address was set.
    User {
        /// Digits, or `callbackSetPhone`.
        phone: String,
        /// `opted-in`, `opted-out`, `sandbox-start`.
        kind: &'static str,
    },
    /// Any body, as given.
    Raw(Value),
}

/// A message of a person.
#[derive(Clone, Debug)]
pub struct Written {
    /// WhatsApp's id of it.
    pub id: String,
    /// WhatsApp id of the person.
    pub who: String,
    /// Display name.
    pub name: String,
    /// Seconds since 1970.
    pub at_s: i64,
    /// Type and inner payload of version 2.
    pub two: (String, Value),
    /// Type and object of version 3.
    pub three: (String, Value),
    /// Gupshup's and WhatsApp's ids of the message it answers.
    pub context: Option<(Option<String>, String)>,
    /// Ad that led here.
    pub referral: Option<Value>,
}

/// A step in the life of a message to a person.
#[derive(Clone, Debug)]
pub struct Fate {
    /// Conversation it belongs to.
    pub who: String,
    /// WhatsApp id, which may differ from the number dialled.
    pub destination: String,
    /// Gupshup's id.
    pub gs_id: String,
    /// WhatsApp's id.
    pub wamid: String,
    /// `enqueued`, `sent`, `delivered`, `read`, `failed`.
    pub status: &'static str,
    /// Code and words of a failure.
    pub error: Option<(u32, &'static str)>,
    /// Refused by Gupshup before WhatsApp saw it.
    pub before_whatsapp: bool,
    /// `service`, or a template's category in lower case.
    pub category: String,
}

impl Event {
    /// The mode under which it is subscribed.
    pub fn mode(&self) -> &'static str {
        match self {
            Self::Message(_) => "MESSAGE",
            Self::Billing(_) => "BILLING",
            Self::User { .. } | Self::Raw(_) => "OTHERS",
            Self::Fate(fate) => match fate.status {
                "enqueued" => "ENQUEUED",
                "sent" => "SENT",
                "delivered" => "DELIVERED",
                "read" => "READ",
                _ => "FAILED",
            },
        }
    }

    /// The body in one version; `Mixed` was decided before.
    pub fn body(&self, app: &AppSettings, version: Version, now_ms: i64) -> Value {
        match (self, version) {
            (Self::Raw(body), _) => body.clone(),
            (Self::User { phone, kind }, Version::Two | Version::Mixed) => envelope(
                app,
                now_ms,
                "user-event",
                json!({"phone": phone, "type": kind}),
            ),
            (Self::User { .. }, Version::Three) => three(
                app,
                json!({"statuses": [{"type": "set-callback"}]}),
                "messages",
            ),
            (Self::Message(written), Version::Three) => written.three(app),
            (Self::Message(written), _) => envelope(
                app,
                now_ms,
                "message",
                written.two(app.oddities.blank_sender),
            ),
            (Self::Fate(fate), Version::Three) => fate.three(app, now_ms),
            (Self::Fate(fate), _) => envelope(app, now_ms, "message-event", fate.two(app, now_ms)),
            (Self::Billing(fate), Version::Three) => {
                let billing = fate.billing(app, ("gs_id", "conversation_id"));
                three(app, json!({"billing": billing}), "billing-event")
            }
            (Self::Billing(fate), _) => {
                let billing = fate.billing(app, ("gsId", "conversationId"));
                envelope(app, now_ms, "billing-event", billing)
            }
        }
    }
}

fn envelope(app: &AppSettings, now_ms: i64, kind: &str, payload: Value) -> Value {
    json!({
        "app": app.name, "timestamp": now_ms, "version": 2, "type": kind, "payload": payload,
    })
}

fn three(app: &AppSettings, value: Value, field: &str) -> Value {
    json!({
        "gs_app_id": app.id,
        "object": "whatsapp_business_account",
        "entry": [{"id": app.id, "changes": [{"field": field, "value": value}]}],
    })
}

fn metadata(app: &AppSettings) -> Value {
    json!({"display_phone_number": app.source, "phone_number_id": app.source})
}

impl Written {
    fn two(&self, blank_sender: bool) -> Value {
        let sender = match blank_sender {
            true => json!({"phone": ""}),
            false => json!({"phone": self.who, "name": self.name}),
        };
        let (kind, payload) = &self.two;
        let mut message = json!({
            "id": self.id, "source": self.who, "type": kind, "payload": payload, "sender": sender,
        });
        if let Some((gs_id, wamid)) = &self.context {
            message["context"] = json!({"id": wamid, "gsId": gs_id});
        }
        if let Some(referral) = &self.referral {
            message["referral"] = referral.clone();
        }
        message
    }

    fn three(&self, app: &AppSettings) -> Value {
        let (kind, object) = &self.three;
        let mut message = json!({
            "id": self.id, "from": self.who, "timestamp": self.at_s.to_string(), "type": kind,
        });
        if !object.is_null() {
            message[kind] = object.clone();
        }
        if let Some((gs_id, wamid)) = &self.context {
            // `id` is neither of the two: a short opaque one.
            let opaque = wamid.chars().rev().take(12).collect::<String>();
            message["context"] = json!({
                "from": app.source, "id": opaque, "gs_id": gs_id, "meta_msg_id": wamid,
            });
        }
        if let Some(referral) = &self.referral {
            message["referral"] = referral.clone();
        }
        let value = json!({
            "messaging_product": "whatsapp",
            "metadata": metadata(app),
            "contacts": [{"profile": {"name": self.name}, "wa_id": self.who}],
            "messages": [message],
        });
        three(app, value, "messages")
    }
}

impl Fate {
    fn two(&self, app: &AppSettings, now_ms: i64) -> Value {
        let odd = &app.oddities;
        let seconds = now_ms.div_euclid(1_000);
        let ts = match odd.texts {
            true => json!(seconds.to_string()),
            false => json!(seconds),
        };
        let mut event = json!({"type": self.status, "destination": self.destination});
        match self.status {
            "enqueued" => {
                event["id"] = self.gs_id.as_str().into();
                event["payload"] = json!({"whatsappMessageId": self.wamid, "type": "session"});
            }
            "failed" => {
                let (code, reason) = self.error.unwrap_or((500, "Internal error"));
                let code = match odd.texts {
                    true => json!(code.to_string()),
                    false => json!(code),
                };
                event["payload"] = json!({"code": code, "reason": reason});
                if self.before_whatsapp {
                    event["id"] = self.gs_id.as_str().into();
                } else {
                    event["gsId"] = self.gs_id.as_str().into();
                    event["payload"]["ts"] = ts;
                    if !odd.failed_without_id {
                        event["id"] = self.wamid.as_str().into();
                    }
                }
            }
            _ => {
                event["id"] = self.wamid.as_str().into();
                if !odd.no_gs_id {
                    event["gsId"] = self.gs_id.as_str().into();
                }
                event["payload"] = json!({"ts": ts});
                if self.status == "sent" {
                    let kind = self.pricing_type();
                    event["pricing"] =
                        json!({"policy": "PMP", "category": self.category, "type": kind});
                }
            }
        }
        event
    }

    fn three(&self, app: &AppSettings, now_ms: i64) -> Value {
        let mut status = json!({
            "gs_id": self.gs_id, "status": self.status, "recipient_id": self.destination,
        });
        let enqueued = self.status == "enqueued";
        // Only this one comes in milliseconds and as a number, and without metadata.
        status["timestamp"] = match enqueued {
            true => json!(now_ms),
            false => json!(now_ms.div_euclid(1_000).to_string()),
        };
        match (self.error, self.before_whatsapp) {
            (Some((code, reason)), true) => {
                status["id"] = self.gs_id.as_str().into();
                status["code"] = code.into();
                status["reason"] = reason.into();
            }
            (Some((code, reason)), false) => {
                status["id"] = self.wamid.as_str().into();
                status["errors"] = json!([{"code": code, "title": reason}]);
            }
            (None, _) => status["id"] = self.wamid.as_str().into(),
        }
        let mut value = json!({"messaging_product": "whatsapp", "statuses": [status]});
        if !enqueued {
            value["metadata"] = metadata(app);
        }
        three(app, value, "messages")
    }

    fn billing(&self, app: &AppSettings, (gs_id, conversation): (&str, &str)) -> Value {
        let billable = self.category != "service";
        let billable = match app.oddities.texts {
            true => json!(billable.to_string()),
            false => json!(billable),
        };
        let mut references = json!({"id": self.wamid, "destination": self.destination});
        references[gs_id] = self.gs_id.as_str().into();
        references[conversation] = Value::Null;
        json!({
            "deductions": {
                "type": self.pricing_type(), "model": "PMP", "source": "whatsapp",
                "billable": billable, "category": self.category,
            },
            "references": references,
        })
    }

    fn pricing_type(&self) -> &'static str {
        match self.category.as_str() {
            "service" => "free_customer_service",
            _ => "regular",
        }
    }
}
