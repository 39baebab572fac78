DROP TABLE steps;
DROP TABLE logs;
DROP TABLE artifacts;
DROP TABLE charges;
DROP TABLE events;
DROP TABLE sessions;
DROP TABLE engine;
DROP FUNCTION kept_for_good;
