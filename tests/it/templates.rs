//! Templates from the provider's list to the person's phone, over HTTP, for both providers.

use std::time::Duration;

use actors::model::{
    AttemptNo, Call, ContactId, EffectId, IdHash, InSeq, Key, Phone, Recipient, TemplateCategory,
};
use actors::ports::{Called, Provider, Request};
use actors::templates::{Approval, Catalogue};
use chasqui::providers::{
    ListError, TemplateAccount, WriteError, change_template, create_template, delete_template,
    gupshup, meta, templates,
};
use chasqui::simulators::demo;
use chasqui::templates::{Draft, Parts};
use serde_json::{Value, json};

use crate::world::World;

const PHONE: &str = "51999888777";

const TIMEOUT: Duration = Duration::from_millis(1_500);

fn meta(world: &World) -> (meta::Client, TemplateAccount) {
    let settings = world.meta(TIMEOUT);
    let client = meta::Client::new(&settings).expect("usable settings");
    let account = meta::Account {
        base_url: settings.base_url,
        version: settings.version,
        business_account_id: demo::WABA_ID.into(),
        token: settings.token,
        timeout: settings.timeout,
    };
    (client, TemplateAccount::Meta(account))
}

fn gupshup(world: &World) -> (gupshup::Client, TemplateAccount) {
    let settings = world.gupshup(TIMEOUT);
    let client = gupshup::Client::new(&settings).expect("usable settings");
    (client, TemplateAccount::Gupshup(settings))
}

async fn catalogue(account: &TemplateAccount) -> Catalogue {
    Catalogue {
        templates: templates(account).await.expect("a list"),
        ..Catalogue::default()
    }
}

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

/// A template as the catalogue fills it, changed before it leaves.
fn filled(
    catalogue: &Catalogue,
    name: &str,
    values: &[&str],
    change: impl FnOnce(&mut actors::model::TemplateMessage),
) -> Call {
    let row = catalogue.pick(name, &["es"]).expect("approved");
    let filled = row.fill(&texts(values), None).expect("it fits");
    let to = Recipient::Phone(Phone::parse(PHONE).expect("valid"));
    let mut message = filled.to(to);
    change(&mut message);
    Call::SendTemplate(Box::new(message))
}

async fn send(client: &impl Provider, call: &Call) -> Called {
    let key = Key::Contact(ContactId([7; 16]));
    let request = Request {
        effect: EffectId::derive(key, InSeq(1), IdHash([1; 8]), 0),
        attempt: AttemptNo(1),
        call,
    };
    client.call(request).await
}

#[tokio::test]
async fn both_providers_tell_the_same_templates_with_their_approval() {
    let world = World::start().await;
    for (account, by_uuid) in [(meta(&world).1, false), (gupshup(&world).1, true)] {
        let catalogue = catalogue(&account).await;
        for language in ["es", "pt-BR", "en", "it"] {
            let row = catalogue
                .pick("ticket_update", &[language])
                .expect("approved");
            assert_eq!(row.slots().len(), 3, "{language}");
            assert_eq!(row.category, TemplateCategory::Utility);
            assert_eq!(
                row.provider_id.contains('-'),
                by_uuid,
                "{}",
                row.provider_id
            );
        }
        let promo = catalogue.pick("promo", &["es"]).expect("approved");
        assert_eq!(promo.category, TemplateCategory::Marketing);
        for (name, approval) in [
            ("ticket_paused", Approval::Paused),
            ("ticket_rejected", Approval::Rejected),
        ] {
            let row = catalogue.templates.iter().find(|row| row.name == name);
            assert_eq!(row.map(|row| row.approval), Some(approval), "{name}");
        }
    }
}

#[tokio::test]
async fn a_long_list_is_read_page_by_page() {
    let world = World::start().await;
    let row = |n: usize| json!({"name": format!("t_{n}"), "language": "es", "body": "Hola"});
    let rows: Vec<Value> = (0..450).map(row).collect();
    let change = json!({"meta": {demo::CHANNEL: {"templates": rows}}});
    world.control(change);
    let (_, account) = meta(&world);
    let listed = templates(&account).await.expect("a list");
    assert_eq!(listed.len(), 450);
    assert_eq!(listed[449].name, "t_449");
}

#[tokio::test]
async fn a_wrong_token_is_told_in_plain_words() {
    let world = World::start().await;
    let (_, TemplateAccount::Meta(account)) = meta(&world) else {
        unreachable!("Meta's");
    };
    let account = TemplateAccount::Meta(meta::Account {
        token: "wrong".into(),
        ..account
    });
    let refused = templates(&account).await.expect_err("refused");
    assert!(matches!(refused, ListError::Refused { status: 401, .. }));
    assert!(refused.to_string().contains("fix credentials"), "{refused}");
}

#[tokio::test]
async fn a_filled_template_reaches_the_phone_through_either_provider() {
    let world = World::start().await;
    let values = ["Ana", "#TK-2026-000007", "resuelto"];
    let expected = "Hola Ana, tu ticket #TK-2026-000007 cambió a: resuelto.";
    let (client, account) = meta(&world);
    let catalogue_meta = catalogue(&account).await;
    let call = filled(&catalogue_meta, "ticket_update", &values, |_| {});
    let Call::SendTemplate(message) = &call else {
        unreachable!("a template");
    };
    assert_eq!(message.text, expected);
    assert!(matches!(send(&client, &call).await, Called::Done(_)));
    let shown = world.shown(demo::CHANNEL, PHONE).await;
    let parameters = &shown[0]["content"]["components"][0]["parameters"];
    assert_eq!(parameters[2]["text"], "resuelto");
    let (client, account) = gupshup(&world);
    let call = filled(&catalogue(&account).await, "ticket_update", &values, |_| {});
    assert!(matches!(send(&client, &call).await, Called::Done(_)));
    let shown = world.shown(demo::GUPSHUP_CHANNEL, PHONE).await;
    assert_eq!(shown[0]["content"]["body"], expected);
}

#[tokio::test]
async fn what_the_catalogue_would_have_refused_gets_metas_own_codes() {
    let world = World::start().await;
    let (client, account) = meta(&world);
    let catalogue = catalogue(&account).await;
    let values = ["Ana", "#7", "resuelto"];
    type Change = fn(&mut actors::model::TemplateMessage);
    let changes: [(u32, Change); 5] = [
        (132_001, |message| message.name = "no_such".into()),
        (132_001, |message| message.name = "ticket_rejected".into()),
        (132_015, |message| message.name = "ticket_paused".into()),
        (132_000, |message| drop(message.values.pop())),
        (132_012, |message| {
            message.values[0].text = "a\nb".to_owned()
        }),
    ];
    for (expected, change) in changes {
        let call = filled(&catalogue, "ticket_update", &values, change);
        match send(&client, &call).await {
            Called::Refused { code, reason } => {
                assert_eq!(code, expected, "{reason}");
                assert!(reason.contains("template"), "{reason}");
            }
            other => panic!("{expected}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_the_catalogue_would_have_refused_is_refused_by_gupshup() {
    let world = World::start().await;
    let (client, account) = gupshup(&world);
    let catalogue = catalogue(&account).await;
    let rejected = catalogue
        .templates
        .iter()
        .find(|row| row.name == "ticket_rejected");
    let rejected = rejected.expect("one").provider_id.clone();
    for id in [rejected.as_str(), "no-such-id"] {
        let call = filled(&catalogue, "ticket_update", &["a", "b", "c"], |message| {
            message.provider_id = id.into();
        });
        let called = send(&client, &call).await;
        assert!(matches!(called, Called::Refused { .. }), "{id}: {called:?}");
    }
}

#[tokio::test]
async fn consent_given_here_is_told_to_gupshup() {
    let world = World::start().await;
    let (client, _) = gupshup(&world);
    let change = json!({"gupshup": {demo::GUPSHUP_CHANNEL: {"opt_out": [PHONE]}}});
    world.control(change);
    let to = Recipient::Phone(Phone::parse(PHONE).expect("valid"));
    let called = send(&client, &Call::ReportConsent { to }).await;
    assert!(matches!(called, Called::Done(_)), "{called:?}");
    let url = world.address(&format!("/gupshup/sm/api/v1/users/{}", demo::GUPSHUP_APP));
    let request = reqwest::Client::new().get(url);
    let request = request.header("apikey", demo::GUPSHUP_API_KEY);
    let answer = request.send().await.expect("an answer");
    let users: Value = answer.json().await.expect("JSON");
    let expected = json!([{"phoneNumber": PHONE, "optinStatus": "OPT_IN"}]);
    assert_eq!(users["users"], expected);
}

fn draft(name: &str) -> Draft {
    let settings = json!({
        "channel": demo::CHANNEL, "name": name, "language": "es_MX", "category": "utility",
        "header": "Ticket {{1}}", "body": "Hola {{1}}, vamos el {{2}}.", "footer": "Soporte",
        "buttons": [
            {"text": "Bien"},
            {"text": "Ver", "url": "https://example.com/{{1}}"},
            {"text": "Llamar", "phone": "+51999888777"},
        ],
        "examples": ["7", "Ana", "lunes", "t/7"],
    });
    Draft::read(settings.as_object().cloned().expect("an object")).expect("it fits")
}

#[tokio::test]
async fn a_template_is_made_at_meta_changed_there_and_deleted() {
    let world = World::start().await;
    let (_, account) = meta(&world);
    let listed = async |name: &str| {
        let all = templates(&account).await.expect("a list");
        all.into_iter().find(|row| row.name == name)
    };
    let made = create_template(&account, &draft("visit")).await;
    let made = made.expect("it is taken");
    assert_eq!(made.approval, Approval::Pending);
    assert_eq!(listed("visit").await.as_ref(), Some(&made), "all its parts");

    let change = json!({"body": "Hola {{1}}, no vamos.", "header": null, "category": "marketing",
        "examples": ["Ana"]});
    let parts = Parts::read(change.as_object().cloned().expect("an object")).expect("it fits");
    change_template(&account, &made, &parts)
        .await
        .expect("it is taken");
    let changed = listed("visit").await.expect("it is there");
    assert_eq!(changed, parts.onto(made.clone()), "the rest stays");
    assert_eq!(changed.category, TemplateCategory::Marketing);

    // Another translation of the name stays.
    let other = Draft {
        language: "en".to_owned(),
        ..draft("visit")
    };
    let other = create_template(&account, &other)
        .await
        .expect("it is taken");
    delete_template(&account, &changed)
        .await
        .expect("it is deleted");
    assert_eq!(listed("visit").await, Some(other));
    let gone = change_template(&account, &changed, &parts).await;
    assert_eq!(gone, Err(WriteError::Gone));
}

#[tokio::test]
async fn a_refused_template_comes_back_in_the_providers_words() {
    let world = World::start().await;
    let (_, account) = meta(&world);
    let draft = draft("visit");
    create_template(&account, &draft)
        .await
        .expect("it is taken");
    let twice = create_template(&account, &draft).await.expect_err("twice");
    assert_eq!(
        twice.to_string(),
        "the provider refused the template: Content in this language already exists"
    );
    let TemplateAccount::Meta(known) = account else {
        unreachable!("Meta's");
    };
    let stranger = TemplateAccount::Meta(meta::Account {
        token: "wrong".into(),
        ..known
    });
    let refused = create_template(&stranger, &draft)
        .await
        .expect_err("refused");
    assert!(matches!(refused, WriteError::Refused { status: 401, .. }));
    assert!(refused.to_string().contains("fix credentials"), "{refused}");
    let (_, account) = gupshup(&world);
    let elsewhere = create_template(&account, &draft).await;
    assert_eq!(elsewhere, Err(WriteError::NotHere));
}
