-- migrate:up
-- Complaints that were handled (closed), by their newest revision: what records are drafted from, and what the count of what
-- was decided is checked against. `body` is the revision while it waits to be drafted, and nothing is kept of it after that.
CREATE TABLE publisher.handled_complaints (
    complaint_id uuid PRIMARY KEY,
    revision integer NOT NULL CHECK (revision > 0),
    handled boolean NOT NULL,
    closed_on date,
    office text,
    left_out text,
    body bytea,
    staged_at timestamptz NOT NULL
) WITH (fillfactor = 85);

CREATE INDEX handled_complaints_waiting ON publisher.handled_complaints (staged_at, complaint_id) WHERE body IS NOT NULL;
CREATE INDEX handled_complaints_by_day ON publisher.handled_complaints (closed_on, office) WHERE handled;

-- Drafts of one kind that are approved together: of a batch a sample is looked at, and what its checks warn of is not in it.
CREATE TABLE publisher.item_batches (
    batch_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    closed_by text,
    CHECK ((closed_at IS NULL) = (closed_by IS NULL))
);

-- One batch of a kind takes in drafts.
CREATE UNIQUE INDEX item_batches_open ON publisher.item_batches (kind) WHERE closed_at IS NULL;

CREATE TABLE publisher.batch_samples (
    batch_id bigint NOT NULL REFERENCES publisher.item_batches (batch_id),
    item_id text NOT NULL REFERENCES publisher.items (item_id),
    fault boolean NOT NULL DEFAULT false,
    PRIMARY KEY (batch_id, item_id)
);

-- Who looked at which content of a sample.
CREATE TABLE publisher.sample_looks (
    batch_id bigint NOT NULL,
    item_id text NOT NULL,
    person text NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    at timestamptz NOT NULL,
    PRIMARY KEY (batch_id, item_id, person),
    FOREIGN KEY (batch_id, item_id) REFERENCES publisher.batch_samples (batch_id, item_id)
);

ALTER TABLE publisher.versions ADD COLUMN batch_id bigint;
CREATE INDEX versions_of_batch ON publisher.versions (batch_id, state) WHERE batch_id IS NOT NULL;
-- The lists of the desk hold what is decided one by one.
CREATE INDEX versions_one_by_one ON publisher.versions (state, (NOT urgent), (failing > 0), drafted_at, item_id)
 WHERE state IN ('draft', 'returned', 'approved') AND batch_id IS NULL;
CREATE INDEX public_items_by_kind ON publisher.public_items ((body ->> 'kind'), release_seq DESC)
 WHERE board = 'basic' AND period IS NULL;

-- migrate:down
DROP INDEX publisher.public_items_by_kind;
DROP INDEX publisher.versions_one_by_one;
DROP INDEX publisher.versions_of_batch;
ALTER TABLE publisher.versions DROP COLUMN batch_id;
DROP TABLE publisher.sample_looks;
DROP TABLE publisher.batch_samples;
DROP TABLE publisher.item_batches;
DROP TABLE publisher.handled_complaints;
