//! A PostgreSQL of the tests' own, on loopback, in a temporary folder, with every flush of the disk that a real one makes.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use url::Url;

/// Waits for its standard input to end, which it does when the tests end, however they end; then nothing is left of the database.
const WATCH: &str = r#"dir=$(mktemp -d) && echo "$dir" && cat >/dev/null
"$1/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1; rm -rf "$dir""#;

/// Runs PgBouncer with a configuration until its own standard input ends.
const POOLER: &str = r#"dir=$(mktemp -d) && printf '%s' "$2" >"$dir/ini" && { "$1" -q "$dir/ini" >/dev/null 2>&1 </dev/null & pooler=$!; }
cat >/dev/null; kill -9 "$pooler"; wait "$pooler"; rm -rf "$dir""#;

/// PgBouncer before a database. It ends with this value.
pub struct Pooler {
    watch: Child,
    /// The database behind it.
    pub url: Url,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        let _ = self.watch.wait();
    }
}

/// A database server. It ends with this value.
pub struct Postgres {
    programs: PathBuf,
    folder: String,
    port: u16,
    watch: Child,
    databases: AtomicUsize,
}

impl Postgres {
    /// One for all tests that leave it running.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// One that a test may stop and kill. None where PostgreSQL isn't installed.
    pub fn start() -> Option<Self> {
        let programs = super::parts::postgresql_programs()?;
        let port = super::ports::free_port();
        let mut watch = as_postgres("sh")
            .args(["-c", WATCH, "watch"])
            .arg(&programs)
            // A group of its own: what ends the tests by a signal to theirs doesn't end the watch before it has cleaned up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut folder = String::new();
        BufReader::new(watch.stdout.take().unwrap()).read_line(&mut folder).unwrap();
        let folder = folder.trim().to_owned();
        assert!(!folder.is_empty(), "PostgreSQL's own user can't make a folder");
        let server = Self { programs, folder, port, watch, databases: AtomicUsize::new(0) };
        let made = server
            .run("initdb", &["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"]);
        assert!(made, "initdb failed");
        server.go_on();
        Some(server)
    }

    /// Runs one of PostgreSQL's programs on the data folder.
    fn run(&self, program: &str, arguments: &[&str]) -> bool {
        let mut command = as_postgres(self.programs.join(program).to_str().unwrap());
        command.args(["-D", &format!("{}/data", self.folder)]).args(arguments).current_dir("/");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    }

    /// Starts it, or starts it again.
    pub fn go_on(&self) {
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={} -c max_connections=300",
            self.port, self.folder
        );
        let log = format!("{}/log", self.folder);
        // What a killed server leaves behind takes a moment to go.
        for _ in 0..60 {
            if self.run("pg_ctl", &["-w", "-t", "60", "-l", &log, "-o", &options, "start"]) {
                return;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        panic!("PostgreSQL doesn't start; its log: {}", std::fs::read_to_string(log).unwrap_or_default());
    }

    /// Stops it: whoever is connected is cut off.
    pub fn stop(&self) {
        assert!(self.run("pg_ctl", &["-m", "fast", "-w", "-t", "60", "stop"]), "PostgreSQL doesn't stop");
    }

    /// Kills it, as a power cut does to the process.
    pub fn kill(&self) {
        let file = format!("{}/data/postmaster.pid", self.folder);
        let text = as_postgres("cat").arg(file).output().unwrap().stdout;
        let text = String::from_utf8(text).unwrap();
        let pid = text.lines().next().unwrap();
        assert!(as_postgres("kill").args(["-9", pid]).status().unwrap().success());
    }

    /// A new database.
    pub fn database(&self) -> Url {
        let name = format!("clinic{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port).parse().unwrap()
    }

    /// PgBouncer before a database, in a mode of its own (`transaction`, `session`). None where it isn't installed.
    pub fn pooler(&self, database: &Url, mode: &str) -> Option<Pooler> {
        let program = super::parts::program("pgbouncer")?;
        let port = super::ports::free_port();
        let name = database.path().trim_start_matches('/');
        let configuration = format!(
            "[databases]\n{name} = host=127.0.0.1 port={} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = any\npool_mode = {mode}\nignore_startup_parameters = extra_float_digits\n",
            self.port
        );
        let mut command = as_postgres("sh");
        command.args(["-c", POOLER, "watch"]).arg(program).arg(configuration);
        let watch = command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let url = format!("postgres://postgres@127.0.0.1:{port}/{name}").parse().unwrap();
        Some(Pooler { watch, url })
    }

    /// Runs SQL in a database, as its owner, and gives what it printed.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let port = self.port.to_string();
        let arguments = ["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-d", database, "-qAtX", "-c", sql];
        let output = Command::new(self.programs.join("psql")).args(arguments).current_dir("/").output().unwrap();
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        let _ = self.watch.wait();
    }
}

/// A command as PostgreSQL's own user: it refuses to run as root.
fn as_postgres(program: &str) -> Command {
    if !super::parts::is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--", program]).current_dir("/");
    command
}
