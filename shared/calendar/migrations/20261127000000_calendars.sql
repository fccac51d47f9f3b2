-- migrate:up
-- The working-day calendars that this service has counted by, the current one last: a calendar that changes is an event. `days`
-- is the table of that calendar and `changed` what differs from the one before, both as `shared.calendar.adoption` writes them.
CREATE TABLE calendars (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version text NOT NULL,
    adopted_at timestamptz NOT NULL,
    days jsonb NOT NULL,
    changed jsonb NOT NULL,
    notices text[] NOT NULL
);

-- migrate:down
DROP TABLE calendars;
