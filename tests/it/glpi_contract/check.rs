//! The check of a connection names the step of the set-up that is missing.

use std::path::PathBuf;

use chasqui::app;
use chasqui::cli::{Check, End};
use chasqui::config::Config;
use chasqui::providers::glpi::{Level, Report, Step};
use serde_json::{Value, json};

use super::Bench;

fn told(report: &Report, step: Step, level: Level) -> &str {
    let mut findings = report.findings.iter();
    let found = findings.find(|finding| (finding.step, finding.level) == (step, level));
    let found = found.unwrap_or_else(|| panic!("no {level:?} {step:?} in {report:#?}"));
    &found.text
}

#[tokio::test]
async fn a_connection_in_order_has_nothing_broken() {
    let bench = Bench::start().await;
    let report = bench.client().check(&[]).await;
    assert!(report.level() < Level::Broken, "{report:#?}");
    assert!(report.version.is_some() && report.profile.is_some());
    assert!(!report.entities.is_empty());
}

#[tokio::test]
async fn each_step_before_the_session_is_named() {
    for (change, words) in [
        (json!({"api_enabled": false}), "REST API is disabled"),
        (json!({"ip_allowed": false}), "IP address"),
        (json!({"user_token": "another"}), "user token is wrong"),
    ] {
        let bench = Bench::simulated().await;
        let client = bench.client();
        client.version().await.expect("a session");
        bench.house(change.clone());
        // A session from before does not hide what is missing now.
        let report = client.check(&[]).await;
        assert_eq!(report.findings.len(), 1, "{change}: {report:#?}");
        let text = told(&report, Step::LogIn, Level::Broken);
        assert!(text.contains(words), "{change}: {text}");
    }
    let bench = Bench::simulated().await;
    for (token, words) in [
        (Some("wrong".into()), "app token is wrong"),
        (None, "asks for an app token"),
    ] {
        let client = bench.client_with(|settings| settings.app_token = token);
        let report = client.check(&[]).await;
        assert!(told(&report, Step::LogIn, Level::Broken).contains(words));
    }
    let address = bench.url.replace("/glpi/", "/nowhere/");
    let client = bench.client_with(|settings| settings.base_url = address);
    let report = client.check(&[]).await;
    assert!(told(&report, Step::LogIn, Level::Broken).contains("apirest.php"));
}

#[tokio::test]
async fn missing_rights_are_named_one_by_one() {
    let bench = Bench::simulated().await;
    for (login, right) in [
        ("post-only", "simplified interface"),
        ("normal", "update tickets"),
    ] {
        bench.house(json!({"connector": login}));
        let report = bench.client().check(&[]).await;
        let rights = report.findings.iter().filter(|f| f.step == Step::Rights);
        let texts: Vec<_> = rights.map(|finding| finding.text.as_str()).collect();
        assert!(
            texts.iter().any(|text| text.contains(right)),
            "{login}: {texts:?}"
        );
    }
    bench.house(json!({"connector": "chasqui"}));
    let report = bench.client().check(&[]).await;
    told(&report, Step::Rights, Level::Fine);
}

#[tokio::test]
async fn joining_numbers_asks_for_the_right_to_update_users() {
    let bench = Bench::simulated().await;
    let updates = |report: &Report| {
        let mut rights = report.findings.iter().filter(|f| f.step == Step::Rights);
        let found = rights.find(|finding| finding.text.contains("update users"));
        found.map(|finding| (finding.level, finding.text.clone()))
    };
    bench.house(json!({"connector": "normal"}));
    let report = bench.client().check_with(&[], false).await;
    assert_eq!(updates(&report), None, "nobody joins a number");
    let report = bench.client().check_with(&[], true).await;
    let (level, text) = updates(&report).expect("the step is named");
    assert_eq!(level, Level::Broken);
    for words in [
        "link_domains",
        "Update for Users",
        "Administration > Profiles",
    ] {
        assert!(text.contains(words), "{text}");
    }
    bench.house(json!({"connector": "chasqui"}));
    let report = bench.client().check_with(&[], true).await;
    assert_eq!(updates(&report), None, "{report:#?}");
    told(&report, Step::Rights, Level::Fine);
}

#[tokio::test]
async fn wanted_entities_that_are_out_of_sight_are_listed() {
    let bench = Bench::simulated().await;
    let report = bench.client().check(&[0, 1, 41, 42]).await;
    let missing: Vec<_> = report
        .findings
        .iter()
        .filter(|f| (f.step, f.level) == (Step::Entities, Level::Broken))
        .map(|finding| finding.text.as_str())
        .collect();
    assert_eq!(missing.len(), 2, "{missing:?}");
    assert!(missing[0].contains("entity 41") && missing[1].contains("entity 42"));
    assert!(told(&report, Step::Entities, Level::Fine).contains("IT Green Peru"));

    let client = bench.client_with(|settings| settings.fallback_entity = 43);
    let report = client.check(&[]).await;
    assert!(told(&report, Step::Entities, Level::Broken).contains("fall-back entity 43"));
}

#[tokio::test]
async fn releases_files_and_unreachable_users_are_judged() {
    let bench = Bench::simulated().await;
    let report = bench.client().check(&[]).await;
    let files = told(&report, Step::Documents, Level::Warning);
    assert!(files.contains("webp") && files.contains("opus"), "{files}");
    assert!(told(&report, Step::Users, Level::Warning).contains("neither phone nor e-mail"));
    told(&report, Step::Clock, Level::Fine);
    for (version, level) in [
        ("11.0.2", Level::Fine),
        ("9.5.13", Level::Warning),
        ("9.4.6", Level::Broken),
        ("12.0.0", Level::Warning),
    ] {
        bench.house(json!({"version": version}));
        let report = bench.client().check(&[]).await;
        assert!(told(&report, Step::Version, level).contains(version));
    }
}

#[tokio::test]
async fn the_check_leaves_nothing_behind() {
    let bench = Bench::simulated().await;
    let count = async || {
        let tickets = bench
            .raw("GET", "search/Ticket?forcedisplay[0]=2", Value::Null)
            .await;
        let users = bench
            .raw("GET", "search/User?forcedisplay[0]=2", Value::Null)
            .await;
        (tickets["totalcount"].clone(), users["totalcount"].clone())
    };
    let before = count().await;
    bench.client().check(&[0]).await;
    assert_eq!(count().await, before);
}

#[tokio::test]
async fn the_command_ends_by_what_it_found() {
    let bench = Bench::simulated().await;
    let data = tempfile::tempdir().expect("a folder");
    let origin = bench.url.trim_end_matches("/glpi/apirest.php");
    let end = async |connection: Option<&str>, entities: &[u32]| {
        let listen = "127.0.0.1:0".parse().expect("an address");
        let config = Config::demo(data.path().to_owned(), listen, origin);
        let arguments = Check {
            config: PathBuf::new(),
            connection: connection.map(str::to_owned),
            entities: entities.to_vec(),
        };
        app::check(config, &arguments).await.expect("a directory")
    };
    assert_eq!(end(None, &[]).await, End::Done);
    assert_eq!(end(None, &[41]).await, End::Failed);
    assert_eq!(end(Some("nobody"), &[]).await, End::Wrong);
    bench.house(json!({"api_enabled": false}));
    assert_eq!(end(None, &[]).await, End::Failed);
    let left = std::fs::read_dir(data.path()).expect("a folder").count();
    assert_eq!(left, 0, "a check makes nothing");
}
