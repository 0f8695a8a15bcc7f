//! `_control`: what it shows and what it refuses.

use chasqui::simulators::{Settings, Simulators, demo};
use serde_json::{Value, json};

use crate::bench::Bench;

#[tokio::test]
async fn a_change_that_is_not_understood_is_refused_by_name() {
    let bench = Bench::start().await;
    let cases = [
        (json!({"sede": 1}), "sede"),
        (json!({"faults": [{"kind": "earthquake"}]}), "earthquake"),
        (
            json!({"faults": [{"kind": "drop", "probabilty": 1}]}),
            "probabilty",
        ),
        (
            json!({"faults": [{"kind": "delay", "ms": 1, "milliseconds": 1}]}),
            "milliseconds",
        ),
        (json!({"meta": {demo::CHANNEL: {"msp": 1}}}), "msp"),
        (json!({"meta": {"fresh": {"mps": 1}}}), "phone_number_id"),
        (
            json!({"meta": {"thief": {"phone_number_id": demo::PHONE_NUMBER_ID, "access_token": "t", "app_secret": "s"}}}),
            "another channel",
        ),
        (
            json!({"glpi": {demo::GLPI_APP_TOKEN: {"modus": 11}}}),
            "modus",
        ),
        (json!({"clear_faults": "some"}), "some"),
    ];
    for (change, named) in cases {
        let answer = bench
            .http
            .post(bench.url("/_control"))
            .json(&change)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status().as_u16(), 400, "{change}");
        let body: Value = answer.json().await.expect("json");
        assert!(
            body["error"]
                .as_str()
                .is_some_and(|error| error.contains(named)),
            "{change} gave {body}"
        );
    }
}

#[tokio::test]
async fn the_world_and_the_hits_of_faults_are_shown() {
    let bench = Bench::start().await;
    let change = json!({"faults": [{"kind": "error", "provider": "meta", "count": 3}], "meta": {demo::CHANNEL: {"mps": 7}}});
    let answer = bench
        .http
        .post(bench.url("/_control"))
        .json(&change)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    bench.send_text("51999888777", "x").await;
    let shown = bench.get("/_control").await;
    assert_eq!(
        (
            shown["faults"][0]["seen"].as_u64(),
            shown["faults"][0]["hits"].as_u64()
        ),
        (Some(1), Some(1))
    );
    assert_eq!(shown["meta"][demo::CHANNEL]["settings"]["mps"], 7);
    assert_eq!(shown["glpi"][demo::GLPI_APP_TOKEN]["settings"]["mode"], 10);
    assert!(
        shown["glpi"][demo::GLPI_APP_TOKEN]["users"]
            .as_u64()
            .is_some_and(|users| users >= 5)
    );
}

#[tokio::test]
async fn people_are_added_to_a_glpi_world() {
    let bench = Bench::start().await;
    bench.control(json!({"glpi": {demo::GLPI_APP_TOKEN: {"users": [{"name": "ana", "mobile": "999", "_profiles_id": 1, "_entities_id": 1}]}}}));
    let found = bench
        .glpi()
        .await
        .get("User?searchText[name]=^ana$")
        .await
        .body;
    assert_eq!(found[0]["mobile"], "999");
}

#[tokio::test]
async fn the_demo_world_stands_without_further_settings() {
    let dir = tempfile::tempdir().expect("a folder");
    let listen = "127.0.0.1:0".parse().expect("an address");
    let sims = Simulators::start(Settings::demo(listen, dir.path().to_owned()))
        .await
        .expect("started");
    sims.set_callback(demo::CHANNEL, "http://127.0.0.1:1/hook")
        .expect("a channel");
    let url = format!(
        "http://{}/meta/v25.0/{}",
        sims.local_addr(),
        demo::PHONE_NUMBER_ID
    );
    let answer = reqwest::Client::new()
        .get(url)
        .bearer_auth(demo::ACCESS_TOKEN)
        .send()
        .await
        .expect("an answer");
    let number: Value = answer.json().await.expect("json");
    assert_eq!(
        (
            number["display_phone_number"].as_str(),
            number["quality_rating"].as_str()
        ),
        (Some(demo::DISPLAY_PHONE_NUMBER), Some("GREEN"))
    );
    let taken =
        Simulators::start(Settings::demo(sims.local_addr(), dir.path().join("second"))).await;
    assert!(taken.is_err_and(|error| error.to_string().contains("cannot listen")));
    sims.shutdown().await;
}

#[tokio::test]
async fn templates_are_listed_created_and_deleted() {
    let bench = Bench::start().await;
    let url = bench.url(&format!("/meta/v23.0/{}/message_templates", demo::WABA_ID));
    let call = async |request: reqwest::RequestBuilder| {
        let answer = request
            .bearer_auth(demo::ACCESS_TOKEN)
            .send()
            .await
            .expect("an answer");
        answer.json::<Value>().await.expect("json")
    };
    let template = json!({"name": "aviso", "language": "es", "category": "UTILITY", "components": [
        {"type": "BODY", "text": "Hola {{1}}.", "example": {"body_text": [["Ana"]]}},
        {"type": "FOOTER", "text": "Soporte"},
    ]});
    let mut without_example = template.clone();
    without_example["components"][0]["example"] = json!(null);
    let refused = call(bench.http.post(&url).json(&without_example)).await;
    assert_eq!(refused["error"]["code"], 100, "{refused}");
    assert_eq!(
        call(bench.http.post(&url).json(&template)).await["status"],
        "PENDING"
    );
    assert_eq!(
        call(bench.http.post(&url).json(&template)).await["error"]["code"],
        100
    );
    let listed = call(bench.http.get(format!("{url}?name=aviso"))).await;
    assert_eq!(listed["data"][0]["components"], template["components"]);
    assert_eq!(
        call(bench.http.delete(format!("{url}?name=aviso"))).await,
        json!({"success": true})
    );
    assert_eq!(
        call(bench.http.get(format!("{url}?name=aviso"))).await["data"],
        json!([])
    );
}

#[tokio::test]
async fn glpi_takes_the_time_its_world_says() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    bench.control(json!({"glpi": {demo::GLPI_APP_TOKEN: {"latency_ms": 80}}}));
    let start = std::time::Instant::now();
    assert_eq!(glpi.get("getMyProfiles").await.status, 200);
    assert!(start.elapsed() >= std::time::Duration::from_millis(80));
}
