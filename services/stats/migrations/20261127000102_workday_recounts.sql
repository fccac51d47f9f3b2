-- migrate:up
-- Working days are recounted when the calendar changes, so the days that they lie between stay with each contribution. They are
-- null in rows from before this migration; a replay of the complaints topic fills them in.
ALTER TABLE stats.contributions ADD COLUMN accepted_on date, ADD COLUMN closed_on date;

-- Working days after `accepted_on` up to and including `closed_on`; null where a day is missing, or lies before the other one or
-- outside the calendar. `numbers` counts the working days from `first` up to each day.
CREATE FUNCTION stats.workdays_between(numbers integer[], first date, accepted_on date, closed_on date) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN accepted_on >= first AND closed_on >= accepted_on AND closed_on < first + cardinality(numbers)
           THEN numbers[closed_on - first + 1] - numbers[accepted_on - first + 1] END
$$;

-- One recount of all contributions for each calendar adopted, in the order of complaints: those up to `done_to` are recounted.
-- `notices` are the reason of what it restates.
CREATE TABLE stats.workday_recounts (
    calendar_id bigint PRIMARY KEY,
    notices text[] NOT NULL,
    done_to uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    started_at timestamptz NOT NULL,
    finished_at timestamptz
);

ALTER TABLE stats.pending_changes ADD COLUMN calendar_id bigint;
ALTER TABLE stats.restatements ADD COLUMN notices text[] NOT NULL DEFAULT '{}';

-- migrate:down
ALTER TABLE stats.restatements DROP COLUMN notices;
ALTER TABLE stats.pending_changes DROP COLUMN calendar_id;
DROP TABLE stats.workday_recounts;
DROP FUNCTION stats.workdays_between(integer[], date, date, date);
ALTER TABLE stats.contributions DROP COLUMN closed_on, DROP COLUMN accepted_on;
