-- One row for each address that a message goes to, so that one that can't be reached holds up nobody. It only adds: `outbox` stays where a request
-- is put together with its row, and a program that knows 0002 alone goes on with it. What it leaves there gets its rows here later.

CREATE TABLE mails (
    -- The address of somebody of the staff, as the admin configured it.
    recipient TEXT NOT NULL,
    -- The request that they have yet to be told of.
    reference TEXT NOT NULL,
    -- How often it was tried.
    attempts BIGINT NOT NULL,
    -- When to try next: seconds since 1970, UTC.
    next_try BIGINT NOT NULL,
    PRIMARY KEY (recipient, reference)
);
