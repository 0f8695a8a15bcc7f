//! The one line on standard output that tells where the process listens.

use std::io::{self, Write};
use std::net::SocketAddr;

use serde_json::{Map, Value, json};

/// Writes `{"event":"listening","server":"http://…","simulators":"http://…"}` with the addresses
/// there are, on one line.
///
/// # Errors
/// When standard output is closed.
pub(super) fn announce(
    server: Option<SocketAddr>,
    simulators: Option<SocketAddr>,
) -> io::Result<()> {
    let mut line = io::stdout().lock();
    writeln!(line, "{}", listening(server, simulators))?;
    line.flush()
}

fn listening(server: Option<SocketAddr>, simulators: Option<SocketAddr>) -> Value {
    let mut facts = Map::from_iter([("event".to_owned(), json!("listening"))]);
    for (who, address) in [("server", server), ("simulators", simulators)] {
        if let Some(address) = address {
            facts.insert(who.to_owned(), json!(format!("http://{address}")));
        }
    }
    Value::Object(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_the_addresses_there_are() {
        let server = Some(SocketAddr::from(([127, 0, 0, 1], 8080)));
        let line = json!({"event": "listening", "server": "http://127.0.0.1:8080"});
        assert_eq!(listening(server, None), line);
    }
}
