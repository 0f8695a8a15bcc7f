//! Somebody at the help desk: requests to the simulated GLPI as its own people make them.

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::process::client;

/// The answer to one request; a null body sends none.
pub async fn glpi(world: &str, method: &str, path: &str, body: Value) -> Value {
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let asked = request(world, method, path).await;
    let asked = match body.is_null() {
        true => asked,
        false => asked.json(&body),
    };
    asked
        .send()
        .await
        .expect("GLPI")
        .json()
        .await
        .expect("JSON")
}

/// The file of a document.
pub async fn file(world: &str, document: &Value) -> Vec<u8> {
    let path = format!("Document/{document}");
    let asked = request(world, Method::GET, &path).await;
    let asked = asked.header("accept", "application/octet-stream").send();
    let bytes = asked.await.expect("GLPI").bytes().await;
    bytes.expect("bytes").into()
}

async fn request(world: &str, method: Method, path: &str) -> RequestBuilder {
    let base = format!("{world}/glpi/apirest.php");
    let session = client()
        .get(format!("{base}/initSession"))
        .header("app-token", "demo-app-token")
        .header("authorization", "user_token demo-user-token")
        .send();
    let session: Value = session.await.expect("GLPI").json().await.expect("JSON");
    let token = session["session_token"].as_str().expect("a session");
    client()
        .request(method, format!("{base}/{path}"))
        .header("app-token", "demo-app-token")
        .header("session-token", token)
}
