//! The edge, over TLS on loopback: who is believed about where a connection comes from, and how many a source may hold.

use super::server::{FOREVER, GUARD, Running, SHORT, run_at, status, to_end};
use super::support::*;
use sekisho::alarms::Alarms;
use sekisho::http::proxy::{Proxies, Says};
use sekisho::http::server::Limits;
use sekisho_core::alarm::Alarm;
use sekisho_core::bucket::Admission;
use sekisho_core::source::{Networks, Source};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

fn at(address: &str) -> Source {
    Source::of(address.parse().unwrap())
}

fn proxies(trusted: &str, says: Says) -> Proxies {
    Proxies { trusted: Networks::new(vec![trusted.parse().unwrap()]), says }
}

async fn behind(trusted: &str, says: Says) -> Running {
    run_at(Limits::default(), false, proxies(trusted, says), Admission::default(), Arc::default()).await
}

/// A PROXY header, version 2, for a TCP connection of this IPv4 address.
fn carrying(source: [u8; 4]) -> Vec<u8> {
    [b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".as_slice(), &source, &[192, 0, 2, 1, 0xd4, 0x31, 0x01, 0xbb]].concat()
}

const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

/// Sends `before` in the clear, then one request with `headers` over TLS; its answer, or nothing where the server ends the connection.
async fn ask(running: &Running, before: &[u8], headers: &str) -> Option<String> {
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(before).await.unwrap();
    let shaking = Running::over(stream, running.client(rustls::ALL_VERSIONS), NORTH);
    let mut stream = tokio::time::timeout(GUARD, shaking).await.expect("the server answers or closes").ok()?;
    stream.write_all(format!("GET /login HTTP/1.1\r\nHost: {NORTH}\r\nConnection: close\r\n{headers}\r\n").as_bytes()).await.unwrap();
    Some(to_end(&mut stream).await)
}

fn sources(running: &Running) -> Vec<Source> {
    std::mem::take(&mut running.stage.script.sources.lock().unwrap())
}

const SPOOFED: &str = "Forwarded: for=198.51.100.1\r\nX-Forwarded-For: 198.51.100.1\r\nX-Real-IP: 198.51.100.1\r\n";

/// ux row 34: X-Forwarded-For was believed, whoever wrote it.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_trusted_proxy_comes_from_where_the_connection_does() {
    for says in [Says::ProxyV2, Says::Forwarded] {
        let running = behind("10.0.0.0/8", says).await;
        assert_eq!(status(&ask(&running, b"", SPOOFED).await.unwrap()), "200");
        assert_eq!(sources(&running), [at("127.0.0.1")], "{says:?}");
        assert_eq!(ask(&running, &carrying([198, 51, 100, 1]), "").await, None, "to anybody else it is a broken hello");
        assert_eq!(sources(&running), []);
        running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_tells_before_tls_whom_it_carries() {
    let running = behind("127.0.0.0/8", Says::ProxyV2).await;
    assert_eq!(status(&ask(&running, &carrying([203, 0, 113, 7]), SPOOFED).await.unwrap()), "200");
    assert_eq!(sources(&running), [at("203.0.113.7")], "and no header of HTTP says otherwise");
    assert_eq!(status(&ask(&running, LOCAL, "").await.unwrap()), "200");
    assert_eq!(sources(&running), [at("127.0.0.1")], "the proxy looks whether we are well");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_that_does_not_say_whom_it_carries_is_not_served() {
    let running = behind("127.0.0.0/8", Says::ProxyV2).await;
    assert_eq!(ask(&running, b"", "").await, None, "a TLS hello is no header");
    assert_eq!(ask(&running, b"PROXY TCP4 203.0.113.7 192.0.2.1 54321 443\r\n", "").await, None);
    let mut long = carrying([203, 0, 113, 7]);
    long[14..16].copy_from_slice(&u16::MAX.to_be_bytes());
    assert_eq!(ask(&running, &long, "").await, None);
    assert_eq!(sources(&running), []);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_header_is_waited_for_as_long_as_a_handshake() {
    let limits = Limits { handshake: SHORT, idle: FOREVER, ..Limits::default() };
    let running = run_at(limits, false, proxies("127.0.0.0/8", Says::ProxyV2), Admission::default(), Arc::default()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(&carrying([203, 0, 113, 7])[..20]).await.unwrap();
    let mut came = Vec::new();
    drop(tokio::time::timeout(GUARD, stream.read_to_end(&mut came)).await.expect("the server closes"));
    assert!(came.is_empty());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_tells_in_forwarded_whom_each_request_is_of() {
    let running = behind("127.0.0.0/8", Says::Forwarded).await;
    for (headers, expected) in [
        ("Forwarded: for=198.51.100.1, for=203.0.113.7\r\n", "203.0.113.7"),
        ("Forwarded: for=198.51.100.1\r\nForwarded: for=\"[2001:db8::7]:443\", for=127.0.0.9\r\n", "2001:db8::7"),
        ("Forwarded: for=203.0.113.7;for=198.51.100.1\r\n", "127.0.0.1"),
        ("X-Forwarded-For: 198.51.100.1\r\n", "127.0.0.1"),
    ] {
        assert_eq!(status(&ask(&running, b"", headers).await.unwrap()), "200");
        assert_eq!(sources(&running), [at(expected)], "{headers}");
    }
    running.stop().await;
}

fn full(alarms: &Alarms) -> u64 {
    alarms.counts().find(|(alarm, _)| *alarm == Alarm::ConnectionsFull).map_or(0, |(_, count)| count)
}

/// P-16
#[tokio::test(flavor = "multi_thread")]
async fn one_source_holds_so_many_connections_and_no_more() {
    let admission = Admission { connections: 3, ..Admission::default() };
    let alarms = Arc::new(Alarms::default());
    let running = run_at(Limits::default(), false, Proxies::default(), admission, alarms.clone()).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(running.connect().await);
    }
    assert_eq!(ask(&running, b"", "").await, None, "the fourth is closed at once");
    assert_eq!(full(&alarms), 1);
    drop(held);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_it_is_the_source_that_has_places_and_not_the_proxy() {
    let admission = Admission { connections: 1, ..Admission::default() };
    let running = run_at(Limits::default(), false, proxies("127.0.0.0/8", Says::ProxyV2), admission, Arc::default()).await;
    let mut held = Vec::new();
    for host in 1..=3 {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(&carrying([203, 0, 113, host])).await.unwrap();
        held.push(Running::over(stream, running.client(rustls::ALL_VERSIONS), NORTH).await.unwrap());
    }
    assert_eq!(ask(&running, &carrying([203, 0, 113, 1]), "").await, None);
    assert!(ask(&running, &carrying([203, 0, 113, 4]), "").await.is_some());
    assert!(ask(&running, LOCAL, "").await.is_some());
    drop(held);
    running.stop().await;
}
