//! Who is signed in at the front desk: challenges and sessions, which all replicas share. A token itself is never stored, only its hash.

use super::connection::{ConnectionClass, with};
use super::{Store, StoreError};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row as _};

/// How long a session lasts without a call, in seconds.
const IDLE: i64 = 3600;
/// A session that is used is noted at most so often, in seconds.
const TOUCH: i64 = 60;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Sealed to a staff key: who opens it has the key, and gets a session for it, once.
    Challenge,
    /// Somebody is signed in.
    Session,
}

impl TokenKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Challenge => "challenge",
            Self::Session => "session",
        }
    }

    /// The most tokens of a kind that there may be at once, so that who asks for many fills no disk. Many challenges keep nobody from a session
    /// that there is.
    #[must_use]
    pub const fn most(self) -> i64 {
        match self {
            Self::Challenge => 8192,
            Self::Session => 512,
        }
    }
}

/// A token that is to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    /// Its [`super::hash`].
    pub hash: &'a str,
    /// The fingerprint of the staff key that it is for.
    pub key: &'a str,
}

impl Store {
    /// Stores some tokens that end at `ends`, all or none; those that have ended by `now` go first (both in seconds since 1970). `false`: there would
    /// be more than [`TokenKind::most`], and none was stored.
    ///
    /// # Errors
    /// The store can't be used; none is stored, or nobody has heard of it.
    pub async fn add_tokens(
        &self,
        tokens: &[NewToken<'_>],
        kind: TokenKind,
        ends: i64,
        now: i64,
    ) -> Result<bool, StoreError> {
        let begin = self.connections.begin();
        let more = i64::try_from(tokens.len()).unwrap_or(i64::MAX);
        Ok(with!(self.connections, ConnectionClass::Others, connection => {
            let mut transaction = connection.begin_with(begin).await?;
            forget(&mut transaction, now).await?;
            let sql = "SELECT COUNT(*) FROM tokens WHERE kind = $1";
            let there: i64 = sqlx::query(sql).bind(kind.name()).fetch_one(&mut *transaction).await?.try_get(0)?;
            let fits = there.saturating_add(more) <= kind.most();
            if fits {
                for token in tokens {
                    let sql = "INSERT INTO tokens (hash, kind, fingerprint, ends, used) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
                    let query = sqlx::query(sql).bind(token.hash).bind(kind.name()).bind(token.key).bind(ends).bind(now);
                    query.execute(&mut *transaction).await?;
                }
            }
            transaction.commit().await?;
            Ok(fits)
        }))
    }

    /// [`Store::add_tokens`] for one.
    pub async fn add_token(
        &self,
        hash: &str,
        key: &str,
        kind: TokenKind,
        ends: i64,
        now: i64,
    ) -> Result<bool, StoreError> {
        self.add_tokens(&[NewToken { hash, key }], kind, ends, now).await
    }

    /// Takes a challenge by its hash, and gives the fingerprint of the key that it was sealed to. `None`: there is none that hasn't ended. Of those
    /// who ask at once, on whatever replica, one gets it.
    ///
    /// # Errors
    /// The store can't be used. The challenge may be gone.
    pub async fn take_challenge(&self, hash: &str, now: i64) -> Result<Option<String>, StoreError> {
        let sql = "DELETE FROM tokens WHERE hash = $1 AND kind = $2 AND ends > $3 RETURNING fingerprint";
        Ok(with!(self.connections, ConnectionClass::Others, connection => {
            let query = sqlx::query(sql).bind(hash).bind(TokenKind::Challenge.name()).bind(now);
            // Read to its end: the row is gone only then.
            query.fetch_all(connection).await?.first().map(|row| row.try_get(0)).transpose()
        }))
    }

    /// The fingerprint of the key of a session, by its hash. `None`: there is none, it has ended by `now` (seconds since 1970), or nobody
    /// has called for an hour. That it is used is noted once a minute.
    ///
    /// # Errors
    /// The store can't be read.
    pub async fn session(&self, hash: &str, now: i64) -> Result<Option<String>, StoreError> {
        let sql = "SELECT fingerprint, used FROM tokens WHERE hash = $1 AND kind = $2 AND ends > $3 AND used > $4";
        let earliest = now.saturating_sub(IDLE);
        let found = with!(self.connections, ConnectionClass::Others, connection => {
            let query = sqlx::query(sql).bind(hash).bind(TokenKind::Session.name()).bind(now).bind(earliest);
            let row = query.fetch_optional(connection).await?;
            row.map(|row| Ok((row.try_get::<String, _>(0)?, row.try_get::<i64, _>(1)?))).transpose()
        });
        let Some((key, used)) = found else { return Ok(None) };
        if now.saturating_sub(used) >= TOUCH {
            // Where nothing can be written, staff may still read; what is wrong with the store is reported elsewhere.
            let _ = self.touch(hash, now).await;
        }
        Ok(Some(key))
    }

    async fn touch(&self, hash: &str, now: i64) -> Result<(), StoreError> {
        with!(self.connections, ConnectionClass::Others, connection => {
            sqlx::query("UPDATE tokens SET used = $1 WHERE hash = $2").bind(now).bind(hash).execute(connection).await
        });
        Ok(())
    }

    /// How many sessions there are that have not ended by `now`, in seconds since 1970.
    ///
    /// # Errors
    /// The store can't be read.
    pub async fn sessions(&self, now: i64) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) FROM tokens WHERE kind = $1 AND ends > $2 AND used > $3";
        let earliest = now.saturating_sub(IDLE);
        Ok(with!(self.connections, ConnectionClass::Others, connection => {
            let query = sqlx::query(sql).bind(TokenKind::Session.name()).bind(now).bind(earliest);
            query.fetch_one(connection).await?.try_get(0)
        }))
    }

    /// Ends a session by its hash.
    ///
    /// # Errors
    /// The store can't be used; the session may go on.
    pub async fn end_session(&self, hash: &str) -> Result<(), StoreError> {
        with!(self.connections, ConnectionClass::Others, connection => {
            sqlx::query("DELETE FROM tokens WHERE hash = $1").bind(hash).execute(connection).await
        });
        Ok(())
    }

    /// Ends every session and challenge of other keys than these, by their fingerprints. Returns how many.
    ///
    /// # Errors
    /// The store can't be used; they may go on.
    pub async fn end_sessions_of_others<K: AsRef<str> + Sync>(&self, keys: &[K]) -> Result<u64, StoreError> {
        let places: Vec<String> = (1..=keys.len()).map(|at| format!("${at}")).collect();
        let others =
            if keys.is_empty() { String::new() } else { format!(" WHERE fingerprint NOT IN ({})", places.join(", ")) };
        let sql = format!("DELETE FROM tokens{others}");
        let ended = with!(self.connections, ConnectionClass::Others, connection => {
            let query = sqlx::query(AssertSqlSafe(sql.clone()));
            keys.iter().fold(query, |query, key| query.bind(key.as_ref())).execute(connection).await
        });
        Ok(ended.rows_affected())
    }

    /// Forgets challenges and sessions that have ended by `now`, in seconds since 1970.
    ///
    /// # Errors
    /// The store can't be used.
    pub async fn forget_tokens(&self, now: i64) -> Result<(), StoreError> {
        with!(self.connections, ConnectionClass::Others, connection => { forget(connection, now).await });
        Ok(())
    }
}

async fn forget(connection: &mut AnyConnection, now: i64) -> Result<(), sqlx::Error> {
    // A challenge is over long before nobody has called for so long.
    let sql = "DELETE FROM tokens WHERE ends <= $1 OR used <= $2";
    sqlx::query(sql).bind(now).bind(now.saturating_sub(IDLE)).execute(connection).await?;
    Ok(())
}
