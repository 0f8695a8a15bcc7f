//! Where the private Postgres keeps its data and its socket.
//!
//! Usually `postgres/` in the data directory. A root server's unprivileged user may be
//! unable to get there (a data directory below a closed home); then the place is a folder
//! under /var/lib/chasqui, and the file `postgres.path` in the data directory names it.

use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use actors::journal::keys::{SystemEntropy, random_id};
use ring::digest;

use super::LaunchError;
use super::account::Account;

/// The longest path of a socket that Linux allows is 107 bytes; some are left for tools
/// that add to it.
const SOCKET_PATH_BYTES_MAX: usize = 99;

/// The name Postgres gives its socket.
const SOCKET_NAME: &str = ".s.PGSQL.5432";

const POINTER: &str = "postgres.path";
const ELSEWHERE: &str = "/var/lib/chasqui";

/// A prepared place: the folders exist and belong to the right user.
#[derive(Debug, Clone)]
pub struct Place {
    folder: PathBuf,
    socket: PathBuf,
}

impl Place {
    /// Makes the folders for the server whose data directory this is. Short-lived sockets
    /// go under `runtime` when the place's own path is too long.
    pub fn prepare(
        data_directory: &Path,
        account: Option<&Account>,
        runtime: Option<&Path>,
    ) -> Result<Self, LaunchError> {
        std::fs::create_dir_all(data_directory).map_err(failed("make", data_directory))?;
        let root = data_directory
            .canonicalize()
            .map_err(failed("find", data_directory))?;
        let folder = choose(&root, account)?;
        private_folder(&folder, account)?;
        let socket = short(folder.join("run"), &root, account, runtime);
        private_folder(&socket, account)?;
        Ok(Self { folder, socket })
    }

    /// The data folder that initdb fills.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Where initdb works until it is done.
    pub fn unfinished_data(&self) -> PathBuf {
        self.folder.join("data.new")
    }

    /// The folder of the socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The folder of Postgres's log files, one a weekday.
    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// What Postgres says before it opens its log.
    pub fn start_log(&self) -> PathBuf {
        self.folder.join("start.log")
    }

    /// The version that wrote the data, `None` when there are none yet.
    pub fn data_major(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.data().join("PG_VERSION")).ok()?;
        text.trim().parse().ok()
    }
}

fn choose(root: &Path, account: Option<&Account>) -> Result<PathBuf, LaunchError> {
    let inside = root.join("postgres");
    let Some(account) = account else {
        return Ok(inside);
    };
    let pointer = root.join(POINTER);
    match std::fs::read_to_string(&pointer) {
        Ok(text) => return Ok(PathBuf::from(text.trim_end())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed("read", &pointer)(error)),
    }
    let above = root.parent().unwrap_or(root);
    if account.can_reach(above) {
        open_to_pass(root, account)?;
        return Ok(inside);
    }
    // A new name each time: a data directory made anew must not find the old one's rows,
    // which its new keys cannot open.
    let outside = Path::new(ELSEWHERE).join(hex::encode(&random_id(&SystemEntropy)[..6]));
    public_folder(Path::new(ELSEWHERE))?;
    let line = format!("{}\n", outside.display());
    std::fs::write(&pointer, line).map_err(failed("write", &pointer))?;
    tracing::info!(
        postgres.folder = %outside.display(),
        "user {} cannot reach the data directory; its database is kept elsewhere",
        account.name
    );
    Ok(outside)
}

/// Lets the account pass through the data directory. It still cannot list it, and what is
/// in there has modes of its own.
fn open_to_pass(root: &Path, account: &Account) -> Result<(), LaunchError> {
    if account.can_enter(root) {
        return Ok(());
    }
    let mode = root
        .metadata()
        .map_err(failed("read", root))?
        .permissions()
        .mode();
    let opened = std::fs::Permissions::from_mode(mode | 0o011);
    std::fs::set_permissions(root, opened).map_err(failed("open", root))
}

/// `preferred` when a socket in it has a path short enough, else a folder that has.
fn short(
    preferred: PathBuf,
    root: &Path,
    account: Option<&Account>,
    runtime: Option<&Path>,
) -> PathBuf {
    if fits(&preferred) {
        return preferred;
    }
    let name = format!("chasqui-{}", short_hash(root));
    // The runtime directory is closed to every other user, the account among them.
    let runtime = runtime
        .filter(|_| account.is_none())
        .map(|folder| folder.join(&name));
    runtime
        .filter(|folder| fits(folder))
        .unwrap_or_else(|| Path::new("/tmp").join(name))
}

fn fits(folder: &Path) -> bool {
    folder.as_os_str().len() + 1 + SOCKET_NAME.len() <= SOCKET_PATH_BYTES_MAX
}

/// Twelve digits that stand for one data directory.
fn short_hash(root: &Path) -> String {
    let digest = digest::digest(&digest::SHA256, root.as_os_str().as_encoded_bytes());
    hex::encode(&digest.as_ref()[..6])
}

/// Makes a folder that only its owner can enter, or checks that it is one: in /tmp anybody
/// could have made it first.
fn private_folder(folder: &Path, account: Option<&Account>) -> Result<(), LaunchError> {
    let owner = account.map_or_else(|| rustix::process::geteuid().as_raw(), |user| user.uid);
    match std::fs::DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => match account {
            Some(user) => {
                chown(folder, Some(user.uid), Some(user.gid)).map_err(failed("give away", folder))
            }
            None => Ok(()),
        },
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let found = std::fs::symlink_metadata(folder).map_err(failed("read", folder))?;
            let private = found.is_dir() && found.uid() == owner && found.mode() & 0o077 == 0;
            if private {
                return Ok(());
            }
            Err(LaunchError::ForeignFolder {
                path: folder.to_owned(),
                owner,
            })
        }
        Err(error) => Err(failed("make", folder)(error)),
    }
}

/// Makes a folder that everybody can pass through, whatever the umask.
fn public_folder(folder: &Path) -> Result<(), LaunchError> {
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(folder).map_err(failed("make", folder))?;
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder, open).map_err(failed("open", folder))
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LaunchError {
    let path = path.to_owned();
    move |source| LaunchError::Folder { what, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deep_data_directory_gets_a_short_socket() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("d".repeat(90));
        let place = Place::prepare(&deep, None, None).unwrap();
        assert!(place.data().starts_with(deep.canonicalize().unwrap()));
        assert!(fits(place.socket()), "{}", place.socket().display());
        std::fs::remove_dir(place.socket()).unwrap();
    }

    #[test]
    fn a_shallow_data_directory_holds_its_socket() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::prepare(folder.path(), None, None).unwrap();
        assert!(
            place
                .socket()
                .starts_with(folder.path().canonicalize().unwrap())
        );
    }

    #[test]
    fn a_folder_others_can_enter_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let open = folder.path().join("open");
        std::fs::create_dir(&open).unwrap();
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o755)).unwrap();
        let error = private_folder(&open, None).unwrap_err();
        assert!(
            matches!(error, LaunchError::ForeignFolder { .. }),
            "{error}"
        );
    }
}
