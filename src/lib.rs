//! Chasqui: an actor-based, stateful conversation server.
