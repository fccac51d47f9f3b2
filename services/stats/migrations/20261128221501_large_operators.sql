-- migrate:up
-- Operators with so many buckets that their days are kept as those of other subjects are, in subject_days and day_changes.
CREATE TABLE stats.large_operators (
    operator_key text PRIMARY KEY,
    since timestamptz NOT NULL
);

ALTER TABLE stats.subject_days DROP CONSTRAINT subject_days_subject_kind_check;
ALTER TABLE stats.subject_days ADD CONSTRAINT subject_days_subject_kind_check CHECK (
    subject_kind IN ('all', 'operator', 'region', 'industry', 'category', 'channel', 'office', 'site', 'platform', 'sale_mode')
) NOT VALID;

-- migrate:down
DELETE FROM stats.subject_days WHERE subject_kind = 'operator';
DELETE FROM stats.day_changes WHERE subject_kind = 'operator';
ALTER TABLE stats.subject_days DROP CONSTRAINT subject_days_subject_kind_check;
ALTER TABLE stats.subject_days ADD CONSTRAINT subject_days_subject_kind_check CHECK (
    subject_kind IN ('all', 'region', 'industry', 'category', 'channel', 'office', 'site', 'platform', 'sale_mode')) NOT VALID;
DROP TABLE stats.large_operators;
