-- What store this is, and a row to try writing with. It only adds: a program that knows 0001 alone can go on with the tables it knows.

CREATE TABLE store (
    -- There is one row.
    one BIGINT PRIMARY KEY NOT NULL CHECK (one = 1),
    -- 128 random bits, 32 hexadecimal digits, given once. A server refuses another store in the place of the one it knows.
    id TEXT NOT NULL,
    -- A filler as long as a sealed request, replaced by each probe: what fails for it would fail for a request. It says nothing.
    probe TEXT NOT NULL
);
