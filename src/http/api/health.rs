//! How the actors, the journal and the gateways are.

use actors::model::TenantId;
use axum::Json;
use axum::extract::State;
use serde_json::Value;

use crate::directory::Reach;
use crate::http::{ApiError, Caller, Edge, Scope};

/// `GET /api/v1/health/actors`. A tenant sees its own gateways and everybody's numbers; which
/// contacts are awake or parked is told to the operators of the service alone, because their ids
/// do not say whose they are.
pub async fn actors(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, ApiError> {
    caller.may(Scope::HealthRead)?;
    let health = edge.core.health().await;
    Ok(Json(match caller.reach() {
        Reach::Platform => health,
        Reach::Tenant(tenant) => of_tenant(health, tenant),
    }))
}

fn of_tenant(mut health: Value, tenant: &TenantId) -> Value {
    if let Some(gateways) = health["gateways"].as_array_mut() {
        gateways.retain(|gateway| gateway["tenant"] == tenant.as_str());
    }
    if let Some(contacts) = health["contacts"].as_object_mut() {
        contacts.remove("some");
        contacts.remove("parked_ids");
    }
    health
}
