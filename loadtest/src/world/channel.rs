//! The WhatsApp numbers of the load world, with the names and secrets of whoever carries them.

use serde_json::{Value as Json, json};
use toml::Table;

/// A WhatsApp number of the load world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Short name, part of the webhook's address.
    pub slug: String,
    /// The number itself, digits.
    pub number: String,
    /// Who carries it.
    pub carrier: Carrier,
}

/// Who carries a number, and what both sides know of each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// Meta's Cloud API; webhooks are signed.
    Meta {
        /// Meta's id of the number.
        phone_number_id: String,
        /// Its WhatsApp business account.
        business_account_id: String,
        /// Key of the webhook signatures.
        app_secret: String,
        /// Bearer token of sends.
        access_token: String,
    },
    /// Gupshup's self-serve API; the webhook's address ends in a secret.
    Gupshup {
        /// The app's name.
        app: String,
        /// The app's id.
        app_id: String,
        /// Key of sends.
        api_key: String,
        /// Last part of the webhook's address.
        path_secret: String,
    },
}

impl Channel {
    /// The `nth` channel of the load world, a number of Meta's.
    pub fn meta(nth: usize) -> Self {
        let carrier = Carrier::Meta {
            phone_number_id: format!("2065403522{nth:05}"),
            business_account_id: format!("2022901293{nth:05}"),
            app_secret: format!("load-app-secret-{nth:02}"),
            access_token: format!("load-access-token-{nth:02}"),
        };
        Self::load(nth, "155508", carrier)
    }

    /// The `nth` channel of the load world, a number behind Gupshup.
    pub fn gupshup(nth: usize) -> Self {
        let carrier = Carrier::Gupshup {
            app: format!("LoadApp{nth:02}"),
            app_id: format!("82ed0d6c-5a1b-4c55-9f1d-3c2f0e8b{nth:04x}"),
            api_key: format!("load-api-key-{nth:02}"),
            path_secret: format!("load-path-secret-{nth:02}"),
        };
        Self::load(nth, "155509", carrier)
    }

    fn load(nth: usize, numbers: &str, carrier: Carrier) -> Self {
        Self {
            slug: super::tenant(nth),
            number: format!("{numbers}{nth:05}"),
            carrier,
        }
    }

    /// The channel of the demo, for a server that runs already.
    pub fn demo() -> Self {
        Self {
            slug: "demo-meta".to_owned(),
            number: "15550783881".to_owned(),
            carrier: Carrier::Meta {
                phone_number_id: "106540352242922".to_owned(),
                business_account_id: "102290129340398".to_owned(),
                app_secret: "demo-app-secret".to_owned(),
                access_token: "demo-access-token".to_owned(),
            },
        }
    }

    /// Whether Meta carries it.
    pub const fn is_meta(&self) -> bool {
        matches!(self.carrier, Carrier::Meta { .. })
    }

    /// The address its webhooks go to, after the server's own.
    pub fn path(&self) -> String {
        match &self.carrier {
            Carrier::Meta { .. } => format!("/webhooks/meta/{}", self.slug),
            Carrier::Gupshup { path_secret, .. } => {
                format!("/webhooks/gupshup/{}/{path_secret}", self.slug)
            }
        }
    }

    /// Puts its names and secrets into a row of the server's configuration.
    pub(super) fn describe(&self, row: &mut Table) {
        row.insert("id".into(), self.slug.as_str().into());
        row.insert("number".into(), self.number.as_str().into());
        let mut put = |key: &str, value: &str| row.insert(key.into(), value.into());
        match &self.carrier {
            Carrier::Meta {
                phone_number_id,
                business_account_id,
                app_secret,
                access_token,
            } => {
                put("phone_number_id", phone_number_id);
                put("business_account_id", business_account_id);
                put("app_secret", app_secret);
                put("access_token", access_token);
            }
            Carrier::Gupshup {
                app,
                app_id,
                api_key,
                path_secret,
            } => {
                let mut gupshup = Table::new();
                gupshup.insert("name".into(), app.as_str().into());
                gupshup.insert("id".into(), app_id.as_str().into());
                gupshup.insert("api_key".into(), api_key.as_str().into());
                gupshup.insert("path_secret".into(), path_secret.as_str().into());
                row.insert("gupshup".into(), gupshup.into());
            }
        }
    }

    /// The same number at the simulators, calling back the server at `url`.
    pub(super) fn simulated(&self, url: &str, messages_per_second: u32) -> Json {
        let callback_url = format!("{url}{}", self.path());
        match &self.carrier {
            Carrier::Meta {
                phone_number_id,
                business_account_id,
                app_secret,
                access_token,
            } => json!({
                "phone_number_id": phone_number_id,
                "waba_id": business_account_id,
                "display_phone_number": self.number,
                "access_token": access_token,
                "app_secret": app_secret,
                "callback_url": callback_url,
                "mps": messages_per_second,
                "pair_limit": true,
                "keep_messages": 0,
            }),
            Carrier::Gupshup {
                app,
                app_id,
                api_key,
                path_secret: _,
            } => json!({
                "name": app,
                "id": app_id,
                "api_key": api_key,
                "source": self.number,
                "callback_url": callback_url,
                "mps": messages_per_second,
                "pair_limit": true,
                "keep_messages": 0,
                // The load is not about money: the wallet never empties.
                "fee_micros": 0,
            }),
        }
    }
}
