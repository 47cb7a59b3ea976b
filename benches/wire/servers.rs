//! The servers that are measured: each one process, on the first processor.

use super::client::{self, Answer};
use super::unit;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The page that is asked for: about 4.3 KB in brotli.
pub const PAGE: &str = "/individual-therapy/";

/// A server that runs.
pub struct Server {
    process: Child,
    pub address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a process has taken so far.
#[derive(Clone, Copy)]
pub struct Taken {
    /// Time of the processor, in microseconds.
    pub processor: f64,
    /// The resident set, in KiB.
    pub memory: f64,
}

impl Server {
    /// This site, with the log that is asked for, started as its unit for systemd starts it.
    pub fn site(arguments: &[&str]) -> Self {
        Self::started(
            pinned(env!("CARGO_BIN_EXE_clinic-site"))
                .envs(unit::allocator())
                .args(["serve", "--listen", "127.0.0.1:0", "--data-dir", concat!(env!("CARGO_TARGET_TMPDIR"), "/wire")])
                .args(arguments),
        )
    }

    /// A bare hyper server that sends what the site sends.
    pub fn bare(folder: &Path, answer: &Answer) -> Self {
        let (head, body) = (folder.join("head"), folder.join("body"));
        let lines = answer.head.iter().filter(|line| !line.starts_with("content-length: "));
        fs::write(&head, lines.flat_map(|line| [line.as_str(), "\n"]).collect::<String>()).unwrap();
        fs::write(&body, &answer.body).unwrap();
        Self::started(pinned(std::env::current_exe().unwrap().to_str().unwrap()).arg("bare").args([head, body]))
    }

    /// nginx with the files of the page and the site's headers, as fast as it is usually set up; with the log that is asked for.
    pub fn nginx(folder: &Path, site: &Self, log: &str) -> Self {
        let root = folder.join("files").join(PAGE.trim_matches('/'));
        fs::create_dir_all(&root).unwrap();
        let plain = client::get(site.address, PAGE, "identity").unwrap();
        fs::write(root.join("index.html"), &plain.body).unwrap();
        for (coding, ending) in [("br", "br"), ("gzip", "gz")] {
            let coded = client::get(site.address, PAGE, coding).unwrap();
            fs::write(root.join(format!("index.html.{ending}")), coded.body).unwrap();
        }
        let own = ["content-type", "content-length", "content-encoding", "etag", "vary"];
        let headers =
            plain.head.iter().filter_map(|line| line.split_once(": ")).filter(|(name, _)| !own.contains(name));
        let headers: String = headers.flat_map(|(name, value)| ["add_header ", name, " \"", value, "\";\n"]).collect();
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let config = include_str!("nginx.conf")
            .replace("LOG", log)
            .replace("FOLDER", folder.to_str().unwrap())
            .replace("ADDRESS", &free.to_string())
            .replace("HEADERS", &headers);
        let file = folder.join("nginx.conf");
        fs::write(&file, config).unwrap();
        let mut command = pinned("nginx");
        command.arg("-e").arg(folder.join("error.log")).arg("-c").arg(file).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Self { process: command.spawn().unwrap(), address: free };
        let started = Instant::now();
        while client::get(free, PAGE, "br").is_err() {
            assert!(started.elapsed() < Duration::from_secs(5), "nginx did not start; see its error.log");
            std::thread::sleep(Duration::from_millis(10));
        }
        server
    }

    fn started(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit("//").next().and_then(|rest| rest.trim_end_matches('/').parse().ok());
        Self { process, address: address.unwrap_or_else(|| panic!("no address but {line:?}")) }
    }

    pub fn taken(&self) -> Taken {
        let id = self.process.id();
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let memory =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
        // A tick is a hundredth of a second on every Linux there is (`getconf CLK_TCK`).
        Taken { processor: ticks * 10_000.0, memory: memory.unwrap() }
    }
}

/// A program on the first processor.
fn pinned(program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", "0", program]);
    command
}
