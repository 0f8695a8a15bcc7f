//! Files that people sent, each sealed under its person's key.
//!
//! A file lies in `media/<first byte of the contact>/<contact>-<name>`; its name is an HMAC of its
//! SHA-256 under the contact's key, so the same bytes twice are one file and nobody without the key
//! can tell whether a known picture is there. It is written to `media/incoming`, flushed, and
//! renamed into place; what an earlier life left in `incoming` is removed at start.
//!
//! Bounds: 16 MiB a file, a quota a tenant, a number of days. Bytes used are counted from the
//! files themselves, once, when they are first asked for; memory holds one number a tenant. A file
//! whose contact has no key any more can be read by nobody and is removed by the next sweep.

mod file;
mod incoming;
mod reading;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::disk::{Disk, RealDisk};
use super::keys::{Entropy, KeyError, KeyStore, SystemEntropy};
use crate::model::{ContactId, Millis, TenantId};
use crate::ports::Clock;
use file::{Front, tenant_tag};
pub use incoming::Incoming;
pub use reading::Reading;

/// Bytes of one file at most.
pub const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Bytes a tenant's files may take unless configured: 8 GiB.
pub const TENANT_BYTES: u64 = 8 * 1024 * 1024 * 1024;

const DAY_MS: u64 = 86_400_000;

/// What a media store is opened with.
#[derive(Clone)]
pub struct Config {
    /// The folder of the files.
    pub folder: PathBuf,
    /// Where they lie.
    pub disk: Arc<dyn Disk>,
    /// Random ids of files.
    pub entropy: Arc<dyn Entropy>,
    /// Keys of persons.
    pub keys: Arc<KeyStore>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Bytes that the files of one tenant may take.
    pub tenant_bytes: u64,
    /// Days a file is kept.
    pub days: u32,
}

impl Config {
    /// The defaults on the real disk.
    pub fn new(folder: PathBuf, keys: Arc<KeyStore>, clock: Arc<dyn Clock>) -> Self {
        Self {
            folder,
            disk: Arc::new(RealDisk),
            entropy: Arc::new(SystemEntropy),
            keys,
            clock,
            tenant_bytes: TENANT_BYTES,
            days: 90,
        }
    }
}

/// Why a file could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// It is larger than [`FILE_BYTES_MAX`].
    #[error("the file is larger than 16 MiB")]
    TooLarge,
    /// The tenant's files take all they may.
    #[error("the tenant's files take all they may, raise media.tenant_bytes")]
    Quota,
    /// The disk is full.
    #[error("no room for the file, give the data directory more space")]
    Full,
    /// Its bytes are not those that were written.
    #[error("the file was altered, restore it from a backup")]
    Altered,
    /// Its person's key cannot be had.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The disk failed.
    #[error("media: {0}")]
    Io(io::Error),
}

impl From<io::Error> for MediaError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Files.
    pub files: u64,
    /// Their bytes on disk.
    pub bytes: u64,
}

/// The files of all contacts. See the module head.
pub struct MediaStore {
    config: Config,
    /// Bytes on disk by tenant; counted when first asked for.
    used: Mutex<Option<HashMap<[u8; 8], u64>>>,
}

impl MediaStore {
    /// Opens the store; what was half written is removed.
    ///
    /// # Errors
    /// When the folder cannot be made or cleaned.
    pub fn open(config: Config) -> Result<Self, MediaError> {
        let store = Self {
            config,
            used: Mutex::new(None),
        };
        let (disk, incoming) = (&store.config.disk, store.incoming());
        disk.create_dir(&incoming)?;
        for name in disk.list(&incoming)? {
            disk.remove(&incoming.join(name))?;
        }
        Ok(store)
    }

    /// Begins to keep a file of a contact. Blocks on the disk, as everything here does.
    ///
    /// # Errors
    /// When the tenant's quota is used up, the contact's key cannot be had, or the disk fails.
    pub fn begin(
        self: &Arc<Self>,
        tenant: &TenantId,
        contact: ContactId,
    ) -> Result<Incoming, MediaError> {
        let tenant = tenant_tag(tenant);
        if self.used_by(tenant)? >= self.config.tenant_bytes {
            return Err(MediaError::Quota);
        }
        let key = self.config.keys.find_or_make(&contact.0)?;
        Incoming::begin(Arc::clone(self), tenant, contact, key)
    }

    /// Opens a file of a contact; `None` when there is none or its person was erased.
    ///
    /// # Errors
    /// When it was altered or the disk fails.
    pub fn read(&self, contact: ContactId, name: &str) -> Result<Option<Reading>, MediaError> {
        if !file::is_name(name) {
            return Ok(None);
        }
        let Some(key) = self.config.keys.find(&contact.0)? else {
            return Ok(None);
        };
        match self.config.disk.open(&self.place(contact, name)) {
            Ok(file) => Reading::open(file, contact, name, &key).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes a contact's key, then every file of theirs. Once the key is gone, a crash leaves
    /// only bytes that nobody can read, which the next sweep removes.
    ///
    /// # Errors
    /// When the key file cannot be written or a file cannot be removed.
    pub fn erase(&self, contact: ContactId) -> Result<Removed, MediaError> {
        self.config.keys.erase(&contact.0)?;
        let folder = self.folder_of(contact);
        let prefix = format!("{}-", hex(&contact.0));
        let mut removed = Removed::default();
        for name in self.config.disk.list(&folder)? {
            if name.starts_with(&prefix) {
                self.remove(&folder.join(name), &mut removed)?;
            }
        }
        self.config.disk.sync_dir(&folder).or_else(missing)?;
        Ok(removed)
    }

    /// Removes files older than their days and files that nobody can read any more, and counts
    /// what is left. For a thread of its own, once a day.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn sweep(&self) -> Result<Removed, MediaError> {
        let mut removed = Removed::default();
        let mut used = self.lock();
        let counted = self.count(Some(&mut removed))?;
        *used = Some(counted);
        Ok(removed)
    }

    /// Bytes that a tenant's files take on disk.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn used(&self, tenant: &TenantId) -> Result<u64, MediaError> {
        self.used_by(tenant_tag(tenant))
    }

    fn used_by(&self, tenant: [u8; 8]) -> Result<u64, MediaError> {
        let mut used = self.lock();
        let used = self.counted(&mut used)?;
        Ok(used.get(&tenant).copied().unwrap_or(0))
    }

    fn counted<'a>(
        &self,
        used: &'a mut Option<HashMap<[u8; 8], u64>>,
    ) -> Result<&'a mut HashMap<[u8; 8], u64>, MediaError> {
        if used.is_none() {
            *used = Some(self.count(None)?);
        }
        Ok(used.get_or_insert_default())
    }

    /// Walks all files; with `removed`, removes what is to go.
    fn count(
        &self,
        mut removed: Option<&mut Removed>,
    ) -> Result<HashMap<[u8; 8], u64>, MediaError> {
        let kept_since = self.kept_since();
        let mut used = HashMap::new();
        for shard in 0..=u8::MAX {
            let folder = self.config.folder.join(hex(&[shard]));
            for name in self.config.disk.list(&folder)? {
                let path = folder.join(&name);
                let Some(contact) = file::contact_of(&name) else {
                    continue;
                };
                let file = self.config.disk.open(&path)?;
                let front = Front::read(&*file)?;
                // What cannot be read now may be restored; only a key that is gone is final.
                let stays = front.is_none_or(|front| front.stored >= kept_since)
                    && !matches!(self.config.keys.find(&contact), Ok(None));
                match &mut removed {
                    Some(removed) if !stays => {
                        let bytes = file.size()?;
                        self.config.disk.remove(&path)?;
                        removed.files += 1;
                        removed.bytes += bytes;
                    }
                    _ => {
                        let tenant = front.map_or([0; 8], |front| front.tenant);
                        *used.entry(tenant).or_insert(0) += file.size()?;
                    }
                }
            }
        }
        Ok(used)
    }

    /// Files stored before this second have outlived their days.
    fn kept_since(&self) -> u64 {
        let now = self.config.clock.now();
        let kept_ms = u64::from(self.config.days) * DAY_MS;
        Millis(now.0.saturating_sub(kept_ms))
            .floor_seconds()
            .0
            .into()
    }

    /// Removes a file and gives its bytes back to its tenant.
    fn remove(&self, path: &Path, removed: &mut Removed) -> Result<(), MediaError> {
        let file = match self.config.disk.open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            opened => opened?,
        };
        let (bytes, front) = (file.size()?, Front::read(&*file)?);
        self.config.disk.remove(path)?;
        removed.files += 1;
        removed.bytes += bytes;
        if let (Some(used), Some(front)) = (&mut *self.lock(), front) {
            let used = used.entry(front.tenant).or_insert(0);
            *used = used.saturating_sub(bytes);
        }
        Ok(())
    }

    fn incoming(&self) -> PathBuf {
        self.config.folder.join("incoming")
    }

    fn folder_of(&self, contact: ContactId) -> PathBuf {
        self.config.folder.join(hex(&contact.0[..1]))
    }

    fn place(&self, contact: ContactId, name: &str) -> PathBuf {
        let file = format!("{}-{name}", hex(&contact.0));
        self.folder_of(contact).join(file)
    }

    fn lock(&self) -> MutexGuard<'_, Option<HashMap<[u8; 8], u64>>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for MediaStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MediaStore")
            .field("folder", &self.config.folder)
            .finish_non_exhaustive()
    }
}

/// A folder that was never made holds nothing.
fn missing(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
