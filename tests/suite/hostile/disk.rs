//! A content folder as others leave it: links, pipes, devices, what may not be read, and files that become others meanwhile.

use super::{MEMORY, highest};
use crate::connections::Client;
use crate::content::minimal;
use crate::harness::parts::{is_root, left_out, ran};
use crate::harness::with_value;
use crate::program::{self, PROGRAM, Ran, Serving, folder, ran as output_of, run, soon};
use clinic_site::content::Files;
use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// What must never be said of a file outside of the folder.
const SECRET: &str = "root-x-0-0-a-secret";

const PAGE: &str = "en/pages/home.toml";

/// How long reading a folder may take before it is taken for stuck.
const DEADLINE: Duration = Duration::from_secs(20);

#[track_caller]
fn check(content: &Path, arguments: &[&str]) -> Ran {
    run(&[&["check", "--content", content.to_str().unwrap()], arguments].concat())
}

/// Asserts that a folder is refused by a rule at a path, and by no other, and that nothing of the secret is said.
#[track_caller]
fn refused(content: &Path, path: &str, rule: &str) {
    for format in ["text", "json", "github"] {
        let Ran { code, stdout, stderr } = check(content, &["--format", format]);
        assert_eq!(code, Some(1), "{stdout}{stderr}");
        assert!(!format!("{stdout}{stderr}").contains(SECRET), "{stdout}{stderr}");
    }
    let json: serde_json::Value = serde_json::from_str(&check(content, &["--format", "json"]).stdout).unwrap();
    let findings = json["findings"].as_array().unwrap();
    let errors: Vec<_> = findings.iter().filter(|finding| finding["severity"] == "error").collect();
    let told: Vec<_> = errors.iter().map(|error| format!("{} {}", error["path"], error["rule"])).collect();
    let wanted = format!("\"{}/{path}\" \"{rule}\"", content.display());
    assert_eq!(told, [wanted], "{json:#}");
}

/// A file with the secret, outside of every content folder: a page of the smallest content that says it, and no TOML.
fn outside() -> TempDir {
    let outside = TempDir::new().unwrap();
    let page = String::from_utf8(minimal().get(PAGE).unwrap().to_vec()).unwrap();
    fs::write(outside.path().join("page.toml"), page.replace("Welcome", SECRET)).unwrap();
    fs::write(outside.path().join("passwd"), format!("{SECRET}:\n")).unwrap();
    outside
}

#[test]
fn a_link_that_leaves_the_folder_is_refused_and_nothing_of_it_is_quoted() {
    let outside = outside();
    let name = outside.path().file_name().unwrap().to_str().unwrap();
    for target in [
        outside.path().join("passwd"),
        outside.path().join("page.toml"),
        PathBuf::from("../../../").join(name).join("passwd"),
        PathBuf::from("/proc/self/environ"),
    ] {
        let content = folder(&minimal());
        fs::remove_file(content.path().join(PAGE)).unwrap();
        symlink(&target, content.path().join(PAGE)).unwrap();
        refused(content.path(), PAGE, "outside-link");
    }
    // By a link within to one that leaves.
    let content = folder(&minimal());
    symlink(outside.path().join("passwd"), content.path().join(".hidden")).unwrap();
    fs::remove_file(content.path().join(PAGE)).unwrap();
    symlink("../../.hidden", content.path().join(PAGE)).unwrap();
    refused(content.path(), PAGE, "outside-link");
    // A whole folder.
    let content = folder(&minimal());
    let spanish = TempDir::new().unwrap();
    fs::write(spanish.path().join("ui.toml"), SECRET).unwrap();
    symlink(spanish.path(), content.path().join("es")).unwrap();
    refused(content.path(), "es", "outside-link");
    // One that nothing reads: not even the names in it are said.
    let content = folder(&minimal());
    fs::write(spanish.path().join(SECRET), "").unwrap();
    symlink(spanish.path(), content.path().join("backup")).unwrap();
    let Ran { code, stdout, stderr } = check(content.path(), &[]);
    assert!(code == Some(0) && !format!("{stdout}{stderr}").contains(SECRET), "{stdout}{stderr}");
}

#[test]
fn links_within_the_folder_go_on_working() {
    let plain = check(folder(&minimal()).path(), &[]);
    assert_eq!(plain.code, Some(0), "{plain:?}");
    // As Kubernetes mounts a ConfigMap: every name leads through one link that turns.
    let place = TempDir::new().unwrap();
    let (content, first) = (place.path().join("content"), "..2026_11_27");
    fs::create_dir(&content).unwrap();
    fs::rename(folder(&minimal()).keep(), content.join(first)).unwrap();
    symlink(first, content.join("..data")).unwrap();
    for entry in fs::read_dir(content.join(first)).unwrap() {
        let name = entry.unwrap().file_name();
        symlink(Path::new("..data").join(&name), content.join(&name)).unwrap();
    }
    // A file by its whole path, and the folder itself by a link.
    let home = content.join(first).join(PAGE);
    fs::rename(&home, content.join(".home")).unwrap();
    symlink(content.join(".home"), &home).unwrap();
    let link = place.path().join("current");
    symlink(&content, &link).unwrap();
    for named in [&content, &link] {
        let linked = check(named, &[]);
        assert_eq!((linked.code, &linked.stdout), (plain.code, &plain.stdout));
        assert!(linked.stderr.ends_with(": 0 errors, 0 warnings\n"), "{}", linked.stderr);
    }
}

/// Puts something in the place of a file.
type Make<'a> = &'a dyn Fn(&Path);

#[test]
fn what_is_no_file_is_told_and_never_waited_for() {
    let make_pipe = |path: &Path| assert!(ran("mkfifo", &[path.to_str().unwrap()]), "mkfifo is of coreutils");
    let kinds: [(&str, Make<'_>); 5] = [
        ("a pipe", &make_pipe),
        ("a folder", &|path| fs::create_dir(path).unwrap()),
        ("a device", &|path| symlink("/dev/zero", path).unwrap()),
        ("a device", &|path| symlink("/dev/tty", path).unwrap()),
        ("a socket", &|path| drop(UnixListener::bind(path).unwrap())),
    ];
    for (what, make) in kinds {
        for file in [PAGE, "clinic.toml", "en/words.toml"] {
            let content = folder(&minimal());
            let path = content.path().join(file);
            let _ = fs::remove_file(&path);
            make(&path);
            let (code, told) = within_the_deadline(content.path());
            assert_eq!(code, Some(1), "{what} as {file}: {told}");
            assert!(told.contains(&format!("{file}:1:1: error: this is {what}, not a file [not-a-file]")), "{told}");
        }
    }
    // One that nothing reads is passed over.
    let content = folder(&minimal());
    make_pipe(&content.path().join("pipe"));
    let (code, told) = within_the_deadline(content.path());
    assert!(code == Some(0) && told.contains("nothing reads this file"), "{told}");
}

/// What `check` ended with and said; fails where it waits for something.
#[track_caller]
fn within_the_deadline(content: &Path) -> (Option<i32>, String) {
    let (sender, receiver) = mpsc::channel();
    let path = content.to_owned();
    std::thread::spawn(move || sender.send(check(&path, &[])));
    let Ran { code, stdout, stderr } =
        receiver.recv_timeout(DEADLINE).unwrap_or_else(|_| panic!("it waits for what is no file"));
    (code, format!("{stdout}{stderr}"))
}

#[test]
fn a_file_that_becomes_another_while_it_is_read_neither_hangs_nor_leaks() {
    let outside = outside();
    let content = folder(&minimal());
    let place = content.path().join("en/pages");
    assert!(ran("mkfifo", &[place.join(".pipe").to_str().unwrap()]));
    symlink(outside.path().join("passwd"), place.join(".link")).unwrap();
    symlink(outside.path(), place.join(".folder")).unwrap();
    fs::copy(content.path().join(PAGE), place.join(".page")).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let (place, stopped) = (place.clone(), Arc::clone(&stop));
    let other = std::thread::spawn(move || {
        while !stopped.load(Ordering::Relaxed) {
            for name in [".page", ".pipe", ".link", ".folder"] {
                // A second name for it takes the place of the first at once.
                let _ = fs::remove_file(place.join(".next"));
                let made = match name {
                    ".page" | ".pipe" => fs::hard_link(place.join(name), place.join(".next")),
                    _ => fs::read_link(place.join(name)).and_then(|to| symlink(to, place.join(".next"))),
                };
                made.and_then(|()| fs::rename(place.join(".next"), place.join("home.toml"))).unwrap();
            }
        }
    });
    let (sender, receiver) = mpsc::channel();
    let root = content.path().to_owned();
    std::thread::spawn(move || {
        let mut seen = (0, 0);
        for _ in 0..3_000 {
            let files = Files::read(&root).unwrap();
            let bytes = files.get(PAGE);
            assert!(bytes.is_none_or(|bytes| !String::from_utf8_lossy(bytes).contains(SECRET)), "a file from outside");
            if bytes.is_some() { seen.0 += 1 } else { seen.1 += 1 }
        }
        sender.send(seen)
    });
    let seen = receiver.recv_timeout(DEADLINE * 3);
    stop.store(true, Ordering::Relaxed);
    let (read, refused) = seen.unwrap_or_else(|_| panic!("reading hangs, or found what is outside"));
    other.join().unwrap();
    assert!(read > 0 && refused > 0, "{read} times the page, {refused} times another: the two never met");
}

#[test]
fn a_followed_site_stays_as_it_was_whatever_is_put_in_its_folder() {
    let content = folder(&Files::embedded());
    let page = content.path().join("en/pages/medicare.toml");
    let text = fs::read_to_string(&page).unwrap();
    let site = Serving::start(&["serve", "--content", content.path().to_str().unwrap(), "--log", "off"]);
    let get = |path: &str| {
        let answer = Client::new(site.address).get(path);
        assert_eq!(answer.status, 200, "{path}");
        String::from_utf8(answer.body).unwrap()
    };
    let good = get("/medicare/");
    let quotations =
        format!("{text}\n[[sections]]\nkind = \"prose\"\nheading = \"H\"\ntext = \"{}\"\n", "> ".repeat(99_000));
    let hostile: [(&str, &dyn Fn()); 4] = [
        ("not-a-file", &|| fs::create_dir(&page).unwrap()),
        ("outside-link", &|| symlink("/etc/passwd", &page).unwrap()),
        ("length", &|| fs::write(&page, &quotations).unwrap()),
        ("too-many", &|| fs::write(&page, "{".repeat(1_000_000)).unwrap()),
    ];
    for (rule, put) in hostile {
        fs::remove_file(&page).unwrap();
        put();
        soon(rule, || get("/_preview/state").contains(&format!("\"rule\":\"{rule}\"")));
        assert_eq!(get("/medicare/"), good, "{rule}: the last good page stays");
        assert!(!get("/_preview/state").contains("root:x"), "{rule}");
        let _ = fs::remove_dir(&page);
        // The mend is enough, and so is any other save.
        let _ = fs::remove_file(&page);
        fs::write(&page, with_value(&text, "title", &format!("{rule:?}"))).unwrap();
        soon("the mend", || get("/medicare/").contains(&format!(">{rule}</h1>")));
        fs::write(&page, &text).unwrap();
        soon("the page as it was", || get("/medicare/") == good);
    }
    let status = fs::read_to_string(format!("/proc/{}/status", site.process.id())).unwrap();
    assert!(highest(&status) < MEMORY, "{status}");
    assert_eq!(site.end("-TERM").code, Some(0));
}

/// Runs `check` as somebody who isn't root: as nobody, where the tests run as root. The content belongs to that user.
#[track_caller]
fn check_as_nobody(content: &Path) -> Option<Ran> {
    const NOBODY: u32 = 65_534;
    let mut command;
    let copy = TempDir::new().unwrap();
    if is_root() {
        // The folder that the tests are built in may be root's own.
        let program = copy.path().join("clinic-site");
        program::copy(PROGRAM, &program);
        fs::set_permissions(copy.path(), Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(content, Permissions::from_mode(0o755)).unwrap();
        command = Command::new(program);
        command.uid(NOBODY).gid(NOBODY);
    } else {
        command = Command::new(PROGRAM);
    }
    command.env_clear().args(["check", "--content", content.to_str().unwrap()]).current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for _ in 0..200 {
        match command.status() {
            Ok(_) => {
                command.stdout(Stdio::piped()).stderr(Stdio::piped());
                return Some(output_of(command));
            }
            // Another test has begun a program in the moment in which the copy was written, and holds it open.
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(_) => break,
        }
    }
    left_out("files that may not be read", "the program can't be run as nobody here");
    None
}

#[test]
fn what_may_not_be_read_is_told_by_its_path_and_alone() {
    for (hidden, told) in [
        ("en/notices.toml", "en/notices.toml:1:1"),
        (PAGE, "en/pages/home.toml:1:1"),
        // Links to it don't lead nowhere: it may be there.
        ("en/pages/group-therapy.toml", "en/pages/group-therapy.toml:1:1"),
        ("clinic.toml", "clinic.toml:1:1"),
        ("en/pages", "en/pages:1:1"),
        ("en", "en:1:1"),
    ] {
        let content = folder(&minimal());
        fs::set_permissions(content.path().join(hidden), Permissions::from_mode(0o000)).unwrap();
        let Some(Ran { code, stdout, stderr }) = check_as_nobody(content.path()) else { return };
        fs::set_permissions(content.path().join(hidden), Permissions::from_mode(0o755)).unwrap();
        assert_eq!(code, Some(1), "{stdout}{stderr}");
        let told = format!("{told}: error: this can't be read: Permission denied");
        assert!(stdout.contains(&told) && stdout.contains("[unreadable-file]"), "{stdout}{stderr}");
        assert!(stderr.starts_with("1 error, 0 warnings in "), "{hidden} has echoes:\n{stdout}{stderr}");
    }
}

#[test]
fn folders_that_are_no_content_and_links_in_circles_are_passed_over() {
    let content = folder(&minimal());
    let root = content.path();
    fs::create_dir(root.join("lost+found")).unwrap();
    fs::write(root.join("lost+found/#1"), SECRET).unwrap();
    fs::set_permissions(root.join("lost+found"), Permissions::from_mode(0o700)).unwrap();
    fs::create_dir(root.join("fonts")).unwrap();
    fs::set_permissions(root.join("fonts"), Permissions::from_mode(0o000)).unwrap();
    symlink(".", root.join("itself")).unwrap();
    symlink("..", root.join("en/above")).unwrap();
    symlink("one", root.join("other")).unwrap();
    symlink("other", root.join("one")).unwrap();
    symlink("home.toml", root.join("en/pages/.home.toml")).unwrap();
    symlink("round.toml", root.join("en/pages/round.toml")).unwrap();
    let Some(Ran { code, stdout, stderr }) = check_as_nobody(root) else { return };
    fs::set_permissions(root.join("fonts"), Permissions::from_mode(0o700)).unwrap();
    assert_eq!((code, stdout.as_str()), (Some(0), ""), "{stderr}");
    let served = Serving::start(&["serve", "--content", root.to_str().unwrap(), "--log", "off"]);
    assert_eq!(Client::new(served.address).get("/").status, 200, "the server starts too");
    assert_eq!(served.end("-TERM").code, Some(0));
}

/// A time at which a file that was just written is old enough to be trusted.
fn later(path: &Path) -> SystemTime {
    let changed = u64::try_from(fs::metadata(path).unwrap().ctime()).unwrap();
    SystemTime::UNIX_EPOCH + Duration::from_secs(changed + 60)
}

#[test]
fn a_file_of_the_same_length_and_time_in_the_place_of_another_is_seen() {
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    let content = folder(&minimal());
    let (page, other) = (content.path().join(PAGE), content.path().join("en/pages/.other"));
    let write = |path: &Path, word: &str| {
        let text = String::from_utf8(minimal().get(PAGE).unwrap().to_vec()).unwrap();
        fs::write(path, text.replace("Welcome", word)).unwrap();
        // As `touch -d @1`, rsync and Nix leave it.
        fs::File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
    };
    let says = |files: &Files, word: &str| String::from_utf8_lossy(files.get(PAGE).unwrap()).contains(word);
    write(&page, "Goodbye");
    let now = later(&page);
    let before = Files::read_again(content.path(), &Files::default(), now).unwrap();
    assert!(says(&before, "Goodbye"));
    // Another file takes its place.
    write(&other, "Good-by");
    fs::rename(&other, &page).unwrap();
    let replaced = Files::read_again(content.path(), &before, now).unwrap();
    assert!(says(&replaced, "Good-by"), "the inode tells");
    // Or it is written in its place.
    std::thread::sleep(Duration::from_millis(20));
    write(&page, "Goodday");
    let written = Files::read_again(content.path(), &replaced, now).unwrap();
    assert!(says(&written, "Goodday"), "the time of change tells");
    // Or it is a link that turns to another file, as old and as long.
    write(&other, "Morning");
    fs::rename(&page, content.path().join(".first")).unwrap();
    symlink("../../.first", &page).unwrap();
    let linked = Files::read_again(content.path(), &written, now).unwrap();
    fs::rename(&other, content.path().join(".second")).unwrap();
    symlink("../../.second", content.path().join(".turned")).unwrap();
    fs::rename(content.path().join(".turned"), &page).unwrap();
    let turned = Files::read_again(content.path(), &linked, now).unwrap();
    assert!(says(&linked, "Goodday") && says(&turned, "Morning"), "what a link leads to tells");
}
