//! Bytes that are no request, or nearly one, at the socket: each connection is answered or closed, and the next is served.
//!
//! `CLINIC_BYTES_ROUNDS` and `CLINIC_BYTES_SEED` make it longer, and another.

use crate::conformance::patient;
use crate::connections::Server;

/// A generator of numbers that gives the same ones each time (xorshift; Marsaglia 2003).
struct Numbers(u64);

/// A number from the environment: the test says how to repeat a run that failed.
fn given(name: &str) -> Option<u64> {
    std::env::var_os(name).map(|given| given.to_str().unwrap().parse().unwrap())
}

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }
}

#[test]
fn random_bytes_break_nothing() {
    let server = Server::of_the_site(patient());
    let (rounds, seed) = (given("CLINIC_BYTES_ROUNDS").unwrap_or(1500), given("CLINIC_BYTES_SEED").unwrap_or(0x5eed));
    let mut numbers = Numbers(seed);
    let pieces: [&[u8]; 24] = [
        b"GET ",
        b"HEAD ",
        b"POST ",
        b"/",
        b"medicare/",
        b"%",
        b"%2e",
        b"..",
        b" HTTP/1.1",
        b" HTTP/1.0",
        b"\r\n",
        b"\r\n",
        b"\r\n\r\n",
        b"Host: a",
        b"Content-Length: ",
        b"Transfer-Encoding: chunked",
        b"Accept-Encoding: ",
        b"If-None-Match: ",
        b"\"",
        b"br;q=",
        b"0",
        b"W/",
        b",",
        b"\0",
    ];
    for round in 0..rounds {
        let mut request = if round % 2 == 0 { b"GET / HTTP/1.1\r\nHost: a\r\n".to_vec() } else { Vec::new() };
        for _ in 0..numbers.below(40) {
            match numbers.below(4) {
                0 => request.push(u8::try_from(numbers.below(256)).unwrap()),
                _ => request.extend_from_slice(pieces[numbers.below(pieces.len())]),
            }
        }
        request.extend_from_slice(b"\r\n\r\n");
        let mut client = server.client();
        client.send_bytes(&request);
        client.end();
        let rest = client.rest();
        let shown = request.escape_ascii();
        assert!(rest.is_empty() || rest.starts_with(b"HTTP/1."), "seed {seed}, {shown}: {}", rest.escape_ascii());
        let broken = rest.windows(14).any(|bytes| bytes == b"HTTP/1.1 500 I" || bytes == b"HTTP/1.0 500 I");
        assert!(!broken, "seed {seed}, {shown}");
    }
    assert_eq!(server.client().get("/").status, 200);
    assert!(server.stop());
}
