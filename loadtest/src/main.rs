//! The `chasqui-loadtest` binary.

fn main() {}
