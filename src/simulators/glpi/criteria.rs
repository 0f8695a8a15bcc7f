//! Search criteria: reading them and testing rows (GLPI REST API, search engine). AND binds
//! closer than OR, as in the SQL that the real server builds.

use serde_json::{Map, Value};

use super::super::clock::{parse_sql_time, sql_time};
use super::errors::Failure;
use super::house::House;
use super::options::{self, Choice, Source};
use super::php::{elements, text};
use super::reads::compare;
use super::schema::Kind;
use super::store::{Item, as_int};
use super::text::{Pattern, fold};

/// Criteria of one level: groups joined by OR, whose members are joined by AND.
#[derive(Debug)]
pub struct Criteria(Vec<Vec<Term>>);

#[derive(Debug)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Nested(Criteria),
    Column(Column, How),
}

/// An option, and where its value stands when it is a column of the item itself.
#[derive(Debug)]
struct Column {
    choice: &'static Choice,
    own: Option<usize>,
}

#[derive(Debug)]
enum How {
    Contains(Pattern, bool),
    Equals(String, bool),
    Status(fn(i64) -> bool, bool),
    Less(Value),
    More(Value),
    Under(Vec<i64>, String, bool),
}

impl Criteria {
    /// Reads criteria of a request; `columns` collects the options they name.
    pub fn read(
        house: &House,
        kind: Kind,
        given: &Value,
        columns: &mut Vec<u32>,
    ) -> Result<Self, Failure> {
        let mut groups: Vec<Vec<Term>> = vec![Vec::new()];
        for (at, criterion) in elements(given).into_iter().enumerate() {
            let criterion = criterion.as_object().ok_or_else(malformed)?;
            let link = criterion
                .get("link")
                .and_then(Value::as_str)
                .unwrap_or("AND");
            let (or, negated) = match link.to_uppercase().as_str() {
                "AND" => (false, false),
                "OR" => (true, false),
                "AND NOT" => (false, true),
                "OR NOT" => (true, true),
                _ => return Err(Failure::generic("Bad link in search criteria")),
            };
            if or && at > 0 {
                groups.push(Vec::new());
            }
            let test = match criterion.get("criteria") {
                Some(nested) => Test::Nested(Self::read(house, kind, nested, columns)?),
                None => column(house, kind, criterion, columns)?,
            };
            if let Some(group) = groups.last_mut() {
                group.push(Term { negated, test });
            }
        }
        Ok(Self(groups))
    }

    /// Whether a row fits; no criteria fit every row.
    pub fn fit(&self, house: &House, item: Item<'_>) -> bool {
        self.0.iter().any(|group| {
            group.iter().all(|term| {
                let holds = match &term.test {
                    Test::Nested(nested) => nested.fit(house, item),
                    Test::Column(column, how) => how.holds(house, column, item),
                };
                holds != term.negated
            })
        })
    }
}

fn malformed() -> Failure {
    Failure::generic("Malformed search criteria")
}

fn column(
    house: &House,
    kind: Kind,
    criterion: &Map<String, Value>,
    columns: &mut Vec<u32>,
) -> Result<Test, Failure> {
    if super::php::truthy(criterion.get("meta")) {
        return Err(Failure::generic(
            "metacriteria are not part of this simulator",
        ));
    }
    let read = |name: &str| criterion.get(name).and_then(text).ok_or_else(malformed);
    let (field, searchtype, value) = (read("field")?, read("searchtype")?, read("value")?);
    let choice = field.parse().ok().and_then(|id| options::find(kind, id));
    let choice = choice.ok_or_else(|| Failure::generic("Bad field ID in search criteria"))?;
    columns.push(choice.id);
    let value = house.stored_text(&value);
    let how = match searchtype.as_str() {
        "contains" | "notcontains" => {
            How::Contains(Pattern::new(&value), searchtype.starts_with("not"))
        }
        "equals" | "notequals" => {
            let not = searchtype.starts_with("not");
            match status_words(kind, choice.id, &value) {
                Some(fits) => How::Status(fits, not),
                None => How::Equals(value, not),
            }
        }
        "lessthan" => How::Less(bound(house, choice, &value)),
        "morethan" => How::More(bound(house, choice, &value)),
        "under" | "notunder" => {
            let id = value.parse().unwrap_or(0);
            let name = house.store.get(Kind::Category, id);
            let name = name
                .map(|row| row.text("completename").to_owned())
                .unwrap_or_default();
            How::Under(house.entity_tree(id), name, searchtype.starts_with("not"))
        }
        _ => return Err(Failure::generic("Bad searchtype in search criteria")),
    };
    let own = match choice.from {
        Source::Own(name) => kind.column(name),
        _ => None,
    };
    Ok(Test::Column(Column { choice, own }, how))
}

/// Words for groups of ticket states.
fn status_words(kind: Kind, option: u32, value: &str) -> Option<fn(i64) -> bool> {
    if kind != Kind::Ticket || option != 12 {
        return None;
    }
    Some(match value {
        "notold" => |status| status < 5,
        "old" => |status| status == 5 || status == 6,
        "process" => |status| status == 2 || status == 3,
        "notclosed" => |status| status != 6,
        "all" => |_| true,
        _ => return None,
    })
}

/// A date or number to compare with; words such as `-1HOUR` and `TODAY` are resolved.
fn bound(house: &House, choice: &Choice, value: &str) -> Value {
    if choice.datatype != "datetime" {
        return value
            .parse::<f64>()
            .map_or_else(|_| Value::from(value), Value::from);
    }
    let day = |seconds: i64| seconds.div_euclid(86_400) * 86_400;
    let resolved = match value {
        "NOW" => Some(house.now_s),
        "TODAY" => Some(day(house.now_s)),
        word => relative(word)
            .map(|seconds| house.now_s + seconds)
            .or_else(|| parse_sql_time(word)),
    };
    let padded = || match value.len() {
        10 => format!("{value} 00:00:00"),
        16 => format!("{value}:00"),
        _ => value.to_owned(),
    };
    Value::from(resolved.map_or_else(padded, sql_time))
}

fn relative(word: &str) -> Option<i64> {
    let sign = match word.as_bytes().first()? {
        b'-' => -1,
        b'+' => 1,
        _ => return None,
    };
    let body = &word[1..];
    let digits = body.find(|c: char| !c.is_ascii_digit())?;
    let count: i64 = body[..digits].parse().ok()?;
    let unit = match &body[digits..] {
        "MINUTE" => 60,
        "HOUR" => 3_600,
        "DAY" => 86_400,
        "WEEK" => 7 * 86_400,
        "MONTH" => 30 * 86_400,
        "YEAR" => 365 * 86_400,
        _ => return None,
    };
    Some(sign * count * unit)
}

impl How {
    fn holds(&self, house: &House, column: &Column, item: Item<'_>) -> bool {
        let any = |test: &dyn Fn(&Value) -> bool| any(house, column, item, test);
        match self {
            Self::Contains(pattern, not) => {
                any(&|value| match value {
                    Value::String(stored) => pattern.matches(stored),
                    other => pattern.matches(&text(other).unwrap_or_default()),
                }) != *not
            }
            Self::Equals(wanted, not) => equals(house, column, item, wanted) != *not,
            Self::Status(fits, not) => any(&|value| as_int(value).is_some_and(fits)) != *not,
            Self::Less(bound) => any(&|value| !value.is_null() && compare(value, bound).is_lt()),
            Self::More(bound) => any(&|value| !value.is_null() && compare(value, bound).is_gt()),
            Self::Under(tree, category, not) => {
                let under = match column.choice.from {
                    Source::Key(Kind::Entity, key, _) => tree.contains(&item.int(key)),
                    Source::Key(Kind::Category, _, _) => any(&|value| {
                        let name = value.as_str().unwrap_or_default();
                        name == category || name.starts_with(&format!("{category} > "))
                    }),
                    _ => false,
                };
                under != *not
            }
        }
    }
}

fn equals(house: &House, column: &Column, item: Item<'_>, wanted: &str) -> bool {
    let choice = column.choice;
    let wanted_id: Option<i64> = wanted.parse().ok();
    match (choice.ids(item), wanted_id, choice.from) {
        (Some(id), Some(wanted), _) => id == wanted,
        (_, Some(wanted), Source::BelowKey(below, key, _, _)) => house
            .store
            .children(below, item.kind, item.id())
            .any(|row| row.int(key) == wanted),
        _ => any(house, column, item, &|value| match (value, wanted_id) {
            (Value::Number(number), Some(wanted)) => number.as_i64() == Some(wanted),
            (Value::String(stored), _) => fold(stored) == fold(wanted),
            (Value::Null, _) => wanted.is_empty(),
            _ => false,
        }),
    }
}

/// Tests each value of an option, or null where no row joins.
fn any(house: &House, column: &Column, item: Item<'_>, test: &dyn Fn(&Value) -> bool) -> bool {
    if let Some(own) = column.own {
        return test(&item.row[own]);
    }
    let values = column.choice.values(house, item);
    if values.is_empty() {
        test(&Value::Null)
    } else {
        values.iter().any(test)
    }
}
