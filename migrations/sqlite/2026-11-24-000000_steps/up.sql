-- One row: how often the database was taken over, and when its engine was last heard of.
CREATE TABLE engine (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch BIGINT NOT NULL,
    pulse BIGINT NOT NULL
);
INSERT INTO engine (id, epoch, pulse) VALUES (1, 0, 0);

-- What each commit changed. All rows of a session, in order, make the session again.
CREATE TABLE steps (
    session_id TEXT NOT NULL REFERENCES sessions (id),
    revision BIGINT NOT NULL,
    at BIGINT NOT NULL,
    mark BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (session_id, revision)
) WITHOUT ROWID;

-- What is known of a session that is older than its log is where the log begins.
INSERT INTO steps (session_id, revision, at, mark, body)
SELECT s.id, s.revision, s.created_at, 0, json_object(
    'row', json_object(
        'user', s.user_id, 'slug', s.slug, 'prompt', s.prompt, 'appType', s.app_type, 'createdAt', s.created_at,
        'status', s.status, 'expiresAt', s.expires_at, 'over', json(iif(s.is_over, 'true', 'false')),
        'budget', s.budget, 'state', json(iif(json_valid(s.state), s.state, 'null')),
        'view', json(iif(json_valid(s.view), s.view, 'null'))),
    'before', (
        SELECT json_group_array(json_array(c.kind, c.source, c.day, c.amount, c.quantity, c.at))
        FROM charges c WHERE c.session_id = s.id))
FROM sessions s;

CREATE TRIGGER steps_stay_as_they_are BEFORE UPDATE ON steps
BEGIN SELECT RAISE(ABORT, 'steps is only appended to'); END;
CREATE TRIGGER steps_are_kept BEFORE DELETE ON steps
BEGIN SELECT RAISE(ABORT, 'steps is only appended to'); END;
CREATE TRIGGER events_stay_as_they_are BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events is only appended to'); END;
CREATE TRIGGER events_are_kept BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events is only appended to'); END;
