-- migrate:up
-- When the second stage of redaction searched the texts; until then nobody reads them.
ALTER TABLE publisher.complaint_texts ADD COLUMN searched_at timestamptz;

CREATE INDEX complaint_texts_unsearched ON publisher.complaint_texts (complaint_id) WHERE searched_at IS NULL;

-- migrate:down
DROP INDEX publisher.complaint_texts_unsearched;
ALTER TABLE publisher.complaint_texts DROP COLUMN searched_at;
