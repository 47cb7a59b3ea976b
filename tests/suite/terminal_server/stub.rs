//! A server of the tests' own that speaks the desk's interface, and lies where a test wants it to.

use crate::sealed::seal_text;
use clinic_site::lang::Lang;
use clinic_site::requests::form::Form;
use clinic_site::requests::keys::{PrivateKeys, PublicKeys};
use clinic_site::requests::seal::PLAINTEXT_BYTES;
use clinic_site::requests::store::hash;
use clinic_site::requests::{Reference, Request};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The name of the call: the last part of the path.
    pub name: String,
    pub head: String,
    pub body: Value,
}

/// What is answered.
pub enum Answer {
    Json(u16, Value),
    /// Whole bytes of HTTP.
    Raw(Vec<u8>),
    /// Nothing, for as long as the client waits.
    Silence,
    /// A body that never ends, as fast as it is read.
    Endless,
}

/// The rows of a clinic, and the keys that it seals to.
pub struct Desk {
    pub address: String,
    pub keys: Vec<PublicKeys>,
    pub readers: Value,
    pub now: String,
    /// The newest first.
    pub rows: Vec<Value>,
}

/// The token of every challenge, and of every session.
pub fn token() -> String {
    "0123456789abcdef".repeat(4)
}

pub fn session() -> String {
    "fedcba9876543210".repeat(4)
}

/// The text of a challenge.
pub fn challenge(origin: &str) -> String {
    format!("clinic-site desk 1\n{origin}\nsign in\n2026-11-28T10:05:00Z\n{}\n", token())
}

impl Desk {
    /// The key that opens everything, and no rows.
    pub fn new(keys: &PrivateKeys) -> Self {
        let public = keys.public().unwrap();
        let readers = json!(public.texts());
        // Not quite what the client's clock says, and a full minute.
        let now = (crate::program::seconds_now() / 60 - 5) * 60;
        let now = Timestamp::from_second(now).unwrap().to_string();
        Self { address: String::new(), keys: vec![public], readers, now, rows: Vec::new() }
    }

    pub fn row(&mut self, reference: &str) -> &mut Value {
        self.rows.iter_mut().find(|row| row["reference"] == reference).unwrap()
    }

    /// What an honest server answers.
    pub fn answer(&mut self, asked: &Asked) -> Answer {
        let signed_in = asked.head.to_lowercase().contains(&format!("\r\nauthorization: bearer {}\r\n", session()));
        if !signed_in && !matches!(asked.name.as_str(), "challenge" | "session") {
            return Answer::Json(401, json!({ "error": "signed_out" }));
        }
        Answer::Json(
            200,
            match asked.name.as_str() {
                "challenge" => {
                    let sealed = self.keys.iter().map(|key| seal_text(key, &challenge(&self.address)));
                    json!({ "challenges": sealed.collect::<Vec<_>>() })
                }
                "session" if asked.body["token"] == token().as_str() => {
                    json!({ "session": session(), "key": "0".repeat(32) })
                }
                "session" => return Answer::Json(401, json!({ "error": "signed_out" })),
                "end" => json!({}),
                "list" => self.list(&asked.body),
                "get" => match self.rows.iter().find(|row| row["reference"] == asked.body["reference"]) {
                    Some(row) => json!({ "now": self.now, "row": row }),
                    None => return Answer::Json(404, json!({ "error": "not_here" })),
                },
                "change" => self.change(&asked.body),
                other => panic!("{other} is no call"),
            },
        )
    }

    fn list(&self, body: &Value) -> Value {
        let is_closed = |row: &&Value| row["closed_day"].is_null() == (body["state"] == "waiting");
        let all: Vec<&Value> = self.rows.iter().filter(is_closed).collect();
        let after = |row: &&Value| row["reference"] == body["after"]["reference"];
        let start = all.iter().position(after).map_or(0, |at| at + 1);
        let end = all.len().min(start + usize::try_from(body["limit"].as_u64().unwrap()).unwrap());
        let last = all[start..end].last().filter(|_| end < all.len());
        let next = last.map(|row| {
            json!({ "reference": row["reference"], "received_hour": row["received_hour"], "closed_day": row["closed_day"] })
        });
        json!({
            "now": self.now, "revision": "1", "waiting": 0, "closed": 0, "keep_days": 30,
            "readers": self.readers, "rows": all[start..end], "next": next,
        })
    }

    fn change(&mut self, body: &Value) -> Value {
        let results = body["changes"].as_array().unwrap().iter().map(|change| {
            let reference = change["reference"].as_str().unwrap();
            let Some(row) = self.rows.iter_mut().find(|row| row["reference"] == reference) else {
                return json!({ "reference": reference, "result": "gone", "row": null });
            };
            if hash(row["sealed"].as_str().unwrap()) != change["was"] {
                return json!({ "reference": reference, "result": "changed", "row": row });
            }
            row["sealed"] = change["sealed"].clone();
            row["closed_day"] = if change["state"] == "closed" { json!(20_785) } else { Value::Null };
            let past = json!({ "state": change["state"], "key": "0".repeat(32), "hour": 1_795_860_000 });
            row["history"].as_array_mut().unwrap().push(past);
            json!({ "reference": reference, "result": "done", "row": null })
        });
        let results: Vec<Value> = results.collect();
        json!({ "now": self.now, "revision": "2", "results": results })
    }
}

/// A request as a server has it, for these keys. `change` is made before it is sealed.
pub fn row(number: u8, keys: &PublicKeys, body: &str, change: impl FnOnce(&mut Value)) -> Value {
    let reference = Reference::from_random([number; 5]);
    let new = Form::read(body.as_bytes()).unwrap().request(Lang::En).unwrap();
    let request = Request::new(&new, &reference, "2026-11-27T11:12:00Z".to_owned(), keys.texts());
    let mut request = serde_json::to_value(&request).unwrap();
    change(&mut request);
    json!({
        "reference": reference.as_str(), "received_hour": 1_795_777_200, "language": "en", "closed_day": null,
        "keys": keys.fingerprints(), "sealed": seal_text(keys, &padded(&request.to_string())), "history": [],
    })
}

/// As long as every request is, in bytes.
fn padded(text: &str) -> String {
    format!("{text}{}", " ".repeat(PLAINTEXT_BYTES - text.len()))
}

/// It, listening.
pub struct Stub {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    desk: Arc<Mutex<Desk>>,
}

impl Stub {
    pub fn honest(desk: Desk) -> Self {
        Self::start(desk, |_, _| None)
    }

    /// `lie` answers in the place of the honest server where it gives something.
    pub fn start(mut desk: Desk, lie: impl Fn(&Asked, &mut Desk) -> Option<Answer> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        desk.address = format!("http://{address}");
        let stub = Self { address, asked: Arc::default(), desk: Arc::new(Mutex::new(desk)) };
        let (asked, desk, lie) = (Arc::clone(&stub.asked), Arc::clone(&stub.desk), Arc::new(lie));
        // It ends with the tests: one that waits for a call costs nothing.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (asked, desk, lie) = (Arc::clone(&asked), Arc::clone(&desk), Arc::clone(&lie));
                thread::spawn(move || {
                    let _ = serve(stream, |call| {
                        asked.lock().unwrap().push(call.clone());
                        let mut desk = desk.lock().unwrap();
                        lie(call, &mut desk).unwrap_or_else(|| desk.answer(call))
                    });
                });
            }
        });
        stub
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The names of the calls so far.
    pub fn calls(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.name).collect()
    }

    /// Looks at its rows, or changes them.
    pub fn with<T>(&self, look: impl FnOnce(&mut Desk) -> T) -> T {
        look(&mut self.desk.lock().unwrap())
    }
}

fn serve(mut stream: TcpStream, answer: impl FnOnce(&Asked) -> Answer) -> std::io::Result<()> {
    let (mut bytes, mut part) = (Vec::new(), [0; 16 * 1024]);
    let (head, length) = loop {
        let count = stream.read(&mut part)?;
        bytes.extend_from_slice(&part[..count]);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end + 2]).into_owned();
            let length = head
                .to_lowercase()
                .split("content-length: ")
                .nth(1)
                .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse().unwrap());
            bytes.drain(..end + 4);
            break (head, length);
        }
        if count == 0 {
            return Ok(());
        }
    };
    while bytes.len() < length {
        let count = stream.read(&mut part)?;
        bytes.extend_from_slice(&part[..count]);
    }
    let path = head.split(' ').nth(1).unwrap_or_default();
    let name = path.strip_prefix("/desk/api/").unwrap_or(path).to_owned();
    let asked = Asked { name, head, body: serde_json::from_slice(&bytes).unwrap_or_default() };
    match answer(&asked) {
        Answer::Json(status, body) => {
            let body = body.to_string();
            let head = format!(
                "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes())?;
            stream.write_all(body.as_bytes())
        }
        Answer::Raw(bytes) => stream.write_all(&bytes),
        Answer::Silence => stream.read(&mut part).map(|_| ()),
        Answer::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"challenges\":[\"")?;
            loop {
                stream.write_all(&part)?;
            }
        }
    }
}
