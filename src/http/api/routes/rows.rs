//! The addresses of everything that is set up: the same for every kind of row.

use serde_json::json;

use crate::config::Section;
use crate::http::Scope;
use crate::http::api::operation::Operation;
use crate::http::api::setup;
use crate::http::api::templates::edits;
use crate::setup::Row;
use crate::templates::{Change, Draft};

pub(super) const WHOSE: &str = "For the operators of the service: whose row.";

/// What can be done with every kind of row that is set up.
pub(super) fn rows<R: Row>() -> Vec<Operation> {
    let [all, each, ..] = paths::<R>();
    let (noun, many) = (R::KIND.noun(), R::KIND.as_str());
    let schema = <R as Section>::schema;
    // A change gives what changes.
    let mut part = schema();
    part["required"] = json!([]);
    let list =
        json!({"type": "object", "properties": {many: {"type": "array", "items": schema()}}});
    let own = |operation: Operation| operation.scope(Scope::Setup);
    vec![
        own(Operation::get(
            all,
            format!("All {many} of the caller"),
            setup::list::<R>,
        ))
        .answer(list),
        own(Operation::post(
            all,
            format!("Make a {noun}"),
            setup::create::<R>,
        ))
        .body(schema())
        .answer(schema())
        .creates(),
        own(Operation::get(each, format!("One {noun}"), setup::one::<R>))
            .query("tenant", WHOSE)
            .answer(schema()),
        own(Operation::patch(
            each,
            format!("Change a {noun}"),
            setup::change::<R>,
        ))
        .query("tenant", WHOSE)
        .body(part)
        .answer(schema()),
        own(Operation::delete(
            each,
            format!("Delete a {noun}"),
            setup::remove::<R>,
        ))
        .query("tenant", WHOSE),
    ]
}

/// Taking a row out of force and putting it back.
pub(super) fn pauses<R: Row>() -> Vec<Operation> {
    let [_, _, pause, resume] = paths::<R>();
    let noun = R::KIND.noun();
    let own = |operation: Operation| operation.scope(Scope::Setup).query("tenant", WHOSE);
    vec![
        own(Operation::post(
            pause,
            format!("Pause a {noun}"),
            setup::pause::<R>,
        )),
        own(Operation::post(
            resume,
            format!("Resume a {noun}"),
            setup::resume::<R>,
        )),
    ]
}

/// What can be done with templates, which their provider keeps: a row is named by its channel, its
/// name and its translation.
pub(super) fn templates() -> Vec<Operation> {
    let own = |operation: Operation| operation.scope(Scope::Setup);
    let each = |operation: Operation| {
        own(operation)
            .query("channel", "The channel.")
            .query("language", "The translation, where there are several.")
    };
    vec![
        own(Operation::post(
            "/templates",
            "Have a template made at the channel's provider",
            edits::create,
        ))
        .body(<Draft as Section>::schema())
        .creates(),
        each(Operation::patch(
            "/templates/{name}",
            "Have parts of a template changed at its provider",
            edits::change,
        ))
        .body(<Change as Section>::schema()),
        each(Operation::delete(
            "/templates/{name}",
            "Have a translation of a template deleted at its provider",
            edits::remove,
        )),
        each(Operation::post(
            "/templates/{name}/pause",
            "Keep a template from being sent",
            edits::pause,
        )),
        each(Operation::post(
            "/templates/{name}/resume",
            "Let a paused template be sent again",
            edits::resume,
        )),
    ]
}

/// The addresses of a kind: all, one, and pausing and resuming it.
fn paths<R: Row>() -> [&'static str; 4] {
    use crate::setup::Kind;
    macro_rules! of {
        ($kind:literal) => {
            [
                concat!("/", $kind),
                concat!("/", $kind, "/{id}"),
                concat!("/", $kind, "/{id}/pause"),
                concat!("/", $kind, "/{id}/resume"),
            ]
        };
    }
    match R::KIND {
        Kind::Tenants => of!("tenants"),
        Kind::GlpiConnections => of!("glpi-connections"),
        Kind::Queues => of!("queues"),
        Kind::Channels => of!("channels"),
        Kind::Cohorts => of!("cohorts"),
        Kind::Rules => of!("rules"),
    }
}
