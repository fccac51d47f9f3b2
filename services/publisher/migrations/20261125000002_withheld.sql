-- migrate:up
-- What was decided not to be published is counted for everyone who asks, and is little among all versions.
CREATE INDEX versions_withheld ON publisher.versions (return_code, decided_at) WHERE state = 'rejected';

-- migrate:down
DROP INDEX publisher.versions_withheld;
