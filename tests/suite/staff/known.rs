//! Whose key it is: fingerprints, and the keys of others; and what nobody can have closed on the day that is stored.

use super::ANA;
use crate::harness::stores::{Place, block_on};
use crate::program::run;
use crate::sealed::Kept;
use clinic_site::requests::keys::{KeyError, PrivateKeys, fingerprint, grouped};
use clinic_site::requests::store::Location;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

#[test]
fn a_new_key_is_known_by_its_fingerprint_and_knows_the_keys_of_others() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let new = |more: &[&str]| run(&[&["keys", "new"], more].concat());
    let safe = new(&["--out", &path("safe")]);
    let public = safe.stdout.trim_end();
    let digits = fingerprint(public);
    assert!(safe.stderr.contains(&format!("Its fingerprint is {}\n", grouped(&digits))), "{}", safe.stderr);
    assert!(safe.stderr.contains(&format!("# reader: {public}\n")), "how the other file names it: {}", safe.stderr);
    let desk = new(&["--out", &path("desk"), "--reader", public]);
    assert_eq!(desk.code, Some(0), "{}", desk.stderr);
    let text = fs::read(path("desk")).unwrap();
    let keys = PrivateKeys::read::<KeyError>(&text, || panic!("it has no passphrase")).unwrap();
    assert_eq!(keys.readers(), [desk.stdout.trim_end(), public]);
    // Both at once: each knows the other, and both know whom else was named.
    let both = new(&["--out", &path("both"), "--safe", &path("both-safe"), "--reader", public]);
    let publics: Vec<&str> = both.stdout.lines().collect();
    assert_eq!((both.code, publics.len()), (Some(0), 2), "{both:?}");
    for (file, own, other) in [("both", publics[0], publics[1]), ("both-safe", publics[1], publics[0])] {
        let text = fs::read(path(file)).unwrap();
        let keys = PrivateKeys::read::<KeyError>(&text, || panic!("it has no passphrase")).unwrap();
        let (own, mut others) = (own.to_owned(), keys.readers().split_off(1));
        others.sort();
        let mut wanted = [other.to_owned(), public.to_owned()];
        wanted.sort();
        assert_eq!((&keys.readers()[0], others), (&own, wanted.to_vec()), "{file}");
        assert_eq!(fs::metadata(path(file)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(both.stderr.contains(&format!("--staff-key {},{}", publics[0], publics[1])), "{}", both.stderr);
    let lines = format!("{}\n  # reader: {}", format_args!("\n  # reader: {}", publics[0]), publics[1]);
    assert!(both.stderr.contains(&lines), "what goes into the files of others: {}", both.stderr);
    // Where one of the files is there already, or both are one, no key is made.
    for (out, safe) in [("x", "both-safe"), ("both", "x"), ("x", "x"), ("x", "./x")] {
        let refused = new(&["--out", &path(out), "--safe", &path(safe)]);
        assert!(refused.code == Some(2) && refused.stdout.is_empty(), "{refused:?}");
        assert!(fs::metadata(path("x")).is_err(), "{refused:?}");
    }
    // One that is cut off, and one that is private, which is not repeated.
    let private = fs::read_to_string(path("safe")).unwrap();
    let private = private.lines().last().unwrap();
    for (reader, said) in [(public.get(..50).unwrap(), "not a public staff key"), (private, "this is a private key")] {
        let refused = new(&["--out", &path("other"), "--reader", reader]);
        assert!(refused.code == Some(2) && refused.stderr.contains(said), "{refused:?}");
        assert!(!refused.stderr.contains(reader) && fs::metadata(path("other")).is_err(), "{refused:?}");
    }
    // A line that was damaged later is told by its number, and the key goes on opening.
    fs::write(path("desk"), format!("{}# reader: age1broken\n", String::from_utf8(text).unwrap())).unwrap();
    let kept = Kept::new();
    let listed = kept.requests(&["list", "--identity", &path("desk")]);
    assert!(listed.code == Some(0) && listed.stderr.contains("line 5 names a reader"), "{listed:?}");
}

#[test]
fn what_cannot_have_been_closed_on_its_day_is_kept_and_told() {
    let kept = Kept::new();
    for number in 1..4 {
        kept.add(number, "2026-03-23T11:12:00Z", ANA, |_| ());
    }
    // By who writes into the database, before the request came in; and by a clock that is ahead.
    kept.sql("UPDATE requests SET closed_day = CASE reference WHEN (SELECT MIN(reference) FROM requests) THEN 99999 ELSE 20000 END");
    kept.sql("INSERT INTO tokens (hash, kind, fingerprint, ends, used) VALUES ('0', 'session', '0', 1, 1)");
    let purged = kept.requests(&["purge", "--trust-clock"]);
    assert_eq!(purged.code, Some(0), "{purged:?}");
    assert!(purged.stderr.starts_with("0 closed requests deleted"), "{purged:?}");
    assert!(purged.stderr.contains("warning: 3 closed requests are not deleted in time"), "{purged:?}");
    let place = Place::at(Location::Folder(kept.path().to_owned()));
    assert_eq!(block_on(place.number("SELECT COUNT(*) FROM requests")), 3);
    assert_eq!(block_on(place.number("SELECT COUNT(*) FROM tokens")), 0, "sessions that ended go");
}
