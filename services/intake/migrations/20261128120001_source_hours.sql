-- migrate:up
-- In which hours each source was heard, for a fortnight: a source that is silent for longer than it ever was is noticed.
CREATE TABLE intake.source_hours (
    source_id bigint NOT NULL REFERENCES intake.sources (source_id) ON DELETE CASCADE,
    hour timestamptz NOT NULL,
    PRIMARY KEY (source_id, hour)
);

-- migrate:down
DROP TABLE intake.source_hours;
