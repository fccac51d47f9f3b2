-- migrate:up
-- Major items on the same operator and amount are looked for with every batch of complaints that may be major.
CREATE INDEX versions_alike ON publisher.versions ((form #>> '{operator,key}'), (form #>> '{content,amount}'))
 WHERE state IN ('draft', 'returned', 'approved', 'released') AND (form #>> '{content,amount}') IS NOT NULL;

-- Screens show what was corrected lately, which is little among all that was released.
CREATE INDEX public_items_corrected ON publisher.public_items (board, release_seq DESC) WHERE state = 'corrected';

-- migrate:down
DROP INDEX publisher.public_items_corrected;
DROP INDEX publisher.versions_alike;
