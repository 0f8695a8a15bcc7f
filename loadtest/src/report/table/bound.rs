//! What the figure of a row is held against.

/// See the module head.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// This or more qualifies, and more is better.
    AtLeast(f64),
    /// This or less qualifies, and less is better.
    AtMost(f64),
    /// Less than this qualifies, and less is better.
    Below(f64),
    /// Nothing is asked; less is better.
    Open,
}

impl Bound {
    /// Whether a figure qualifies; `None` when nothing is asked of it.
    pub fn qualifies(self, figure: f64) -> Option<bool> {
        match self {
            Self::AtLeast(least) => Some(figure >= least),
            Self::AtMost(most) => Some(figure <= most),
            Self::Below(end) => Some(figure < end),
            Self::Open => None,
        }
    }

    /// Whether one figure is worse than another.
    pub fn is_worse(self, one: f64, other: f64) -> bool {
        match self {
            Self::AtLeast(_) => one < other,
            Self::AtMost(_) | Self::Below(_) | Self::Open => one > other,
        }
    }
}
