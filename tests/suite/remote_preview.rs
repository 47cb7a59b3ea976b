//! A preview is for the computer it runs on, unless the person who starts it says otherwise.

use crate::harness::without_samples;
use crate::program::{Ran, STAFF_KEY, command, folder, ran};
use tempfile::TempDir;

/// An address of no computer (RFC 5737): listening on it fails, and so shows that nothing was refused before.
const ELSEWHERE: &str = "192.0.2.1:0";

fn serve(arguments: &[&str], allowed: Option<&str>) -> (Ran, TempDir) {
    let data = TempDir::new().unwrap();
    let mut command = command(&[&["serve"], arguments].concat());
    command.env("CLINIC_DATA_DIR", data.path());
    if let Some(value) = allowed {
        command.env("CLINIC_ALLOW_REMOTE_PREVIEW", value);
    }
    (ran(command), data)
}

#[test]
fn a_preview_on_an_address_that_others_reach_is_refused_with_the_ways_out() {
    for address in ["0.0.0.0:0", "[::]:0", ELSEWHERE, "192.168.1.2:8080"] {
        for allowed in [None, Some(""), Some("0"), Some("false")] {
            let (ran, data) = serve(&["--listen", address], allowed);
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{address}: {ran:?}");
            let said = ran.stderr;
            assert!(said.starts_with("error: other computers could reach the preview on"), "{said}");
            for way in ["127.0.0.1", "--public-url", "--allow-remote-preview"] {
                assert!(said.contains(way), "{way} isn't named: {said}");
            }
            assert_eq!(data.path().read_dir().unwrap().count(), 0, "something was made before the refusal");
        }
    }
}

#[test]
fn a_remote_preview_that_was_allowed_and_a_published_site_listen_where_they_are_told() {
    let content = folder(&without_samples());
    let published = [
        "--content",
        content.path().to_str().unwrap(),
        "--public-url",
        "https://clinic.example",
        "--staff-key",
        STAFF_KEY,
    ];
    for (arguments, allowed) in
        [(&["--allow-remote-preview"][..], None), (&[], Some("1")), (&[], Some("true")), (&published, None)]
    {
        let (ran, _data) = serve(&[&["--listen", ELSEWHERE], arguments].concat(), allowed);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains(&format!("error: can't listen on {ELSEWHERE}")), "{arguments:?}: {}", ran.stderr);
    }
}
