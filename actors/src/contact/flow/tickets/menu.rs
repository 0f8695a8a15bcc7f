//! What the bot can do, as a list to choose from.

use super::super::super::plan::Plan;
use super::super::say;
use super::account;
use crate::model::Row;
use crate::texts::Key;

pub(super) const REPORT: &str = "menu.report";
pub(super) const MINE: &str = "menu.mine";
pub(super) const STATE: &str = "menu.state";
pub(super) const ACCOUNT: &str = "menu.account";
pub(super) const PERSON: &str = "menu.person";

/// Shows the menu; whatever is open stays open.
pub(super) fn show(plan: &mut Plan<'_>) {
    let row = |id: &'static str, title| Row {
        id: id.into(),
        title: say(plan, title, &[]).into(),
        description: "".into(),
    };
    let mut rows = vec![
        row(REPORT, Key::MenuReport),
        row(MINE, Key::MenuMine),
        row(STATE, Key::MenuState),
    ];
    if account::is_open(plan) {
        rows.push(row(ACCOUNT, Key::MenuAccount));
    }
    let people = plan.settings.map(|settings| &settings.people);
    if people.is_some_and(|people| people.default_queue().is_some()) {
        rows.push(row(PERSON, Key::MenuPerson));
    }
    let tenant = plan
        .settings
        .map_or("", |settings| settings.tenant_name.as_str());
    let text = say(plan, Key::Menu, &[("tenant", tenant)]);
    let button = say(plan, Key::MenuButton, &[]);
    plan.reply_with_list(text, button, rows);
}
