-- Requests for appointments. One text for SQLite and PostgreSQL: TEXT and BIGINT alone.
-- Nothing in these tables is readable: what a person typed is in `sealed`, which only the staff's private keys open.

CREATE TABLE requests (
    -- The reference that the visitor was given.
    reference TEXT PRIMARY KEY NOT NULL,
    -- When it came in: seconds since 1970, UTC, of the full hour.
    received_hour BIGINT NOT NULL,
    -- The tag of the language of the page.
    language TEXT NOT NULL,
    -- Its state: NULL while it waits; days since 1970 of the day it was closed.
    closed_day BIGINT,
    -- The fingerprints of the keys that open it.
    keys TEXT NOT NULL,
    -- An armoured age file. How long it is doesn't depend on what is in it.
    sealed TEXT NOT NULL
);

-- References that staff have yet to be told of by e-mail. A row goes when its message was taken.
CREATE TABLE outbox (
    reference TEXT PRIMARY KEY NOT NULL,
    -- How often it was tried.
    attempts BIGINT NOT NULL,
    -- When to try next: seconds since 1970, UTC; 0 until it was tried, so that it doesn't tell when the request came.
    next_try BIGINT NOT NULL
);
