//! The binary as a child process, and verbs for a person with a phone.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long anything is waited for.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// A running `chasqui` with the addresses it told.
pub struct Process {
    child: Child,
    listening: Value,
}

impl Process {
    /// Starts the binary and reads its one line of addresses. Its log goes to `log`.
    pub fn start(arguments: &[&str], log: &Path) -> Self {
        Self::start_with(arguments, log, "")
    }

    /// The same with fail points of the debug build.
    pub fn start_with(arguments: &[&str], log: &Path, fail_points: &str) -> Self {
        let said = std::fs::File::create(log).expect("a log file");
        let mut child = Command::new(env!("CARGO_BIN_EXE_chasqui"))
            .args(arguments)
            .env("FAILPOINTS", fail_points)
            .stdout(Stdio::piped())
            .stderr(said)
            .spawn()
            .expect("the binary starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("standard output is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("standard output is text");
        let listening = serde_json::from_str(&line).unwrap_or_else(|_| {
            let log = std::fs::read_to_string(log).unwrap_or_default();
            panic!("no addresses but {line:?}; the log says:\n{log}")
        });
        Self { child, listening }
    }

    /// The demo on ports of its own; its data and its log are in `folder`.
    pub fn demo(folder: &Path) -> Self {
        let data = folder.join("data");
        let arguments = [
            "demo",
            "--listen=127.0.0.1:0",
            "--simulators-listen=127.0.0.1:0",
            "--data",
            data.to_str().expect("a path of text"),
        ];
        Self::start(&arguments, &folder.join("demo.log"))
    }

    /// The address of `server` or `simulators`, as `http://…`.
    pub fn address(&self, of: &str) -> String {
        self.listening[of].as_str().expect("an address").to_owned()
    }

    /// Kills it; what it was doing stays half done.
    pub fn kill(mut self) {
        self.child.kill().expect("the process can be killed");
        self.child.wait().expect("the process can be awaited");
    }

    /// Sends SIGTERM; tells how long the end took and whether it was in good order.
    pub fn stop(mut self) -> (Duration, bool) {
        let began = Instant::now();
        terminate(&self.child);
        let status = self.child.wait().expect("the process can be awaited");
        (began.elapsed(), status.success())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Asked kindly first, so that its database ends with it.
        terminate(&self.child);
        let until = Instant::now() + Duration::from_secs(15);
        while Instant::now() < until {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn terminate(child: &Child) {
    let pid = i32::try_from(child.id()).expect("a process id");
    if let Some(pid) = rustix::process::Pid::from_raw(pid) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
}

/// An HTTP client; they all need to be told which cryptography to use.
pub fn client() -> reqwest::Client {
    // A second installation is refused, which is as good as the first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

/// Changes the simulated world.
pub async fn control(world: &str, change: Value) {
    let changed = client()
        .post(format!("{world}/_control"))
        .json(&change)
        .send()
        .await
        .expect("the simulators answer");
    assert!(changed.status().is_success(), "{:?}", changed.text().await);
}

/// One person with a phone at the simulators.
pub struct Person {
    http: reqwest::Client,
    messages: String,
}

impl Person {
    pub fn new(simulators: &str, number: &str) -> Self {
        Self::at(simulators, "demo-meta", number)
    }

    /// One who writes to this channel.
    pub fn at(simulators: &str, channel: &str, number: &str) -> Self {
        Self {
            http: client(),
            messages: format!("{simulators}/_phone/{channel}/{number}/messages"),
        }
    }

    /// Writes, and waits for an answer that contains `expected`.
    pub async fn asks(&self, text: &str, expected: &str) -> String {
        self.sends(&json!({"text": text}), expected).await
    }

    /// Presses a button, and waits for an answer that contains `expected`.
    pub async fn presses(&self, id: &str, expected: &str) -> String {
        let tap = json!({"button_reply": {"id": id, "title": "x"}});
        self.sends(&tap, expected).await
    }

    /// Chooses a row, and waits for an answer that contains `expected`.
    pub async fn chooses(&self, id: &str, expected: &str) -> String {
        let tap = json!({"list_reply": {"id": id, "title": "x"}});
        self.sends(&tap, expected).await
    }

    async fn sends(&self, content: &Value, expected: &str) -> String {
        let before = self.received().await.len();
        let written = self.http.post(&self.messages).json(content).send().await;
        assert!(
            written
                .expect("the simulators answer")
                .status()
                .is_success()
        );
        let until = Instant::now() + PATIENCE;
        loop {
            let received = self.received().await;
            let mut new = received.iter().skip(before);
            if let Some(answer) = new.find(|answer| answer.contains(expected)) {
                return answer.clone();
            }
            assert!(
                Instant::now() < until,
                "no {expected:?} in {:?}",
                &received[before..]
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Everything the bot has said to this person.
    pub async fn received(&self) -> Vec<String> {
        let answer = self
            .http
            .get(&self.messages)
            .send()
            .await
            .expect("the simulators answer");
        let shown: Value = answer.json().await.expect("JSON");
        let messages = shown["messages"].as_array().expect("a list");
        let received = messages
            .iter()
            .filter(|message| message["direction"] == "out");
        received
            .filter_map(|message| message["text"].as_str().map(str::to_owned))
            .collect()
    }
}
