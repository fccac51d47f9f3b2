-- migrate:up
-- What stats holds: the contribution of each complaint, the sums kept of them, and the figures that were said.

-- GB/T 2260 codes nest by digits: province 2, city 4, district 6, street 9 and community 12. A code of another shape
-- stands for itself alone.
CREATE FUNCTION stats.region_levels(code text) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT DISTINCT level
      FROM unnest(CASE WHEN code ~ '^[0-9]{6}([0-9]{3})?([0-9]{3})?$' THEN
               ARRAY[code, left(code, 9), left(code, 6), rpad(left(code, 4), 6, '0'), rpad(left(code, 2), 6, '0')]
               ELSE ARRAY[code] END) AS l(level)
$$;

-- Working days from acceptance to closing as one number that adds up: the cases with d days stand at 10^(12 d), so
-- that the sum of a column is the histogram of its rows, and medians of any selection are exact.
CREATE FUNCTION stats.workdays_term(days integer) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN days IS NULL THEN 0 ELSE ('1e' || 12 * days)::numeric END $$;

CREATE TABLE stats.operators (
    operator_key text PRIMARY KEY,
    name text NOT NULL,
    uscc text,
    address text,
    scope text,
    platform text,
    site text
);

-- One row for each complaint or tip-off. First what the newest revision says, then what rulings say about it, then
-- what follows from both: the generated columns are the one definition of what is counted. Revision 0 stands for a
-- complaint that a ruling came for before its first revision did.
CREATE TABLE stats.contributions (
    complaint_id uuid PRIMARY KEY,
    revision integer NOT NULL CHECK (revision >= 0),
    operator_key text NOT NULL,
    received_on date NOT NULL,
    category text NOT NULL,
    region text NOT NULL,
    industry text NOT NULL,
    channel text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('complaint', 'tip_off')),
    duplicate boolean NOT NULL,
    status text NOT NULL CHECK (status IN ('received', 'accepted', 'rejected', 'mediating', 'closed')),
    outcome text CHECK (outcome IN ('mediated', 'self_settled', 'failed', 'withdrawn', 'transferred')),
    ever_accepted boolean NOT NULL,
    workdays_to_close integer CHECK (workdays_to_close >= 0),
    amount_reported numeric(16, 2) NOT NULL CHECK (amount_reported BETWEEN 0 AND 99999999999999),
    recovered numeric(16, 2) NOT NULL CHECK (recovered BETWEEN 0 AND 99999999999999),
    ruled_out boolean NOT NULL DEFAULT false,
    ruled_status text CHECK (ruled_status IN ('received', 'accepted', 'rejected', 'mediating', 'closed')),
    ruled_outcome text CHECK (ruled_outcome IN ('mediated', 'self_settled', 'failed', 'withdrawn', 'transferred')),
    ruled_amount numeric(16, 2) CHECK (ruled_amount BETWEEN 0 AND 99999999999999),
    counted boolean NOT NULL GENERATED ALWAYS AS (
        revision > 0 AND kind = 'complaint' AND NOT duplicate AND NOT ruled_out
    ) STORED,
    accepted boolean NOT NULL GENERATED ALWAYS AS (
        coalesce(ruled_status, status) IN ('accepted', 'mediating')
        OR (coalesce(ruled_status, status) = 'closed'
            AND coalesce(ruled_outcome, outcome, '') IN ('mediated', 'self_settled', 'failed'))
        OR (ever_accepted AND coalesce(ruled_status, '') NOT IN ('received', 'rejected'))
    ) STORED,
    settled boolean NOT NULL GENERATED ALWAYS AS (
        coalesce(ruled_status, status) = 'closed'
        AND coalesce(ruled_outcome, outcome, '') IN ('mediated', 'self_settled')
    ) STORED,
    mediated boolean NOT NULL GENERATED ALWAYS AS (
        coalesce(ruled_status, status) = 'closed'
        AND coalesce(ruled_outcome, outcome, '') IN ('mediated', 'self_settled', 'failed')
    ) STORED,
    workdays integer GENERATED ALWAYS AS (
        CASE WHEN coalesce(ruled_status, status) = 'closed' THEN workdays_to_close END
    ) STORED,
    amount numeric(16, 2) NOT NULL GENERATED ALWAYS AS (coalesce(ruled_amount, amount_reported)) STORED
) WITH (fillfactor = 90);

-- The sums, kept by retract-and-add. A row may stand at zero; at any time each equals a recount of contributions.
CREATE TABLE stats.day_buckets (
    operator_key text NOT NULL,
    day date NOT NULL,
    category text NOT NULL,
    region text NOT NULL,
    industry text NOT NULL,
    channel text NOT NULL,
    complaints integer NOT NULL,
    accepted integer NOT NULL,
    settled integer NOT NULL,
    mediated integer NOT NULL,
    amount numeric NOT NULL,
    recovered numeric NOT NULL,
    workdays numeric NOT NULL,
    PRIMARY KEY (operator_key, day, category, region, industry, channel)
) WITH (fillfactor = 90);

-- Days of the subjects that rolling windows are asked for: all, region, industry. An operator's days are read from
-- day_buckets, which begin with its key. Each kind that is kept by the day costs a tenth of the throughput.
CREATE TABLE stats.subject_days (
    subject_kind text NOT NULL CHECK (subject_kind IN ('all', 'region', 'industry')),
    subject text NOT NULL,
    day date NOT NULL,
    complaints integer NOT NULL,
    accepted integer NOT NULL,
    settled integer NOT NULL,
    mediated integer NOT NULL,
    amount numeric NOT NULL,
    recovered numeric NOT NULL,
    workdays numeric NOT NULL,
    PRIMARY KEY (subject_kind, subject, day)
) WITH (fillfactor = 50);

-- Months of every subject, operators included. `month` is its first day.
CREATE TABLE stats.subject_months (
    subject_kind text NOT NULL,
    subject text NOT NULL,
    month date NOT NULL CHECK (month = date_trunc('month', month)),
    complaints integer NOT NULL,
    accepted integer NOT NULL,
    settled integer NOT NULL,
    mediated integer NOT NULL,
    amount numeric NOT NULL,
    recovered numeric NOT NULL,
    workdays numeric NOT NULL,
    PRIMARY KEY (subject_kind, subject, month)
) WITH (fillfactor = 50);

-- From when to when each source was heard: the coverage that every answer states.
CREATE TABLE stats.coverage (
    source text PRIMARY KEY,
    first_day date NOT NULL,
    last_day date NOT NULL
);

-- Which months of which subjects changed and were not said yet. Rows are only added and removed, never updated: a
-- row that a transaction still in flight adds is found by the next emission.
CREATE TABLE stats.pending_figures (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject_kind text NOT NULL,
    subject text NOT NULL,
    month date NOT NULL,
    ruling_id uuid
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX pending_figures_subject ON stats.pending_figures (subject_kind, subject);

-- The figures as they were last said.
CREATE TABLE stats.figures (
    subject_kind text NOT NULL,
    subject text NOT NULL,
    period text NOT NULL,
    period_kind text NOT NULL CHECK (period_kind IN ('month', 'quarter', 'half', 'year')),
    version integer NOT NULL CHECK (version > 0),
    measures jsonb NOT NULL,
    said_at timestamptz NOT NULL,
    PRIMARY KEY (subject_kind, subject, period)
) WITH (fillfactor = 80);

CREATE TABLE stats.closed_months (
    month date PRIMARY KEY CHECK (month = date_trunc('month', month)),
    closed_at timestamptz NOT NULL,
    operators integer NOT NULL,
    complaints integer NOT NULL
);

-- What was changed after its period was closed, and why: the rulings, or none for a late revision.
CREATE TABLE stats.restatements (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject_kind text NOT NULL,
    subject text NOT NULL,
    period text NOT NULL,
    version integer NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    ruling_ids uuid[] NOT NULL,
    restated_at timestamptz NOT NULL,
    UNIQUE (subject_kind, subject, period, version)
);

-- What rulings say about complaints, each once; a later ruling stands before an earlier one.
CREATE TABLE stats.adjustments (
    complaint_id uuid NOT NULL,
    ruling_id uuid NOT NULL,
    decided_at timestamptz NOT NULL,
    excluded boolean NOT NULL,
    status text,
    outcome text,
    amount numeric(16, 2),
    PRIMARY KEY (complaint_id, ruling_id)
);

-- migrate:down
DROP TABLE stats.adjustments;
DROP TABLE stats.restatements;
DROP TABLE stats.closed_months;
DROP TABLE stats.figures;
DROP TABLE stats.pending_figures;
DROP TABLE stats.coverage;
DROP TABLE stats.subject_months;
DROP TABLE stats.subject_days;
DROP TABLE stats.day_buckets;
DROP TABLE stats.contributions;
DROP TABLE stats.operators;
DROP FUNCTION stats.workdays_term(integer);
DROP FUNCTION stats.region_levels(text);
