//! The demo world: its fixed names and secrets, known to the demo configuration too.

/// Constants and settings of the demo world.
pub mod demo {
    use crate::simulators::glpi::settings::Installation;
    use crate::simulators::gupshup::settings::AppSettings;
    use crate::simulators::meta::settings::LineSettings;

    /// Slug of the WhatsApp channel.
    pub const CHANNEL: &str = "demo-meta";
    /// Phone number id of the WhatsApp channel.
    pub const PHONE_NUMBER_ID: &str = "106540352242922";
    /// WhatsApp business account.
    pub const WABA_ID: &str = "102290129340398";
    /// The business number, digits.
    pub const DISPLAY_PHONE_NUMBER: &str = "15550783881";
    /// Bearer token of the Cloud API.
    pub const ACCESS_TOKEN: &str = "demo-access-token";
    /// Key of the webhook signatures.
    pub const APP_SECRET: &str = "demo-app-secret";
    /// Token of the verification call.
    pub const VERIFY_TOKEN: &str = "demo-verify-token";
    /// Slug of the WhatsApp channel behind Gupshup.
    pub const GUPSHUP_CHANNEL: &str = "demo-gupshup";
    /// Name of the app at Gupshup.
    pub const GUPSHUP_APP: &str = "DemoApp";
    /// Id of the app at Gupshup.
    pub const GUPSHUP_APP_ID: &str = "82ed0d6c-5a1b-4c55-9f1d-3c2f0e8a7b10";
    /// Key of the app at Gupshup.
    pub const GUPSHUP_API_KEY: &str = "demo-api-key";
    /// The app's number, digits.
    pub const GUPSHUP_SOURCE: &str = "15550783882";
    /// Last part of the server's webhook address for the app.
    pub const GUPSHUP_PATH_SECRET: &str = "demo-secret";
    /// GLPI's App-Token.
    pub const GLPI_APP_TOKEN: &str = "demo-app-token";
    /// Secret with which GLPI signs webhooks.
    pub const GLPI_WEBHOOK_SECRET: &str = "demo-webhook-secret";
    /// API token of GLPI's connector user `chasqui`.
    pub const GLPI_USER_TOKEN: &str = "demo-user-token";

    /// The demo's WhatsApp number; its webhooks go nowhere until an address is set.
    pub fn channel() -> LineSettings {
        LineSettings {
            slug: CHANNEL.to_owned(),
            phone_number_id: PHONE_NUMBER_ID.to_owned(),
            waba_id: WABA_ID.to_owned(),
            display_phone_number: DISPLAY_PHONE_NUMBER.to_owned(),
            access_token: ACCESS_TOKEN.to_owned(),
            app_secret: APP_SECRET.to_owned(),
            verify_token: VERIFY_TOKEN.to_owned(),
            ..LineSettings::default()
        }
    }

    /// The demo's app at Gupshup; its events go nowhere until an address is set.
    pub fn app() -> AppSettings {
        AppSettings {
            slug: GUPSHUP_CHANNEL.to_owned(),
            name: GUPSHUP_APP.to_owned(),
            id: GUPSHUP_APP_ID.to_owned(),
            api_key: GUPSHUP_API_KEY.to_owned(),
            source: GUPSHUP_SOURCE.to_owned(),
            ..AppSettings::default()
        }
    }

    /// The demo's GLPI.
    pub fn installation() -> Installation {
        Installation {
            app_token: GLPI_APP_TOKEN.to_owned(),
            user_token: GLPI_USER_TOKEN.to_owned(),
            survey: true,
            ..Installation::default()
        }
    }
}
