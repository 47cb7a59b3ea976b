//! The staff's side: opens what is kept, closes it and opens it again, on a computer that has a private key.

use super::form::{line, lines};
use super::keys::{PrivateKeys, PublicKeys};
use super::seal::{OpenError, SealError, open, seal};
use super::store::{Row, Store, StoreError};
use super::{Closing, Outcome, Reference, Request};
use jiff::{Timestamp, Unit};
use std::fmt;
use zeroize::Zeroize;

/// Why a request that is kept can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is sealed to other keys.
    OtherKeys,
    /// It is no request, or it was changed since it was sealed.
    Damaged,
    /// It is another request than the one it is kept as: somebody wrote into the database.
    Exchanged,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherKeys => OpenError::OtherKeys.fmt(f),
            Self::Damaged => OpenError::Damaged.fmt(f),
            Self::Exchanged => f.write_str("somebody changed the database: this is not the request that was kept here"),
        }
    }
}

impl std::error::Error for Unreadable {}

impl From<OpenError> for Unreadable {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::OtherKeys => Self::OtherKeys,
            OpenError::Damaged => Self::Damaged,
        }
    }
}

/// Reads a request that is kept.
///
/// The public keys are public, so anybody who can write into the database can seal a text of their own. What commands a terminal or turns the
/// direction of writing is dropped here, for whatever shows the request afterwards.
///
/// # Errors
/// It can't be read.
pub fn read(keys: &PrivateKeys, row: &Row) -> Result<Request, Unreadable> {
    let mut request = open(keys, &row.sealed)?;
    if request.reference != row.reference {
        return Err(Unreadable::Exchanged);
    }
    for text in [
        &mut request.reference,
        &mut request.received,
        &mut request.page,
        &mut request.name,
        &mut request.phone,
        &mut request.other_language,
    ] {
        replace(text, line);
    }
    replace(&mut request.note, lines);
    for key in &mut request.keys {
        replace(key, line);
    }
    if let Some(closing) = &mut request.closing {
        replace(&mut closing.note, lines);
        replace(&mut closing.at, line);
    }
    Ok(request)
}

/// Puts the tidied text in the place of the one that was opened, of which nothing stays.
fn replace(text: &mut String, tidy: fn(&str) -> String) {
    let tidied = tidy(text);
    text.zeroize();
    *text = tidied;
}

/// A note about the outcome as it is kept: without what can't be seen.
///
/// # Errors
/// It is longer than [`Closing::MAX_NOTE`]: how many characters it has.
pub fn note(text: &str) -> Result<String, usize> {
    let note = lines(text);
    match note.chars().count() {
        length if length > Closing::MAX_NOTE => Err(length),
        _ => Ok(note),
    }
}

/// Why a request was not closed, or not opened again. It is as it was.
#[derive(Debug)]
pub enum Undone {
    /// The store can't be used now.
    Store(StoreError),
    /// There is no such request, or it was deleted.
    Gone,
    /// Somebody did it already.
    Already,
    /// It can't be read.
    Unreadable(Unreadable),
    /// It would be sealed to keys that these private keys don't open.
    NotForUs,
    /// It could not be sealed.
    Sealing(SealError),
}

impl fmt::Display for Undone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Gone => f.write_str("there is no such request, or it was deleted"),
            Self::Already => f.write_str("somebody did it already"),
            Self::Unreadable(error) => error.fmt(f),
            Self::NotForUs => f.write_str("the keys that it names are not yours, so you could not open it afterwards"),
            Self::Sealing(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Undone {}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Closes a request that waits: what came of it is sealed into it, to the keys it was sealed to before. `text` has been through [`note`].
///
/// # Errors
/// It stays as it was.
pub async fn close(
    store: &Store,
    keys: &PrivateKeys,
    reference: &Reference,
    outcome: Outcome,
    text: String,
    now: Timestamp,
) -> Result<(), Undone> {
    let minute = now.round(Unit::Minute).unwrap_or(now);
    let closing = Closing { outcome, note: text, at: minute.to_string() };
    change(store, keys, reference, Some(closing), Some(super::inbox::today(now))).await
}

/// Opens a closed request again: what came of it is forgotten.
///
/// # Errors
/// It stays as it was.
pub async fn reopen(store: &Store, keys: &PrivateKeys, reference: &Reference) -> Result<(), Undone> {
    change(store, keys, reference, None, None).await
}

async fn change(
    store: &Store,
    keys: &PrivateKeys,
    reference: &Reference,
    closing: Option<Closing>,
    day: Option<i64>,
) -> Result<(), Undone> {
    let row = store.get(reference).await?.ok_or(Undone::Gone)?;
    if row.closed_day.is_some() == day.is_some() {
        return Err(Undone::Already);
    }
    let mut request = read(keys, &row).map_err(Undone::Unreadable)?;
    request.closing = closing;
    // Whoever wrote a request of their own into the database may have named keys that shut the staff out.
    let ours = keys.public().map(|public| public.texts()).unwrap_or_default();
    let to = PublicKeys::parse(request.keys.iter().map(String::as_str)).map_err(|_| Undone::NotForUs)?;
    if !to.texts().iter().any(|key| ours.contains(key)) {
        return Err(Undone::NotForUs);
    }
    let sealed = seal(&to, &request).map_err(Undone::Sealing)?;
    if store.set_closed(reference, day, &sealed).await? { Ok(()) } else { Err(Undone::Already) }
}

#[cfg(test)]
mod tests {
    use super::{Undone, Unreadable, close, note, read, reopen};
    use crate::lang::Lang;
    use crate::requests::form::Form;
    use crate::requests::keys::{PrivateKeys, PublicKeys};
    use crate::requests::seal::seal;
    use crate::requests::store::{Location, NewRow, Row, Store, Wanted};
    use crate::requests::{Closing, Outcome, Reference, Request};
    use jiff::Timestamp;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn request(reference: &Reference, keys: &PublicKeys) -> Request {
        let new = Form::read(b"name=Ana&phone=9165550100&note=Call+late").unwrap().request(Lang::Es).unwrap();
        Request::new(&new, reference, NOW.to_string(), keys.texts())
    }

    fn row(reference: &Reference, request: &Request, keys: &PublicKeys) -> Row {
        Row {
            reference: reference.to_string(),
            received_hour: 0,
            language: "es".to_owned(),
            closed_day: None,
            keys: keys.fingerprints().to_owned(),
            sealed: seal(keys, request).unwrap(),
        }
    }

    #[test]
    fn what_a_stranger_sealed_can_not_command_a_terminal() {
        let keys = PrivateKeys::generate();
        let public = keys.public().unwrap();
        let reference = Reference::of([1; 5]);
        let mut sealed = request(&reference, &public);
        sealed.name = "Ana\n\u{1b}]0;owned\u{7} \u{202e}x".to_owned();
        sealed.phone = "916\r-555".to_owned();
        sealed.note = "a\r\nb\u{1b}[2J".to_owned();
        sealed.closing =
            Some(Closing { outcome: Outcome::Booked, note: "\u{9b}1m".to_owned(), at: "\u{1b}c".to_owned() });
        let opened = read(&keys, &row(&reference, &sealed, &public)).unwrap();
        assert_eq!((opened.name.as_str(), opened.phone.as_str()), ("Ana ]0;owned x", "916-555"));
        assert_eq!(opened.note, "a\nb[2J");
        let closing = opened.closing.as_ref().unwrap();
        assert_eq!((closing.note.as_str(), closing.at.as_str()), ("1m", "c"));
    }

    #[test]
    fn a_request_passed_off_as_another_one_is_told() {
        let keys = PrivateKeys::generate();
        let public = keys.public().unwrap();
        let (one, other) = (Reference::of([1; 5]), Reference::of([2; 5]));
        let kept = row(&one, &request(&other, &public), &public);
        assert_eq!(read(&keys, &kept).err(), Some(Unreadable::Exchanged));
        let damaged = Row { sealed: "-----BEGIN AGE".to_owned(), ..kept.clone() };
        assert_eq!(read(&keys, &damaged).err(), Some(Unreadable::Damaged));
        assert_eq!(read(&PrivateKeys::generate(), &kept).err(), Some(Unreadable::OtherKeys));
    }

    #[test]
    fn a_note_is_tidied_and_counted_in_characters() {
        assert_eq!(note("  Monday,\r\n9 am \n").as_deref(), Ok("Monday,\n9 am"));
        assert_eq!(note(&"é".repeat(Closing::MAX_NOTE)).map(|note| note.chars().count()), Ok(Closing::MAX_NOTE));
        assert_eq!(note(&"é".repeat(Closing::MAX_NOTE + 1)), Err(Closing::MAX_NOTE + 1));
    }

    #[tokio::test]
    async fn closing_and_opening_again_seal_to_the_same_keys() {
        let (mine, safe, others) = (PrivateKeys::generate(), PrivateKeys::generate(), PrivateKeys::generate());
        let text = |keys: &PrivateKeys| keys.public().unwrap().texts().remove(0);
        let (mine_text, safe_text) = (text(&mine), text(&safe));
        let public = PublicKeys::parse([mine_text.as_str(), safe_text.as_str()]).unwrap();
        let folder = tempfile::TempDir::new().unwrap();
        let store = Store::new(Location::Folder(folder.path().to_owned())).unwrap();
        let reference = Reference::of([3; 5]);
        let add = async |reference: &Reference, request: &Request| {
            let kept = row(reference, request, &public);
            let new = NewRow {
                reference: reference.clone(),
                received_hour: 0,
                language: "es",
                keys: kept.keys,
                sealed: kept.sealed,
            };
            store.add(&[new], false).await.unwrap();
        };
        add(&reference, &request(&reference, &public)).await;

        let close = async |keys: &PrivateKeys, reference: &Reference| {
            close(&store, keys, reference, Outcome::Booked, "Monday".to_owned(), NOW).await
        };
        assert!(matches!(close(&others, &reference).await, Err(Undone::Unreadable(Unreadable::OtherKeys))));
        assert!(matches!(close(&mine, &Reference::of([4; 5])).await, Err(Undone::Gone)));
        close(&mine, &reference).await.unwrap();
        assert!(matches!(close(&safe, &reference).await, Err(Undone::Already)));
        let kept = store.get(&reference).await.unwrap().unwrap();
        assert_eq!(kept.closed_day, Some(0));
        let closing = read(&safe, &kept).unwrap().closing.clone().unwrap();
        assert_eq!((closing.outcome, closing.note.as_str()), (Outcome::Booked, "Monday"));

        reopen(&store, &safe, &reference).await.unwrap();
        assert!(matches!(reopen(&store, &mine, &reference).await, Err(Undone::Already)));
        let kept = store.get(&reference).await.unwrap().unwrap();
        assert!(kept.closed_day.is_none() && read(&mine, &kept).unwrap().closing.is_none());

        // A stranger's request, which staff can read, but which would be sealed to the stranger alone.
        let strange = Reference::of([5; 5]);
        let mut forged = request(&strange, &public);
        forged.keys = others.public().unwrap().texts();
        add(&strange, &forged).await;
        assert!(matches!(close(&mine, &strange).await, Err(Undone::NotForUs)));
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 2);
    }
}
