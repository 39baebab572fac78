-- The same tables as SQLite's. Ids are text, money is whole micro-dollars, times are milliseconds since the Unix epoch.
-- Texts that are sorted or compared are compared byte by byte, whatever the database's own collation.

-- One row: how often the database was taken over, and when its engine was last heard of.
CREATE TABLE engine (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch BIGINT NOT NULL,
    pulse BIGINT NOT NULL
);
INSERT INTO engine (id, epoch, pulse) VALUES (1, 0, 0);

CREATE TABLE sessions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    status TEXT COLLATE "C" NOT NULL,
    prompt TEXT NOT NULL,
    app_type TEXT COLLATE "C" NOT NULL,
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
    session_id TEXT COLLATE "C" NOT NULL REFERENCES sessions (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (session_id, seq)
);

-- One row per thing charged and UTC day, so that a ceiling per day can be computed again from the rows.
CREATE TABLE charges (
    session_id TEXT COLLATE "C" NOT NULL REFERENCES sessions (id),
    kind TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    day BIGINT NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (session_id, kind, source, day)
);
CREATE INDEX charges_by_time ON charges (at, user_id);

CREATE TABLE artifacts (
    session_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES sessions (id),
    body TEXT NOT NULL
);

-- The last lines of a session that is over; while it lives its actor has them.
CREATE TABLE logs (
    session_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES sessions (id),
    body TEXT NOT NULL
);

-- What each commit changed. All rows of a session, in order, make the session again.
CREATE TABLE steps (
    session_id TEXT COLLATE "C" NOT NULL REFERENCES sessions (id),
    revision BIGINT NOT NULL,
    at BIGINT NOT NULL,
    mark BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (session_id, revision)
);

CREATE FUNCTION kept_for_good() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only appended to', TG_TABLE_NAME;
END $$;
CREATE TRIGGER steps_are_kept BEFORE UPDATE OR DELETE ON steps FOR EACH ROW EXECUTE FUNCTION kept_for_good();
CREATE TRIGGER events_are_kept BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION kept_for_good();
