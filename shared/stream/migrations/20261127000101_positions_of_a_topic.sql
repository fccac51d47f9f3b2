-- migrate:up
-- A position belongs to the topic of one id, unknown for those claimed before. `acted_at`: an operator has set it by a command.
ALTER TABLE positions
    ADD COLUMN topic_id uuid,
    ADD COLUMN acted_at timestamptz;

-- Partitions that are not consumed until an operator acts or the cause is gone. `resume_offset`: where to go on if the
-- records before it are given up.
CREATE TABLE standing_partitions (
    topic text NOT NULL,
    part integer NOT NULL,
    cause text NOT NULL CHECK (cause IN ('position_lost', 'position_ahead', 'unreadable')),
    resume_offset bigint,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, part),
    FOREIGN KEY (topic, part) REFERENCES positions
);

-- A topic that is made anew begins at offset 0 again: its dead letters are others than those of the old one.
ALTER TABLE dead_letters ADD COLUMN topic_id uuid;
-- squawk-ignore ban-drop-constraint
ALTER TABLE dead_letters DROP CONSTRAINT dead_letters_topic_part_at_offset_key;
CREATE UNIQUE INDEX dead_letters_record ON dead_letters (topic, topic_id, part, at_offset) NULLS NOT DISTINCT
 WHERE part IS NOT NULL;

-- migrate:down
DROP INDEX dead_letters_record;
ALTER TABLE dead_letters DROP COLUMN topic_id;
-- squawk-ignore disallowed-unique-constraint, constraint-missing-not-valid
ALTER TABLE dead_letters ADD CONSTRAINT dead_letters_topic_part_at_offset_key UNIQUE (topic, part, at_offset);
DROP TABLE standing_partitions;
ALTER TABLE positions DROP COLUMN acted_at, DROP COLUMN topic_id;
