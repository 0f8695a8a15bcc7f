//! One operation of the API: its address with its handler, and what the document says of it. The
//! router and the document are made of the same list, so neither can lack what the other has.

use axum::handler::Handler;
use axum::routing::{MethodRouter, delete, get, patch, post};
use serde_json::{Map, Value, json};

use crate::http::{Edge, Scope};

/// An operation.
pub struct Operation {
    /// The address below `/api/v1`.
    pub path: &'static str,
    /// `get`, `post`, `patch` or `delete`.
    pub method: &'static str,
    /// Who answers.
    pub handler: MethodRouter<Edge>,
    about: String,
    scope: Option<Scope>,
    query: Vec<(&'static str, &'static str)>,
    body: Option<Value>,
    bytes: Option<&'static str>,
    answer: Option<Value>,
    created: bool,
}

macro_rules! method {
    ($(#[$doc:meta])* $name:ident, $register:ident, $word:literal) => {
        $(#[$doc])*
        pub fn $name<H, T>(path: &'static str, about: impl Into<String>, handler: H) -> Self
        where
            H: Handler<T, Edge>,
            T: 'static,
        {
            Self {
                path,
                method: $word,
                handler: $register(handler),
                about: about.into(),
                scope: None,
                query: Vec::new(),
                body: None,
                bytes: None,
                answer: None,
                created: false,
            }
        }
    };
}

impl Operation {
    method!(
        /// Something that is read.
        get, get, "get"
    );
    method!(
        /// Something that is done.
        post, post, "post"
    );
    method!(
        /// Something that is changed.
        patch, patch, "patch"
    );
    method!(
        /// Something that is removed.
        delete, delete, "delete"
    );

    /// The scope that the token needs.
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = Some(scope);
        self
    }

    /// A parameter behind the question mark.
    pub fn query(mut self, name: &'static str, about: &'static str) -> Self {
        self.query.push((name, about));
        self
    }

    /// The schema of its body.
    pub fn body(mut self, schema: Value) -> Self {
        self.body = Some(schema);
        self
    }

    /// Its body is a file, told about in these words.
    pub fn bytes(mut self, about: &'static str) -> Self {
        self.bytes = Some(about);
        self
    }

    /// The schema of its answer.
    pub fn answer(mut self, schema: Value) -> Self {
        self.answer = Some(schema);
        self
    }

    /// It answers 201.
    pub fn creates(mut self) -> Self {
        self.created = true;
        self
    }

    /// What the document says of it (OpenAPI 3.1, operation object).
    pub fn described(&self) -> Value {
        let silent = self.method == "delete" && self.answer.is_none();
        let status = match self.created {
            _ if silent => "204",
            true => "201",
            false => "200",
        };
        let schema = self.answer.clone().unwrap_or(json!({"type": "object"}));
        let mut done = json!({"description": "It was done."});
        if !silent {
            done["content"] = json!({"application/json": {"schema": schema}});
        }
        let error = json!({"$ref": "#/components/responses/Error"});
        let mut described = json!({
            "operationId": self.id(),
            "summary": self.about,
            "parameters": self.parameters(),
            "responses": {status: done, "default": error},
        });
        if let Some(scope) = self.scope {
            described["description"] = format!("Needs the scope `{}`.", scope.as_str()).into();
            described["security"] = json!([{"token": [scope.as_str()]}]);
        }
        if let Some(about) = self.bytes {
            described["requestBody"] = json!({
                "required": true,
                "description": about,
                "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
            });
        }
        if let Some(body) = &self.body {
            described["requestBody"] = json!({
                "required": true,
                "content": {"application/json": {"schema": body}},
            });
        }
        described
    }

    fn id(&self) -> String {
        let words = self.path.split(['/', '{', '}', '-', '.']);
        let words = words.filter(|word| !word.is_empty());
        words.fold(self.method.to_owned(), |id, word| format!("{id}_{word}"))
    }

    fn parameters(&self) -> Vec<Value> {
        let in_path = self
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let in_path = in_path.map(|name| {
            json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}})
        });
        let in_query = self.query.iter().map(|(name, about)| {
            let schema = json!({"type": "string"});
            json!({"name": name, "in": "query", "description": about, "schema": schema})
        });
        in_path.chain(in_query).collect()
    }
}

/// An object with these required texts, and these that may be left out.
pub fn texts(required: &[&str], optional: &[&str]) -> Value {
    let text = || json!({"type": "string"});
    let all = required.iter().chain(optional);
    let properties: Map<String, Value> = all.map(|name| ((*name).to_owned(), text())).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}
