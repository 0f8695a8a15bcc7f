//! What is promised about the private Postgres. A real one is made in each test.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use chasqui::config;
use chasqui::store::postgres::{LaunchError, Postgres, State};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use sqlx::Connection;
use sqlx::postgres::PgConnection;

const PATIENCE: Duration = Duration::from_secs(60);

async fn launch(data: &Path) -> Postgres {
    let postgres = Postgres::launch(&config::Postgres::default(), data).unwrap();
    postgres.ready(PATIENCE).await.unwrap();
    postgres
}

async fn connect(postgres: &Postgres) -> PgConnection {
    PgConnection::connect_with(&postgres.options())
        .await
        .unwrap()
}

fn runs(pid: Pid) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

/// Process, whether adopted, restarts.
fn up(state: &State) -> (Pid, bool, u32) {
    match state {
        State::Up {
            pid,
            adopted,
            restarts,
        } => (
            Pid::from_raw(pid.cast_signed()).unwrap(),
            *adopted,
            *restarts,
        ),
        other => panic!("postgres is {other:?}"),
    }
}

#[tokio::test]
async fn data_survive_an_orderly_stop() {
    let data = tempfile::tempdir().unwrap();
    let postgres = launch(data.path()).await;
    let (pid, adopted, _) = up(&postgres.state().borrow());
    assert!(!adopted);
    let mut connection = connect(&postgres).await;
    sqlx::query("create table kept (word text)")
        .execute(&mut connection)
        .await
        .unwrap();
    drop(connection);
    postgres.stop().await;
    assert!(!runs(pid), "postgres still runs");

    let postgres = launch(data.path()).await;
    let count: i64 = sqlx::query_scalar("select count(*) from kept")
        .fetch_one(&mut connect(&postgres).await)
        .await
        .unwrap();
    assert_eq!(count, 0);
    postgres.stop().await;
}

#[tokio::test]
async fn nobody_listens_on_the_network() {
    let data = tempfile::tempdir().unwrap();
    let postgres = launch(data.path()).await;
    let mut connection = connect(&postgres).await;
    let setting = async |connection: &mut PgConnection, name: &str| -> String {
        let query = sqlx::query_scalar("select current_setting($1)").bind(name.to_owned());
        query.fetch_one(connection).await.unwrap()
    };
    assert_eq!(setting(&mut connection, "listen_addresses").await, "");
    let folder = setting(&mut connection, "unix_socket_directories").await;
    assert!(folder.len() < 100 - ".s.PGSQL.5432/".len(), "{folder}");
    drop(connection);
    postgres.stop().await;
}

/// The test is parent and child: the child starts a server's Postgres and is killed.
#[tokio::test]
async fn a_killed_servers_postgres_is_adopted() {
    const ROLE: &str = "CHASQUI_TEST_CHILD_DATA";
    if let Some(data) = std::env::var_os(ROLE) {
        let postgres = launch(&PathBuf::from(data)).await;
        eprintln!("child postgres {}", up(&postgres.state().borrow()).0);
        std::future::pending::<()>().await;
    }

    let data = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "private_postgres::a_killed_servers_postgres_is_adopted",
            "--nocapture",
        ])
        .env(ROLE, data.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let pid = lines
        .find_map(|line| Some(line.unwrap().strip_prefix("child postgres ")?.to_owned()))
        .expect("the child starts its postgres");
    child.kill().unwrap();
    child.wait().unwrap();

    let postgres = launch(data.path()).await;
    let (adopted_pid, adopted, _) = up(&postgres.state().borrow());
    assert!(adopted);
    assert_eq!(adopted_pid.to_string(), pid);
    connect(&postgres).await;
    postgres.stop().await;
    assert!(!runs(adopted_pid), "the adopted postgres is stopped too");
}

#[tokio::test]
async fn a_postgres_that_dies_is_started_again() {
    let data = tempfile::tempdir().unwrap();
    let postgres = launch(data.path()).await;
    for died in 1..=2 {
        let (pid, _, _) = up(&postgres.state().borrow());
        kill_process(pid, Signal::KILL).unwrap();
        let mut states = postgres.state();
        let back = |state: &State| matches!(state, State::Up { restarts, .. } if *restarts >= died);
        tokio::time::timeout(PATIENCE, states.wait_for(back))
            .await
            .unwrap()
            .unwrap();
        assert_ne!(up(&postgres.state().borrow()).0, pid);
        connect(&postgres).await;
    }
    postgres.stop().await;
}

#[tokio::test]
async fn a_start_cut_off_is_made_anew() {
    let data = tempfile::tempdir().unwrap();
    let first = launch(data.path()).await;
    first.stop().await;
    let folder = data.path().join("postgres");
    std::fs::rename(folder.join("data"), folder.join("data.new")).unwrap();
    let postgres = launch(data.path()).await;
    assert!(!folder.join("data.new").exists());
    postgres.stop().await;
}

#[tokio::test]
async fn a_data_directory_the_user_cannot_reach_keeps_its_database_elsewhere() {
    let closed = tempfile::Builder::new()
        .permissions(mode(0o700))
        .tempdir()
        .unwrap();
    let data = closed.path().join("data");
    let postgres = launch(&data).await;
    connect(&postgres).await;
    postgres.stop().await;
    let pointer = data.join("postgres.path");
    if !geteuid().is_root() {
        assert!(!pointer.exists() && data.join("postgres/data").exists());
        return;
    }
    let folder = PathBuf::from(std::fs::read_to_string(pointer).unwrap().trim_end());
    assert!(folder.starts_with("/var/lib/chasqui") && folder.join("data/PG_VERSION").exists());
    let again = launch(&data).await;
    again.stop().await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn missing_binaries_name_the_way_out() {
    let data = tempfile::tempdir().unwrap();
    let settings = config::Postgres {
        binaries: Some("/nowhere/at/all".into()),
        ..config::Postgres::default()
    };
    let Err(error) = Postgres::launch(&settings, data.path()) else {
        panic!("there is nothing to launch");
    };
    assert!(matches!(error, LaunchError::NoBinaries { .. }));
    let words = error.to_string();
    assert!(
        words.contains("/nowhere/at/all") && words.contains("make setup"),
        "{words}"
    );
}

#[tokio::test]
async fn data_of_another_version_are_not_touched() {
    let data = tempfile::tempdir().unwrap();
    launch(data.path()).await.stop().await;
    let version = data.path().join("postgres/data/PG_VERSION");
    std::fs::write(&version, "9\n").unwrap();
    let Err(error) = Postgres::launch(&config::Postgres::default(), data.path()) else {
        panic!("no binaries of version 9 exist");
    };
    assert!(
        matches!(error, LaunchError::OtherVersion { data: 9, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_real_server_is_used_by_its_address_and_left_running() {
    let data = tempfile::tempdir().unwrap();
    let private = launch(data.path()).await;
    let socket = private
        .options()
        .get_socket()
        .unwrap()
        .display()
        .to_string();
    let url = format!("postgres://chasqui@localhost/chasqui?host={socket}&sslmode=disable");
    let settings = config::Postgres {
        url: Some(url.as_str().into()),
        ..config::Postgres::default()
    };
    let real = Postgres::launch(&settings, Path::new("/nowhere")).unwrap();
    real.ready(PATIENCE).await.unwrap();
    connect(&real).await;
    real.stop().await;
    connect(&private).await;
    private.stop().await;
}

fn mode(mode: u32) -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(mode)
}
