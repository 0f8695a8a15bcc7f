//! One private database server: made, found running, started, greeted.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use tokio::process::Command;

use super::account::Account;
use super::binaries::Binaries;
use super::place::Place;
use super::process::{PidFile, Process};

/// The role and the database of the server.
const NAME: &str = "chasqui";

/// How often a starting server is greeted.
const GREETING_PAUSE: Duration = Duration::from_millis(50);

/// Why a start did not succeed. It is tried again.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file or process could not be handled.
    #[error("cannot {0}: {1}")]
    Io(&'static str, io::Error),
    /// initdb refused.
    #[error("initdb failed: {0}")]
    Initdb(String),
    /// It answered, but not as it should.
    #[error("postgres answers with an error: {0}")]
    Greeting(#[from] sqlx::Error),
}

/// Everything needed to start it.
pub struct Cluster {
    pub binaries: Binaries,
    pub place: Place,
    pub account: Option<Account>,
}

impl Cluster {
    /// How to connect to the server's database.
    pub fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.place.socket())
            .port(5432)
            .username(NAME)
            .database(NAME)
            .ssl_mode(PgSslMode::Disable)
            .application_name(NAME)
    }

    /// The postgres that an earlier server left running on these data, if it can be used
    /// as it is. One that listens elsewhere is stopped.
    pub async fn adopt(&self) -> Option<Process> {
        let data = self.place.data();
        let file = PidFile::read(&data)?;
        let pid = file.process(&data)?;
        let process = Process::adopt(pid, data);
        if file.listens_in(self.place.socket()) {
            return Some(process);
        }
        process.stop().await;
        None
    }

    /// Makes the data folder, once. A start that is cut off leaves an unfinished one,
    /// which is made anew.
    pub async fn make(&self) -> Result<(), StartError> {
        if self.place.data_major().is_some() {
            return Ok(());
        }
        let unfinished = self.place.unfinished_data();
        if unfinished.exists() {
            std::fs::remove_dir_all(&unfinished).map_err(cannot("remove unfinished data"))?;
        }
        let output = self
            .command("initdb")
            .args([
                "--username",
                NAME,
                "--encoding=UTF8",
                "--no-locale",
                "--auth=peer",
                "-D",
            ])
            .arg(&unfinished)
            .output()
            .await
            .map_err(cannot("start initdb"))?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            return Err(StartError::Initdb(words.trim().to_owned()));
        }
        std::fs::rename(&unfinished, self.place.data()).map_err(cannot("name the data folder"))?;
        sync_parent(&self.place.data()).map_err(cannot("keep the data folder's name"))
    }

    /// Starts it. It has its own process group, so that an interrupt typed at the server
    /// does not reach it before the server has finished its work.
    pub fn start(&self) -> Result<Process, StartError> {
        self.write_access().map_err(cannot("write pg_hba.conf"))?;
        let log = self
            .own_file(&self.place.start_log())
            .map_err(cannot("open start.log"))?;
        let both = log.try_clone().map_err(cannot("open start.log"))?;
        let child = self
            .command("postgres")
            .arg("-D")
            .arg(self.place.data())
            .arg("-k")
            .arg(self.place.socket())
            .args(self.settings().iter().flat_map(|setting| ["-c", setting]))
            .stdout(Stdio::from(log))
            .stderr(Stdio::from(both))
            .process_group(0)
            .spawn()
            .map_err(cannot("start postgres"))?;
        Process::of_child(child).map_err(cannot("watch postgres"))
    }

    /// Waits until it answers and has the server's database. Gives the server's version.
    pub async fn greet(&self) -> Result<u32, StartError> {
        let mut connection = self.first_connection().await?;
        let exists =
            sqlx::query_scalar("select exists (select from pg_database where datname = $1)");
        if !exists.bind(NAME).fetch_one(&mut connection).await? {
            sqlx::query("create database chasqui")
                .execute(&mut connection)
                .await?;
        }
        let number = sqlx::query_scalar("select current_setting('server_version_num')::integer");
        let number: i32 = number.fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(number.unsigned_abs() / 10_000)
    }

    /// The last lines of what it said before it opened its log.
    pub fn last_words(&self) -> String {
        let text = std::fs::read_to_string(self.place.start_log()).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(3)..].join(" / ")
    }

    /// A database that starts, recovers or shuts down says so with a code of class 57P;
    /// one that has not come so far has no socket.
    async fn first_connection(&self) -> Result<PgConnection, StartError> {
        let options = self.options().database("postgres");
        loop {
            match PgConnection::connect_with(&options).await {
                Ok(connection) => return Ok(connection),
                Err(sqlx::Error::Io(_)) => {}
                Err(sqlx::Error::Database(error))
                    if error.code().is_some_and(|code| code.starts_with("57P")) => {}
                Err(error) => return Err(error.into()),
            }
            tokio::time::sleep(GREETING_PAUSE).await;
        }
    }

    fn settings(&self) -> Vec<String> {
        vec![
            "listen_addresses=".into(),
            "port=5432".into(),
            "unix_socket_permissions=0700".into(),
            "max_connections=40".into(),
            "shared_buffers=32MB".into(),
            "logging_collector=on".into(),
            format!("log_directory={}", self.place.log().display()),
            // One file a weekday, written over after a week.
            "log_filename=postgres-%a.log".into(),
            "log_truncate_on_rotation=on".into(),
            "log_rotation_size=0".into(),
            // Statements and details of errors can hold what must not be logged.
            "log_min_error_statement=panic".into(),
            "log_error_verbosity=terse".into(),
        ]
    }

    /// Only the server's user and the one postgres runs as may connect, proved by the
    /// kernel.
    fn write_access(&self) -> io::Result<()> {
        let server = rustix::process::geteuid().as_raw();
        let users = self.account.iter().map(|account| account.name.clone());
        let users = users.chain(Account::name_of(server));
        let lines: String = users
            .map(|user| format!("{NAME} \"{user}\" {NAME}\n"))
            .collect();
        let data = self.place.data();
        self.put(&data.join("pg_ident.conf"), &lines)?;
        self.put(
            &data.join("pg_hba.conf"),
            &format!("local all all peer map={NAME}\n"),
        )
    }

    fn put(&self, path: &Path, text: &str) -> io::Result<()> {
        io::Write::write_all(&mut self.own_file(path)?, text.as_bytes())
    }

    /// An empty file that postgres's user owns.
    fn own_file(&self, path: &Path) -> io::Result<File> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        if let Some(account) = &self.account {
            chown(path, Some(account.uid), Some(account.gid))?;
        }
        Ok(file)
    }

    /// A program of the binaries, as the right user, with nothing of our environment: a
    /// PGDATA or PGPORT there is meant for somebody else.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.folder.join(program));
        command
            .env_clear()
            .env("LC_ALL", "C")
            .env("PATH", "/usr/bin:/bin")
            .env("TZ", "UTC");
        command.current_dir("/").stdin(Stdio::null());
        if let Some(account) = &self.account {
            command.uid(account.uid).gid(account.gid);
        }
        command
    }
}

fn sync_parent(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(path))?.sync_all()
}

fn cannot(what: &'static str) -> impl FnOnce(io::Error) -> StartError {
    move |error| StartError::Io(what, error)
}
