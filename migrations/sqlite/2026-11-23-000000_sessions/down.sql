DROP TABLE logs;
DROP TABLE artifacts;
DROP TABLE charges;
DROP TABLE events;
DROP TABLE sessions;
