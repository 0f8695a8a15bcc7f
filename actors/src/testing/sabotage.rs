//! Faults built into the server on purpose, to show that the world notices them.

/// One promise broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// A webhook is answered before its inputs are durable.
    NoFsyncWait,
    /// Memory changes and effects start before the step is durable.
    MemoryBeforeDurable,
    /// The dedup ring forgets everything.
    NoRing,
    /// The seen index knows nothing.
    NoSeenIndex,
    /// An unknown outcome is taken for "not done".
    BlindResend,
    /// Segments are released with what is still needed in them.
    NoCarry,
    /// Every effect has a lane of its own.
    LaneIgnored,
    /// Wakes are not entered again after a start.
    WakeLost,
    /// Stop words are decided and nothing more: what waits of marketing leaves all the same.
    DeafToStop,
    /// A contact forgets what it was told of its tickets.
    ToldForgotten,
    /// The mark is moved past news that were not durable.
    MarkFirst,
    /// A person is forgotten, and the key of their files is not.
    KeyKept,
    /// A person is forgotten, and what had been decided for them leaves all the same.
    EffectsKept,
    /// What is in doubt on one line goes by whichever line is well.
    PinIgnored,
    /// A contact forgets that the help desk is asked whose number it is.
    HeldForgotten,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::NoFsyncWait,
        Self::MemoryBeforeDurable,
        Self::NoRing,
        Self::NoSeenIndex,
        Self::BlindResend,
        Self::NoCarry,
        Self::LaneIgnored,
        Self::WakeLost,
        Self::DeafToStop,
        Self::ToldForgotten,
        Self::MarkFirst,
        Self::KeyKept,
        Self::EffectsKept,
        Self::PinIgnored,
        Self::HeldForgotten,
    ];
}
