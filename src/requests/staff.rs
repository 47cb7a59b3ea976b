//! The staff's side: opens stored requests, closes them and opens them again, on a computer that has a private key.

mod agree;

pub use agree::{Trouble, strangers, troubles, unknown, waits};

use super::inbox::{hour, today};
use super::keys::{PrivateKeys, PublicKeys, fingerprint};
use super::seal::{OpenError, SealError, open, seal};
use super::store::{Change, Changed, Row, Store, StoreError};
use super::{Closing, Line, Lines, Outcome, Reference, Request};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
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

/// A request that was sealed again, to be put into the place of the ciphertext that was read: by [`Store::change`], or by a server.
#[derive(Clone, Debug)]
pub struct Resealed {
    /// The hash of the ciphertext that was read.
    pub was: String,
    /// Whether it is closed now; otherwise it waits.
    pub closed: bool,
    /// The new ciphertext.
    pub sealed: String,
    /// The fingerprint of one's own key that opens it.
    pub by: String,
    /// The readers that the request names and that aren't known, as texts: it is not sealed to them.
    pub strangers: Vec<String>,
}

/// A request as it is closed: what came of it is sealed into it, to those readers it names that are known. `text` has been through [`note`].
///
/// # Errors
/// It is closed already, can't be read, or names none of one's own keys.
pub fn closed(
    keys: &PrivateKeys,
    row: &Row,
    outcome: Outcome,
    text: Lines,
    now: Timestamp,
) -> Result<Resealed, ChangeError> {
    let to_the_minute = TimestampRound::new().smallest(Unit::Minute).mode(RoundMode::Trunc);
    let minute = now.round(to_the_minute).unwrap_or(now);
    sealed_again(keys, row, Some(Closing { outcome, note: text, at: Line::from(minute.to_string()) }))
}

/// A request as it waits again: what came of it is forgotten.
///
/// # Errors
/// It waits already, can't be read, or names none of one's own keys.
pub fn reopened(keys: &PrivateKeys, row: &Row) -> Result<Resealed, ChangeError> {
    sealed_again(keys, row, None)
}

fn sealed_again(keys: &PrivateKeys, row: &Row, closing: Option<Closing>) -> Result<Resealed, ChangeError> {
    let mut request = read(keys, row)?;
    // What doesn't agree can be changed either way.
    let is_so = match closing {
        Some(_) => !waits(row, &request),
        None => row.closed_day.is_none() && request.closing.is_none(),
    };
    if is_so {
        return Err(ChangeError::Already);
    }
    let closed = closing.is_some();
    request.closing = closing;
    let known = keys.readers();
    let mut to: Vec<&str> = known.iter().map(String::as_str).collect();
    to.retain(|key| request.keys.iter().any(|named| **named == **key));
    // Whoever wrote a request of their own into the database may have named keys that shut the staff out.
    let ours = keys.public().map(|public| public.texts()).unwrap_or_default();
    let own = to.iter().find(|key| ours.iter().any(|own| own == *key)).ok_or(ChangeError::NotForUs)?;
    let by = fingerprint(own);
    let sealed = seal(&PublicKeys::parse(to).map_err(|_| ChangeError::NotForUs)?, &request)?;
    Ok(Resealed { was: row.hash(), closed, sealed, by, strangers: strangers(keys, &request) })
}

/// Closes a waiting request in a store: see [`closed`]. Returns the readers that it names and that aren't known.
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
) -> Result<Vec<String>, ChangeError> {
    let row = store.get(reference).await?.ok_or(ChangeError::Gone)?;
    put(store, reference, closed(keys, &row, outcome, text, now)?, now).await
}

/// Opens a closed request in a store again: see [`reopened`]. Returns the readers that it names and that aren't known.
///
/// # Errors
/// It stays as it was.
pub async fn reopen(
    store: &Store,
    keys: &PrivateKeys,
    reference: &Reference,
    now: Timestamp,
) -> Result<Vec<String>, ChangeError> {
    let row = store.get(reference).await?.ok_or(ChangeError::Gone)?;
    put(store, reference, reopened(keys, &row)?, now).await
}

async fn put(
    store: &Store,
    reference: &Reference,
    Resealed { was, closed, sealed, by, strangers }: Resealed,
    now: Timestamp,
) -> Result<Vec<String>, ChangeError> {
    let change = Change {
        reference,
        was: &was,
        day: closed.then(|| today(now)),
        sealed: &sealed,
        by: &by,
        hour: hour(now.as_second()),
    };
    match store.change(&change).await? {
        Changed::Done => Ok(strangers),
        Changed::Other(_) => Err(ChangeError::Already),
        Changed::Gone => Err(ChangeError::Gone),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        ChangeError, OpenError, Trouble, Unreadable, close, closed, fingerprint, note, read, reopen, reopened,
        troubles, waits,
    };
    use crate::lang::Lang;
    use crate::requests::form::Form;
    use crate::requests::keys::{PrivateKeys, PublicKeys};
    use crate::requests::seal::{Shape, seal};
    use crate::requests::store::{Location, NewRow, Past, Row, Store, Wanted};
    use crate::requests::{Closing, Line, Outcome, Reference, Request};
    use jiff::Timestamp;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn request(reference: &Reference, keys: &PublicKeys) -> Request {
        let new = Form::read(b"name=Ana&phone=9165550100&note=Call+late")
            .unwrap()
            .request(Lang::from_tag("es").unwrap())
            .unwrap();
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
        let stored = row(&one, &request(&other, &public), &public);
        assert_eq!(read(&keys, &stored).err(), Some(Unreadable::Exchanged));
        let damaged = Row { sealed: "-----BEGIN AGE".to_owned(), ..stored.clone() };
        assert_eq!(read(&keys, &damaged).err(), Some(Unreadable::Sealed(OpenError::Damaged)));
        assert_eq!(read(&PrivateKeys::generate(), &stored).err(), Some(Unreadable::Sealed(OpenError::OtherKeys)));
    }

    #[test]
    fn a_note_is_tidied_and_counted_in_characters() {
        assert_eq!(note("  Monday,\r\n9 am \n").map(|note| note.to_string()), Ok("Monday,\n9 am".to_owned()));
        assert_eq!(note(&"é".repeat(Closing::MAX_NOTE)).map(|note| note.chars().count()), Ok(Closing::MAX_NOTE));
        assert_eq!(note(&"é".repeat(Closing::MAX_NOTE + 1)), Err(Closing::MAX_NOTE + 1));
    }

    fn texts(keys: &PrivateKeys) -> String {
        keys.public().unwrap().texts().remove(0)
    }

    /// Two who know each other's key, and the public keys of both.
    fn two() -> (PrivateKeys, PrivateKeys, PublicKeys) {
        let (mine, safe) = (PrivateKeys::generate(), PrivateKeys::generate());
        let (mine_public, safe_public) = (mine.public().unwrap(), safe.public().unwrap());
        let public = PublicKeys::parse([texts(&mine), texts(&safe)].iter().map(String::as_str)).unwrap();
        (mine.with_readers(&safe_public), safe.with_readers(&mine_public), public)
    }

    #[tokio::test]
    async fn closing_and_opening_again_seal_to_the_same_keys() {
        let ((mine, safe, public), others) = (two(), PrivateKeys::generate());
        let folder = tempfile::TempDir::new().unwrap();
        let store = Store::new(Location::Folder(folder.path().to_owned())).unwrap();
        let reference = Reference::from_random([3; 5]);
        let add = async |reference: &Reference, request: &Request| {
            let stored = row(reference, request, &public);
            let new = NewRow {
                reference: reference.clone(),
                received_hour: 0,
                language: Lang::from_tag("es").unwrap(),
                keys: stored.keys,
                sealed: stored.sealed,
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
        assert_eq!(close(&mine, &reference).await.unwrap(), Vec::<String>::new());
        assert!(matches!(close(&safe, &reference).await, Err(ChangeError::Already)));
        let stored = store.get(&reference).await.unwrap().unwrap();
        assert_eq!(stored.closed_day, Some(0));
        let closing = read(&safe, &stored).unwrap().closing.clone().unwrap();
        assert_eq!((closing.outcome, &*closing.note), (Outcome::Booked, "Monday"));

        reopen(&store, &safe, &reference, NOW).await.unwrap();
        assert!(matches!(reopen(&store, &mine, &reference, NOW).await, Err(ChangeError::Already)));
        let stored = store.get(&reference).await.unwrap().unwrap();
        assert!(stored.closed_day.is_none() && read(&mine, &stored).unwrap().closing.is_none());
        let by: Vec<String> = [&mine, &safe].map(|keys| fingerprint(&texts(keys))).into();
        let history = store.history(&[reference.as_str()]).await.unwrap().remove(reference.as_str()).unwrap();
        assert_eq!(history.iter().map(|past| past.by.clone()).collect::<Vec<_>>(), by);

        // A stranger's request, which staff can read, but which would be sealed to the stranger alone.
        let strange = Reference::from_random([5; 5]);
        let mut forged = request(&strange, &public);
        forged.keys = others.public().unwrap().texts().into_iter().map(Line::from).collect();
        add(&strange, &forged).await;
        assert!(matches!(close(&mine, &strange).await, Err(ChangeError::NotForUs)));
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 2);
    }

    #[test]
    fn nothing_is_sealed_to_a_key_that_is_not_known() {
        let ((mine, safe, public), stranger) = (two(), PrivateKeys::generate());
        let reference = Reference::from_random([3; 5]);
        let mut forged = request(&reference, &public);
        forged.keys.push(Line::from(texts(&stranger)));
        forged.keys.push(Line::new("<script>"));
        forged.keys.push(Line::from(texts(&mine)));
        let stored = row(&reference, &forged, &public);
        assert_eq!(troubles(&stored, &[], &forged, &mine), [Trouble::Stranger]);
        let closed = closed(&mine, &stored, Outcome::Booked, note("Monday").unwrap(), NOW).unwrap();
        assert_eq!(closed.strangers, [texts(&stranger), "<script>".to_owned()]);
        assert_eq!(
            (closed.was.as_str(), closed.by.as_str()),
            (stored.hash().as_str(), fingerprint(&texts(&mine)).as_str())
        );
        let after = Row { closed_day: Some(0), sealed: closed.sealed, ..stored };
        assert_eq!(Shape::parse(&after.sealed), Ok(Shape { recipients: 2 }));
        assert!(read(&safe, &after).is_ok());
        assert_eq!(read(&stranger, &after).err(), Some(Unreadable::Sealed(OpenError::OtherKeys)));
    }

    #[test]
    fn what_a_newer_program_put_in_stays_when_it_is_sealed_again() {
        let (mine, _, public) = two();
        let reference = Reference::from_random([3; 5]);
        let mut value = serde_json::to_value(request(&reference, &public)).unwrap();
        let newer = serde_json::json!({ "texts": ["Ana", { "deep": 9_007_199_254_740_993_u64 }], "none": null });
        value["newer"] = newer.clone();
        let stored = Row {
            sealed: seal(&public, &serde_json::from_value(value).unwrap()).unwrap(),
            ..row(&reference, &request(&reference, &public), &public)
        };
        let closed = closed(&mine, &stored, Outcome::Booked, note("Monday").unwrap(), NOW).unwrap();
        let stored = Row { closed_day: Some(0), sealed: closed.sealed, ..stored };
        let again = Row { sealed: reopened(&mine, &stored).unwrap().sealed, ..stored };
        let request = read(&mine, &again).unwrap();
        assert!(!format!("{request:?}").contains("Ana"));
        let value = serde_json::to_value(request).unwrap();
        assert_eq!(value["newer"], newer);
        assert_eq!((&value["name"], &value["closing"]), (&"Ana".into(), &serde_json::Value::Null));
        assert_eq!(value.as_object().unwrap().keys().filter(|key| *key == "name").count(), 1);
    }

    #[test]
    fn a_row_that_does_not_agree_with_what_is_sealed_in_it_is_reported_and_can_be_changed() {
        let (mine, _, public) = two();
        let reference = Reference::from_random([3; 5]);
        let waiting = row(&reference, &request(&reference, &public), &public);
        let now: Timestamp = "2026-11-26T23:59:59Z".parse().unwrap();
        let day = 20_783;
        let sealed = closed(&mine, &waiting, Outcome::Booked, note("").unwrap(), now).unwrap().sealed;
        let turns = [true, false].map(|closed| Past { closed, by: String::new(), hour: 0 });
        let (none, yes, no) = (&turns[..0], &turns[..1], &turns[..]);
        let (open, shut) = (waiting.sealed.as_str(), sealed.as_str());
        let (unsealed, though, past, days) =
            (Trouble::ClosedUnsealed, Trouble::WaitsThoughClosed, Trouble::HistoryDiffers, Trouble::DayDiffers);
        for (what, closed_day, sealed, history, expected, waiting) in [
            ("it waits", None, open, none, vec![], true),
            ("opened again", None, open, no, vec![], true),
            ("closed", Some(day), shut, yes, vec![], false),
            ("closed by an older version", Some(day), shut, none, vec![], false),
            ("just before midnight", Some(day + 1), shut, yes, vec![], false),
            ("T1: the row alone says so", Some(20_000), open, none, vec![unsealed], true),
            ("T2: an old ciphertext", Some(day), open, yes, vec![unsealed], true),
            ("T2: an old ciphertext and an old row", None, open, yes, vec![past], true),
            ("the row alone says that it waits", None, shut, yes, vec![though, past], true),
            ("closed again", Some(day), shut, no, vec![past], false),
            ("T5: to be deleted at once", Some(day - 40), shut, yes, vec![days], false),
            ("T5: never to be deleted", Some(i64::MAX), shut, yes, vec![days], false),
            ("a day before all", Some(i64::MIN), shut, yes, vec![days], false),
        ] {
            let row = Row { closed_day, sealed: sealed.to_owned(), ..waiting_row(&reference, &public) };
            let request = read(&mine, &row).unwrap();
            assert_eq!(troubles(&row, history, &request, &mine), expected, "{what}");
            assert_eq!(waits(&row, &request), waiting, "{what}");
            // Whatever it is, staff put it right: by closing it, or by opening it again.
            let closes = closed(&mine, &row, Outcome::Booked, note("").unwrap(), now).is_ok();
            assert_eq!(
                (closes, reopened(&mine, &row).is_ok()),
                (waiting, closed_day.is_some() || sealed == shut),
                "{what}"
            );
        }
    }

    fn waiting_row(reference: &Reference, public: &PublicKeys) -> Row {
        row(reference, &request(reference, public), public)
    }
}
