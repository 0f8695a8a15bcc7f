//! The document of the API, OpenAPI 3.1, made of the operations themselves.

use axum::Json;
use serde_json::{Map, Value, json};

use super::operation::Operation;
use super::routes;
use crate::http::{ApiError, Caller};

/// `GET /api/v1/openapi.json`.
pub async fn document(_caller: Caller) -> Result<Json<Value>, ApiError> {
    Ok(Json(of(&routes::operations())))
}

/// The document of these operations.
pub fn of(operations: &[Operation]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations {
        let path = format!("/api/v1{}", operation.path);
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[operation.method] = operation.described();
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Chasqui",
            "version": "1",
            "description": "What operators and set-up tools ask of a Chasqui server. Every address \
                            needs a bearer token; another tenant's things do not exist for it.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {"Error": {
                "description": "It was not done. The code is stable, the message is for people.",
                "content": {"application/json": {"schema": {
                    "type": "object",
                    "required": ["error"],
                    "properties": {"error": {
                        "type": "object",
                        "required": ["code", "message"],
                        "properties": {
                            "code": {"type": "string"},
                            "message": {"type": "string"},
                            "fields": {
                                "type": "array",
                                "items": {
                                    "type": "object",
                                    "properties": {
                                        "field": {"type": "string"},
                                        "problem": {"type": "string"},
                                    },
                                },
                            },
                        },
                    }},
                }}},
            }},
        },
        "security": [{"token": []}],
    })
}
