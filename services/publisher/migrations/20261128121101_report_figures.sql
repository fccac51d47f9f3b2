-- migrate:up
-- Reports are drafted from figures of industries, categories and channels too, and of quarters, half-years and years.
ALTER TABLE publisher.figures DROP CONSTRAINT figures_subject_kind_check;
ALTER TABLE publisher.figures ADD CONSTRAINT figures_subject_kind_check
 CHECK (subject_kind IN ('all', 'operator', 'region', 'industry', 'category', 'channel')) NOT VALID;
-- The figures of a period of everything but operators, of whom there are many.
CREATE INDEX figures_of_period ON publisher.figures (period, subject_kind) WHERE subject_kind <> 'operator';

-- migrate:down
DROP INDEX publisher.figures_of_period;
DELETE FROM publisher.figures WHERE subject_kind IN ('industry', 'category', 'channel');
ALTER TABLE publisher.figures DROP CONSTRAINT figures_subject_kind_check;
ALTER TABLE publisher.figures ADD CONSTRAINT figures_subject_kind_check CHECK (subject_kind IN ('all', 'operator', 'region')) NOT VALID;
