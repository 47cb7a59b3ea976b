//! Requests that are answered before their body is there: either the connection goes on with the next request, or the answer says that it is closed.
//!
//! A connection that is closed without a word while a body is on its way is reset, and with it go the answer's last bytes, if the client is slow
//! (RFC 9112, section 9.6). A proxy that has used such a connection again answers its next visitor with 502.

use crate::connections::Client;
use crate::program::Serving;
use crate::proxies::connection::answer;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const MISTAKE: &str = "name=&phone=12&note=x";

/// What is asked, and the status of its answer.
fn requests() -> Vec<(u16, String, String)> {
    let post = |status, target: &str, lines: &str, body: &str| {
        let head =
            format!("POST {target} HTTP/1.1\r\nHost: localhost\r\n{lines}Content-Length: {}\r\n\r\n", body.len());
        (status, head, body.to_owned())
    };
    let other =
        |(status, head, body): (u16, String, String), method: &str| (status, head.replacen("POST", method, 1), body);
    let cross_site = format!("{FORM}Sec-Fetch-Site: cross-site\r\n");
    let long = "x".repeat(70_000);
    vec![
        post(422, "/appointments/", FORM, MISTAKE),
        post(400, "/appointments/", FORM, "name=%ff"),
        post(403, "/appointments/", &cross_site, MISTAKE),
        post(413, "/appointments/", FORM, &long),
        post(415, "/appointments/", "Content-Type: application/json\r\n", "{\"note\":\"x\"}"),
        post(415, "/appointments/", "Content-Type: application/json\r\n", &long),
        post(405, "/medicare/", FORM, MISTAKE),
        post(405, "/medicare/", FORM, &long),
        post(404, "/nothing/", FORM, MISTAKE),
        post(404, "/appointments/0000-0000/", FORM, MISTAKE),
        post(400, "/%00", FORM, MISTAKE),
        other(post(405, "/appointments/", FORM, MISTAKE), "PUT"),
        other(post(308, "/medicare", "", MISTAKE), "GET"),
        other(post(404, "/appointments/0000-0000/", "", MISTAKE), "GET"),
        other(post(200, "/medicare/", "", MISTAKE), "GET"),
        other(post(200, "/medicare/", "", MISTAKE), "HEAD"),
        other(post(304, "/medicare/", "If-None-Match: *\r\n", MISTAKE), "GET"),
        other(post(412, "/medicare/", "If-Match: \"a\"\r\n", MISTAKE), "GET"),
        other(post(501, "/", "", MISTAKE), "BREW"),
        post(400, "/", "Host: another.example\r\n", MISTAKE),
        post(414, &format!("/{}", "a".repeat(8_001)), "", MISTAKE),
    ]
}

#[test]
fn a_connection_goes_on_after_an_early_answer_or_the_answer_says_that_it_ends() {
    let site = Serving::start(&["serve", "--log", "off"]);
    let mut wrong = Vec::new();
    for (status, head, body) in requests() {
        for pause in [0, 100] {
            let asked = format!("{:.60} with {} bytes after {pause} ms", head.lines().next().unwrap(), body.len());
            if let Err(why) = asks(&site, status, &head, &body, Duration::from_millis(pause)) {
                wrong.push(format!("{asked}: {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Sends a head, its body after a pause, and another request; says what is wrong with the answers.
fn asks(site: &Serving, status: u16, head: &str, body: &str, pause: Duration) -> Result<(), String> {
    let mut client = Client::new(site.address);
    client.send(head);
    thread::sleep(pause);
    let mut sent = client.try_send(body.as_bytes()).is_ok();
    let method = head.split(' ').next().unwrap();
    let answer = client.answer_to(method).ok_or("there is no answer")?;
    if answer.status != status {
        return Err(format!("{} in the place of {status}", answer.status));
    }
    if answer.head.contains("\r\nconnection: close\r\n") {
        let rest = client.rest();
        return if rest.is_empty() { Ok(()) } else { Err(format!("{} bytes behind the answer", rest.len())) };
    }
    sent &= client.try_send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").is_ok();
    match client.answer() {
        Some(next) if sent && next.status == 200 && next.body == b"up\n" => Ok(()),
        Some(next) => Err(format!("the next request is answered with {}", next.status)),
        None => Err("the connection is closed without a word".to_owned()),
    }
}

/// A connection of a client that takes few bytes at once, as one far away does.
fn small_window(address: SocketAddr) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(2048).unwrap();
        socket.connect(address).await.unwrap().into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// Sends a head, its body when the answer is on its way, and takes the answer later.
fn takes_late(address: SocketAddr, status: u16, head: &str, body: &str) -> Result<(), String> {
    let mut client = small_window(address);
    client.write_all(head.as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(100));
    // The server may have closed the connection; the answer has to come all the same.
    let _ = client.write_all(body.as_bytes());
    thread::sleep(Duration::from_millis(300));
    let answer = answer(&mut client)?;
    if answer.status == status { Ok(()) } else { Err(format!("{} in the place of {status}", answer.status)) }
}

#[test]
fn an_early_answer_reaches_a_slow_client_whole() {
    let site = Serving::start(&["serve", "--log", "off"]);
    let address = site.address;
    let with_page =
        |(status, head, _): &(u16, String, String)| !matches!(status, 304 | 308) && !head.starts_with("HEAD");
    let clients: Vec<_> = requests()
        .into_iter()
        .filter(with_page)
        .map(|(status, head, body)| {
            thread::spawn(move || {
                let asked = format!("{:.60} with {} bytes", head.lines().next().unwrap(), body.len());
                takes_late(address, status, &head, &body).map_err(|why| format!("{status} to {asked}: {why:.40}"))
            })
        })
        .collect();
    let wrong: Vec<_> = clients.into_iter().filter_map(|client| client.join().unwrap().err()).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
