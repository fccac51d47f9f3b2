-- migrate:up
CREATE SCHEMA IF NOT EXISTS corrections;

-- The newest public version of every item, as the publisher said it.
CREATE TABLE corrections.published_items (
    item_id text PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0),
    board text NOT NULL CHECK (board IN ('basic', 'major', 'analysis', 'warnings', 'penalties', 'other')),
    state text NOT NULL CHECK (state IN ('released', 'corrected', 'withdrawn', 'expired')),
    operator_key text,
    operator_name text,
    released_at timestamptz NOT NULL,
    body jsonb NOT NULL CHECK (jsonb_typeof(body) = 'object')
);

CREATE INDEX published_items_of_operator ON corrections.published_items (operator_key, released_at DESC);
CREATE INDEX published_items_by_name ON corrections.published_items (operator_name text_pattern_ops);

-- The facts of every complaint that an officer needs to see what an item counts; no text, no person.
CREATE TABLE corrections.complaints (
    complaint_id uuid PRIMARY KEY,
    revision integer NOT NULL CHECK (revision > 0),
    operator_key text NOT NULL,
    external_id text NOT NULL,
    channel text NOT NULL,
    received_on date NOT NULL,
    counted boolean NOT NULL,
    status text NOT NULL CHECK (status IN ('received', 'accepted', 'rejected', 'mediating', 'closed')),
    outcome text CHECK (outcome IN ('mediated', 'self_settled', 'failed', 'withdrawn', 'transferred')),
    amount numeric(14, 2) CHECK (amount >= 0)
) WITH (fillfactor = 85);

CREATE INDEX complaints_of_operator ON corrections.complaints (operator_key, received_on);

-- The last number given out in a series (receipts, replies) in a year: gap-free, because it moves in the transaction.
CREATE TABLE corrections.numbers (
    series text NOT NULL CHECK (series IN ('SQ', 'DF')),
    year integer NOT NULL CHECK (year BETWEEN 2000 AND 2999),
    last integer NOT NULL CHECK (last > 0),
    PRIMARY KEY (series, year)
);

CREATE TABLE corrections.applications (
    application_id uuid PRIMARY KEY,
    submission uuid NOT NULL UNIQUE,
    token text NOT NULL UNIQUE CHECK (length(token) >= 32),
    receipt text NOT NULL UNIQUE CHECK (receipt ~ '^SQ-[0-9]{4}-[0-9]{6,9}-[0-9]$'),
    kind text NOT NULL CHECK (kind IN ('query', 'correction')),
    item_id text NOT NULL REFERENCES corrections.published_items (item_id),
    item_version integer NOT NULL CHECK (item_version > 0),
    operator_name text NOT NULL CHECK (length(operator_name) BETWEEN 1 AND 100),
    uscc text NOT NULL CHECK (uscc ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
    contact_name text NOT NULL CHECK (length(contact_name) BETWEEN 1 AND 100),
    contact_phone text NOT NULL CHECK (length(contact_phone) BETWEEN 1 AND 32),
    reason_code text,
    field text,
    value text CHECK (length(value) BETWEEN 1 AND 200),
    statement text NOT NULL CHECK (length(statement) BETWEEN 1 AND 500),
    filed_at timestamptz NOT NULL,
    received_on date NOT NULL,
    reply_workdays integer NOT NULL CHECK (reply_workdays > 0),
    due_on date NOT NULL,
    provisional boolean NOT NULL,
    calendar_version text NOT NULL,
    rules_version text NOT NULL,
    state text NOT NULL CHECK (state IN ('filed', 'under_review', 'decided', 'withdrawn_by_operator')),
    started_by text,
    started_at timestamptz,
    closed_at timestamptz,
    UNIQUE (application_id, kind, state),
    CHECK ((kind = 'correction') = (reason_code IS NOT NULL)),
    CHECK (kind = 'correction' OR field IS NULL),
    CHECK ((field IS NULL) = (value IS NULL)),
    CHECK (due_on > received_on),
    CHECK ((started_by IS NULL) = (started_at IS NULL)),
    CHECK (state <> 'filed' OR started_at IS NULL),
    CHECK (state <> 'under_review' OR started_at IS NOT NULL),
    CHECK ((state IN ('decided', 'withdrawn_by_operator')) = (closed_at IS NOT NULL))
);

-- One open application of an operator on an item; more evidence goes to the one there is.
CREATE UNIQUE INDEX applications_open ON corrections.applications (item_id, uscc)
 WHERE state IN ('filed', 'under_review');
CREATE INDEX applications_by_deadline ON corrections.applications (state, due_on, receipt);

-- A deadline moves only when the calendar does; the day that was promised before is kept.
CREATE TABLE corrections.deadline_changes (
    application_id uuid NOT NULL REFERENCES corrections.applications (application_id),
    changed_at timestamptz NOT NULL,
    due_before date NOT NULL,
    due_after date NOT NULL,
    calendar_version text NOT NULL,
    PRIMARY KEY (application_id, changed_at),
    CHECK (due_after <> due_before)
);

CREATE TABLE corrections.evidence (
    application_id uuid NOT NULL REFERENCES corrections.applications (application_id) ON DELETE CASCADE,
    number integer NOT NULL CHECK (number BETWEEN 1 AND 10),
    name text NOT NULL CHECK (name ~ '^[^/\\[:cntrl:]]{1,100}$'),
    media_type text NOT NULL CHECK (media_type IN ('application/pdf', 'image/png', 'image/jpeg')),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    content bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 10485760),
    added_at timestamptz NOT NULL,
    PRIMARY KEY (application_id, number),
    UNIQUE (application_id, sha256)
);

-- One decision an application. `kind` and `state` are here so that the keys below can hold them to the application's.
CREATE TABLE corrections.decisions (
    application_id uuid PRIMARY KEY,
    ruling_id uuid NOT NULL UNIQUE,
    kind text NOT NULL,
    state text NOT NULL DEFAULT 'decided' CHECK (state = 'decided'),
    item_version integer NOT NULL CHECK (item_version > 0),
    decision text NOT NULL CHECK (decision IN ('upheld', 'corrected', 'withdrawn')),
    reason_code text NOT NULL CHECK (reason_code <> ''),
    public_reason text NOT NULL CHECK (length(public_reason) BETWEEN 1 AND 200),
    reply text NOT NULL CHECK (length(reply) BETWEEN 10 AND 4000),
    reply_number text NOT NULL UNIQUE,
    decided_by text NOT NULL CHECK (decided_by <> ''),
    decided_at timestamptz NOT NULL,
    rules_version text NOT NULL,
    UNIQUE (application_id, decision),
    FOREIGN KEY (application_id, kind, state) REFERENCES corrections.applications (application_id, kind, state),
    CHECK (kind = 'correction' OR decision = 'upheld')
);

CREATE INDEX decisions_by_time ON corrections.decisions (decided_at DESC);

-- What a ruling changes about complaints and about the item; an upheld item changes nothing.
CREATE TABLE corrections.complaint_effects (
    application_id uuid NOT NULL,
    decision text NOT NULL CHECK (decision <> 'upheld'),
    complaint_id uuid NOT NULL REFERENCES corrections.complaints (complaint_id),
    excluded boolean NOT NULL,
    status text CHECK (status IN ('received', 'accepted', 'rejected', 'mediating', 'closed')),
    outcome text CHECK (outcome IN ('mediated', 'self_settled', 'failed', 'withdrawn', 'transferred')),
    amount numeric(14, 2) CHECK (amount >= 0),
    PRIMARY KEY (application_id, complaint_id),
    FOREIGN KEY (application_id, decision) REFERENCES corrections.decisions (application_id, decision),
    CHECK (excluded OR num_nonnulls(status, outcome, amount) > 0)
);

CREATE INDEX complaint_effects_on_complaint ON corrections.complaint_effects (complaint_id);

CREATE TABLE corrections.field_corrections (
    application_id uuid NOT NULL,
    decision text NOT NULL CHECK (decision <> 'upheld'),
    field text NOT NULL CHECK (field <> ''),
    value text NOT NULL CHECK (value <> ''),
    PRIMARY KEY (application_id, field),
    FOREIGN KEY (application_id, decision) REFERENCES corrections.decisions (application_id, decision)
);

-- migrate:down
DROP TABLE corrections.field_corrections;
DROP TABLE corrections.complaint_effects;
DROP TABLE corrections.decisions;
DROP TABLE corrections.evidence;
DROP TABLE corrections.deadline_changes;
DROP TABLE corrections.applications;
DROP TABLE corrections.numbers;
DROP TABLE corrections.complaints;
DROP TABLE corrections.published_items;
