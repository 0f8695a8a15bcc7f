//! The unprivileged user that a root server becomes for Postgres.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::LaunchError;

const PASSWD: &str = "/etc/passwd";

/// A user of the machine. Postgres needs one with a passwd entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

impl Account {
    /// Whom to become: nobody else for an ordinary user, `postgres` or else `nobody` for
    /// root.
    pub fn to_become() -> Result<Option<Self>, LaunchError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let passwd = passwd();
        let named = |name| Self::all(&passwd).find(|account| account.name == name);
        named("postgres")
            .or_else(|| named("nobody"))
            .map(Some)
            .ok_or(LaunchError::NoAccount)
    }

    /// The name of the user with this id.
    pub fn name_of(uid: u32) -> Option<String> {
        let passwd = passwd();
        Self::all(&passwd)
            .find(|account| account.uid == uid)
            .map(|account| account.name)
    }

    fn all(passwd: &str) -> impl Iterator<Item = Self> {
        passwd.lines().filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?.to_owned();
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            Some(Self { name, uid, gid })
        })
    }

    /// Whether this user can pass through `folder`.
    pub fn can_enter(&self, folder: &Path) -> bool {
        let Ok(found) = folder.metadata() else {
            return false;
        };
        let class = match (found.uid() == self.uid, found.gid() == self.gid) {
            (true, _) => 0o100,
            (false, true) => 0o010,
            (false, false) => 0o001,
        };
        found.permissions().mode() & class != 0
    }

    /// Whether this user can get at what lies in `folder`, from the root of the file system.
    pub fn can_reach(&self, folder: &Path) -> bool {
        folder.ancestors().all(|folder| self.can_enter(folder))
    }
}

fn passwd() -> String {
    std::fs::read_to_string(PASSWD).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRANGER: u32 = 4_000_000_000;

    fn stranger() -> Account {
        Account {
            name: "stranger".into(),
            uid: STRANGER,
            gid: STRANGER,
        }
    }

    #[test]
    fn users_are_read_from_passwd_lines() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nbroken\npostgres:x:101:104::/:/bin/sh\n";
        let found: Vec<_> = Account::all(passwd).collect();
        assert_eq!(found.len(), 2);
        assert_eq!(
            found[1],
            Account {
                name: "postgres".into(),
                uid: 101,
                gid: 104
            }
        );
    }

    #[test]
    fn a_closed_folder_on_the_way_is_noticed() {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let close = |mode| {
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(outer.path(), mode).unwrap();
        };
        close(0o700);
        assert!(stranger().can_enter(&inner));
        assert!(!stranger().can_reach(&inner));
        close(0o711);
        assert!(stranger().can_reach(&inner));
    }
}
