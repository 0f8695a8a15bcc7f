//! The search engine: criteria, columns, order, ranges.

use serde_json::{Value, json};

use crate::bench::{Bench, GlpiClient};

fn criteria(rows: &[(&str, u32, &str, &str)]) -> String {
    let parts = rows.iter().enumerate().map(|(at, (link, field, searchtype, value))| {
        let value = value.replace('+', "%2B").replace(' ', "%20");
        let link = link.replace(' ', "%20");
        format!("criteria[{at}][link]={link}&criteria[{at}][field]={field}&criteria[{at}][searchtype]={searchtype}&criteria[{at}][value]={value}")
    });
    parts.collect::<Vec<_>>().join("&")
}

async fn ids(glpi: &GlpiClient, itemtype: &str, rows: &[(&str, u32, &str, &str)]) -> Vec<i64> {
    let path = format!(
        "search/{itemtype}?{}&forcedisplay[0]=2&sort=2&range=0-99",
        criteria(rows)
    );
    let answer = glpi.get(&path).await;
    assert!(matches!(answer.status, 200 | 206), "{answer:?}");
    let data = answer.body["data"].as_array().cloned().unwrap_or_default();
    data.iter()
        .map(|row| row["2"].as_i64().expect("an id"))
        .collect()
}

#[tokio::test]
async fn a_person_is_found_by_phone_in_any_of_the_three_fields() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let user = glpi.post("User", json!({"input": {"name": "wa_51999888777", "mobile": "+51999888777", "phone": "+51 1 234 5678"}})).await.id();
    for (field, kind, value) in [
        (11, "contains", "999888777"),
        (11, "contains", "^+51999888777$"),
        (11, "equals", "+51999888777"),
        (6, "contains", "234 56"),
        (1, "contains", "^WA_51999888777$"),
    ] {
        assert_eq!(
            ids(&glpi, "User", &[("AND", field, kind, value)]).await,
            [user],
            "{field} {kind} {value}"
        );
    }
    let or = [
        ("AND", 11, "contains", "2345"),
        ("OR", 6, "contains", "234 5678"),
        ("OR", 10, "contains", "2345"),
    ];
    assert_eq!(ids(&glpi, "User", &or).await, [user]);
    assert_eq!(
        ids(&glpi, "User", &[("AND", 1, "equals", &user.to_string())]).await,
        [user]
    );
    assert_eq!(
        ids(&glpi, "User", &[("AND", 11, "contains", "")])
            .await
            .len(),
        6,
        "an empty value matches everybody"
    );
    assert!(
        !ids(&glpi, "User", &[("AND", 11, "contains", "NULL")])
            .await
            .contains(&user)
    );
}

#[tokio::test]
async fn the_hidden_marker_finds_its_ticket() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    glpi.ticket(json!({"name": "other", "content": "<p>hola</p><!-- chasqui:abd -->"}))
        .await;
    let id = glpi
        .ticket(json!({"name": "t", "content": "<p>hola</p><!-- chasqui:abc -->"}))
        .await;
    assert_eq!(
        ids(&glpi, "Ticket", &[("AND", 21, "contains", "chasqui:abc")]).await,
        [id]
    );
    let body = json!({"criteria": [{"field": 21, "searchtype": "contains", "value": "chasqui:abc"}], "forcedisplay": [2], "range": "0-0"});
    let posted = glpi.post("search/Ticket", body).await;
    assert_eq!(
        (
            posted.body["totalcount"].as_i64(),
            posted.body["data"][0]["2"].as_i64()
        ),
        (Some(1), Some(id))
    );
}

#[tokio::test]
async fn rows_have_forced_criteria_and_wished_columns() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let id = glpi.ticket(json!({"name": "A & B", "content": "<b>x</b>", "_users_id_requester": [5, 4], "_users_id_observer": [3]})).await;
    let path = format!(
        "search/Ticket?{}&forcedisplay[0]=4&forcedisplay[1]=5&forcedisplay[2]=66&forcedisplay[3]=22&forcedisplay[4]=27",
        criteria(&[("AND", 21, "contains", "x")])
    );
    let answer = glpi.get(&path).await;
    let row = &answer.body["data"][0];
    assert_eq!(
        *row,
        json!({"2": id, "1": "A &#38; B", "80": "Root entity", "21": "&#60;b&#62;x&#60;/b&#62;",
        "4": ["5", "4"], "5": null, "66": "3", "22": "chasqui", "27": 0})
    );
    let raw = glpi
        .finish(
            glpi.request("GET", &path)
                .header("X-GLPI-Sanitized-Content", "false"),
        )
        .await;
    assert_eq!(
        raw.body["data"][0]["1"], "A &#38; B",
        "search results stay encoded"
    );
    let indexed = glpi
        .get(&format!("{path}&withindexes=true&uid_cols=true"))
        .await;
    assert_eq!(
        indexed.body["data"][id.to_string()]["Ticket.Entity.completename"],
        "Root entity"
    );
}

#[tokio::test]
async fn changes_are_polled_by_last_update() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let first = glpi.ticket(json!({"name": "a"})).await;
    let stamp = glpi.get(&format!("Ticket/{first}")).await.body["date_mod"]
        .as_str()
        .expect("a date")
        .to_owned();
    bench.control(json!({"advance_clock_ms": 2_000}));
    let second = glpi.ticket(json!({"name": "b"})).await;
    assert_eq!(
        ids(&glpi, "Ticket", &[("AND", 19, "morethan", &stamp)]).await,
        [second],
        "strictly later"
    );
    assert_eq!(
        ids(&glpi, "Ticket", &[("AND", 19, "morethan", "-1HOUR")]).await,
        [first, second]
    );
    bench.control(json!({"advance_clock_ms": 7_200_000}));
    let glpi = bench.glpi().await;
    assert!(
        ids(&glpi, "Ticket", &[("AND", 19, "morethan", "-1HOUR")])
            .await
            .is_empty()
    );
    assert_eq!(
        ids(&glpi, "Ticket", &[("AND", 19, "lessthan", "-1HOUR")]).await,
        [first, second]
    );
}

#[tokio::test]
async fn status_words_and_links_combine() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let mut tickets = Vec::new();
    for status in 1..=6 {
        tickets.push(
            glpi.ticket(json!({"name": format!("s{status}"), "status": status}))
                .await,
        );
    }
    for (word, wanted) in [
        ("notold", &tickets[..4]),
        ("old", &tickets[4..]),
        ("process", &tickets[1..3]),
        ("notclosed", &tickets[..5]),
        ("all", &tickets[..]),
        ("4", &tickets[3..4]),
    ] {
        assert_eq!(
            ids(&glpi, "Ticket", &[("AND", 12, "equals", word)]).await,
            wanted,
            "{word}"
        );
    }
    let mixed = [
        ("AND", 12, "equals", "1"),
        ("OR", 12, "equals", "old"),
        ("AND NOT", 1, "contains", "s6"),
    ];
    assert_eq!(
        ids(&glpi, "Ticket", &mixed).await,
        [tickets[0], tickets[4]],
        "AND binds closer than OR"
    );
    let nested = "search/Ticket?criteria[0][field]=12&criteria[0][searchtype]=equals&criteria[0][value]=notold\
        &criteria[1][link]=AND&criteria[1][criteria][0][field]=1&criteria[1][criteria][0][searchtype]=contains&criteria[1][criteria][0][value]=s1\
        &criteria[1][criteria][1][link]=OR&criteria[1][criteria][1][field]=1&criteria[1][criteria][1][searchtype]=contains&criteria[1][criteria][1][value]=s6&forcedisplay[0]=2";
    assert_eq!(glpi.get(nested).await.body["totalcount"], 1);
}

#[tokio::test]
async fn searches_have_their_own_range_quirks() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let empty = glpi.get("search/Ticket?forcedisplay[0]=2").await;
    assert_eq!(
        (
            empty.status,
            empty.body["content-range"].as_str(),
            empty.header("content-range")
        ),
        (200, Some("0--1/0"), None)
    );
    assert!(empty.body.get("data").is_none());
    let many: Vec<Value> = (0..25)
        .map(|n| json!({"name": format!("t{n:02}")}))
        .collect();
    glpi.post("Ticket", json!({"input": many})).await;
    let page = glpi.get("search/Ticket?forcedisplay[0]=2").await;
    assert_eq!(
        (page.status, page.header("content-range")),
        (206, Some("0-19/25"))
    );
    assert_eq!(
        (
            page.body["count"].as_i64(),
            page.body["totalcount"].as_i64()
        ),
        (Some(20), Some(25))
    );
    assert_eq!(
        (page.body["sort"].clone(), page.body["order"].clone()),
        (json!([1]), json!(["ASC"]))
    );
    let last = glpi
        .get("search/Ticket?forcedisplay[0]=2&sort=2&order=DESC&range=0-4")
        .await
        .body;
    assert_eq!(
        (last["data"][0]["2"].as_i64(), last["data"][4]["2"].as_i64()),
        (Some(25), Some(21))
    );
    assert_eq!(
        glpi.get("search/Ticket?range=26-30").await.body[0],
        "ERROR_RANGE_EXCEED_TOTAL"
    );
}

#[tokio::test]
async fn malformed_criteria_are_refused() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let refused = async |path: &str| {
        let answer = glpi.get(path).await;
        assert_eq!(
            (answer.status, answer.body[0].as_str()),
            (400, Some("ERROR")),
            "{path}"
        );
        answer.body[1].as_str().expect("a text").to_owned()
    };
    assert_eq!(
        refused("search/Ticket?criteria[0][field]=12&criteria[0][searchtype]=equals").await,
        "Malformed search criteria"
    );
    assert_eq!(
        refused(&format!(
            "search/Ticket?{}",
            criteria(&[("AND", 4711, "equals", "1")])
        ))
        .await,
        "Bad field ID in search criteria"
    );
    refused("search/Ticket?sort=4711").await;
    refused("search/Ticket?order=UP").await;
}

#[tokio::test]
async fn the_knowledge_base_shows_empty_rows_as_lists() {
    let bench = Bench::start().await;
    let admin = bench.glpi_with("user_token demo-admin-token").await;
    admin
        .post(
            "KnowbaseItem",
            json!({"input": {"name": "¿Cómo recargar?", "answer": "<p>a</p>", "is_faq": 1}}),
        )
        .await;
    let glpi = bench.glpi().await;
    assert_eq!(
        glpi.get("search/KnowbaseItem").await.body["data"],
        json!([[]])
    );
    let path = format!(
        "search/KnowbaseItem?{}&forcedisplay[0]=2&forcedisplay[1]=6",
        criteria(&[
            ("AND", 8, "equals", "1"),
            ("AND", 6, "contains", "RECARGAR")
        ])
    );
    assert_eq!(glpi.get(&path).await.body["data"][0]["2"], 1);
}

#[tokio::test]
async fn search_options_carry_the_uids_that_clients_resolve() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let ticket = glpi.get("listSearchOptions/Ticket").await.body;
    assert_eq!(
        ticket["19"],
        json!({"name": "Last update", "table": "glpi_tickets", "field": "date_mod", "datatype": "datetime",
        "nosearch": false, "nodisplay": false, "uid": "Ticket.date_mod",
        "available_searchtypes": ["equals", "notequals", "lessthan", "morethan", "contains", "notcontains"]})
    );
    assert_eq!(
        (ticket["80"]["uid"].as_str(), ticket["21"]["uid"].as_str()),
        (Some("Ticket.Entity.completename"), Some("Ticket.content"))
    );
    assert_eq!(ticket["common"]["name"], "Characteristics");
    let user = glpi.get("listSearchOptions/User").await.body;
    assert_eq!(
        (user["5"]["uid"].as_str(), user["11"]["uid"].as_str()),
        (Some("User.UserEmail.email"), Some("User.mobile"))
    );
}
