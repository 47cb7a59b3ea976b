//! Rounds of load, interleaved: each round measures every server once, so that what else the machine does meets all of them.

use super::client;
use super::servers::{PAGE, Server};
use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
/// Idle connections whose memory is measured.
const IDLE: usize = 2000;

/// What was measured of one server, a figure a round.
pub struct Figures {
    pub name: &'static str,
    pub rate: Vec<f64>,
    pub half: Vec<f64>,
    pub most: Vec<f64>,
    pub cost: Vec<f64>,
    /// The resident set at rest and under load, in MB.
    pub memory: (f64, f64),
    /// What a connection takes that was silent from the start, and one that has had an answer, in KB.
    pub idle: (f64, f64),
}

pub fn run() -> Vec<Figures> {
    let (folder, with_log) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let site = Server::site(&["--log", "off"]);
    // The smallest bytes are made in the background.
    std::thread::sleep(Duration::from_secs(8));
    let answer = client::get(site.address, PAGE, "br").unwrap();
    assert_eq!(answer.status, 200);
    let bare = Server::bare(folder.path(), &answer);
    let nginx = Server::nginx(folder.path(), &site, "off");
    // Gathered for as long as the site's, and thrown away as the site's is here.
    let nginx_logged = Server::nginx(with_log.path(), &site, "/dev/null combined buffer=256k flush=50ms");
    let logged = Server::site(&[]);
    std::thread::sleep(Duration::from_secs(8));
    let servers = [
        ("nginx", nginx),
        ("bare hyper", bare),
        ("clinic-site", site),
        ("nginx, with its log", nginx_logged),
        ("clinic-site, with its log", logged),
    ];
    for (name, server) in &servers {
        let sent = client::get(server.address, PAGE, "br").unwrap();
        assert_eq!((sent.status, sent.body.len()), (200, answer.body.len()), "{name}");
    }
    let mut figures: Vec<Figures> = servers
        .iter()
        .map(|(name, server)| Figures {
            name,
            rate: Vec::new(),
            half: Vec::new(),
            most: Vec::new(),
            cost: Vec::new(),
            memory: (server.taken().memory / 1024.0, 0.0),
            idle: idle(server),
        })
        .collect();
    for round in 0..=ROUNDS {
        for ((_, server), figures) in servers.iter().zip(&mut figures) {
            let before = server.taken();
            let (requests, seconds, half, most) = load(server);
            let after = server.taken();
            // The first round warms up.
            if round > 0 {
                figures.rate.push(requests / seconds);
                figures.cost.push((after.processor - before.processor) / requests);
                figures.half.push(half);
                figures.most.push(most);
                figures.memory.1 = after.memory / 1024.0;
            }
        }
        eprintln!("round {round} of {ROUNDS}");
    }
    figures
}

/// Half a minute of requests on 32 connections, by wrk on the second processor: requests, seconds, and the latencies of which half and all
/// but one in a hundred are no worse, in microseconds.
fn load(server: &Server) -> (f64, f64, f64, f64) {
    let address = format!("http://{}{PAGE}", server.address);
    let output = Command::new("taskset")
        .args(["-c", "1", "wrk", "-t1", "-c32", "-d4s", "--latency", "-H", "Accept-Encoding: br", &address])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("Non-2xx"), "{text}");
    let line =
        |start: &str| text.lines().find_map(|line| line.trim().strip_prefix(start)).unwrap_or_else(|| panic!("{text}"));
    let total = text.lines().find(|line| line.contains(" requests in ")).unwrap();
    let words: Vec<&str> = total.split_whitespace().collect();
    let requests = words[0].parse().unwrap();
    (requests, micros(words[3].trim_end_matches(',')) / 1e6, micros(line("50%").trim()), micros(line("99%").trim()))
}

/// A time as wrk writes it.
fn micros(text: &str) -> f64 {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap());
    let unit = match unit {
        "us" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        other => panic!("a time in {other}"),
    };
    number.parse::<f64>().unwrap() * unit
}

/// What an idle connection takes, in KB.
fn idle(server: &Server) -> (f64, f64) {
    let each = |asks: bool| {
        let before = server.taken().memory;
        let mut connections: Vec<_> = (0..IDLE).map(|_| client::connect(server.address).unwrap()).collect();
        if asks {
            for connection in &mut connections {
                client::ask(connection, PAGE, "br").unwrap();
            }
        }
        let settled = Instant::now();
        while settled.elapsed() < Duration::from_secs(4) {
            std::thread::sleep(Duration::from_millis(100));
        }
        (server.taken().memory - before) * 1.024 / IDLE as f64
    };
    // What the first leaves behind, the second uses again: so it is measured on its own.
    let asked = each(true);
    (each(false), asked)
}

/// The median.
pub fn median(figures: &[f64]) -> f64 {
    let mut figures = figures.to_vec();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// How far the rounds lie apart, in per cent of the median.
fn spread(figures: &[f64]) -> f64 {
    let most = figures.iter().copied().fold(0.0, f64::max);
    let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
    (most - least) / median(figures) * 100.0
}

pub fn table(all: &[Figures]) -> String {
    let nginx = (median(&all[0].rate), median(&all[0].cost));
    let bare = median(&all[1].cost);
    let mut table = String::from(
        "| server | requests/s | × nginx | µs of processor a request | × bare hyper | p50 | p99 | memory at rest, under load | an idle connection: silent, after an answer | rounds apart: requests/s, µs |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for figures in all {
        let (rate, cost) = (median(&figures.rate), median(&figures.cost));
        // Writing to a string doesn't fail.
        let _ = writeln!(
            table,
            "| {} | {rate:.0} | {:.2} | {cost:.2} | {:.2} | {:.0} µs | {:.0} µs | {:.1}, {:.1} MB | {:.1}, {:.1} KB | {:.0} %, {:.0} % |",
            figures.name,
            rate / nginx.0,
            cost / bare,
            median(&figures.half),
            median(&figures.most),
            figures.memory.0,
            figures.memory.1,
            figures.idle.0,
            figures.idle.1,
            spread(&figures.rate),
            spread(&figures.cost),
        );
    }
    table
}
