//! Where initdb and postgres are.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::account::Account;
use super::place::Place;
use super::{LaunchError, MAJOR_TOLERATED};

/// Where `make setup` installs them for every user.
const SYSTEM_WIDE: &str = "/usr/local/lib/chasqui/postgres";

/// Where `make setup` installs them for an ordinary user, under the user's data folder.
const OF_USER: &str = "chasqui/postgres";

/// Where Debian installs them, a folder for each version.
const OF_DEBIAN: &str = "/usr/lib/postgresql";

/// A folder that holds both programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    pub folder: PathBuf,
    pub major: u32,
}

/// What decides where to look. The working directory never does.
pub struct Search<'a> {
    pub configured: Option<&'a Path>,
    pub user_data: Option<&'a Path>,
    pub account: Option<&'a Account>,
}

impl Search<'_> {
    /// The first folder with a usable version; with the data's own version if there are
    /// data.
    pub fn find(&self, place: &Place) -> Result<Binaries, LaunchError> {
        let wanted = place.data_major();
        let mut tried = Vec::new();
        for folder in self.candidates() {
            match self.examine(&folder) {
                Ok(found) if wanted.is_none_or(|wanted| wanted == found.major) => return Ok(found),
                Ok(found) => tried.push(format!("{}: version {}", folder.display(), found.major)),
                Err(reason) => tried.push(format!("{}: {reason}", folder.display())),
            }
        }
        let tried = if tried.is_empty() {
            "nothing there".to_owned()
        } else {
            tried.join("; ")
        };
        Err(match wanted {
            Some(data) => LaunchError::OtherVersion {
                folder: place.data(),
                data,
                tried,
            },
            None => LaunchError::NoBinaries { tried },
        })
    }

    fn candidates(&self) -> Vec<PathBuf> {
        if let Some(folder) = self.configured {
            return vec![folder.to_owned(), folder.join("bin")];
        }
        let mut found = vec![Path::new(SYSTEM_WIDE).join("bin")];
        found.extend(
            self.user_data
                .map(|folder| folder.join(OF_USER).join("bin")),
        );
        found.extend(of_debian());
        found.retain(|folder| folder.exists());
        found
    }

    fn examine(&self, folder: &Path) -> Result<Binaries, String> {
        let folder = folder.canonicalize().map_err(|error| error.to_string())?;
        if !folder.join("initdb").is_file() || !folder.join("postgres").is_file() {
            return Err("holds no initdb and postgres".into());
        }
        if let Some(account) = self.account.filter(|account| !account.can_reach(&folder)) {
            return Err(format!("user {} cannot reach it", account.name));
        }
        match version(&folder.join("postgres"))? {
            major if major < MAJOR_TOLERATED => Err(format!("version {major} is too old")),
            major => Ok(Binaries { folder, major }),
        }
    }
}

fn of_debian() -> Vec<PathBuf> {
    let Ok(folder) = std::fs::read_dir(OF_DEBIAN) else {
        return Vec::new();
    };
    let version = |entry: std::fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
    let mut versions: Vec<_> = folder.flatten().filter_map(version).collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions
        .iter()
        .map(|major| Path::new(OF_DEBIAN).join(format!("{major}/bin")))
        .collect()
}

fn version(postgres: &Path) -> Result<u32, String> {
    let output = Command::new(postgres).arg("--version").env_clear().output();
    let output = output.map_err(|error| format!("postgres does not start: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    major(&text).ok_or_else(|| format!("postgres --version says {:?}", text.trim()))
}

/// The major version in `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn major(text: &str) -> Option<u32> {
    let number = text.split(')').nth(1)?.trim_start();
    number
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(
            major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("command not found"), None);
    }
}
