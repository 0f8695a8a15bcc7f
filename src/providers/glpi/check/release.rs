//! Which releases of GLPI's this server was tried with.

use actors::model::{Millis, Release};

use super::{Level, Report, Step, told};
use crate::providers::glpi::client::Client;

impl Client {
    pub(super) async fn check_version(&self, report: &mut Report) {
        let version = match self.version().await {
            Ok(version) => version,
            Err(fault) => {
                let text = format!("GLPI does not tell its release: {}", told(&fault));
                return report.add(Step::Version, Level::Warning, text);
            }
        };
        let (level, text) = judged(&version);
        report.add(Step::Version, level, text);
        report.version = Some(version);
    }
}

/// How well this server knows a release of GLPI's.
fn judged(version: &str) -> (Level, String) {
    let mut numbers = version
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    let release = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    match release {
        (10 | 11, _) => (Level::Fine, format!("GLPI {version}")),
        (9, 5..) => (
            Level::Warning,
            format!(
                "GLPI {version}: solutions are written in the name of the integration user, \
                 because this release takes no other author"
            ),
        ),
        (12.., _) => (
            Level::Warning,
            format!("GLPI {version} is younger than this server: it was not tried with it"),
        ),
        _ => (
            Level::Broken,
            format!("GLPI {version} is too old: 9.5, 10 or 11 is needed"),
        ),
    }
}

/// A release as health shows it.
pub(in crate::providers::glpi) fn release_of(version: &str, asked: Millis) -> Release {
    let (_, remark) = judged(version);
    let major = version
        .split('.')
        .next()
        .and_then(|major| major.parse().ok());
    Release {
        version: version.into(),
        supported: matches!(major, Some(10 | 11)) || version.starts_with("9.5"),
        remark,
        asked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn supported_are_the_releases_this_server_was_tried_with() {
        for (version, supported) in [
            ("9.4.6", false),
            ("9.5.13", true),
            ("10.0.19", true),
            ("11.0.2", true),
            ("12.0.0-dev", false),
            ("next", false),
            ("", false),
        ] {
            let release = release_of(version, Millis(1));
            assert_eq!(release.supported, supported, "{version}");
            assert!(!release.remark.is_empty());
        }
    }
}
