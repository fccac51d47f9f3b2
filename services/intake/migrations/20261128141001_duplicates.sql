-- migrate:up

-- Reports of one dispute at several sources. What was applied waits here for the comparison, which runs when no bulk comes in:
-- ids and keyed digests of many reports, one behind the other (64 bytes each), a row for some hundred of them.
CREATE TABLE intake.match_queue (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reports bytea NOT NULL CHECK (octet_length(reports) % 64 = 0 AND octet_length(reports) > 0),
    queued_at timestamptz NOT NULL DEFAULT now()
);

-- What a complaint is compared by; nothing in it can be read back. Kept for as long as a further report of the dispute may come.
CREATE TABLE intake.report_traits (
    complaint_id uuid PRIMARY KEY,
    source_id bigint NOT NULL,
    operator_key text NOT NULL,
    operator_name text NOT NULL,
    received_on date NOT NULL,
    amount bigint,
    goods text,
    days bigint[] NOT NULL,
    own_number bigint NOT NULL,
    match_keys bigint[] NOT NULL CHECK (cardinality(match_keys) = 6),
    has_person boolean NOT NULL,
    sketch bytea NOT NULL CHECK (octet_length(sketch) = 128)
) WITH (fillfactor = 90);

CREATE INDEX report_traits_by_operator ON intake.report_traits (operator_key, received_on);
CREATE INDEX report_traits_of_nobody ON intake.report_traits (operator_key, received_on) WHERE NOT has_person;

CREATE TABLE intake.match_keys (
    key bigint NOT NULL,
    complaint_id uuid NOT NULL,
    PRIMARY KEY (key, complaint_id)
);

-- Two reports, what the program found, and what holds: linked reports are one complaint, the program asks, or they are separate.
CREATE TABLE intake.report_pairs (
    first_id uuid NOT NULL REFERENCES intake.complaints (complaint_id),
    second_id uuid NOT NULL REFERENCES intake.complaints (complaint_id),
    band text NOT NULL CHECK (band IN ('link', 'ask', 'separate')),
    agreements text[] NOT NULL,
    likeness bigint NOT NULL CHECK (likeness BETWEEN 0 AND 100),
    verdict text NOT NULL CHECK (verdict IN ('linked', 'undecided', 'separate')),
    decided_by text,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (first_id, second_id),
    CHECK (first_id < second_id)
) WITH (fillfactor = 85);

CREATE INDEX report_pairs_by_second ON intake.report_pairs (second_id);
CREATE INDEX report_pairs_by_verdict ON intake.report_pairs (verdict, decided_at, first_id, second_id);

ALTER TABLE intake.complaints ADD COLUMN duplicate_of uuid;

-- Complaints of before are compared by their texts, amounts and days: nothing else is left of them.
INSERT INTO intake.match_queue (reports)
SELECT string_agg(uuid_send(c.complaint_id) || decode(repeat('00', 48), 'hex'), ''::bytea ORDER BY c.complaint_id)
  FROM (SELECT complaint_id, (row_number() OVER (ORDER BY complaint_id) - 1) / 500 AS page FROM intake.complaints) AS c
 GROUP BY c.page
 ORDER BY c.page;

-- migrate:down

ALTER TABLE intake.complaints DROP COLUMN duplicate_of;
DROP TABLE intake.report_pairs;
DROP TABLE intake.match_keys;
DROP TABLE intake.report_traits;
DROP TABLE intake.match_queue;
