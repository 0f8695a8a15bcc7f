//! Where a file lies at its provider, and what may be asked there.
//!
//! Meta names a file by an id, which is resolved to an address good for five minutes and read with
//! the token (WhatsApp Cloud API, media). Gupshup names an address good for about a week and asks
//! for no proof (Gupshup, media). An address comes from outside, so it is asked only at hosts of
//! the provider or at the connection's own, and a token goes nowhere else.

use actors::model::Media;
use reqwest::Url;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use serde_json::Value;

use super::trouble::Trouble;
use crate::providers::transport::{BadSettings, below, secret_header};
use crate::providers::{gupshup, meta};

/// A channel whose people's files are fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A business phone number at Meta.
    Meta(meta::Settings),
    /// An app at Gupshup.
    Gupshup(gupshup::Settings),
}

/// How one provider's files are reached.
#[derive(Debug)]
pub(super) struct Reach {
    asked: Asked,
    /// Where files may lie besides the connection's own host: these hosts and those below them.
    hosts: Vec<String>,
}

#[derive(Debug)]
enum Asked {
    Meta {
        base: Url,
        version: String,
        phone_number_id: String,
        authorization: HeaderValue,
    },
    Gupshup {
        base: Url,
    },
}

/// What Meta says of a file.
#[derive(Debug, Deserialize)]
pub(super) struct Resolved {
    #[serde(default)]
    pub url: String,
    #[serde(default)]
    pub sha256: String,
    /// A string or a number.
    #[serde(default)]
    pub file_size: Value,
    pub error: Option<Value>,
}

impl Resolved {
    pub(super) fn size(&self) -> Option<u64> {
        let text = self.file_size.as_str().and_then(|size| size.parse().ok());
        self.file_size.as_u64().or(text)
    }
}

impl Source {
    /// The address whose scheme and host are this connection's own.
    pub(in crate::providers) fn base(&self) -> Result<Url, BadSettings> {
        match self {
            Self::Meta(settings) => meta::address(&settings.base_url),
            Self::Gupshup(settings) => gupshup::address(&settings.base_url),
        }
    }
}

impl Reach {
    pub(super) fn of(source: &Source, hosts: Vec<String>) -> Result<Self, BadSettings> {
        let base = source.base()?;
        let asked = match source {
            Source::Meta(settings) => {
                let authorization = secret_header("Bearer ", &settings.token);
                Asked::Meta {
                    base,
                    version: settings.version.clone(),
                    phone_number_id: settings.phone_number_id.clone(),
                    authorization: authorization.map_err(|_| BadSettings::Field {
                        field: "token",
                        expected: "printable ASCII",
                    })?,
                }
            }
            Source::Gupshup(_) => Asked::Gupshup { base },
        };
        Ok(Self { asked, hosts })
    }

    /// Where Meta tells of a file; `None` where files are named by their address.
    pub(super) fn resolving(&self, media: &Media) -> Option<Url> {
        let Asked::Meta {
            base,
            version,
            phone_number_id,
            ..
        } = &self.asked
        else {
            return None;
        };
        let mut url = below(base, &[version, media.id.as_deref()?]);
        url.query_pairs_mut()
            .append_pair("phone_number_id", phone_number_id);
        Some(url)
    }

    /// Whether it is Meta, which knows a file it names to be gone.
    pub(super) const fn is_meta(&self) -> bool {
        matches!(self.asked, Asked::Meta { .. })
    }

    /// The proof that goes with every request.
    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        match &self.asked {
            Asked::Meta { authorization, .. } => Some(authorization),
            Asked::Gupshup { .. } => None,
        }
    }

    /// An address of a file, if it is one that may be asked.
    pub(super) fn checked(&self, link: &str) -> Result<Url, Trouble> {
        let (Asked::Meta { base, .. } | Asked::Gupshup { base }) = &self.asked;
        let elsewhere = Trouble::never(403, "its address is not one of the provider's");
        let Ok(url) = Url::parse(link) else {
            return Err(elsewhere);
        };
        let own = url.host_str() == base.host_str() && url.port() == base.port();
        let theirs = url.host_str().is_some_and(|host| {
            let below = |known: &String| host.strip_suffix(&**known).is_some_and(ends_a_label);
            self.hosts.iter().any(below)
        });
        let plain = url.username().is_empty() && url.password().is_none();
        if url.scheme() == base.scheme() && plain && (own || theirs && url.port().is_none()) {
            Ok(url)
        } else {
            Err(elsewhere)
        }
    }
}

fn ends_a_label(front: &str) -> bool {
    front.is_empty() || front.ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gupshup(base: &str) -> Reach {
        let base = Url::parse(base).expect("an address");
        Reach {
            asked: Asked::Gupshup { base },
            hosts: vec!["gupshup.io".to_owned()],
        }
    }

    #[test]
    fn an_address_from_outside_is_asked_only_at_the_providers_hosts() {
        let reach = gupshup("https://api.gupshup.io");
        for good in [
            "https://filemanager.gupshup.io/wa/x/wa/media/y?download=false",
            "https://api.gupshup.io/x",
        ] {
            assert!(reach.checked(good).is_ok(), "{good}");
        }
        for bad in [
            "http://filemanager.gupshup.io/x",
            "https://169.254.169.254/latest/meta-data",
            "https://localhost/x",
            "https://evilgupshup.io/x",
            "https://gupshup.io.evil.example/x",
            "https://u:p@filemanager.gupshup.io/x",
            "https://filemanager.gupshup.io:8443/x",
            "file:///etc/passwd",
            "",
        ] {
            assert!(reach.checked(bad).is_err(), "{bad}");
        }
        let simulated = gupshup("http://127.0.0.1:8090/gupshup");
        assert!(simulated.checked("http://127.0.0.1:8090/_media/1").is_ok());
        assert!(simulated.checked("http://127.0.0.1:5432/").is_err());
    }
}
