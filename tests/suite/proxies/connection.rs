//! A visitor's connection, which sends a request in pieces and takes no byte more or less than the answer has.

use crate::harness::proxies::Proxy;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

/// How long anybody waits for an answer: far more than any proxy or server takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// An answer as it came.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find_map(|(own, value)| own.eq_ignore_ascii_case(name).then_some(value))
}

/// A connection, opened anew when it is closed.
pub struct Connection {
    to: SocketAddr,
    stream: Option<TcpStream>,
    /// The proxy cuts answers by itself, so that they are asked for again.
    cuts: bool,
    /// What came of those, since somebody looked.
    pub cut: Vec<String>,
}

/// Why there is no answer.
enum Lost {
    /// The connection was closed before its first byte.
    Closed,
    /// It ends too early.
    Cut(String),
    /// It is no answer, or ends too late.
    Broken(String),
}

impl Lost {
    fn say(self) -> String {
        match self {
            Self::Closed => "the connection was closed without an answer".to_owned(),
            Self::Cut(text) => format!("the answer ends too early: {text}"),
            Self::Broken(why) => why,
        }
    }
}

impl Connection {
    pub fn new(to: SocketAddr) -> Self {
        Self { to, stream: None, cuts: false, cut: Vec::new() }
    }

    /// Through a proxy, which may be one that cuts answers.
    pub fn through(proxy: &Proxy) -> Self {
        Self { cuts: proxy.cuts_answers(), ..Self::new(proxy.address) }
    }

    /// Sends a request and gives its answer, or says what came in its place. The pause is between the first piece and the second; the others
    /// follow each other.
    ///
    /// As a browser does, it tries once more when the connection was used before and turns out to be closed by now.
    pub fn ask(&mut self, pieces: &[&[u8]], pause: Duration) -> Result<Answer, String> {
        loop {
            let used = self.stream.is_some();
            return match self.exchange(pieces, pause) {
                // The next one is a new one, so this happens once.
                Err(Lost::Closed) if used => continue,
                Err(Lost::Cut(text)) if self.cuts && self.cut.len() < 3 => {
                    self.cut.push(text);
                    continue;
                }
                other => other.map_err(Lost::say),
            };
        }
    }

    fn exchange(&mut self, pieces: &[&[u8]], pause: Duration) -> Result<Answer, Lost> {
        let mut stream = self.stream.take().unwrap_or_else(|| opened(self.to));
        for (at, piece) in pieces.iter().enumerate() {
            match at {
                0 => {}
                1 => thread::sleep(pause),
                _ => thread::sleep(pause / 8),
            }
            // Where it fails, the request may have been answered already.
            if stream.write_all(piece).is_err() {
                break;
            }
        }
        let answer = read(&mut stream)?;
        if !answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

fn opened(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// The next answer, or what came in its place. It must have a body, and nothing may come behind it.
pub fn answer(stream: &mut TcpStream) -> Result<Answer, String> {
    read(stream).map_err(Lost::say)
}

fn read(stream: &mut TcpStream) -> Result<Answer, Lost> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
            break end + 4;
        }
        read_more(stream, &mut bytes)?;
    };
    let broken = |why: &str, bytes: &[u8]| Err(Lost::Broken(format!("{why}: {}", String::from_utf8_lossy(bytes))));
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    let length = header(&head, "content-length").and_then(|length| length.parse::<usize>().ok());
    let (Some(status), Some(length)) = (status, length) else {
        return broken("no answer of a known length", &bytes);
    };
    while bytes.len() < end + length {
        read_more(stream, &mut bytes)?;
    }
    if bytes.len() > end + length {
        return broken("bytes behind the answer", &bytes[end + length..]);
    }
    Ok(Answer { status, head, body: bytes.split_off(end) })
}

fn read_more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Result<(), Lost> {
    let mut part = [0; 16 * 1024];
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match stream.read(&mut part) {
        Ok(0) if bytes.is_empty() => Err(Lost::Closed),
        Err(error) if error.kind() == ErrorKind::ConnectionReset && bytes.is_empty() => Err(Lost::Closed),
        Ok(0) => Err(Lost::Cut(text(bytes))),
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Err(Lost::Cut(text(bytes))),
        Err(error) => Err(Lost::Broken(format!("{error}, after: {}", text(bytes)))),
        Ok(read) => {
            bytes.extend_from_slice(&part[..read]);
            Ok(())
        }
    }
}
