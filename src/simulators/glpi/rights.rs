//! What the stock profiles may do over the API (GLPI REST API, users, table of rights).
//! Profile 9 is the sheet's advice made flesh: Technician plus read right on categories.

/// Profile of people who only open tickets.
pub const SELF_SERVICE: i64 = 1;
/// Profile that sees and comments but does not handle.
pub const OBSERVER: i64 = 2;
/// Administrator without the deepest settings.
pub const ADMIN: i64 = 3;
/// May do everything.
pub const SUPER_ADMIN: i64 = 4;
/// Technician.
pub const TECHNICIAN: i64 = 6;
/// Supervisor.
pub const SUPERVISOR: i64 = 7;
/// Read-only.
pub const READ_ONLY: i64 = 8;
/// Technician with read right on ticket categories.
pub const CONNECTOR: i64 = 9;

/// Something a right is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Search and read users.
    ReadUsers,
    /// Create and change users, their mails and profile rows.
    WriteUsers,
    /// Open tickets.
    CreateTicket,
    /// See tickets of others.
    ReadTickets,
    /// Change tickets, their status, tasks and approvals.
    UpdateTicket,
    /// Write followups.
    Followup,
    /// Followups for another author, actors, reopening.
    ActForOthers,
    /// Solve tickets.
    Solve,
    /// Put tickets into the trash.
    DeleteTicket,
    /// Read ticket categories.
    ReadCategories,
    /// Read entities.
    ReadEntities,
    /// Change entities, categories, document types and other settings.
    WriteSetup,
    /// Upload documents.
    CreateDocument,
    /// Read drop-down lists.
    ReadDropdowns,
}

/// Whether a profile may do it.
pub fn allowed(profile: i64, action: Action) -> bool {
    use Action::*;
    let central = profile != SELF_SERVICE;
    let writes = central && profile != READ_ONLY;
    let handles = writes && profile != OBSERVER;
    match action {
        CreateTicket | Followup => profile != READ_ONLY,
        ReadUsers | ReadTickets | ReadDropdowns => central,
        ActForOthers | CreateDocument => writes,
        UpdateTicket | Solve => handles,
        WriteUsers => matches!(
            profile,
            ADMIN | SUPER_ADMIN | TECHNICIAN | SUPERVISOR | CONNECTOR
        ),
        DeleteTicket => matches!(profile, ADMIN | SUPER_ADMIN | SUPERVISOR),
        ReadCategories => matches!(
            profile,
            ADMIN | SUPER_ADMIN | SUPERVISOR | READ_ONLY | CONNECTOR
        ),
        ReadEntities => central && profile != OBSERVER,
        WriteSetup => matches!(profile, ADMIN | SUPER_ADMIN),
    }
}

/// Rights as a profile shows them: sums of bits under the names of what they are about.
pub fn sums(profile: i64) -> [(&'static str, i64); 4] {
    let sum = |bits: &[(Action, i64)]| -> i64 {
        let held = bits.iter().filter(|(action, _)| allowed(profile, *action));
        held.map(|(_, bit)| bit).sum()
    };
    let seen = 1;
    let ticket = match profile {
        SUPER_ADMIN => 261_151,
        // The stock Technician; CONNECTOR copies it.
        TECHNICIAN | CONNECTOR => 168_967,
        _ => {
            let bits = [
                (Action::CreateTicket, 4),
                (Action::UpdateTicket, 2),
                (Action::DeleteTicket, 8),
                (Action::ReadTickets, 1_024),
            ];
            seen + sum(&bits)
        }
    };
    let followup = seen + sum(&[(Action::Followup, 4), (Action::ActForOthers, 4_096 + 8_192)]);
    let user = sum(&[(Action::ReadUsers, 1), (Action::WriteUsers, 2 + 4)]);
    let category = sum(&[(Action::ReadCategories, 1)]);
    [
        ("ticket", ticket),
        ("followup", followup),
        ("user", user),
        ("itilcategory", category),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn technician_and_observer_follow_the_observed_table() {
        let row = |action| (allowed(TECHNICIAN, action), allowed(OBSERVER, action));
        assert_eq!(row(Action::ReadUsers), (true, true));
        assert_eq!(row(Action::WriteUsers), (true, false));
        assert_eq!(row(Action::ActForOthers), (true, true));
        assert_eq!(row(Action::Solve), (true, false));
        assert_eq!(row(Action::UpdateTicket), (true, false));
        assert_eq!(row(Action::ReadCategories), (false, false));
        assert_eq!(row(Action::ReadEntities), (true, false));
        assert_eq!(row(Action::WriteSetup), (false, false));
        assert!(allowed(CONNECTOR, Action::ReadCategories));
    }
}
