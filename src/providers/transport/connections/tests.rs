//! Claims about kept connections, against a host that does what each test says.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A host that serves each connection by `serve` and counts them.
async fn host<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> (Connections, Arc<AtomicUsize>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let accepted = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(stream));
        }
    });
    (to(&address, Duration::from_secs(60)), accepted)
}

fn to(address: &str, idle_for: Duration) -> Connections {
    let connector = Connector::new(false).expect("a connector");
    let host = address.parse().expect("a host");
    Connections::new(connector, Scheme::HTTP, host, idle_for)
}

fn message() -> Message {
    let body = Full::new(Bytes::from_static(b"{}"));
    let mut message = Request::new(body);
    *message.method_mut() = hyper::Method::POST;
    let host = hyper::header::HeaderValue::from_static("h");
    message.headers_mut().insert(hyper::header::HOST, host);
    message
}

/// Longer than any of these exchanges takes.
fn patient() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

/// Answers whatever is asked, one after the other.
async fn answer_all(mut stream: TcpStream) {
    while asked(&mut stream).await {
        let _ = stream.write_all(ANSWER.as_bytes()).await;
    }
}

/// Reads one request with the body of [`message`]; false at the end of the connection.
async fn asked(stream: &mut TcpStream) -> bool {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n{}") {
        let mut piece = [0; 512];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return false,
            Ok(count) => read.extend_from_slice(&piece[..count]),
        }
    }
    true
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let (connections, accepted) = host(answer_all).await;
    for _ in 0..5 {
        let (head, body) = connections
            .exchange(message(), patient())
            .await
            .expect("an answer");
        assert_eq!((head.status.as_u16(), &body[..]), (200, &b"ok"[..]));
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_connection_that_the_host_closed_while_it_was_idle_is_passed_over() {
    let (connections, accepted) = host(async |mut stream| {
        if asked(&mut stream).await {
            let _ = stream.write_all(ANSWER.as_bytes()).await;
        }
    })
    .await;
    for _ in 0..5 {
        connections
            .exchange(message(), patient())
            .await
            .expect("an answer");
        // The end of the connection is here when the socket says so.
        let ended = async {
            while connections.idle().iter_mut().any(|kept| {
                let mut cx = Context::from_waker(std::task::Waker::noop());
                kept.poll(&mut cx).is_pending()
            }) {
                tokio::task::yield_now().await;
            }
        };
        ended.await;
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn a_connection_idle_for_too_long_is_dropped() {
    let (mut connections, accepted) = host(answer_all).await;
    connections.idle_for = Duration::ZERO;
    for _ in 0..3 {
        connections
            .exchange(message(), patient())
            .await
            .expect("an answer");
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 3);
    assert!(connections.idle().len() <= 1);
}

#[tokio::test]
async fn an_answer_that_says_close_leaves_no_connection_behind() {
    let (connections, _) = host(async |mut stream| {
        asked(&mut stream).await;
        let answer = ANSWER.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
        let _ = stream.write_all(answer.as_bytes()).await;
    })
    .await;
    connections
        .exchange(message(), patient())
        .await
        .expect("an answer");
    assert!(connections.idle().is_empty());
}

#[tokio::test]
async fn a_host_that_refuses_the_connection_is_surely_not_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    drop(listener);
    let broken = to(&address, Duration::from_secs(60))
        .exchange(message(), patient())
        .await;
    assert!(matches!(broken, Err(Broken::NotSent(_))), "{broken:?}");
}

#[tokio::test]
async fn a_host_without_a_name_is_surely_not_reached() {
    let broken = to("nobody.invalid:80", Duration::from_secs(60))
        .exchange(message(), patient())
        .await;
    assert!(matches!(broken, Err(Broken::NotSent(_))), "{broken:?}");
}

#[tokio::test]
async fn whatever_is_cut_off_after_the_request_is_lost() {
    for answer in ["", "HTTP/1.1 200 OK\r\n", &ANSWER[..ANSWER.len() - 1]] {
        let answer = answer.to_owned();
        let (connections, accepted) = host(move |mut stream| {
            let answer = answer.clone();
            async move {
                asked(&mut stream).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        })
        .await;
        let broken = connections.exchange(message(), patient()).await;
        assert!(matches!(broken, Err(Broken::Lost(_))), "{broken:?}");
        assert_eq!(accepted.load(Ordering::SeqCst), 1, "it is not sent again");
    }
}

#[tokio::test]
async fn an_answer_in_pieces_is_put_together_and_a_huge_one_is_cut_off() {
    let (connections, _) = host(async |mut stream| {
        while asked(&mut stream).await {
            let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            let _ = stream.write_all(head.as_bytes()).await;
            for piece in ["3\r\nabc\r\n", "2\r\nde\r\n", "0\r\n\r\n"] {
                let _ = stream.write_all(piece.as_bytes()).await;
                let _ = stream.flush().await;
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
    let (_, body) = connections
        .exchange(message(), patient())
        .await
        .expect("an answer");
    assert_eq!(&body[..], b"abcde");

    let (connections, _) = host(async |mut stream| {
        asked(&mut stream).await;
        let size = ANSWER_BYTES_MAX + 1;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n");
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(&vec![b'x'; size]).await;
    })
    .await;
    let broken = connections.exchange(message(), patient()).await;
    let too_large = Broken::Lost("the answer is larger than 4 MiB");
    assert_eq!(broken.map(drop), Err(too_large));
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_lost_and_its_connection_is_used_no_more() {
    let (connections, accepted) = host(async |mut stream| {
        asked(&mut stream).await;
        let _ = stream.write_all(ANSWER.as_bytes()).await;
        // The second question waits until the asker gives up.
        while asked(&mut stream).await {}
    })
    .await;
    let first = connections.exchange(message(), patient()).await;
    first.expect("an answer");
    let soon = Instant::now() + Duration::from_millis(50);
    let broken = connections.exchange(message(), soon).await;
    assert_eq!(broken.map(drop), Err(Broken::LATE));
    assert_eq!(accepted.load(Ordering::SeqCst), 1);
    let next = connections.exchange(message(), patient()).await;
    next.expect("an answer");
    assert_eq!(accepted.load(Ordering::SeqCst), 2);
}
