-- Ids are text, money is whole micro-dollars, times are milliseconds since the Unix epoch.

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    prompt TEXT NOT NULL,
    app_type TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    is_over BOOLEAN NOT NULL,
    budget BIGINT NOT NULL,
    state TEXT NOT NULL,
    view TEXT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id, id);
CREATE INDEX sessions_by_status ON sessions (status, id);
CREATE INDEX sessions_by_end ON sessions (is_over, id);

CREATE TABLE events (
    session_id TEXT NOT NULL REFERENCES sessions (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (session_id, seq)
) WITHOUT ROWID;

-- One row per thing charged and UTC day, so that a ceiling per day can be computed again from the rows.
CREATE TABLE charges (
    session_id TEXT NOT NULL REFERENCES sessions (id),
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    day BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    amount BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (session_id, kind, source, day)
) WITHOUT ROWID;
CREATE INDEX charges_by_time ON charges (at, user_id);

CREATE TABLE artifacts (
    session_id TEXT NOT NULL PRIMARY KEY REFERENCES sessions (id),
    body TEXT NOT NULL
);

-- The last lines of a session that is over; while it lives its actor has them.
CREATE TABLE logs (
    session_id TEXT NOT NULL PRIMARY KEY REFERENCES sessions (id),
    body TEXT NOT NULL
);
