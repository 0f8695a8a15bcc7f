//! A way to one provider that can be shut: a listener that hangs up while it is shut and
//! passes everything on while it is open.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub struct Gate {
    address: SocketAddr,
    open: watch::Sender<bool>,
}

impl Gate {
    /// A shut gate in front of this address (`http://host:port`).
    pub async fn shut(behind: &str) -> Self {
        let behind = behind.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (open, is_open) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((mut caller, _)) = listener.accept().await {
                if !*is_open.borrow() {
                    continue;
                }
                let behind = behind.clone();
                tokio::spawn(async move {
                    let mut provider = TcpStream::connect(behind).await?;
                    copy_bidirectional(&mut caller, &mut provider).await
                });
            }
        });
        Self { address, open }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn open(&self) {
        self.open.send_replace(true);
    }
}
