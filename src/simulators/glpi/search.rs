//! `search/{Itemtype}`: criteria, order, window and the shape of the rows (GLPI REST API,
//! search engine). Text stays encoded here whatever the sanitized-content header says.

use serde_json::{Map, Value, json};

use super::super::exchange::Reply;
use super::criteria::Criteria;
use super::errors::Failure;
use super::house::House;
use super::json_reply;
use super::options;
use super::php::{elements, text, truthy};
use super::ranges::{Range, with_headers};
use super::reads::{compare, may_list, seen};
use super::schema::Kind;
use super::session::Session;
use super::store::Item;

/// Answers a search.
pub fn search(
    house: &House,
    session: &Session,
    kind: Kind,
    params: &Map<String, Value>,
) -> Result<Reply, Failure> {
    if !may_list(session, kind) {
        return Err(Failure::right_missing());
    }
    let mut columns = forced(house, kind);
    let given = params.get("criteria").unwrap_or(&Value::Null);
    let criteria = Criteria::read(house, kind, given, &mut columns)?;
    columns.extend(displayed(kind, params)?);
    let sorting = sorting(kind, params)?;

    let deleted = i64::from(truthy(params.get("is_deleted")));
    let trash = kind.column("is_deleted");
    // Criteria first: they drop most rows for less than the check of visibility costs.
    let mut found: Vec<Item<'_>> = house
        .store
        .rows(kind)
        .filter(|item| criteria.fit(house, *item))
        .filter(|item| trash.is_none_or(|column| item.row[column].as_i64() == Some(deleted)))
        .filter(|item| seen(house, session, *item))
        .collect();
    sort(house, &mut found, &sorting);

    let total = found.len();
    let range = Range::read(params, house.settings.list_limit)?;
    range.check(total)?;
    let window: Vec<_> = found
        .into_iter()
        .skip(range.start)
        .take(range.size())
        .collect();
    let uids = truthy(params.get("uid_cols"));
    let shown = window.iter().map(|item| row(house, *item, &columns, uids));

    let mut answer = json!({
        "totalcount": total,
        "count": window.len(),
        "sort": sorting.iter().map(|(id, _)| id).collect::<Vec<_>>(),
        "order": sorting.iter().map(|(_, down)| if *down { "DESC" } else { "ASC" }).collect::<Vec<_>>(),
        "content-range": range.of_search(total),
    });
    if total > 0 {
        answer["data"] = if truthy(params.get("withindexes")) {
            let ids = window.iter().map(|item| item.id().to_string());
            Value::Object(ids.zip(shown).collect())
        } else {
            shown.collect()
        };
    }
    let header = (total > 0).then(|| range.of_search(total));
    Ok(with_headers(
        json_reply(range.status(total), &answer),
        kind,
        header.as_deref(),
    ))
}

/// Columns that the itemtype always shows.
fn forced(house: &House, kind: Kind) -> Vec<u32> {
    match kind {
        Kind::Ticket if house.store.len(Kind::Entity) > 1 => vec![2, 1, 80],
        Kind::Ticket => vec![2, 1],
        Kind::KnowbaseItem => Vec::new(),
        kind if options::find(kind, 1).is_some() => vec![1],
        _ => Vec::new(),
    }
}

fn displayed(kind: Kind, params: &Map<String, Value>) -> Result<Vec<u32>, Failure> {
    let Some(given) = params.get("forcedisplay") else {
        // The shipped display preferences.
        return Ok(match kind {
            Kind::Ticket => vec![12, 19, 15, 3, 4, 5, 7],
            Kind::User => vec![34, 5, 6, 3, 8],
            _ => Vec::new(),
        });
    };
    let ids = elements(given).into_iter().map(|id| {
        let id = text(id).and_then(|id| id.parse().ok());
        id.filter(|id| options::find(kind, *id).is_some())
            .ok_or_else(|| Failure::generic("Bad field ID in forcedisplay"))
    });
    ids.collect()
}

/// Options to sort by, each with whether it goes down.
fn sorting(kind: Kind, params: &Map<String, Value>) -> Result<Vec<(u32, bool)>, Failure> {
    let first = options::of(kind).first().map_or(1, |choice| choice.id);
    let default = options::find(kind, 1).map_or(first, |choice| choice.id);
    let orders = params.get("order").map(elements).unwrap_or_default();
    let Some(given) = params.get("sort") else {
        let down = orders
            .first()
            .map(|order| down(order))
            .transpose()?
            .unwrap_or(false);
        return Ok(vec![(default, down)]);
    };
    let mut sorting = Vec::new();
    for (at, id) in elements(given).into_iter().enumerate() {
        let id = text(id).and_then(|id| id.parse().ok());
        let id = id.filter(|id| options::find(kind, *id).is_some());
        let id = id.ok_or_else(|| Failure::generic("sort param is not a valid field id"))?;
        let down = orders
            .get(at)
            .map(|order| down(order))
            .transpose()?
            .unwrap_or(false);
        sorting.push((id, down));
    }
    Ok(sorting)
}

fn down(order: &Value) -> Result<bool, Failure> {
    match order.as_str().unwrap_or_default().to_uppercase().as_str() {
        "ASC" => Ok(false),
        "DESC" => Ok(true),
        _ => Err(Failure::generic("order must be DESC or ASC")),
    }
}

fn sort(house: &House, found: &mut [Item<'_>], sorting: &[(u32, bool)]) {
    found.sort_by_cached_key(|item| Key(key(house, *item, sorting), item.id()));
}

/// Values to sort by; equal ones keep the order of their ids.
struct Key(Vec<(Value, bool)>, i64);

fn key(house: &House, item: Item<'_>, sorting: &[(u32, bool)]) -> Vec<(Value, bool)> {
    let values = sorting.iter().filter_map(|(id, down)| {
        let choice = options::find(item.kind, *id)?;
        Some((
            choice
                .values(house, item)
                .into_iter()
                .next()
                .unwrap_or_default(),
            *down,
        ))
    });
    values.collect()
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        for ((mine, down), (theirs, _)) in self.0.iter().zip(&other.0) {
            let order = compare(mine, theirs);
            if order.is_ne() {
                return if *down { order.reverse() } else { order };
            }
        }
        self.1.cmp(&other.1)
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}

/// One row: scalar, null, or an array where several rows join. Without any column to show,
/// PHP encodes the empty row as a list.
fn row(house: &House, item: Item<'_>, columns: &[u32], uids: bool) -> Value {
    let mut shown = Map::new();
    for id in columns {
        let Some(choice) = options::find(item.kind, *id) else {
            continue;
        };
        let mut values = choice.values(house, item);
        let value = match values.len() {
            0 => Value::Null,
            1 => values.remove(0),
            _ => Value::from(values),
        };
        let name = if uids {
            options::uid(item.kind, *id)
        } else {
            None
        };
        shown.insert(name.unwrap_or_else(|| id.to_string()), value);
    }
    if shown.is_empty() {
        json!([])
    } else {
        Value::Object(shown)
    }
}
