//! One plain connection.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer.
pub struct Answer {
    pub status: u16,
    /// The header lines, without the one that says when.
    pub head: Vec<String>,
    pub body: Vec<u8>,
}

/// Asks for a page over a connection of its own.
pub fn get(address: SocketAddr, path: &str, accept: &str) -> io::Result<Answer> {
    ask(&mut connect(address)?, path, accept)
}

pub fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(10))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Asks for a page over a connection.
pub fn ask(stream: &mut TcpStream, path: &str, accept: &str) -> io::Result<Answer> {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {accept}\r\n\r\n")?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(at) = bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..at]).into_owned();
            let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
            let lines: Vec<String> = head.lines().skip(1).map(str::to_ascii_lowercase).collect();
            let length = lines.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            let mut body = bytes.split_off(at + 4);
            let so_far = body.len();
            body.resize(length.unwrap_or(so_far), 0);
            stream.read_exact(&mut body[so_far..])?;
            let head = head.lines().skip(1).filter(|line| !line.starts_with("date: ")).map(str::to_owned).collect();
            return Ok(Answer { status, head, body });
        }
        match stream.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}
