-- What the front desk needs on any computer: who is signed in, and who changed what. It only adds: a program that knows 0001 alone goes on with the
-- tables it knows. What is here already was left by a program that knows this, before an older one restored a backup.

-- Challenges and sessions. A row goes when it was used, or has ended.
CREATE TABLE IF NOT EXISTS tokens (
    -- SHA-256 of the token, 64 hexadecimal digits: whoever reads the database can't sign in with it.
    hash TEXT PRIMARY KEY NOT NULL,
    -- `challenge` or `session`.
    kind TEXT NOT NULL,
    -- The fingerprint of the staff key that it was sealed to, 32 hexadecimal digits.
    fingerprint TEXT NOT NULL,
    -- When it ends, and when it was last used: seconds since 1970, UTC.
    ends BIGINT NOT NULL,
    used BIGINT NOT NULL
);

-- Who closed a request or opened it again, and when. It says nothing of the person who asked.
CREATE TABLE IF NOT EXISTS changes (
    reference TEXT NOT NULL,
    -- Counted for each request by itself, from 1 on, so that no sequence is needed.
    number BIGINT NOT NULL,
    -- Seconds since 1970, UTC, of the full hour.
    hour BIGINT NOT NULL,
    -- The fingerprint of the key of whoever did it, 32 hexadecimal digits; empty where it isn't known.
    fingerprint TEXT NOT NULL,
    -- What the request was from then on: `closed` or `waiting`.
    state TEXT NOT NULL,
    PRIMARY KEY (reference, number)
);

-- For the lists and the counts of both states, which would otherwise read every ciphertext.
CREATE INDEX IF NOT EXISTS requests_by_state ON requests (closed_day, received_hour, reference);
