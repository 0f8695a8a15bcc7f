//! What a run is told on the command line.

use clap::Parser;

/// Sends a burst of messages from many contacts and waits until each has its reply.
#[derive(Clone, Debug, Parser)]
#[command(name = "chasqui-loadtest", version)]
pub struct Arguments {
    /// The server under test.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub server: String,
    /// The simulators behind it, whose log is the oracle.
    #[arg(long, default_value = "http://127.0.0.1:8090")]
    pub simulators: String,
    /// The channel written to.
    #[arg(long, default_value = "demo-meta")]
    pub channel: String,
    /// Its WhatsApp phone number id.
    #[arg(long, default_value = "106540352242922")]
    pub phone_number_id: String,
    /// The app secret webhooks are signed with.
    #[arg(long, default_value = "demo-app-secret")]
    pub app_secret: String,
    /// Messages to send.
    #[arg(long, default_value_t = 10_000)]
    pub messages: u64,
    /// Contacts they come from, in turn. The server answers a contact 20 times a minute.
    #[arg(long, default_value_t = 5_000)]
    pub contacts: u64,
    /// Webhooks in flight at once.
    #[arg(long, default_value_t = 128)]
    pub window: usize,
    /// Seconds to wait for the last reply.
    #[arg(long, default_value_t = 60)]
    pub patience: u64,
    /// Allow a server or simulators that are not on this machine.
    #[arg(long)]
    pub allow_foreign_hosts: bool,
}

impl Arguments {
    /// Load goes to this machine only, unless allowed otherwise.
    pub fn refuse_foreign_hosts(&self) -> anyhow::Result<()> {
        for url in [&self.server, &self.simulators] {
            let host = reqwest::Url::parse(url)?
                .host_str()
                .unwrap_or_default()
                .to_owned();
            let local = host == "localhost" || host == "[::1]" || host.starts_with("127.");
            anyhow::ensure!(
                local || self.allow_foreign_hosts,
                "{url} is not on this machine; pass --allow-foreign-hosts to mean it"
            );
        }
        Ok(())
    }
}
