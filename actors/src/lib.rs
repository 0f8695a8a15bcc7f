//! The core of Chasqui.
