//! What was typed doesn't stay in the process's memory: its own buffers are zeroed before they are given back.

use crate::harness::stores::{HOME, Kind, Place, block_on, inbox};
use crate::harness::{TestSite, es};
use clinic_site::lang::Lang;
use clinic_site::phone::PhoneNumber;
use clinic_site::requests::form::Form;
use clinic_site::requests::keys::PrivateKeys;
use clinic_site::requests::store::Row;
use clinic_site::requests::{Answers, Closing, Line, Lines, NewRequest, Reference, Request, seal, staff};
use clinic_site::site::Trouble;
use std::fs::File;
use std::io::BufRead;
use std::ops::RangeInclusive;
use std::os::unix::fs::FileExt;
use std::process::Command;
use std::sync::Arc;
use zeroize::{ZeroizeOnDrop, Zeroizing};

#[test]
fn every_value_that_holds_what_was_typed_is_zeroed_when_it_goes() {
    fn is_zeroed<T: ZeroizeOnDrop>() {}
    is_zeroed::<Line>();
    is_zeroed::<Lines>();
    is_zeroed::<Answers>();
    is_zeroed::<Form>();
    is_zeroed::<NewRequest>();
    is_zeroed::<PhoneNumber>();
    is_zeroed::<Request>();
    is_zeroed::<Closing>();
}

/// A text that is nowhere else in memory, and here only in disguise.
struct Marker(Vec<u8>);

const DISGUISE: u8 = 0x80;

impl Marker {
    /// As many letters, from `letters`, as there are places.
    fn random(length: usize, letters: RangeInclusive<u8>) -> Self {
        let mut bytes = vec![0; length];
        getrandom::fill(&mut bytes).unwrap();
        let among = letters.end() - letters.start() + 1;
        Self(bytes.into_iter().map(|byte| (letters.start() + byte % among) ^ DISGUISE).collect())
    }

    fn put(&self, into: &mut Vec<u8>) {
        into.extend(self.0.iter().map(|byte| byte ^ DISGUISE));
    }

    /// Whether it begins here.
    fn begins(&self, bytes: &[u8]) -> bool {
        bytes.len() >= self.0.len() && self.0.iter().zip(bytes).all(|(mine, byte)| mine ^ DISGUISE == *byte)
    }
}

/// Where in this process's memory a marker is: the part of the memory that the system names, or its address.
fn places(marker: &Marker) -> Vec<String> {
    let mut buffer = Zeroizing::new(vec![0_u8; 256 * 1024]);
    let own = buffer.as_ptr().addr();
    let own = own..own + buffer.len();
    let memory = File::open("/proc/self/mem").unwrap();
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let mut found = Vec::new();
    for line in maps.lines() {
        let mut parts = line.split_ascii_whitespace();
        let (Some((start, end)), Some(rights)) = (parts.next().unwrap().split_once('-'), parts.next()) else {
            continue;
        };
        let hex = |text| usize::from_str_radix(text, 16).unwrap();
        let (mut at, end) = (hex(start), hex(end));
        if !rights.starts_with("rw") {
            continue;
        }
        while at < end {
            let length = buffer.len().min(end - at);
            // Other tests run too, and may have given it back.
            if memory.read_exact_at(&mut buffer[..length], u64::try_from(at).unwrap()).is_err() {
                break;
            }
            // The standard library looks for a byte as fast as one can, in tests too.
            let mut rest = &buffer[..length];
            while rest.skip_until(marker.0[0] ^ DISGUISE).unwrap() > 0 {
                let from = (length - rest.len()).saturating_sub(1);
                if marker.begins(&buffer[from..length]) && !own.contains(&(at + from)) {
                    found.push(format!("{:#x} {}", at + from, parts.clone().nth(3).unwrap_or("anonymous")));
                }
            }
            // The next part begins within this one, so that nothing is missed between them.
            at += if length == end - at { length } else { length - marker.0.len() };
        }
    }
    found
}

/// What is typed, as a browser sends it.
struct Typed {
    name: Marker,
    phone: Marker,
    /// The end of the number as people read it.
    shown: Marker,
    note: Marker,
}

impl Typed {
    fn new() -> Self {
        let phone = Marker::random(7, b'2'..=b'9');
        let mut shown = phone.0.clone();
        shown.insert(3, b'-' ^ DISGUISE);
        Self {
            name: Marker::random(24, b'a'..=b'z'),
            phone,
            shown: Marker(shown),
            note: Marker::random(40, b'A'..=b'Z'),
        }
    }

    fn body(&self) -> Zeroizing<Vec<u8>> {
        let mut body = Zeroizing::new(Vec::with_capacity(1024));
        body.extend(b"name=%41na+");
        self.name.put(&mut body);
        body.extend(b"&phone=%2B1+916-");
        self.phone.put(&mut body);
        body.extend(b"&note=%0D%0ACall%2C++");
        self.note.put(&mut body);
        body
    }

    fn new_request(&self) -> NewRequest {
        Form::read(&self.body()).unwrap().request(Lang::En).unwrap()
    }

    fn found(&self) -> Vec<String> {
        [("name", &self.name), ("phone", &self.phone), ("shown phone", &self.shown), ("note", &self.note)]
            .into_iter()
            .flat_map(|(what, marker)| places(marker).into_iter().map(move |place| format!("{what} at {place}")))
            .collect()
    }
}

#[test]
fn the_search_finds_what_is_there() {
    let typed = Typed::new();
    let new = typed.new_request();
    assert!(typed.found().len() >= 3, "{:?}", typed.found());
    drop(new);
}

#[test]
fn nothing_that_was_typed_stays_when_a_form_goes() {
    let typed = Typed::new();
    for _ in 0..3 {
        let form = Form::read(&typed.body()).unwrap();
        let new = form.clone().request(es()).unwrap();
        let request = Request::new(&new, &Reference::from_random([1; 5]), String::new(), Vec::new());
        drop((form, new.clone(), new, request));
        // A mistake, and a post that is none.
        let mut body = typed.body();
        body.extend(b"&phone=1");
        assert!(Form::read(&body).is_err());
        body.extend(b"%ff");
        assert!(Form::read(&body).is_err());
    }
    let found = typed.found();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn nothing_that_was_typed_stays_when_a_form_was_shown_again() {
    let site = TestSite::shipped().app().site();
    let page = site.form("/appointments/").unwrap();
    let typed = Typed::new();
    for _ in 0..3 {
        let form = Form::read(&typed.body()).unwrap();
        // As the server holds it until it is sent.
        drop(Zeroizing::new(page.filled(&form, Some(Trouble::Unavailable)).unwrap()));
    }
    let found = typed.found();
    assert!(found.is_empty(), "{found:#?}");
}

/// age holds a copy of the plaintext in a buffer of its own, which no type of ours can zero. The allocator gives that buffer to us next, unless
/// another thread is faster: so this looks at a process that runs nothing else, with the threads of a server.
#[test]
fn nothing_that_was_typed_stays_when_a_request_was_kept() {
    if std::env::var_os("CLINIC_ZEROED_ALONE").is_none() {
        let name = "zeroed::nothing_that_was_typed_stays_when_a_request_was_kept";
        let mut alone = Command::new(std::env::current_exe().unwrap());
        let ran = alone.args(["--exact", name]).env("CLINIC_ZEROED_ALONE", "1").output().unwrap();
        let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let place = Place::new(Kind::Sqlite).unwrap();
    let typed = Typed::new();
    let found = block_on(async {
        let store = place.store();
        let (inbox, _) = inbox(&store);
        let mut found = Vec::new();
        for number in 0..10 {
            let inbox = Arc::clone(&inbox);
            let request = typed.new_request();
            // On a thread of the runtime, where a server seals.
            tokio::spawn(async move { inbox.take(&request, HOME).await.unwrap() }).await.unwrap();
            found.extend(typed.found().into_iter().map(|place| format!("after post {number}: {place}")));
        }
        found
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn nothing_that_was_opened_stays_when_it_goes() {
    let typed = Typed::new();
    let keys = PrivateKeys::generate();
    let public = keys.public().unwrap();
    let reference = Reference::from_random([1; 5]);
    let row = {
        let request = Request::new(&typed.new_request(), &reference, "2026-11-26T23:00:00Z".to_owned(), public.texts());
        let sealed = seal::seal(&public, &request).unwrap();
        Row {
            reference: reference.to_string(),
            received_hour: 0,
            language: "en".to_owned(),
            closed_day: None,
            keys: String::new(),
            sealed,
        }
    };
    assert!(staff::read(&keys, &row).unwrap().answers.note.starts_with("Call,"));
    let found = typed.found();
    assert!(found.is_empty(), "{found:#?}");
}
