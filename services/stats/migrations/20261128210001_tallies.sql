-- migrate:up
-- As before, but of operators that do not change, so that a statement takes it in and no function is called for each complaint.
CREATE OR REPLACE FUNCTION stats.workdays_term(days integer) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN days IS NULL THEN 0 ELSE ('1e' || (12 * days)::text)::numeric END $$;

-- What is counted of a complaint beside its measures, and by whom and where it was handled. Null in rows from before this
-- migration: a replay of the complaints topic fills them in.
ALTER TABLE stats.contributions
    ADD COLUMN office text,
    ADD COLUMN site text,
    ADD COLUMN platform text,
    ADD COLUMN sale_mode text,
    ADD COLUMN direct boolean,
    ADD COLUMN is_case boolean,
    ADD COLUMN satisfaction integer,
    ADD COLUMN workdays_to_decide integer,
    ADD COLUMN workdays_late integer;

-- The tallies of one complaint or tip-off as one number that adds up: each stands in eight digits of its own, from the right.
-- 0 closed, 1 decided on by a known day, 2 within 7 working days, 3 accepted and closed with both days known, 4 within the time
-- for mediation (60 days under Order 121, 45 working days before), 5 settled or withdrawn, 6 settled by the parties, 7 the operator
-- may be asked first, 8 of these settled by the parties, 9 became a case, 10 asked for satisfaction, 11 of these satisfied (4 or
-- 5), 12 the points, 13 decided on at no known day, 14 days in an impossible order, 15 accepted and open since no known day,
-- 16 tip-offs, 17 of these checked by a known day, 18 within 15 working days, 19 closed or became a case, 20 became a case, 21 checked at no known
-- day; from 24 on accepted and open, by the days from receipt to acceptance.
CREATE FUNCTION stats.tallies(c stats.contributions) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN c.counted THEN
            CASE WHEN coalesce(c.ruled_status, c.status) = 'closed' THEN
                1
                + CASE WHEN c.accepted AND c.workdays_to_close IS NOT NULL THEN
                    1e24::numeric
                    + CASE WHEN CASE WHEN c.accepted_on >= date '2026-04-15' THEN coalesce(c.workdays_late, 0) <= 0
                                     ELSE c.workdays_to_close <= 45 END THEN 1e32::numeric ELSE 0 END
                  ELSE 0 END
                + CASE coalesce(c.ruled_outcome, c.outcome)
                    WHEN 'settled_or_withdrawn' THEN 1e40::numeric
                    WHEN 'self_settled' THEN 1e48::numeric + CASE WHEN c.direct THEN 1e64::numeric ELSE 0 END
                    ELSE 0 END
            WHEN c.accepted AND coalesce(c.ruled_status, c.status) <> 'rejected' THEN
                CASE WHEN c.accepted_on - c.received_on BETWEEN 0 AND 99
                     THEN ('1e' || (8 * (24 + c.accepted_on - c.received_on))::text)::numeric ELSE 1e120::numeric END
            ELSE 0 END
            + CASE WHEN coalesce(c.ruled_status, c.status) = 'received' THEN 0
                   WHEN c.workdays_to_decide <= 7 THEN 1e8::numeric + 1e16::numeric
                   WHEN c.workdays_to_decide IS NOT NULL THEN 1e8::numeric
                   ELSE 1e104::numeric END
            + CASE WHEN c.direct THEN 1e56::numeric ELSE 0 END
            + CASE WHEN c.is_case THEN 1e72::numeric ELSE 0 END
            + CASE WHEN c.satisfaction IS NOT NULL THEN
                1e80::numeric + CASE WHEN c.satisfaction >= 4 THEN 1e88::numeric ELSE 0 END + c.satisfaction * 1e96::numeric
              ELSE 0 END
            + CASE WHEN least(c.accepted_on, c.closed_on) < c.received_on OR c.closed_on < c.accepted_on
                   THEN 1e112::numeric ELSE 0 END
        WHEN c.revision > 0 AND NOT c.duplicate AND NOT c.ruled_out THEN
            1e128::numeric
            + CASE WHEN c.is_case OR coalesce(c.ruled_status, c.status) = 'closed' THEN 1e152::numeric ELSE 0 END
            + CASE WHEN coalesce(c.ruled_status, c.status) = 'received' THEN 0
                   WHEN c.workdays_to_decide <= 15 THEN 1e136::numeric + 1e144::numeric
                   WHEN c.workdays_to_decide IS NOT NULL THEN 1e136::numeric
                   ELSE 1e168::numeric END
            + CASE WHEN c.is_case THEN 1e160::numeric ELSE 0 END
        ELSE 0 END
$$;

ALTER TABLE stats.day_buckets ADD COLUMN tallies numeric NOT NULL DEFAULT 0;
ALTER TABLE stats.subject_days
    ADD COLUMN tallies numeric NOT NULL DEFAULT 0,
    DROP CONSTRAINT subject_days_subject_kind_check;
ALTER TABLE stats.subject_days ADD CONSTRAINT subject_days_subject_kind_check CHECK (
    subject_kind IN ('all', 'region', 'industry', 'category', 'channel', 'office', 'site', 'platform', 'sale_mode')) NOT VALID;

-- What was counted before has tallies from its days.
INSERT INTO stats.day_buckets AS b (
    operator_key, day, category, region, industry, channel,
    complaints, accepted, settled, mediated, amount, recovered, workdays, tallies
)
SELECT operator_key, received_on, category, region, industry, channel, 0, 0, 0, 0, 0, 0, 0, sum(stats.tallies(c))
  FROM stats.contributions AS c
 WHERE revision > 0 AND NOT duplicate AND NOT ruled_out
 GROUP BY operator_key, received_on, category, region, industry, channel
    ON CONFLICT (operator_key, day, category, region, industry, channel) DO UPDATE
   SET tallies = excluded.tallies;

INSERT INTO stats.subject_days AS d (
    subject_kind, subject, day, complaints, accepted, settled, mediated, amount, recovered, workdays, tallies
)
SELECT s.subject_kind, s.subject, c.received_on, count(*) FILTER (WHERE counted), count(*) FILTER (WHERE counted AND accepted),
       count(*) FILTER (WHERE counted AND settled), count(*) FILTER (WHERE counted AND mediated),
       coalesce(sum(amount) FILTER (WHERE counted), 0), coalesce(sum(recovered) FILTER (WHERE counted), 0),
       coalesce(sum(stats.workdays_term(workdays)) FILTER (WHERE counted), 0), sum(stats.tallies(c))
  FROM stats.contributions AS c
 CROSS JOIN LATERAL (
    VALUES ('all', ''), ('industry', industry), ('category', category), ('channel', channel)
     UNION ALL
    SELECT 'region', level FROM stats.region_levels(region) AS r(level)
 ) AS s(subject_kind, subject)
 WHERE revision > 0 AND NOT duplicate AND NOT ruled_out
   AND (s.subject_kind = 'all' OR s.subject <> '')
 GROUP BY s.subject_kind, s.subject, c.received_on
    ON CONFLICT (subject_kind, subject, day) DO UPDATE
   SET tallies = excluded.tallies;

-- What batches add to the days of subjects, and what was not added up yet: rows are only inserted and deleted. A day of a subject
-- is what its row and these have together.
CREATE TABLE stats.day_changes (
    subject_kind text NOT NULL,
    subject text NOT NULL,
    day date NOT NULL,
    complaints integer NOT NULL,
    accepted integer NOT NULL,
    settled integer NOT NULL,
    mediated integer NOT NULL,
    amount numeric NOT NULL,
    recovered numeric NOT NULL,
    workdays numeric NOT NULL,
    tallies numeric NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0);

CREATE VIEW stats.days_of_subjects AS
SELECT subject_kind, subject, day, complaints, accepted, settled, mediated, amount, recovered, workdays, tallies
  FROM stats.subject_days
 UNION ALL
SELECT subject_kind, subject, day, complaints, accepted, settled, mediated, amount, recovered, workdays, tallies
  FROM stats.day_changes;

-- migrate:down
-- squawk-ignore ban-drop-view
DROP VIEW stats.days_of_subjects;
DROP TABLE stats.day_changes;
DELETE FROM stats.subject_months WHERE subject_kind IN ('office', 'site', 'platform', 'sale_mode');
DELETE FROM stats.subject_days WHERE subject_kind NOT IN ('all', 'region', 'industry');
ALTER TABLE stats.subject_days DROP CONSTRAINT subject_days_subject_kind_check;
ALTER TABLE stats.subject_days ADD CONSTRAINT subject_days_subject_kind_check
    CHECK (subject_kind IN ('all', 'region', 'industry')) NOT VALID;
ALTER TABLE stats.subject_days DROP COLUMN tallies;
ALTER TABLE stats.day_buckets DROP COLUMN tallies;
DROP FUNCTION stats.tallies(stats.contributions);
ALTER TABLE stats.contributions
    DROP COLUMN workdays_late, DROP COLUMN workdays_to_decide, DROP COLUMN satisfaction,
    DROP COLUMN is_case, DROP COLUMN direct, DROP COLUMN sale_mode, DROP COLUMN platform, DROP COLUMN site, DROP COLUMN office;
