//! Uploads to GLPI, accepted and refused.

use serde_json::{Value, json};

use crate::bench::{Answer, Bench, GlpiClient};

async fn upload(glpi: &GlpiClient, itemtype: &str, input: Value, file: Option<&str>) -> Answer {
    let mut body = format!(
        "--B\r\nContent-Disposition: form-data; name=\"uploadManifest\"\r\n\r\n{}\r\n",
        json!({"input": input})
    );
    if let Some(name) = file {
        body += &format!(
            "--B\r\nContent-Disposition: form-data; name=\"filename[0]\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\nbytes\r\n"
        );
    }
    body += "--B--\r\n";
    let request = glpi
        .request("POST", itemtype)
        .header("content-type", "multipart/form-data; boundary=B");
    glpi.finish(request.body(body)).await
}

#[tokio::test]
async fn a_document_is_uploaded_linked_and_downloaded() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let ticket = glpi.ticket(json!({"name": "t"})).await;
    let answer = upload(
        &glpi,
        "Document",
        json!({"name": "Foto", "itemtype": "Ticket", "items_id": ticket}),
        Some("foto.png"),
    )
    .await;
    assert_eq!(
        (answer.status, answer.body["message"].as_str()),
        (201, Some("Item successfully added: Foto"))
    );
    assert!(
        answer.body["upload_result"]["filename"][0]
            .get("error")
            .is_none()
    );
    let linked = glpi
        .get(&format!("Ticket/{ticket}/Document_Item"))
        .await
        .body;
    assert_eq!(linked[0]["documents_id"], answer.id());
    assert_eq!(
        glpi.get(&format!("Ticket/{ticket}/Document")).await.body,
        json!([])
    );
    let bytes = glpi
        .request("GET", &format!("Document/{}", answer.id()))
        .header("Accept", "application/octet-stream");
    let bytes = glpi.finish(bytes).await;
    assert_eq!(
        (bytes.body.as_str(), bytes.header("content-type")),
        (Some("bytes"), Some("image/png"))
    );
    assert!(
        bytes
            .header("content-disposition")
            .is_some_and(|text| text.contains("foto.png"))
    );
}

#[tokio::test]
async fn a_refused_type_answers_201_and_says_so_in_the_result() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let answer = upload(&glpi, "Document", json!({"name": "Voz"}), Some("voz.opus")).await;
    assert_eq!(answer.status, 201);
    assert_eq!(
        answer.body["upload_result"]["filename"][0]["error"],
        "Filetype not allowed"
    );
    let document = glpi.get(&format!("Document/{}", answer.id())).await.body;
    assert!(document["filename"].is_null());
    let strict = upload(
        &glpi,
        "Document",
        json!({"name": "x", "_only_if_upload_succeed": 1}),
        Some("a.exe"),
    )
    .await;
    assert_eq!(
        (strict.status, strict.body),
        (400, json!(["ERROR_GLPI_ADD", "File a.exe not found."]))
    );
}

#[tokio::test]
async fn a_followup_takes_its_file_along() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let ticket = glpi.ticket(json!({"name": "t"})).await;
    let input = json!({"itemtype": "Ticket", "items_id": ticket, "content": "foto adjunta"});
    let answer = upload(&glpi, "ITILFollowup", input.clone(), Some("foto.png")).await;
    assert_eq!(
        (answer.status, answer.body["message"].as_str()),
        (201, Some("Document copy succeeded."))
    );
    let linked = glpi
        .get(&format!("ITILFollowup/{}/Document_Item", answer.id()))
        .await
        .body;
    assert_eq!(linked.as_array().map(Vec::len), Some(1));
    assert_eq!(
        glpi.get(&format!("Ticket/{ticket}/Document_Item"))
            .await
            .body,
        json!([])
    );
    let refused = upload(&glpi, "ITILFollowup", input, Some("voz.opus")).await;
    assert_eq!(
        (refused.status, refused.body["message"].as_str()),
        (201, Some("File voz.opus not found."))
    );
}

#[tokio::test]
async fn a_form_without_a_file_is_called_too_big() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let answer = upload(&glpi, "Document", json!({"name": "x"}), None).await;
    assert_eq!(
        (answer.status, answer.body[0].as_str()),
        (400, Some("ERROR_UPLOAD_FILE_TOO_BIG_POST_MAX_SIZE"))
    );
}

#[tokio::test]
async fn an_administrator_can_allow_another_type() {
    let bench = Bench::start().await;
    let admin = bench.glpi_with("user_token demo-admin-token").await;
    admin
        .post(
            "DocumentType",
            json!({"input": {"name": "Opus", "ext": "opus", "is_uploadable": 1}}),
        )
        .await;
    let answer = upload(&admin, "Document", json!({"name": "Voz"}), Some("voz.opus")).await;
    assert!(
        answer.body["upload_result"]["filename"][0]
            .get("error")
            .is_none()
    );
}
