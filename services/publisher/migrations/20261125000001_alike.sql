-- migrate:up
-- Major items on the same operator and amount are looked for with every batch of complaints that may be major.
CREATE INDEX versions_alike ON publisher.versions ((form #>> '{operator,key}'), (form #>> '{content,amount}'))
 WHERE state IN ('draft', 'returned', 'approved', 'released') AND (form #>> '{content,amount}') IS NOT NULL;

-- migrate:down
DROP INDEX publisher.versions_alike;
