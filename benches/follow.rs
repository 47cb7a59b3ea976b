//! How fast a save is on the page, how fast the site starts, and what it takes: with 30 pages and with 1,000. See `benches/README.md`.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a benchmark that can't go on ends")]
#![expect(unreachable_pub, reason = "in a program nothing is public; the word says what a module offers to the others")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]

#[path = "shared/unit.rs"]
mod unit;

use clinic_site::content::Files;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The page whose title is edited.
const PAGE: &str = "en/pages/medicare.toml";

fn main() {
    println!("| pages | start to first answer | memory at rest | a save to the page |\n|---|---|---|---|");
    for pages in [30, 1000] {
        let folder = tempfile::tempdir().unwrap();
        write_content(folder.path(), pages);
        let start = median((0..7).map(|_| start(folder.path())).collect());
        let (memory, edit) = edits(folder.path());
        println!("| {pages} | {start} | {:.1} MB | {edit} |", f64::from(memory) / 1024.0);
    }
}

/// The shipped content, filled up to so many pages with copies of the group-therapy page that are in no navigation.
fn write_content(folder: &Path, pages: usize) {
    let files = Files::embedded();
    for path in files.paths() {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, files.get(path).unwrap()).unwrap();
    }
    let page = fs::read_to_string(folder.join("en/pages/group-therapy.toml")).unwrap();
    let shipped = files.paths().filter(|path| path.contains("/pages/")).count();
    for number in shipped..pages {
        let lines = page.lines().filter(|line| !line.starts_with("navigation = "));
        let copy = lines.fold(String::new(), |mut copy, line| {
            let _ = match line.split(" = ").next() {
                Some("slug") => writeln!(copy, "slug = \"page-{number}\""),
                Some("title") if !copy.contains("\ntitle = ") => writeln!(copy, "title = \"Page number {number}\""),
                _ => writeln!(copy, "{line}"),
            };
            copy
        });
        fs::write(folder.join(format!("en/pages/page-{number}.toml")), copy).unwrap();
    }
}

/// The program while it serves, and a connection to it.
struct Site {
    process: Child,
    connection: BufReader<TcpStream>,
}

impl Site {
    fn start(content: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_clinic-site"))
            .envs(unit::allocator())
            .env("CLINIC_DATA_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/follow"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "off", "--content"])
            .arg(content)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("http://").trim_end_matches('/');
        let connection = BufReader::new(TcpStream::connect(address).unwrap());
        Self { process, connection }
    }

    fn get(&mut self, path: &str) -> String {
        write!(self.connection.get_mut(), "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.connection.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        self.connection.read_exact(&mut body).unwrap();
        String::from_utf8(body).unwrap()
    }

    /// The resident set, in KiB.
    fn memory(&self) -> u32 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn start(content: &Path) -> Duration {
    let start = Instant::now();
    let mut site = Site::start(content);
    assert!(site.get("/").contains("<h1>"));
    start.elapsed()
}

fn edits(content: &Path) -> (u32, Figure) {
    let mut site = Site::start(content);
    std::thread::sleep(Duration::from_secs(3));
    let memory = site.memory();
    let original = fs::read_to_string(content.join(PAGE)).unwrap();
    // Its first one: the page's own, whatever an editor has made of it.
    let line = original.lines().find(|line| line.starts_with("title = ")).expect("the page has a title");
    let times = (0..21).map(|number| {
        // Not in step with the program's own looks at the folder.
        std::thread::sleep(Duration::from_millis(150 + 37 * (number % 7)));
        // Of another length each time, as edits are: every line behind it moves.
        let title = format!("Edit number {number} {}", "x".repeat(usize::try_from(number % 5).unwrap()));
        let text = original.replacen(line, &format!("title = \"{title}\""), 1);
        let start = Instant::now();
        fs::write(content.join(PAGE), text).unwrap();
        while !site.get("/medicare/").contains(&title) {
            assert!(start.elapsed() < Duration::from_secs(10), "the edit was not served");
        }
        start.elapsed()
    });
    let figure = median(times.collect());
    fs::write(content.join(PAGE), original).unwrap();
    (memory, figure)
}

/// The median, and the fastest and the slowest.
struct Figure(Duration, Duration, Duration);

fn median(mut times: Vec<Duration>) -> Figure {
    times.sort();
    let at = |index: usize| *times.get(index).expect("times were taken");
    Figure(at(times.len() / 2), at(0), at(times.len() - 1))
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        write!(f, "{:.0} ms ({:.0} to {:.0})", ms(self.0), ms(self.1), ms(self.2))
    }
}
