//! What other processes, and the files of a crash, get to know of the program's memory: nothing.

use crate::harness::parts::{is_root, left_out};
use crate::program::{self, PROGRAM, Serving};
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A user without privileges, on every Linux.
const NOBODY: u32 = 65_534;

#[test]
fn neither_a_core_dump_nor_another_process_of_the_same_user_gets_at_the_memory() {
    let folder = TempDir::new().unwrap();
    let (copy, data) = (folder.path().join("clinic-site"), folder.path().join("data"));
    fs::create_dir(&data).unwrap();
    let mut command = if is_root() {
        // Root may look at everything, so the server is somebody else, who may not be allowed into the folder of the tests' own program.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        program::copy(PROGRAM, &copy);
        chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
        let mut command = Command::new(&copy);
        command.env_clear().uid(NOBODY).gid(NOBODY);
        command
    } else {
        program::command(&[])
    };
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir", data.to_str().unwrap()]);
    let mut server = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let own = format!("/proc/{}", server.id());
    // The files of a process that can't be dumped belong to root (proc(5)).
    let owner = fs::metadata(format!("{own}/mem")).map(|file| file.uid());
    let core = fs::read_to_string(format!("{own}/limits")).unwrap();
    // What metrics and benchmarks read.
    let status = fs::read_to_string(format!("{own}/status")).unwrap();
    // Another process of the same user, which may look at any other process of that user.
    let mut other = Command::new("head");
    other.args(["-c", "1", &format!("{own}/auxv")]).stdin(Stdio::null());
    if is_root() {
        other.uid(NOBODY).gid(NOBODY);
    }
    let looked = other.output().unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(line.starts_with("http://"), "it doesn't serve: {line:?}");
    assert_eq!(owner.unwrap(), 0, "the same user may trace it");
    assert!(!looked.status.success(), "{looked:?}");
    let core = core.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
    assert!(status.contains("VmRSS:"), "{status}");
}

#[test]
fn a_crash_writes_no_core_file() {
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap();
    if pattern.trim_start().starts_with(['|', '/']) {
        left_out("core files in the working folder", "the kernel gives them to a program");
        return;
    }
    let folder = TempDir::new().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -c unlimited; exec \"$@\"", "sh", PROGRAM, "serve", "--listen", "127.0.0.1:0"]);
    shell.env_clear().env("PATH", "/usr/bin:/bin").env("CLINIC_DATA_DIR", folder.path().join("data"));
    shell.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut server = shell.spawn().unwrap();
    let mut stdout = BufReader::new(server.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    assert!(Command::new("kill").args(["-ABRT", &server.id().to_string()]).status().unwrap().success());
    let _ = stdout.read_to_end(&mut Vec::new());
    assert!(!server.wait().unwrap().success());
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["data"]);
}

#[test]
fn the_figures_of_a_process_stay_readable() {
    let server = Serving::start(&["serve"]);
    for file in ["status", "stat"] {
        assert!(!fs::read(format!("/proc/{}/{file}", server.process.id())).unwrap().is_empty(), "{file}");
    }
}
