DROP TRIGGER events_are_kept;
DROP TRIGGER events_stay_as_they_are;
DROP TABLE steps;
DROP TABLE engine;
