//! The staff's side: opens stored requests, closes them and opens them again, on a computer that has a private key.

use super::keys::{PrivateKeys, PublicKeys, fingerprint};
use super::seal::{OpenError, SealError, open, seal};
use super::store::{Change, Changed, Past, Row, Store, StoreError};
use super::{Closing, Line, Lines, Outcome, Reference, Request};
use jiff::{Timestamp, Unit};
use thiserror::Error;

/// Why a stored request can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// It can't be opened.
    #[error(transparent)]
    Sealed(#[from] OpenError),
    /// It is another request than the one it is stored as: somebody wrote into the database.
    #[error("somebody changed the database: this is not the request that was stored here")]
    Exchanged,
}

/// Reads a stored request.
///
/// The public keys are public, so anybody who can write into the database can seal a text of their own. The types of a request's texts drop what
/// commands a terminal.
pub fn read(keys: &PrivateKeys, row: &Row) -> Result<Request, Unreadable> {
    let request = open(keys, &row.sealed)?;
    if *request.reference == *row.reference { Ok(request) } else { Err(Unreadable::Exchanged) }
}

/// A note about the outcome.
///
/// # Errors
/// It is longer than [`Closing::MAX_NOTE`]: how many characters it has.
pub fn note(text: &str) -> Result<Lines, usize> {
    let note = Lines::new(text);
    match note.chars().count() {
        length if length > Closing::MAX_NOTE => Err(length),
        _ => Ok(note),
    }
}

/// Why a request was not closed, or not opened again. It is as it was.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// The store can't be used now.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such request, or it was deleted.
    #[error("there is no such request, or it was deleted")]
    Gone,
    /// Somebody did it already.
    #[error("somebody did it already")]
    Already,
    /// It can't be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// It would be sealed to keys that these private keys don't open.
    #[error("the keys that it names are not yours, so you could not open it afterwards")]
    NotForUs,
    /// It could not be sealed.
    #[error(transparent)]
    Sealing(#[from] SealError),
}

/// What doesn't agree about a request: somebody wrote into the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Trouble {
    /// Its row is closed, and nobody sealed that into it.
    #[error("the database says that it is closed, and nobody closed it: it waits. Tell whoever runs the server")]
    NotClosed,
    /// Its row waits, and somebody closed it.
    #[error("it was closed, and the database says that it waits. Tell whoever runs the server")]
    NotWaiting,
    /// It was changed last to another state.
    #[error("what was changed last doesn't agree with the state it is in. Tell whoever runs the server")]
    History,
}

impl Trouble {
    /// Its name, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotClosed => "not_closed",
            Self::NotWaiting => "not_waiting",
            Self::History => "history",
        }
    }
}

/// Whether a request waits.
#[must_use]
pub fn waits(row: &Row, request: &Request) -> bool {
    row.closed_day.is_none() || request.closing.is_none()
}

/// What doesn't agree.
#[must_use]
pub fn troubles(row: &Row, history: &[Past], request: &Request) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    match (row.closed_day.is_some(), request.closing.is_some()) {
        (true, false) => troubles.push(Trouble::NotClosed),
        (false, true) => troubles.push(Trouble::NotWaiting),
        _ => {}
    }
    if history.last().is_some_and(|past| past.closed != row.closed_day.is_some()) {
        troubles.push(Trouble::History);
    }
    troubles
}

/// Those of some keys that aren't known.
#[must_use]
pub fn unknown(keys: &PrivateKeys, named: &[String]) -> Vec<String> {
    let known = keys.readers();
    named.iter().filter(|key| !known.contains(key)).cloned().collect()
}

/// The keys of a request that aren't known.
#[must_use]
pub fn strangers(keys: &PrivateKeys, request: &Request) -> Vec<String> {
    unknown(keys, &request.keys.iter().map(|key| key.to_string()).collect::<Vec<_>>())
}

/// What came of a request.
#[must_use]
pub fn closing(outcome: Outcome, note: Lines, now: Timestamp) -> Closing {
    let minute = now.round(Unit::Minute).unwrap_or(now);
    Closing { outcome, note, at: Line::from(minute.to_string()) }
}

/// Seals a request anew.
pub fn sealed_again(
    keys: &PrivateKeys,
    row: &Row,
    mut request: Request,
    closing: Option<Closing>,
) -> Result<String, ChangeError> {
    let already = match closing {
        Some(_) => !waits(row, &request),
        None => row.closed_day.is_none() && request.closing.is_none(),
    };
    if already {
        return Err(ChangeError::Already);
    }
    request.closing = closing;
    let known = keys.readers();
    let to = request.keys.iter().map(|key| &**key).filter(|key| known.iter().any(|known| known == key));
    let to = PublicKeys::parse(to).map_err(|_| ChangeError::NotForUs)?;
    let ours = keys.public().map(|public| public.texts()).unwrap_or_default();
    if !to.texts().iter().any(|key| ours.contains(key)) {
        return Err(ChangeError::NotForUs);
    }
    Ok(seal(&to, &request)?)
}

/// Closes a waiting request: what came of it is sealed into it, to the keys it was sealed to before. `text` has been through [`note`].
///
/// # Errors
/// It stays as it was.
pub async fn close(
    store: &Store,
    keys: &PrivateKeys,
    reference: &Reference,
    outcome: Outcome,
    text: Lines,
    now: Timestamp,
) -> Result<(), ChangeError> {
    let minute = now.round(Unit::Minute).unwrap_or(now);
    let closing = Closing { outcome, note: text, at: Line::from(minute.to_string()) };
    change(store, keys, reference, Some(closing), Some(super::inbox::today(now)), now).await
}

/// Opens a closed request again: what came of it is forgotten.
///
/// # Errors
/// It stays as it was.
pub async fn reopen(
    store: &Store,
    keys: &PrivateKeys,
    reference: &Reference,
    now: Timestamp,
) -> Result<(), ChangeError> {
    change(store, keys, reference, None, None, now).await
}

/// The full hour of an instant, in seconds since 1970.
fn full_hour(now: Timestamp) -> i64 {
    now.as_second() - now.as_second().rem_euclid(3600)
}

async fn change(
    store: &Store,
    keys: &PrivateKeys,
    reference: &Reference,
    closing: Option<Closing>,
    day: Option<i64>,
    now: Timestamp,
) -> Result<(), ChangeError> {
    let row = store.get(reference).await?.ok_or(ChangeError::Gone)?;
    if row.closed_day.is_some() == day.is_some() {
        return Err(ChangeError::Already);
    }
    let mut request = read(keys, &row)?;
    request.closing = closing;
    // Whoever wrote a request of their own into the database may have named keys that shut the staff out.
    let ours = keys.public().map(|public| public.texts()).unwrap_or_default();
    let to = PublicKeys::parse(request.keys.iter().map(|key| &**key)).map_err(|_| ChangeError::NotForUs)?;
    if !to.texts().iter().any(|key| ours.contains(key)) {
        return Err(ChangeError::NotForUs);
    }
    let sealed = seal(&to, &request)?;
    let by = ours.first().map(|key| fingerprint(key)).unwrap_or_default();
    let change = Change { reference, was: &row.hash(), day, sealed: &sealed, by: &by, hour: full_hour(now) };
    match store.change(&change).await? {
        Changed::Done => Ok(()),
        Changed::Other(_) => Err(ChangeError::Already),
        Changed::Gone => Err(ChangeError::Gone),
    }
}

#[cfg(test)]
mod tests {
    use super::{ChangeError, OpenError, Unreadable, close, note, read, reopen};
    use crate::lang::Lang;
    use crate::requests::form::Form;
    use crate::requests::keys::{PrivateKeys, PublicKeys};
    use crate::requests::seal::seal;
    use crate::requests::store::{Location, NewRow, Row, Store, Wanted};
    use crate::requests::{Closing, Line, Outcome, Reference, Request};
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
    fn a_request_passed_off_as_another_one_is_reported() {
        let keys = PrivateKeys::generate();
        let public = keys.public().unwrap();
        let (one, other) = (Reference::from_random([1; 5]), Reference::from_random([2; 5]));
        let kept = row(&one, &request(&other, &public), &public);
        assert_eq!(read(&keys, &kept).err(), Some(Unreadable::Exchanged));
        let damaged = Row { sealed: "-----BEGIN AGE".to_owned(), ..kept.clone() };
        assert_eq!(read(&keys, &damaged).err(), Some(Unreadable::Sealed(OpenError::Damaged)));
        assert_eq!(read(&PrivateKeys::generate(), &kept).err(), Some(Unreadable::Sealed(OpenError::OtherKeys)));
    }

    #[test]
    fn a_note_is_tidied_and_counted_in_characters() {
        assert_eq!(note("  Monday,\r\n9 am \n").map(|note| note.to_string()), Ok("Monday,\n9 am".to_owned()));
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
        let reference = Reference::from_random([3; 5]);
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
            close(&store, keys, reference, Outcome::Booked, note("Monday").unwrap(), NOW).await
        };
        assert!(matches!(
            close(&others, &reference).await,
            Err(ChangeError::Unreadable(Unreadable::Sealed(OpenError::OtherKeys)))
        ));
        assert!(matches!(close(&mine, &Reference::from_random([4; 5])).await, Err(ChangeError::Gone)));
        close(&mine, &reference).await.unwrap();
        assert!(matches!(close(&safe, &reference).await, Err(ChangeError::Already)));
        let kept = store.get(&reference).await.unwrap().unwrap();
        assert_eq!(kept.closed_day, Some(0));
        let closing = read(&safe, &kept).unwrap().closing.clone().unwrap();
        assert_eq!((closing.outcome, &*closing.note), (Outcome::Booked, "Monday"));

        reopen(&store, &safe, &reference, NOW).await.unwrap();
        assert!(matches!(reopen(&store, &mine, &reference, NOW).await, Err(ChangeError::Already)));
        let kept = store.get(&reference).await.unwrap().unwrap();
        assert!(kept.closed_day.is_none() && read(&mine, &kept).unwrap().closing.is_none());

        // A stranger's request, which staff can read, but which would be sealed to the stranger alone.
        let strange = Reference::from_random([5; 5]);
        let mut forged = request(&strange, &public);
        forged.keys = others.public().unwrap().texts().into_iter().map(Line::from).collect();
        add(&strange, &forged).await;
        assert!(matches!(close(&mine, &strange).await, Err(ChangeError::NotForUs)));
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 2);
    }
}
