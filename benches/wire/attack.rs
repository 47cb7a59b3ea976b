//! Attacks, on this computer alone and for a few seconds each: while they last, a visitor asks for a page ten times a second.

use super::client;
use super::servers::{PAGE, Server};
use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// The page that takes posts: any other path refuses them at once.
const FORM: &str = "/appointments/";

/// How long each attack lasts.
const LASTS: Duration = Duration::from_secs(15);

/// What a visitor and the server went through.
#[derive(Default)]
struct Seen {
    answers: usize,
    failures: usize,
    slowest: Duration,
    memory: f64,
}

pub fn run() -> String {
    let server = Server::site(&["--log", "off"]);
    thread::sleep(Duration::from_secs(4));
    let before = server.taken().memory / 1024.0;
    let mut table = format!(
        "At rest the process had {before:.1} MB.\n\n| attack | a visitor's requests | failed | slowest | most memory |\n|---|--:|--:|--:|--:|\n"
    );
    let slow = |path: &str, options: &[&str]| {
        let address = format!("http://{}{path}", server.address);
        let mut command = Command::new("slowhttptest");
        command.args(["-c", "300", "-r", "300", "-l", "15", "-p", "5", "-u", &address]).args(options);
        let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    };
    let attacks: [(&str, &(dyn Fn() + Sync)); 5] = [
        ("slow heads: slowhttptest -H, 300 connections", &|| slow(PAGE, &["-H", "-i", "2"])),
        ("slow bodies sent to the form: slowhttptest -B, 300 connections", &|| {
            slow(FORM, &["-B", "-i", "2", "-s", "8192", "-f", "application/x-www-form-urlencoded"]);
        }),
        ("slow reading: slowhttptest -X, 300 connections", &|| {
            slow(PAGE, &["-X", "-w", "64", "-y", "128", "-n", "2", "-z", "16", "-k", "3"]);
        }),
        ("10,000 idle connections", &|| idle(&server, 10_000)),
        ("a flood of new connections, each with one request", &|| flood(&server)),
    ];
    for (name, attack) in attacks {
        let seen = visited(&server, attack);
        let _ = writeln!(
            table,
            "| {name} | {} | {} | {:.0} ms | {:.1} MB |",
            seen.answers,
            seen.failures,
            seen.slowest.as_secs_f64() * 1e3,
            seen.memory / 1024.0
        );
    }
    thread::sleep(Duration::from_secs(20));
    let _ = writeln!(table, "\nTwenty seconds after, it had {:.1} MB.", server.taken().memory / 1024.0);
    table
}

/// Lets a visitor ask while an attack lasts, and for two seconds after it.
fn visited(server: &Server, attack: &(dyn Fn() + Sync)) -> Seen {
    let over = AtomicBool::new(false);
    let mut seen = Seen::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            attack();
            thread::sleep(Duration::from_secs(2));
            over.store(true, Relaxed);
        });
        while !over.load(Relaxed) {
            let asked = Instant::now();
            match client::get(server.address, PAGE, "br") {
                Ok(answer) if answer.status == 200 => seen.answers += 1,
                _ => seen.failures += 1,
            }
            seen.slowest = seen.slowest.max(asked.elapsed());
            seen.memory = seen.memory.max(server.taken().memory);
            thread::sleep(Duration::from_millis(100));
        }
    });
    seen
}

/// Connections that say nothing, opened anew when they are cut.
fn idle(server: &Server, count: usize) {
    let started = Instant::now();
    let mut connections = Vec::new();
    while started.elapsed() < LASTS {
        if connections.len() < count {
            connections.extend(client::connect(server.address).ok());
        } else {
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// As many connections as can be made.
fn flood(server: &Server) {
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                while started.elapsed() < LASTS {
                    let _ = client::get(server.address, PAGE, "br");
                }
            });
        }
    });
}
