//! The tables of one GLPI: rows by id and an index of children by parent.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::schema::{Kind, Parent};

/// All tables.
#[derive(Debug)]
pub struct Store {
    tables: Vec<Table>,
}

#[derive(Debug)]
struct Table {
    rows: BTreeMap<i64, Vec<Value>>,
    next_id: i64,
    children: HashMap<(Kind, i64), Vec<i64>>,
}

/// A row with the names of its columns.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// Its itemtype.
    pub kind: Kind,
    /// Its values, `id` first.
    pub row: &'a [Value],
}

impl<'a> Item<'a> {
    /// The row's id.
    pub fn id(self) -> i64 {
        self.row[0].as_i64().unwrap_or_default()
    }

    /// A column's value; null for columns that are not there.
    pub fn value(self, column: &str) -> &'a Value {
        static NOTHING: Value = Value::Null;
        self.kind
            .column(column)
            .and_then(|at| self.row.get(at))
            .unwrap_or(&NOTHING)
    }

    /// A column as a number; texts of digits count, everything else is 0.
    pub fn int(self, column: &str) -> i64 {
        as_int(self.value(column)).unwrap_or(0)
    }

    /// A column as text; empty when it is none.
    pub fn text(self, column: &str) -> &'a str {
        self.value(column).as_str().unwrap_or_default()
    }
}

impl Default for Store {
    fn default() -> Self {
        let table = |_| Table {
            rows: BTreeMap::new(),
            next_id: 1,
            children: HashMap::new(),
        };
        Self {
            tables: Kind::all().into_iter().map(table).collect(),
        }
    }
}

impl Store {
    /// A row.
    pub fn get(&self, kind: Kind, id: i64) -> Option<Item<'_>> {
        self.tables[kind as usize]
            .rows
            .get(&id)
            .map(|row| Item { kind, row })
    }

    /// All rows by id.
    pub fn rows(&self, kind: Kind) -> impl DoubleEndedIterator<Item = Item<'_>> {
        self.tables[kind as usize]
            .rows
            .values()
            .map(move |row| Item { kind, row })
    }

    /// How many rows there are.
    pub fn len(&self, kind: Kind) -> usize {
        self.tables[kind as usize].rows.len()
    }

    /// Adds a row: known columns are taken from `fields`, unknown ones ignored silently, as
    /// GLPI does. `id` in the fields is used for seeds (entity 0).
    pub fn insert(&mut self, kind: Kind, fields: &Map<String, Value>, now: &str) -> i64 {
        let table = &mut self.tables[kind as usize];
        let id = fields.get("id").and_then(as_int).unwrap_or(table.next_id);
        table.next_id = table.next_id.max(id + 1);
        let mut row = kind.blank_row(id, now);
        for (name, value) in fields {
            if let Some(at) = kind.column(name).filter(|at| *at > 0) {
                row[at] = stored(value, &row[at]);
            }
        }
        let parent = parent(Item { kind, row: &row });
        table.rows.insert(id, row);
        if let Some(parent) = parent {
            table.children.entry(parent).or_default().push(id);
        }
        id
    }

    /// Changes one column; unknown columns are ignored.
    pub fn set(&mut self, kind: Kind, id: i64, column: &str, value: impl Into<Value>) {
        let Some(at) = kind.column(column).filter(|at| *at > 0) else {
            return;
        };
        if let Some(row) = self.tables[kind as usize].rows.get_mut(&id) {
            row[at] = stored(&value.into(), &row[at]);
        }
    }

    /// Removes a row and the rows below it.
    pub fn remove(&mut self, kind: Kind, id: i64) {
        let table = &mut self.tables[kind as usize];
        let Some(row) = table.rows.remove(&id) else {
            return;
        };
        if let Some(ids) =
            parent(Item { kind, row: &row }).and_then(|parent| table.children.get_mut(&parent))
        {
            ids.retain(|child| *child != id);
        }
        for child in Kind::all() {
            let below = self.tables[child as usize].children.remove(&(kind, id));
            for child_id in below.into_iter().flatten() {
                self.remove(child, child_id);
            }
        }
    }

    /// Rows of `child` below an item, by id.
    pub fn children(
        &self,
        child: Kind,
        parent: Kind,
        id: i64,
    ) -> impl DoubleEndedIterator<Item = Item<'_>> {
        let table = &self.tables[child as usize];
        let ids = table
            .children
            .get(&(parent, id))
            .map(Vec::as_slice)
            .unwrap_or_default();
        ids.iter()
            .filter_map(|id| table.rows.get(id))
            .map(move |row| Item { kind: child, row })
    }
}

fn parent(item: Item<'_>) -> Option<(Kind, i64)> {
    match item.kind.schema().parent {
        Parent::None => None,
        Parent::Column(kind, column) => Some((kind, item.int(column))),
        Parent::Any => Some((Kind::parse(item.text("itemtype"))?, item.int("items_id"))),
    }
}

/// Values take the kind of their column: numbers sent as text become numbers, booleans 0/1.
fn stored(value: &Value, before: &Value) -> Value {
    match (value, before) {
        (Value::Bool(flag), _) => json!(i64::from(*flag)),
        (Value::String(_), Value::Number(_)) => as_int(value).map_or_else(|| json!(0), Value::from),
        (Value::Number(number), Value::String(_)) => Value::from(number.to_string()),
        (Value::Null, Value::Number(_)) => json!(0),
        _ => value.clone(),
    }
}

/// A number, or a text that is one.
pub fn as_int(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(flag) => Some(i64::from(*flag)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(value: Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn unknown_fields_are_ignored_and_children_found_by_parent() {
        let mut store = Store::default();
        let id = store.insert(
            Kind::Ticket,
            &fields(json!({"name": "a", "externalid": "x", "urgency": "4"})),
            "now",
        );
        let ticket = store.get(Kind::Ticket, id).expect("stored");
        assert_eq!(
            (
                ticket.text("name"),
                ticket.int("urgency"),
                ticket.text("date")
            ),
            ("a", 4, "now")
        );
        let row = fields(json!({"itemtype": "Ticket", "items_id": id, "content": "c"}));
        let child = store.insert(Kind::Followup, &row, "now");
        let below = |store: &Store| {
            store
                .children(Kind::Followup, Kind::Ticket, id)
                .map(Item::id)
                .collect::<Vec<_>>()
        };
        assert_eq!(below(&store), [child]);
        store.remove(Kind::Ticket, id);
        assert!(below(&store).is_empty() && store.get(Kind::Followup, child).is_none());
    }
}
