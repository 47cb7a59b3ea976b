//! Restarts and upgrades while visitors come, with a socket that outlives the process, as systemd keeps it: nobody is refused, cut or answered wrongly.
//!
//! Five restarts belong to the suite. `CLINIC_RESTARTS=100` makes it that many, each fifth of them to another program (`CLINIC_UPGRADE_BIN`, or a copy of
//! the same), and says what was counted. `CLINIC_RESTARTS_DIRECT=1` leaves the socket to the process, to see what it loses.

mod load;
mod replicas;

use crate::harness::stores::block_on;
use crate::program::{self, PROGRAM, soon};
use clinic_site::requests::keys::PrivateKeys;
use clinic_site::requests::seal::open;
use clinic_site::requests::store::{Location, Store, Wanted};
use load::{Counts, visit};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// Passes its standard input on as the first socket of a service manager (`sd_listen_fds(3)`).
const PASS: &str = r#"exec 3<&0 </dev/null; export LISTEN_PID=$$; exec "$@""#;

/// What systemd does for a service: it keeps the socket, and starts the program with it.
struct Manager {
    address: SocketAddr,
    socket: Option<TcpListener>,
    name: &'static str,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    folder: TempDir,
}

impl Manager {
    fn new(arguments: &[&str]) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            address: socket.local_addr().unwrap(),
            socket: Some(socket),
            name: "site",
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            environment: Vec::new(),
            folder: TempDir::new().unwrap(),
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = match &self.socket {
            Some(socket) => {
                let mut command = Command::new("sh");
                command
                    .args(["-c", PASS, "sh"])
                    .arg(program)
                    .envs([("LISTEN_FDS", "1"), ("LISTEN_FDNAMES", self.name)]);
                command.stdin(OwnedFd::from(socket.try_clone().unwrap()));
                command
            }
            None => Command::new(program),
        };
        command.env_clear().env("PATH", "/usr/bin:/bin").env("CLINIC_DATA_DIR", self.data());
        if self.socket.is_some() {
            command.envs([("LISTEN_FDS", "1"), ("LISTEN_FDNAMES", self.name)]);
        }
        command.args(&self.arguments).envs(self.environment.clone()).stdout(Stdio::piped());
        command
    }

    /// Starts a program, and waits until it serves.
    #[track_caller]
    fn start(&self, program: &Path) -> Process {
        let mut process = Process(self.command(program).stderr(Stdio::null()).spawn().unwrap());
        let mut line = String::new();
        BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, format!("http://{}/\n", self.address));
        process
    }
}

/// A process that ends with this value.
struct Process(Child);

impl Process {
    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.0.id().to_string()]).status().unwrap().success());
    }

    #[track_caller]
    fn stop(mut self) {
        self.signal("-TERM");
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn number(name: &str) -> Option<u32> {
    std::env::var_os(name).map(|number| number.to_str().unwrap().parse().unwrap())
}

fn path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// The program, or another one that may have to fail.
fn program() -> PathBuf {
    path("CLINIC_SITE_BIN").unwrap_or_else(|| PROGRAM.into())
}

#[test]
fn nobody_is_refused_or_cut_while_the_program_is_restarted_and_replaced() {
    let (restarts, tells) = (number("CLINIC_RESTARTS").unwrap_or(5), number("CLINIC_RESTARTS").is_some());
    let keys = PrivateKeys::generate();
    let key = keys.public().unwrap().texts().remove(0);
    let minimal = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/minimal");
    let mut manager =
        Manager::new(&["serve", "--content", minimal, "--log", "off", "--public-url", "http://localhost"]);
    let limits = ["--network-limit", "100000000", "--total-limit", "100000000", "--staff-key", &key];
    manager.arguments.extend(limits.map(str::to_owned));
    if number("CLINIC_RESTARTS_DIRECT").is_some() {
        manager.arguments.extend(["--listen".to_owned(), manager.address.to_string()]);
        manager.socket = None;
    }
    let program = program();
    let other = path("CLINIC_UPGRADE_BIN").unwrap_or_else(|| {
        let copy = manager.folder.path().join("clinic-site-2");
        fs::hard_link(&program, &copy).unwrap_or_else(|_| program::copy(&program, &copy));
        copy
    });
    let mut process = manager.start(&program);
    let (address, over) = (manager.address, Arc::new(AtomicBool::new(false)));
    let visitors = {
        let over = Arc::clone(&over);
        thread::spawn(move || block_on(visit(address, over)))
    };
    let mut is_other = false;
    for restart in 1..=restarts {
        thread::sleep(Duration::from_millis(150));
        process.stop();
        is_other ^= restart % 5 == 0;
        process = manager.start(if is_other { &other } else { &program });
    }
    thread::sleep(Duration::from_millis(150));
    over.store(true, Ordering::Relaxed);
    let (counts, promised) = visitors.join().unwrap();
    process.stop();
    if tells {
        tell(&format!("{restarts} restarts, {} of them to another program", restarts / 5), &counts);
    }
    for (kind, counts) in &counts {
        assert!(counts.asked > 0, "{kind} asked nothing");
        assert_eq!(counts.retried, 0, "{kind}: a connection was closed on a request");
        assert!(
            counts.failed.is_empty(),
            "{kind}: {} of {} failed: {:#?}",
            counts.failed.len(),
            counts.asked,
            counts.failed
        );
    }
    is_kept_once(Location::Folder(manager.data()), &keys, &promised);
}

/// Past the capture of tests that pass.
fn tell(what: &str, counts: &BTreeMap<&str, Counts>) {
    let _ = writeln!(std::io::stderr(), "{what}");
    for (kind, counts) in counts {
        let Counts { asked, retried, failed, slowest } = counts;
        let (failed, why) = (failed.len(), failed.iter().take(3).collect::<Vec<_>>());
        let _ = writeln!(
            std::io::stderr(),
            "{kind}: {asked} asked, {failed} failed {why:?}, {retried} sent again, {slowest:?} the slowest"
        );
    }
}

/// Every request that was acknowledged is there, once.
fn is_kept_once(location: Location, keys: &PrivateKeys, promised: &BTreeSet<String>) {
    block_on(async {
        let store = Store::new(location).unwrap();
        let mut kept = BTreeSet::new();
        for row in store.list(Wanted::Waiting, u16::MAX).await.unwrap() {
            let name = open(keys, &row.sealed).unwrap().answers.name.to_string();
            assert!(kept.insert(name.clone()), "{name} is there twice");
        }
        let lost: Vec<_> = promised.difference(&kept).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        store.close().await;
    });
}

/// What the program tells the service manager, in order.
struct Told(UnixDatagram);

impl Told {
    fn at(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Self(socket)
    }

    /// The next message with a line that begins so.
    #[track_caller]
    fn next(&self, start: &str) -> String {
        let mut bytes = [0; 4096];
        loop {
            let length = self.0.recv(&mut bytes).unwrap_or_else(|error| panic!("no {start}: {error}"));
            let text = String::from_utf8(bytes[..length].to_vec()).unwrap();
            if text.lines().any(|line| line.starts_with(start)) {
                return text;
            }
        }
    }
}

#[test]
fn the_service_manager_is_told_of_the_start_of_reloads_of_life_and_of_the_stop() {
    let content = TempDir::new().unwrap();
    let copied = Command::new("cp").arg("-r").arg("tests/fixtures/minimal/.").arg(content.path()).status().unwrap();
    assert!(copied.success());
    let mut manager = Manager::new(&["serve", "--log", "off", "--content", content.path().to_str().unwrap()]);
    let place = manager.folder.path().join("notify");
    let told = Told::at(&place);
    let seconds = "2000000";
    manager.environment = [("NOTIFY_SOCKET", place.to_str().unwrap()), ("WATCHDOG_USEC", seconds)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    let process = manager.start(&program());
    let first = told.next("READY=1");
    assert!(first.contains("STATUS=serving revision ") && !first.contains("degraded"), "{first}");
    told.next("WATCHDOG=1");
    told.next("WATCHDOG=1");
    process.signal("-HUP");
    let reloading = told.next("RELOADING=1");
    let time = reloading.lines().find_map(|line| line.strip_prefix("MONOTONIC_USEC=")).unwrap();
    assert!(time.parse::<u64>().unwrap() > 0);
    assert!(!told.next("READY=1").contains("degraded"));
    // A refusal ends the reload too, and the state says so.
    fs::write(content.path().join("clinic.toml"), "name = ").unwrap();
    told.next("STATUS=serving revision ");
    process.signal("-HUP");
    told.next("RELOADING=1");
    let refused = told.next("READY=1");
    assert!(refused.contains("degraded: newer content is refused: "), "{refused}");
    process.signal("-TERM");
    told.next("STOPPING=1");
    process.stop();
}

#[test]
fn a_reload_ends_where_no_folder_is_followed_too() {
    let mut manager = Manager::new(&["serve", "--log", "off"]);
    let place = manager.folder.path().join("notify");
    let told = Told::at(&place);
    manager.environment.push(("NOTIFY_SOCKET".to_owned(), place.to_str().unwrap().to_owned()));
    let process = manager.start(&program());
    told.next("READY=1");
    process.signal("-HUP");
    told.next("RELOADING=1");
    told.next("READY=1");
}

#[test]
fn a_socket_that_nothing_is_served_on_is_refused_in_words() {
    let refused = |name: &'static str, arguments: &[&str]| {
        let mut manager = Manager::new(arguments);
        manager.name = name;
        let output = manager.command(&program()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = refused("connection", &["serve"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("a socket called `connection`") && said.contains("leave Accept= out"), "{said}");
}

#[test]
fn a_socket_of_the_service_manager_comes_before_an_address_and_under_any_single_name() {
    for name in ["site", "clinic-site.socket", ""] {
        let mut manager = Manager::new(&["serve", "--listen", "127.0.0.1:9"]);
        manager.name = name;
        let mut process = Process(manager.command(&program()).stderr(Stdio::piped()).spawn().unwrap());
        let mut stderr = BufReader::new(process.0.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("is not used") {
            assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
        }
        let wanted = format!("{}; the option's address, 127.0.0.1:9, is not used", manager.address);
        assert!(said.contains(&wanted), "{said}");
    }
    // A preview is for this computer alone, whoever opened its socket.
    let mut manager = Manager::new(&["serve"]);
    manager.socket = Some(TcpListener::bind("0.0.0.0:0").unwrap());
    let output = manager.command(&program()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("other computers could reach the preview"), "{said}");
}

/// How often the threads of a process have given up the processor by themselves: each wait for something, whatever it is for.
fn waits(process: u32) -> u64 {
    let threads = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let status = threads.filter_map(|thread| fs::read_to_string(thread.unwrap().path().join("status")).ok());
    let of = |status: String| {
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:").map(str::to_owned));
        line.unwrap().trim().parse::<u64>().unwrap()
    };
    status.map(of).sum()
}

#[test]
fn an_idle_server_that_follows_a_folder_sleeps() {
    let minimal = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/minimal");
    let server = program::Serving::start(&["serve", "--content", minimal]);
    // At first pages are still compressed, and what threads that end have counted is gone.
    let mut last = Vec::new();
    soon("it sleeps", || {
        let before = waits(server.process.id());
        thread::sleep(Duration::from_millis(1500));
        last.push(waits(server.process.id()).saturating_sub(before));
        last.len() > 1 && last.iter().rev().take(2).all(|waits| *waits <= 10)
    });
}
