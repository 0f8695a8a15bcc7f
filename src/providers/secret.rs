//! Credentials that cannot be printed by accident.

use std::fmt;

use reqwest::header::{HeaderValue, InvalidHeaderValue};

/// A token or key. `Debug` shows stars; there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The credential itself. For the wire only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `prefix` and the credential as a header value that the HTTP client keeps out of its logs.
    pub(super) fn header(&self, prefix: &str) -> Result<HeaderValue, InvalidHeaderValue> {
        let mut value = HeaderValue::try_from(format!("{prefix}{}", self.0))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_a_secret_never_shows_it() {
        let secret = Secret::from("s3cr3t");
        assert_eq!(format!("{secret:?}"), "[redacted]");
        let header = secret.header("Bearer ").expect("valid header");
        assert_eq!(header.as_bytes(), b"Bearer s3cr3t");
        assert!(!format!("{header:?}").contains("s3cr3t"));
    }
}
