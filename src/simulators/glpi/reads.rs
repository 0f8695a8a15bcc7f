//! Reading: one item, lists, children of an item, several items at once (GLPI REST API, CRUD
//! and ranges).

use std::collections::HashSet;

use ring::digest;
use serde_json::{Map, Value, json};

use super::super::clock::parse_sql_time;
use super::super::exchange::{Arrived, Provider, Reply};
use super::errors::Failure;
use super::house::House;
use super::php::{elements, truthy};
use super::ranges::{Range, with_headers};
use super::rights::{Action, allowed};
use super::schema::{Kind, Parent};
use super::session::Session;
use super::store::{Item, as_int};
use super::text::Pattern;
use super::{json_reply, text, tickets, writes};

/// How an item is shown.
struct View<'a> {
    house: &'a House,
    base: String,
    raw: bool,
    links: bool,
    names: bool,
}

/// `GET /{Itemtype}/{id}`.
pub fn one(
    house: &House,
    session: &Session,
    kind: Kind,
    id: i64,
    params: &Map<String, Value>,
    request: &Arrived,
) -> Result<Reply, Failure> {
    let row = writes::row_id(house, kind, id).ok_or_else(Failure::not_found)?;
    let item = house.store.get(kind, row).ok_or_else(Failure::not_found)?;
    if !readable(house, session, item) {
        return Err(Failure::right_missing());
    }
    let shown = View::new(house, params, request).show(item);
    let reply = if truthy(params.get("get_sha1")) {
        let sha1 = digest::digest(
            &digest::SHA1_FOR_LEGACY_USE_ONLY,
            shown.to_string().as_bytes(),
        );
        json_reply(200, &hex::encode(sha1).into())
    } else {
        json_reply(200, &shown)
    };
    let changed = parse_sql_time(item.text("date_mod"));
    let changed = changed.and_then(|second| jiff::Timestamp::from_second(second).ok());
    Ok(match changed {
        Some(stamp) => reply.with(
            "last-modified",
            &stamp.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        ),
        None => reply,
    })
}

/// `GET /{Itemtype}` and, with a parent, `GET /{Parent}/{id}/{Itemtype}`.
pub fn list(
    house: &House,
    session: &Session,
    kind: Kind,
    parent: Option<(Kind, i64)>,
    params: &Map<String, Value>,
    request: &Arrived,
) -> Result<Reply, Failure> {
    if !may_list(session, kind) {
        return Err(Failure::right_missing());
    }
    if let Some((above, id)) = parent {
        let item = house.store.get(above, id).ok_or_else(Failure::not_found)?;
        if !readable(house, session, item) {
            return Err(Failure::right_missing());
        }
    }
    let mut rows = rows(house, session, kind, parent);
    let deleted = i64::from(truthy(params.get("is_deleted")));
    if kind.has("is_deleted") {
        rows.retain(|item| item.int("is_deleted") == deleted);
    }
    for (column, pattern) in patterns(house, kind, params)? {
        rows.retain(|item| pattern.matches(&shown_text(&item.row[column])));
    }
    sort(&mut rows, kind, params)?;

    let range = Range::read(params, house.settings.list_limit)?;
    let total: usize = rows.iter().map(|item| counted(house, session, *item)).sum();
    range.check(total)?;
    let view = View::new(house, params, request);
    let window = rows.into_iter().skip(range.start).take(range.size());
    let shown: Vec<Value> = if truthy(params.get("only_id")) {
        window.map(|item| json!({"id": item.id()})).collect()
    } else {
        window.map(|item| view.show(item)).collect()
    };
    let reply = json_reply(range.status(total), &shown.into());
    Ok(with_headers(reply, kind, range.of_list(total).as_deref()))
}

/// `GET /getMultipleItems`: fails as a whole.
pub fn multiple(
    house: &House,
    session: &Session,
    params: &Map<String, Value>,
    request: &Arrived,
) -> Result<Reply, Failure> {
    let wanted = params.get("items").map(elements);
    let wanted = wanted.ok_or_else(|| Failure::new(400, "ERROR_BAD_ARRAY", "items is missing"))?;
    let view = View::new(house, params, request);
    let mut shown = Vec::new();
    for item in wanted {
        let kind = item
            .get("itemtype")
            .and_then(Value::as_str)
            .and_then(Kind::parse);
        let kind = kind.ok_or_else(|| {
            Failure::new(
                400,
                "ERROR_RESOURCE_NOT_FOUND_NOR_COMMONDBTM",
                "resource not found or not an instance of CommonDBTM",
            )
        })?;
        let id = item.get("items_id").and_then(as_int).unwrap_or(0);
        let row = house.store.get(kind, id).ok_or_else(Failure::not_found)?;
        if !readable(house, session, row) {
            return Err(Failure::right_missing());
        }
        shown.push(view.show(row));
    }
    Ok(json_reply(200, &shown.into()))
}

/// Whether a session sees a row in lists and searches.
pub fn seen(house: &House, session: &Session, item: Item<'_>) -> bool {
    match item.kind {
        Kind::Ticket => tickets::visible(house, session, item),
        Kind::User => counted(house, session, item) > 0,
        Kind::Entity => session.entities.contains(&item.id()),
        Kind::Followup => {
            item.int("is_private") == 0 || allowed(session.profile, Action::ReadTickets)
        }
        _ => true,
    }
}

fn rows<'a>(
    house: &'a House,
    session: &Session,
    kind: Kind,
    parent: Option<(Kind, i64)>,
) -> Vec<Item<'a>> {
    let seen = |item: &Item<'_>| seen(house, session, *item);
    match (parent, kind.schema().parent) {
        (None, _) => house.store.rows(kind).filter(seen).collect(),
        (Some(_), Parent::None) => Vec::new(),
        (Some((above, id)), _) => house.store.children(kind, above, id).filter(seen).collect(),
    }
}

/// How often a list counts a row: users once per profile row in the active entities.
fn counted(house: &House, session: &Session, item: Item<'_>) -> usize {
    if item.kind != Kind::User {
        return 1;
    }
    let rows = house
        .store
        .children(Kind::ProfileUser, Kind::User, item.id());
    rows.filter(|row| session.entities.contains(&row.int("entities_id")))
        .count()
}

/// Whether the profile may list an itemtype at all.
pub fn may_list(session: &Session, kind: Kind) -> bool {
    let action = match kind {
        Kind::User | Kind::UserEmail | Kind::ProfileUser => Action::ReadUsers,
        Kind::Category => Action::ReadCategories,
        Kind::Entity => Action::ReadEntities,
        Kind::Profile
        | Kind::Group
        | Kind::DocumentType
        | Kind::Location
        | Kind::SolutionType
        | Kind::RequestType => Action::ReadDropdowns,
        _ => return true,
    };
    allowed(session.profile, action)
}

fn readable(house: &House, session: &Session, item: Item<'_>) -> bool {
    let is_self = item.kind == Kind::User && item.id() == session.user;
    if !is_self && !may_list(session, item.kind) {
        return false;
    }
    match item.kind {
        Kind::Ticket => tickets::visible(house, session, item),
        Kind::Entity => session.entities.contains(&item.id()),
        Kind::Followup | Kind::Solution | Kind::Task | Kind::Satisfaction | Kind::Validation => {
            let by_type = item.int("items_id");
            let ticket = if item.kind.has("tickets_id") {
                item.int("tickets_id")
            } else {
                by_type
            };
            let ticket = house.store.get(Kind::Ticket, ticket);
            ticket.is_some_and(|ticket| tickets::visible(house, session, ticket))
        }
        _ => true,
    }
}

fn patterns(
    house: &House,
    kind: Kind,
    params: &Map<String, Value>,
) -> Result<Vec<(usize, Pattern)>, Failure> {
    let wanted = params.get("searchText").and_then(Value::as_object);
    let wanted = wanted.into_iter().flatten().map(|(name, value)| {
        let column = kind.column(name).ok_or_else(|| {
            Failure::new(
                400,
                "ERROR_FIELD_NOT_FOUND",
                format!(
                    "Field {name} is not valid for {} item.",
                    kind.schema().itemtype
                ),
            )
        })?;
        let value = super::php::text(value).unwrap_or_default();
        Ok((column, Pattern::new(&house.stored_text(&value))))
    });
    wanted.collect()
}

fn shown_text(value: &Value) -> String {
    super::php::text(value).unwrap_or_default()
}

fn sort(rows: &mut [Item<'_>], kind: Kind, params: &Map<String, Value>) -> Result<(), Failure> {
    let order = params.get("order").and_then(Value::as_str).unwrap_or("ASC");
    if !matches!(order, "ASC" | "DESC" | "asc" | "desc") {
        return Err(Failure::generic("order must be DESC or ASC"));
    }
    let sort = params.get("sort").and_then(Value::as_str).unwrap_or("id");
    let column = kind
        .column(sort)
        .ok_or_else(|| Failure::generic("sort must be a field of the item"))?;
    rows.sort_by(|a, b| compare(&a.row[column], &b.row[column]));
    if order.eq_ignore_ascii_case("DESC") {
        rows.reverse();
    }
    Ok(())
}

/// Order of two column values: null first, numbers by size, texts by spelling.
pub fn compare(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a
            .as_f64()
            .unwrap_or(0.0)
            .total_cmp(&b.as_f64().unwrap_or(0.0)),
        (Value::String(a), Value::String(b)) => text::fold(a).cmp(&text::fold(b)),
        (a, b) => (!a.is_null()).cmp(&!b.is_null()),
    }
}

impl<'a> View<'a> {
    fn new(house: &'a House, params: &Map<String, Value>, request: &Arrived) -> Self {
        Self {
            house,
            base: request.base_url(Provider::Glpi),
            raw: request.header("x-glpi-sanitized-content") == Some("false"),
            links: params
                .get("get_hateoas")
                .is_none_or(|given| truthy(Some(given))),
            names: truthy(params.get("expand_dropdowns")),
        }
    }

    fn show(&self, item: Item<'_>) -> Value {
        let mut shown = Map::new();
        for (name, value) in item.kind.columns().zip(item.row) {
            let value = if self.names {
                self.name_of(name, value)
            } else {
                value.clone()
            };
            let value = if self.raw {
                text::map_texts(&value, &text::decode)
            } else {
                value
            };
            shown.insert(name.to_owned(), value);
        }
        if self.links {
            shown.insert("links".to_owned(), self.links(item));
        }
        Value::Object(shown)
    }

    fn links(&self, item: Item<'_>) -> Value {
        let mut links = Vec::new();
        let mut seen = HashSet::new();
        for name in item.kind.columns() {
            let target = foreign(name)
                .filter(|kind| item.int(name) > 0 && seen.insert((*kind, item.int(name))));
            if let Some(kind) = target {
                let itemtype = kind.schema().itemtype;
                let href = format!("{}/{itemtype}/{}", self.base, item.int(name));
                links.push(json!({"rel": itemtype, "href": href}));
            }
        }
        links.into()
    }

    fn name_of(&self, column: &str, value: &Value) -> Value {
        let id = value.as_i64();
        let row = foreign(column)
            .zip(id)
            .and_then(|(kind, id)| self.house.store.get(kind, id));
        match row {
            Some(row) if row.kind == Kind::User => self.house.friendly_name(row.id()).into(),
            Some(row) if row.kind.has("completename") => row.value("completename").clone(),
            Some(row) if row.kind.has("name") => row.value("name").clone(),
            _ => value.clone(),
        }
    }
}

/// The itemtype a foreign key points at.
fn foreign(column: &str) -> Option<Kind> {
    Some(match column {
        "entities_id" => Kind::Entity,
        "itilcategories_id" => Kind::Category,
        "requesttypes_id" => Kind::RequestType,
        "locations_id" => Kind::Location,
        "profiles_id" => Kind::Profile,
        "groups_id" => Kind::Group,
        "tickets_id" => Kind::Ticket,
        "documents_id" => Kind::Document,
        "solutiontypes_id" => Kind::SolutionType,
        column if column.starts_with("users_id") => Kind::User,
        _ => return None,
    })
}
