//! Sending: the answer, the checks and the errors of the Cloud API.

use chasqui::simulators::demo;
use serde_json::{Value, json};

use crate::bench::{Bench, text_to};

#[tokio::test]
async fn a_text_is_accepted_and_its_statuses_echo_the_effect_id() {
    let bench = Bench::start().await;
    let mut body = text_to("+51 999-888-777", "Hola");
    body["biz_opaque_callback_data"] = "effect-1".into();
    let (status, answer) = bench.send(body).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        answer["contacts"][0],
        json!({"input": "+51 999-888-777", "wa_id": "51999888777"})
    );
    let id = answer["messages"][0]["id"].as_str().expect("an id");
    assert!(id.starts_with("wamid."));
    for status in ["sent", "delivered", "read"] {
        let found = bench.inbox.status(id, status).await;
        assert_eq!(found["biz_opaque_callback_data"], "effect-1");
        assert_eq!(found["recipient_id"], "51999888777");
        assert!(found["timestamp"].is_string());
    }
    let sent = bench.inbox.status(id, "sent").await;
    assert_eq!(sent["pricing"]["category"], "service");
    assert!(sent["conversation"]["expiration_timestamp"].is_string());
}

#[tokio::test]
async fn from_version_24_on_statuses_have_no_conversation() {
    let bench = Bench::start().await;
    bench.channel(json!({"graph_version": "v24.0"}));
    let (_, answer) = bench.send_text("51999888777", "Hola").await;
    let id = answer["messages"][0]["id"].as_str().expect("an id");
    let sent = bench.inbox.status(id, "sent").await;
    assert!(sent.get("conversation").is_none() && sent["pricing"]["pricing_model"] == "PMP");
}

#[tokio::test]
async fn wrong_requests_are_refused_with_the_codes_of_the_sheet() {
    let bench = Bench::start().await;
    bench.channel(json!({"pair_limit": false, "mps": 0}));
    let buttons = |buttons: Value| interactive("button", json!({"buttons": buttons}));
    let reply =
        |id: &str, title: &str| json!({"type": "reply", "reply": {"id": id, "title": title}});
    let long = "x".repeat(4097);
    let rows: Vec<Value> = (0..11)
        .map(|n| json!({"id": n.to_string(), "title": "t"}))
        .collect();
    let cases = [
        (100, json!({"to": "51999888777", "text": {"body": "x"}})),
        (
            131008,
            json!({"messaging_product": "whatsapp", "type": "text", "text": {"body": "x"}}),
        ),
        (
            131008,
            json!({"messaging_product": "whatsapp", "to": "51999888777", "type": "text"}),
        ),
        (131009, text_to("12", "x")),
        (131021, text_to(demo::DISPLAY_PHONE_NUMBER, "x")),
        (100, text_to("51999888777", &long)),
        (100, text_to("51999888777", " ")),
        (
            131051,
            json!({"messaging_product": "whatsapp", "to": "51999888777", "type": "poll", "poll": {}}),
        ),
        (131009, buttons(json!([]))),
        (131009, buttons(json!([reply("a", &"t".repeat(21))]))),
        (
            131009,
            buttons(json!([reply("a", "same"), reply("b", "same")])),
        ),
        (131009, buttons(json!([reply(" a", "x")]))),
        (
            131009,
            buttons(json!([
                reply("a", "1"),
                reply("b", "2"),
                reply("c", "3"),
                reply("d", "4")
            ])),
        ),
        (
            131009,
            interactive(
                "list",
                json!({"button": "Ver", "sections": [{"rows": rows}]}),
            ),
        ),
        (
            131009,
            interactive(
                "list",
                json!({"button": "x".repeat(21), "sections": [{"rows": [{"id": "1", "title": "t"}]}]}),
            ),
        ),
        (
            131009,
            interactive(
                "cta_url",
                json!({"parameters": {"display_text": "x", "url": "ftp://a"}}),
            ),
        ),
        (132001, template("no_such", "es", 0)),
        (132001, template("ticket_update", "de", 3)),
        (132000, template("ticket_update", "es", 2)),
    ];
    for (code, body) in cases {
        let (status, answer) = bench.send(body.clone()).await;
        assert_eq!(answer["error"]["code"], code, "{body} gave {answer}");
        assert!((400..500).contains(&status));
        assert!(
            answer["error"]["fbtrace_id"].is_string()
                && answer["error"]["type"] == "OAuthException"
        );
    }
}

#[tokio::test]
async fn everything_within_the_limits_is_accepted() {
    let bench = Bench::start().await;
    bench.channel(json!({"pair_limit": false, "mps": 0}));
    let reply =
        |id: &str| json!({"type": "reply", "reply": {"id": id, "title": "t".repeat(19) + id}});
    let row = |id: usize| json!({"id": id.to_string(), "title": "t".repeat(24), "description": "d".repeat(72)});
    let cases = [
        text_to("51999888777", &"ñ".repeat(4096)),
        interactive(
            "button",
            json!({"buttons": [reply("1"), reply("2"), reply("3")]}),
        ),
        interactive(
            "list",
            json!({"button": "Ver", "sections": [
                {"title": "a", "rows": (0..5).map(row).collect::<Vec<_>>()},
                {"title": "b", "rows": (5..10).map(row).collect::<Vec<_>>()},
            ]}),
        ),
        interactive("location_request_message", json!({"name": "send_location"})),
        template("ticket_update", "es", 3),
        template("hello_world", "en_US", 0),
        json!({"messaging_product": "whatsapp", "to": "51999888777", "type": "image", "image": {"link": "https://a/b.png"}}),
        json!({"messaging_product": "whatsapp", "to": "51999888777", "type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": "+"}}),
    ];
    for body in cases {
        let (status, answer) = bench.send(body.clone()).await;
        assert_eq!(status, 200, "{body} gave {answer}");
    }
}

#[tokio::test]
async fn tokens_and_numbers_of_other_tenants_are_kept_apart() {
    let bench = Bench::start().await;
    bench.channel(json!({"callback_url": null}));
    bench.control(json!({"meta": {"second": {
        "phone_number_id": "2002", "waba_id": "3003", "display_phone_number": "5111",
        "access_token": "second-token", "app_secret": "second-secret",
    }}}));
    let call = async |id: &str, token: &str| {
        let url = bench.url(&format!("/meta/v23.0/{id}/messages"));
        let answer = bench
            .http
            .post(url)
            .bearer_auth(token)
            .json(&text_to("51999888777", "x"))
            .send()
            .await;
        let answer = answer.expect("an answer");
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.expect("json");
        (
            status,
            body["error"]["code"].as_u64(),
            body["error"]["error_subcode"].as_u64(),
        )
    };
    assert_eq!(call("2002", "second-token").await.0, 200);
    assert_eq!(
        call("2002", demo::ACCESS_TOKEN).await,
        (401, Some(190), None)
    );
    assert_eq!(
        call("9999", "second-token").await,
        (400, Some(100), Some(33))
    );
    assert!(bench.conversation("51999888777").await.is_empty());
}

#[tokio::test]
async fn a_read_mark_reaches_the_phone() {
    let bench = Bench::start().await;
    let (_, written) = bench.types("51999888777", json!({"text": "hola"})).await;
    let mark = json!({"messaging_product": "whatsapp", "status": "read", "message_id": written["id"],
        "typing_indicator": {"type": "text"}});
    let (status, answer) = bench.send(mark).await;
    assert_eq!((status, answer), (200, json!({"success": true})));
    assert_eq!(bench.conversation("51999888777").await[0]["status"], "read");
    let unknown = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "nope"});
    assert_eq!(bench.send(unknown).await.1["error"]["code"], 131009);
}

#[tokio::test]
async fn media_are_uploaded_resolved_downloaded_and_expire() {
    let bench = Bench::start().await;
    let upload = async |mime: &str| {
        let body = format!(
            "--B\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n\
             --B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\nContent-Type: {mime}\r\n\r\nbytes\r\n--B--\r\n"
        );
        let url = bench.url(&format!("/meta/v23.0/{}/media", demo::PHONE_NUMBER_ID));
        let request = bench.http.post(url).bearer_auth(demo::ACCESS_TOKEN);
        let answer = request
            .header("content-type", "multipart/form-data; boundary=B")
            .body(body)
            .send()
            .await;
        answer
            .expect("an answer")
            .json::<Value>()
            .await
            .expect("json")
    };
    assert_eq!(upload("image/bmp").await["error"]["code"], 100);
    let id = upload("image/png").await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let url = bench.url(&format!("/meta/v23.0/{id}"));
    let found: Value = bench
        .http
        .get(&url)
        .bearer_auth(demo::ACCESS_TOKEN)
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("json");
    assert_eq!(
        (found["mime_type"].as_str(), found["file_size"].as_u64()),
        (Some("image/png"), Some(5))
    );
    let address = found["url"].as_str().expect("a url").to_owned();
    let download = async |token: &str| {
        let answer = bench
            .http
            .get(&address)
            .bearer_auth(token)
            .send()
            .await
            .expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    };
    assert_eq!(
        download(demo::ACCESS_TOKEN).await,
        (200, "bytes".to_owned())
    );
    assert_eq!(download("other").await.0, 401);
    bench.control(json!({"advance_clock_ms": 301_000}));
    assert_eq!(download(demo::ACCESS_TOKEN).await.0, 404);
}

fn interactive(kind: &str, action: Value) -> Value {
    json!({"messaging_product": "whatsapp", "to": "51999888777", "type": "interactive",
        "interactive": {"type": kind, "body": {"text": "b"}, "action": action}})
}

fn template(name: &str, language: &str, parameters: usize) -> Value {
    let parameters = vec![json!({"type": "text", "text": "x"}); parameters];
    let components = if parameters.is_empty() {
        json!([])
    } else {
        json!([{"type": "body", "parameters": parameters}])
    };
    json!({"messaging_product": "whatsapp", "to": "51999888777", "type": "template",
        "template": {"name": name, "language": {"code": language}, "components": components}})
}
