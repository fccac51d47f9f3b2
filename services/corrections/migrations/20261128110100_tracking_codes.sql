-- migrate:up
-- What opens the page of an application: only the SHA-256 of a code is kept. A form that is sent again gets another one.
CREATE TABLE corrections.tracking_codes (
    code_hash bytea PRIMARY KEY CHECK (octet_length(code_hash) = 32),
    application_id uuid NOT NULL REFERENCES corrections.applications (application_id),
    issued_at timestamptz NOT NULL
);

CREATE INDEX tracking_codes_of_application ON corrections.tracking_codes (application_id);

INSERT INTO corrections.tracking_codes (code_hash, application_id, issued_at)
SELECT sha256(convert_to(token, 'UTF8')), application_id, filed_at FROM corrections.applications;

ALTER TABLE corrections.applications DROP COLUMN token;

-- migrate:down
-- The codes themselves are nowhere: the pages of applications from before stay shut.
ALTER TABLE corrections.applications ADD COLUMN token text;
DROP TABLE corrections.tracking_codes;
