-- migrate:up
-- Which months of which subjects changed and were not said yet: one row for each kind of subject and batch. A row for each
-- change cost as much as the sum that it is about. Rows are only added and removed, never updated: one that a transaction
-- still in flight adds is found by the next emission.
CREATE TABLE stats.pending_changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject_kind text NOT NULL,
    subjects text[] STORAGE EXTERNAL NOT NULL,
    months date[] STORAGE EXTERNAL NOT NULL,
    ruling_id uuid,
    CHECK (cardinality(subjects) = cardinality(months) AND cardinality(subjects) > 0)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

INSERT INTO stats.pending_changes (subject_kind, subjects, months, ruling_id)
SELECT subject_kind, array_agg(subject ORDER BY id), array_agg(month ORDER BY id), ruling_id
  FROM stats.pending_figures
 GROUP BY subject_kind, ruling_id, id / 5000;

DROP TABLE stats.pending_figures;

-- migrate:down
CREATE TABLE stats.pending_figures (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject_kind text NOT NULL,
    subject text NOT NULL,
    month date NOT NULL,
    ruling_id uuid
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX pending_figures_subject ON stats.pending_figures (subject_kind, subject);

INSERT INTO stats.pending_figures (subject_kind, subject, month, ruling_id)
SELECT p.subject_kind, c.subject, c.month, p.ruling_id
  FROM stats.pending_changes AS p
 CROSS JOIN LATERAL unnest(p.subjects, p.months) AS c(subject, month)
 ORDER BY p.id;

DROP TABLE stats.pending_changes;
