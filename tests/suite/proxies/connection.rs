//! A visitor's connection, which sends a request in pieces and takes no byte more or less than the answer has.

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
}

/// Why there is no answer.
enum Lost {
    /// The connection was closed before its first byte.
    Closed,
    /// It is no answer, or ends too early or too late.
    Broken(String),
}

impl Connection {
    pub fn new(to: SocketAddr) -> Self {
        Self { to, stream: None }
    }

    /// Sends a request and gives its answer, or says what came in its place. The pause is between the first piece and the second; the others
    /// follow each other.
    ///
    /// As a browser does, it tries once more when the connection was used before and turns out to be closed by now.
    pub fn ask(&mut self, pieces: &[&[u8]], pause: Duration) -> Result<Answer, String> {
        let used = self.stream.is_some();
        let answer = match self.exchange(pieces, pause) {
            Err(Lost::Closed) if used => self.exchange(pieces, pause),
            other => other,
        };
        answer.map_err(|lost| match lost {
            Lost::Closed => "the connection was closed without an answer".to_owned(),
            Lost::Broken(why) => why,
        })
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
    let why = match stream.read(&mut part) {
        Ok(0) if bytes.is_empty() => return Err(Lost::Closed),
        Err(error) if error.kind() == ErrorKind::ConnectionReset && bytes.is_empty() => return Err(Lost::Closed),
        Ok(0) => "the answer ends too early".to_owned(),
        Ok(read) => {
            bytes.extend_from_slice(&part[..read]);
            return Ok(());
        }
        Err(error) => error.to_string(),
    };
    Err(Lost::Broken(format!("{why}: {}", String::from_utf8_lossy(bytes))))
}
