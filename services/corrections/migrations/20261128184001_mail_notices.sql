-- migrate:up
-- Where an applicant wants to be told that something has happened: encrypted under a key that is not in the database.
CREATE TABLE corrections.mail_contacts (
    application_id uuid PRIMARY KEY REFERENCES corrections.applications (application_id) ON DELETE CASCADE,
    address bytea NOT NULL CHECK (octet_length(address) BETWEEN 1 AND 1000),
    language text NOT NULL CHECK (language IN ('zh', 'en'))
);

-- What they are to be told. Of what: its number, and nothing of its content.
CREATE TABLE corrections.mail_notices (
    notice_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES corrections.mail_contacts (application_id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('filed', 'evidence_requested', 'due_on_moved', 'decided')),
    queued_at timestamptz NOT NULL,
    claimed_at timestamptz
);

CREATE INDEX mail_notices_of_application ON corrections.mail_notices (application_id);

-- migrate:down
DROP TABLE corrections.mail_notices;
DROP TABLE corrections.mail_contacts;
