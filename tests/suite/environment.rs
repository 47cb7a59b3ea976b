//! The environment, and what editors on Windows make of files: an empty variable is an unset one, an unknown one is named, a key is read all the same.

use crate::program::{self, STAFF_KEY, Serving, command, ran, run};
use crate::sealed::Kept;
use clap::CommandFactory;
use clinic_site::config::Arguments;
use clinic_site::requests::keys::PrivateKeys;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

/// The variables of all options.
fn variables(command: &clap::Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(|argument| Some(argument.get_env()?.to_str()?.to_owned()));
    own.chain(command.get_subcommands().flat_map(variables)).collect()
}

#[test]
fn an_empty_variable_is_an_unset_one() {
    let all = variables(&Arguments::command());
    assert!(all.len() > 20 && all.iter().all(|name| name.starts_with("CLINIC_")), "{all:?}");
    for value in ["", " "] {
        let mut command = command(&["check"]);
        command.envs(all.iter().map(|name| (name, value)));
        let ran = ran(command);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        // What compose files write for options that are not used.
        let (content, data) = (program::folder(&crate::harness::without_samples()), TempDir::new().unwrap());
        let arguments = ["serve", "--public-url", "https://clinic.example", "--staff-key", STAFF_KEY, "--content"];
        let (content, data) = (content.path().to_str().unwrap(), data.path().to_str().unwrap());
        let arguments = [&arguments[..], &[content, "--data-dir", data, "--listen", "127.0.0.1:0"]].concat();
        let server = Serving::with_environment(&arguments, all.iter().map(|name| (name.as_str(), value)));
        assert_eq!(server.end("-TERM").code, Some(0));
    }
}

#[test]
fn an_unknown_variable_is_an_error_that_names_what_was_meant() {
    for (name, help) in [
        ("CLINIC_SMTPP", "did you mean CLINIC_SMTP?"),
        ("CLINIC_STAFFKEY", "did you mean CLINIC_STAFF_KEY?"),
        ("CLINIC_PUBLIC_URI", "did you mean CLINIC_PUBLIC_URL?"),
        ("CLINIC_DATABASE_PASSWORD", "there are `CLINIC_"),
    ] {
        for arguments in [&["check"][..], &["serve"], &["desk"], &[]] {
            let mut command = command(arguments);
            command.env(name, "sesame");
            let ran = ran(command);
            assert_eq!(ran.code, Some(2), "{name}: {ran:?}");
            assert!(
                ran.stderr.contains(name) && ran.stderr.contains(help) && !ran.stderr.contains("sesame"),
                "{ran:?}"
            );
        }
        let mut command = command(&["--help"]);
        command.env(name, "sesame");
        assert_eq!(ran(command).code, Some(0), "help is always there");
    }
    let mut command = command(&["check"]);
    command.envs([
        ("CLINIC_SERVICE_HOST", "10.0.0.1"),
        ("CLINIC_PORT_80_TCP", "tcp://10.0.0.1:80"),
        ("CLINICS", "2"),
        ("CLINIC_OLD", ""),
    ]);
    assert_eq!(ran(command).code, Some(0), "others name theirs so, and an empty one is unset");
}

#[test]
fn a_switch_is_understood_in_every_way() {
    for value in ["0", "false", "no", "off", "1", "true", "yes", "on"] {
        let publish = [
            "--public-url",
            "https://clinic.example",
            "--staff-key",
            STAFF_KEY,
            "--content",
            "/nowhere",
            "--data-dir",
            "/nowhere",
        ];
        let mut command = command(&[&["serve"], &publish[..]].concat());
        command.envs([("CLINIC_HSTS_SUBDOMAINS", value), ("CLINIC_ALLOW_REMOTE_PREVIEW", value)]);
        let ran = ran(command);
        assert!(ran.stderr.contains("the content folder can't be read"), "{value}: {ran:?}");
    }
}

#[test]
fn a_key_file_is_read_as_editors_save_it() {
    let kept = Kept::new();
    kept.add(1, "2026-11-26T03:14:15Z", "name=Ana&phone=916-555-0100", |_| {});
    let text = fs::read_to_string(kept.identity()).unwrap();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("key.txt");
    let list = |bytes: &[u8], more: &[&str]| {
        fs::write(&file, bytes).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let fixed =
            ["requests", "list", "--data-dir", kept.path().to_str().unwrap(), "--identity", file.to_str().unwrap()];
        run(&[&fixed[..], more].concat())
    };
    let wide = |text: &str| [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for (what, bytes) in [
        ("a BOM", format!("\u{feff}{text}").into_bytes()),
        ("Windows line ends", text.replace('\n', "\r\n").into_bytes()),
        ("blank lines", format!("\n\n  \n{text}\n\n").into_bytes()),
        ("spaces", format!("  {}  ", text.replace('\n', "  \n  ")).into_bytes()),
        ("UTF-16", wide(&text)),
        ("a BOM and Windows line ends", format!("\u{feff}{}", text.replace('\n', "\r\n")).into_bytes()),
    ] {
        let ran = list(&bytes, &[]);
        assert!(ran.code == Some(0) && ran.stderr.contains("1 request waiting"), "{what}: {ran:?}");
        assert!(!ran.stderr.contains("is no key"), "{what}: {ran:?}");
    }
    let noted = list(format!("\u{feff}The key of the desk\n{text}").as_bytes(), &[]);
    assert!(noted.code == Some(0) && noted.stderr.contains("line 1 is no key"), "{noted:?}");
    let secret = text.lines().last().unwrap();
    let (start, end) = secret.split_at(40);
    for (what, bytes, line) in [
        ("broken into two lines", format!("# a\n{start}\n{end}\n"), "line 2"),
        ("cut off", format!("{start}\n"), "line 1"),
        ("one of two is cut off", format!("{text}{start}\n"), "line 3"),
    ] {
        let ran = list(bytes.as_bytes(), &[]);
        assert!(
            ran.code == Some(2) && ran.stderr.contains(line) && !ran.stderr.contains(&start[20..]),
            "{what}: {ran:?}"
        );
    }
    // The same of a file that is locked with a passphrase, and of the file that holds it.
    let locked = PrivateKeys::lock(&text, age::secrecy::SecretString::from("four words or more".to_owned())).unwrap();
    let passphrase = folder.path().join("passphrase");
    let more = ["--passphrase-file", passphrase.to_str().unwrap()];
    // Each opening takes a second or two of work on purpose, so no way of the one is tried with every way of the other.
    for (bytes, text) in [
        (b"\xef\xbb\xbffour words or more\r\n".to_vec(), locked.clone()),
        (wide("four words or more\r\n"), format!("\u{feff}{locked}")),
        (b"\nfour words or more\n\n".to_vec(), locked.replace('\n', "\r\n")),
        (b"four words or more".to_vec(), format!("The key of the desk\n\n{locked}")),
    ] {
        fs::write(&passphrase, bytes).unwrap();
        let ran = list(text.as_bytes(), &more);
        assert!(ran.code == Some(0) && ran.stderr.contains("1 request waiting"), "{text:?} {ran:?}");
    }
}

/// `cargo run` hands on what it hands to these tests: the variables of cargo itself, and those that the build script sets.
#[test]
fn what_cargo_hands_on_is_no_mistake() {
    let handed = |(name, _): &(std::ffi::OsString, _)| {
        // What was asked of the tests, by name.
        !name.to_str().is_some_and(|name| name.starts_with("CLINIC_TESTS_") || name.starts_with("CLINIC_SITE_"))
    };
    let mut command = command(&["schema", "clinic"]);
    command.envs(std::env::vars_os().filter(handed));
    let ran = ran(command);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}
