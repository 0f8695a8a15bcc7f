//! `POST /wa/api/v1/msg` and `/wa/api/v1/template/msg`: the answer, and the events that follow
//! (Gupshup, session message; template message).
//!
//! Window, wallet, consent and the number's existence are not checked at once: the send is accepted
//! and fails by an event.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::exchange::{Arrived, Reply, pairs};
use super::super::whatsapp::conversation::{Person, Said};
use super::super::whatsapp::wamid;
use super::app::App;
use super::checks::{self, Shown};
use super::event::{Event, Fate};
use super::fetch::Fetcher;
use super::refusal::Refusal;
use super::settings::{AppSettings, ContentType};

/// How long an answer is held back when an event shall overtake it.
const OVERTAKEN: Duration = Duration::from_millis(60);

/// Fields of a form body.
pub type Form = HashMap<String, String>;

/// Reads a form body.
pub fn form(request: &Arrived) -> Form {
    let body = std::str::from_utf8(&request.body).unwrap_or_default();
    pairs(body).collect()
}

/// Sends a session message.
pub fn session(app: &Arc<App>, form: &Form, fetcher: Fetcher) -> Result<Reply, Refusal> {
    let settings = app.settings();
    if field(form, "channel") != Some("whatsapp") {
        return Err(Refusal::bad("Invalid channel"));
    }
    if field(form, "src.name") != Some(&settings.name) {
        return Err(Refusal::bad("Invalid App Details"));
    }
    let text = field(form, "message").ok_or(Refusal::bad("Message is missing"))?;
    let shown = checks::message(text)?;
    send(app, &settings, form, shown, Mood::Session(fetcher))
}

/// What a template is, as far as its fate depends on it.
struct Asked {
    category: String,
    paused: bool,
}

/// Sends a template. Clients in production send neither `channel` nor `src.name` here.
pub fn template(app: &Arc<App>, form: &Form) -> Result<Reply, Refusal> {
    let settings = app.settings();
    let named = field(form, "src.name");
    if named.is_some_and(|name| name != settings.name) {
        return Err(Refusal::bad("Invalid App Details"));
    }
    let text = field(form, "template").ok_or(Refusal::bad("Template is missing"))?;
    let (template, shown) = checks::template(&settings, text)?;
    let asked = Asked {
        category: template.category.to_lowercase(),
        paused: template.status == "PAUSED",
    };
    send(app, &settings, form, shown, Mood::Template(asked))
}

fn field<'a>(form: &'a Form, key: &str) -> Option<&'a str> {
    form.get(key)
        .map(String::as_str)
        .filter(|text| !text.is_empty())
}

/// What decides the fate of a message.
enum Mood {
    /// Free-form; its file is fetched.
    Session(Fetcher),
    /// Approved beforehand.
    Template(Asked),
}

fn send(
    app: &Arc<App>,
    settings: &AppSettings,
    form: &Form,
    shown: Shown,
    mood: Mood,
) -> Result<Reply, Refusal> {
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let source = field(form, "source").map(digits);
    if source.as_ref() != Some(&settings.source) {
        return Err(Refusal::bad("Invalid App Details"));
    }
    let dialled = field(form, "destination").map(digits).unwrap_or_default();
    if !(7..=15).contains(&dialled.len()) || dialled == settings.source {
        return Err(Refusal::bad("Invalid Destination"));
    }
    let now_ms = app.around.clock.now_ms();
    if !app.throughput.take(now_ms, settings.mps) {
        return Err(Refusal::THROTTLED);
    }
    let destination = settings.wa_ids.get(&dialled).cloned().unwrap_or(dialled);
    let wamid = wamid::make(&destination, false, app.around.ids.bits());
    let link = shown.link();
    let said = Said {
        n: 0,
        from_person: false,
        id: wamid.clone(),
        kind: shown.kind.clone(),
        content: shown.content,
        context: shown.context,
        status: "accepted",
        at_ms: now_ms,
    };
    let gs_id = uuid([app.around.ids.bits(), app.around.ids.bits()]);
    let fate = Fate {
        who: destination.clone(),
        destination,
        gs_id: gs_id.clone(),
        wamid,
        status: "enqueued",
        error: None,
        before_whatsapp: false,
        category: match &mood {
            Mood::Template(asked) => asked.category.clone(),
            Mood::Session(_) => "service".to_owned(),
        },
    };
    app.say(&fate.who, || said);
    let overtaken = match (mood, link) {
        (Mood::Template(asked), _) => announce(app, settings, fate, Some(&asked)),
        (Mood::Session(_), None) => announce(app, settings, fate, None),
        (Mood::Session(fetcher), Some(link)) => {
            tokio::spawn(fetched(app.clone(), fetcher, shown.kind, link, fate));
            false
        }
    };
    let mut reply = accepted(settings, &gs_id);
    if overtaken {
        reply.hold = OVERTAKEN;
    }
    Ok(reply)
}

/// Goes on with a message once its file was fetched.
async fn fetched(app: Arc<App>, fetcher: Fetcher, kind: String, link: String, fate: Fate) {
    let settings = app.settings();
    match fetcher.fetch(&settings.id, &kind, &link).await {
        Ok(file) => {
            app.people
                .with(&fate.who, |person| person.attach(&fate.wamid, &file));
            announce(&app, &settings, fate, None);
        }
        Err(error) => {
            let failed = Fate {
                status: "failed",
                error: Some(error),
                before_whatsapp: true,
                ..fate
            };
            app.courier.post(&*app, Event::Fate(failed), Duration::ZERO);
        }
    }
}

fn accepted(settings: &AppSettings, gs_id: &str) -> Reply {
    let kind = match settings.content_type {
        ContentType::Html => "text/html;charset=utf-8",
        ContentType::Json => "application/json",
    };
    let body = json!({"status": "submitted", "messageId": gs_id});
    Reply::text(settings.accepted_status, kind, body.to_string())
}

/// Queues the events of an accepted message; true when the first shall overtake the answer.
fn announce(app: &App, settings: &AppSettings, fate: Fate, template: Option<&Asked>) -> bool {
    let (times, dice) = (&settings.statuses, &app.around.dice);
    if !times.enabled {
        return false;
    }
    let overtaken = dice.hits(times.before_answer);
    let at = |ms: u64| Duration::from_millis(if overtaken { 0 } else { ms });
    let post = |status: &'static str, wait: Duration| {
        let fate = Fate {
            status,
            ..fate.clone()
        };
        app.courier.post(app, Event::Fate(fate), wait);
    };
    if let Some(error) = refused_before_whatsapp(app, settings, &fate, template) {
        let failed = Fate {
            status: "failed",
            error: Some(error),
            before_whatsapp: true,
            ..fate
        };
        app.courier
            .post(app, Event::Fate(failed), at(settings.enqueued_ms));
        return overtaken;
    }
    post("enqueued", at(settings.enqueued_ms));
    if let Some(error) = refused_by_whatsapp(app, settings, &fate, template.is_some()) {
        let failed = Fate {
            status: "failed",
            error: Some(error),
            ..fate
        };
        app.courier.post(
            app,
            Event::Fate(failed),
            Duration::from_millis(times.sent_ms),
        );
        return overtaken;
    }
    post("sent", at(times.sent_ms));
    let billed = Event::Billing(fate.clone());
    app.courier
        .post(app, billed, Duration::from_millis(times.sent_ms));
    post("delivered", Duration::from_millis(times.delivered_ms));
    if dice.hits(times.read_probability) {
        post("read", Duration::from_millis(times.read_ms));
    }
    overtaken
}

/// Failures that Gupshup itself tells, after it has accepted the send.
fn refused_before_whatsapp(
    app: &App,
    settings: &AppSettings,
    fate: &Fate,
    template: Option<&Asked>,
) -> Option<(u32, &'static str)> {
    let who = fate.who.as_str();
    if template.is_some_and(|asked| asked.paused) {
        return Some((4005, "Template is paused"));
    }
    if settings.opted_out.contains(who) {
        return Some((1012, "User has opted out"));
    }
    if settings.opt_in_checked && !settings.opted_in.contains(who) && !app.window_open(who) {
        return Some(match template.is_some() {
            true => (1008, "User is not Opted in and Inactive"),
            false => (1006, "User is inactive and not opted in"),
        });
    }
    if !settings.exists(who) {
        return Some((1002, "Number Does Not Exists On WhatsApp"));
    }
    if !app.pay() {
        return Some((
            1003,
            "Unable to send message | Check your WhatsApp wallet balance",
        ));
    }
    None
}

/// Failures that WhatsApp reports.
fn refused_by_whatsapp(
    app: &App,
    settings: &AppSettings,
    fate: &Fate,
    is_template: bool,
) -> Option<(u32, &'static str)> {
    if !is_template && !app.window_open(&fate.who) {
        return Some((131_047, "Re-engagement message"));
    }
    let now_ms = app.around.clock.now_ms();
    let within = |person: &mut Person| person.pair.take(now_ms);
    if settings.pair_limit && app.people.with(&fate.who, within).is_err() {
        return Some((
            131_056,
            "(Business Account, Consumer Account) pair rate limit hit",
        ));
    }
    None
}

/// `PUT /wa/app/{appId}/msg/{id}/read`.
pub fn read(app: &App, id: &str) -> Result<Reply, Refusal> {
    let id = super::super::exchange::decoded(id);
    let who = wamid::who(&id).ok_or(Refusal::bad("Invalid message id"))?;
    app.people.mark(&who, &id, "read");
    Ok(Reply::json(202, &json!({"status": "success"})))
}

/// A random id in the form of Gupshup's.
fn uuid([high, low]: [u64; 2]) -> String {
    let hex = format!("{high:016x}{low:016x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

/// Whom a send goes to, for the counts of the log.
pub fn recipient(form: &Form) -> Option<String> {
    field(form, "destination").map(str::to_owned)
}

/// The id that quick replies bring along, for the counts of the log; texts have none.
pub fn tracking(form: &Form) -> Option<String> {
    let message: Value = serde_json::from_str(field(form, "message")?).ok()?;
    message.get("msgid")?.as_str().map(str::to_owned)
}
