//! Connections to the server, kept alive. The last one used is used first, so that a light load
//! keeps to few.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::connection::Connection;

/// How long one answer is awaited.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// A bounded pool. Its lock is held to take a connection or to put one back, never while one is used.
#[derive(Debug)]
pub struct Pool {
    address: SocketAddr,
    idle: Mutex<Vec<Connection>>,
    places: Semaphore,
}

impl Pool {
    /// At most `connections` at a time.
    pub fn new(address: SocketAddr, connections: usize) -> Self {
        Self {
            address,
            idle: Mutex::default(),
            places: Semaphore::new(connections.max(1)),
        }
    }

    /// One exchange; gives the status.
    pub async fn exchange(&self, request: &[u8]) -> io::Result<u16> {
        let place = self.places.acquire().await;
        let _place = place.map_err(|_| io::Error::other("the pool is closed"))?;
        let kept = self.idle().pop();
        if let Some(connection) = kept {
            match self.on(connection, request).await {
                // The server may have closed it while nobody used it; the receiver recognises a
                // webhook that it got twice.
                Err(error) if error.kind() != io::ErrorKind::TimedOut => {}
                outcome => return outcome,
            }
        }
        let opening = timeout(ANSWER_WITHIN, Connection::open(self.address)).await;
        let connection = opening.map_err(|_| io::ErrorKind::TimedOut)??;
        self.on(connection, request).await
    }

    async fn on(&self, mut connection: Connection, request: &[u8]) -> io::Result<u16> {
        let exchange = timeout(ANSWER_WITHIN, connection.exchange(request)).await;
        let (status, _) = exchange.map_err(|_| io::ErrorKind::TimedOut)??;
        if connection.is_open() {
            self.idle().push(connection);
        }
        Ok(status)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
