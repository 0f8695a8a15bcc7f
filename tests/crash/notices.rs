//! What technicians do in GLPI is told to the requester, each thing once: with looks that overlap,
//! after a kill between news and mark, after GLPI was away.

use std::time::Duration;

use actors::model::Notice;
use chasqui::config::Config;
use serde_json::json;

use crate::oracle::Said;
use crate::people::Person;
use crate::request_log::{Line, created_for, taken_for};
use crate::scene::Scene;
use crate::technician::Technician;

const SOON: Duration = Duration::from_secs(30);

/// A person of the first tenant with a ticket, and the technician who works on it.
struct Case {
    scene: Scene,
    person: Person,
    technician: Technician,
    ticket: u64,
}

fn watchful(config: &mut Config) {
    config.providers.glpi.poll_interval_ms = 500;
}

impl Case {
    async fn begin() -> Self {
        Self::begin_with(|_| ()).await
    }

    async fn begin_with(change: impl FnOnce(&mut Config)) -> Self {
        let scene = Scene::begin_with(|config| {
            watchful(config);
            change(config);
        })
        .await;
        let person = scene.person(0);
        scene.converse(0..1).join_all().await;
        scene.told(&person, Said::Confirmation, SOON).await;
        let technician = Technician::of(&scene.world, person.tenant).await;
        let ticket = ticket_of(&scene, &person).await;
        Self {
            scene,
            person,
            technician,
            ticket,
        }
    }

    /// Everything WhatsApp took for the person after the confirmation, in order.
    async fn told(&self) -> Vec<String> {
        let lines = self.scene.world.log().await;
        let texts = taken_for(&lines, &self.person.phone);
        let texts = texts.into_iter().map(|send| send.text.to_owned());
        let after = texts.skip_while(|text| Said::of(text) != Said::Confirmation);
        after.skip(1).collect()
    }

    /// Waits until so many notices have been told.
    async fn told_many(&self, count: usize) -> Vec<String> {
        let begun = tokio::time::Instant::now();
        loop {
            let told = self.told().await;
            if told.len() >= count {
                return told;
            }
            let last = self.scene.server.last_words();
            assert!(
                begun.elapsed() < SOON,
                "{count} expected: {told:#?}\n{last}"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until GLPI was looked at so many times more.
    async fn looked_at(&self, times: usize) {
        let before = looks(&self.scene.world.log().await);
        let more = |lines: &[Line]| looks(lines) >= before + times;
        assert!(self.scene.world.log_fulfils(SOON, more).await, "no looks");
    }
}

/// Answered searches for changed tickets.
fn looks(lines: &[Line]) -> usize {
    let looks = lines.iter().filter(|line| {
        line.provider == "glpi"
            && line.path.ends_with("/search/Ticket")
            && line.body["criteria"][0]["field"] == 19
            && (200..300).contains(&line.status)
    });
    looks.count()
}

async fn ticket_of(scene: &Scene, person: &Person) -> u64 {
    let url = format!(
        "{}/_world/glpi/tickets?app_token={}",
        scene.world.url(),
        person.tenant.glpi_app_token
    );
    let answer = crate::world::client().get(url).send().await.unwrap();
    let shown: serde_json::Value = answer.json().await.unwrap();
    let list = shown.as_array().or_else(|| shown["tickets"].as_array());
    assert_eq!(created_for(&scene.world.log().await, &person.name).len(), 1);
    list.unwrap()[0]["id"].as_u64().unwrap()
}

fn is_about(text: &str, words: &str) -> bool {
    text.starts_with("🔔 Novedades de tu ticket #TK-") && text.contains(words)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_a_technicians_acts_is_told_once_in_order() {
    let case = Case::begin().await;
    let (technician, ticket) = (&case.technician, case.ticket);
    technician.assign(ticket).await;
    case.told_many(1).await;
    technician.write(ticket, "Voy para allá", false).await;
    technician.write(ticket, "cliente difícil", true).await;
    case.told_many(2).await;
    technician.set_status(ticket, 4).await;
    case.told_many(3).await;
    technician.solve(ticket, "Cambié la fuente").await;
    case.told_many(4).await;
    technician.set_status(ticket, 6).await;
    case.told_many(5).await;
    case.looked_at(4).await;
    let told = case.told().await;
    let expected = [
        "técnico ya lo está atendiendo",
        "Voy para allá",
        "en espera",
        "Cambié la fuente",
        "Quedó cerrado",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (text, words) in told.iter().zip(expected) {
        assert!(is_about(text, words), "{words}: {told:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happened_while_glpi_did_not_answer_is_told_afterwards_in_one_message() {
    let case = Case::begin().await;
    let away =
        json!({"provider": "glpi", "path": "/search/Ticket", "kind": "error", "status": 502});
    case.scene.world.fault(away);
    let (technician, ticket) = (&case.technician, case.ticket);
    technician.assign(ticket).await;
    technician.write(ticket, "Primero esto", false).await;
    technician.write(ticket, "y luego esto", false).await;
    technician.solve(ticket, "Listo").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(case.told().await, Vec::<String>::new());
    case.scene.world.clear_faults();
    case.told_many(1).await;
    case.looked_at(4).await;
    let told = case.told().await;
    let [text] = &told[..] else {
        panic!("one message expected: {told:#?}");
    };
    let places: Vec<_> = ["atendiendo", "Primero esto", "y luego esto", "Listo"]
        .map(|words| text.find(words))
        .into_iter()
        .collect();
    assert!(places.is_sorted() && places[0].is_some(), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_between_news_and_mark_tells_nothing_twice() {
    let mut case = Case::begin().await;
    case.looked_at(2).await;
    let Scene { server, world, .. } = &mut case.scene;
    server.kill(world).await;
    // No look gets as far as moving the mark, so each finds the same again.
    let stops = "poller::before_mark=return";
    assert!(server.start_with(world, stops, SOON).await);
    case.technician
        .write(case.ticket, "Una sola vez", false)
        .await;
    case.told_many(1).await;
    case.looked_at(3).await;
    let Scene { server, world, .. } = &mut case.scene;
    server.kill(world).await;
    server.start(world).await;
    case.looked_at(5).await;
    case.technician.write(case.ticket, "y sigue", false).await;
    let told = case.told_many(2).await;
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(is_about(&told[0], "Una sola vez") && is_about(&told[1], "y sigue"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_webhook_brings_the_news_at_once_and_a_forged_one_brings_nothing() {
    let rarely = |config: &mut Config| config.providers.glpi.poll_interval_ms = 600_000;
    let case = Case::begin_with(rarely).await;
    let webhooks = |forged: bool| {
        let server = case.scene.server.watch_address().borrow().clone();
        let url = format!("{server}/webhooks/glpi/{}", case.person.tenant.glpi);
        let webhooks = json!({
            "url": url, "secret": "demo-webhook-secret", "duplicate": 1.0, "challenge": true,
            "forged": forged,
        });
        json!({"glpi": {case.person.tenant.glpi_app_token: {"webhooks": webhooks}}})
    };
    case.scene.world.control(webhooks(true));
    case.technician.write(case.ticket, "sin firma", false).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(case.told().await, Vec::<String>::new());
    case.scene.world.control(webhooks(false));
    case.technician.write(case.ticket, "con firma", false).await;
    let told = case.told_many(1).await;
    // The look finds everything since the last one, whatever brought it about.
    assert!(is_about(&told[0], "sin firma") && told[0].contains("con firma"));
    case.technician.solve(case.ticket, "Listo").await;
    let told = case.told_many(2).await;
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(is_about(&told[1], "Listo"), "{told:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_tells_the_release_and_whether_it_is_known() {
    let case = Case::begin().await;
    case.looked_at(1).await;
    let release = async || {
        let (_, health) = case
            .scene
            .server
            .api(case.person.tenant, "/health/actors")
            .await;
        let gateways = health["gateways"].as_array().unwrap().clone();
        let glpi = gateways.into_iter().find(|row| row["provider"] == "glpi");
        glpi.unwrap()["release"].clone()
    };
    let told = release().await;
    assert_eq!(told["supported"], true, "{told}");
    assert!(
        told["version"].as_str().unwrap().starts_with("10."),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kind_that_is_switched_off_is_not_told() {
    let case = Case::begin_with(|config| {
        for tenant in &mut config.bootstrap.tenants {
            tenant.notices = [Notice::Solved].into_iter().collect();
        }
    })
    .await;
    let (technician, ticket) = (&case.technician, case.ticket);
    technician.assign(ticket).await;
    technician.write(ticket, "no se cuenta", false).await;
    case.looked_at(3).await;
    technician.solve(ticket, "Ya funciona").await;
    case.told_many(1).await;
    case.looked_at(3).await;
    let told = case.told().await;
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(is_about(&told[0], "Ya funciona") && !told[0].contains("no se cuenta"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_of_the_service_desk_is_told_to_the_number_that_is_known_and_to_nobody_else() {
    let case = Case::begin().await;
    let technician = &case.technician;
    let user = technician.user(&format!("wa_{}", case.person.phone)).await;
    let of_nobody = technician.open("De nadie", None).await;
    let theirs = technician.open("Pedido por teléfono", Some(user)).await;
    technician.write(of_nobody, "a nadie", false).await;
    technician.write(theirs, "a quien llamó", false).await;
    let told = case.told_many(1).await;
    assert!(is_about(&told[0], "a quien llamó"), "{told:#?}");
    assert!(told[0].contains("Pedido por teléfono"), "{told:#?}");
    case.looked_at(3).await;
    let lines = case.scene.world.log().await;
    let all = lines.iter().filter_map(Line::send);
    assert!(all.into_iter().all(|send| !send.text.contains("a nadie")));
    assert_eq!(case.told().await.len(), 1);
}
