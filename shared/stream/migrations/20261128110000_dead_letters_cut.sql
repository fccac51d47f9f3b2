-- migrate:up
-- Of a refused record that is larger than what is kept, `value` is the first part: size and SHA-256 of the whole say which it was.
ALTER TABLE dead_letters
    ADD COLUMN whole_bytes bigint,
    ADD COLUMN whole_digest bytea,
    ADD CONSTRAINT dead_letters_cut CHECK (
        (whole_bytes IS NULL) = (whole_digest IS NULL) AND (whole_digest IS NULL OR octet_length(whole_digest) = 32)
    ) NOT VALID;

-- migrate:down
-- squawk-ignore ban-drop-constraint
ALTER TABLE dead_letters DROP CONSTRAINT dead_letters_cut;
-- squawk-ignore ban-drop-column
ALTER TABLE dead_letters DROP COLUMN whole_digest;
-- squawk-ignore ban-drop-column
ALTER TABLE dead_letters DROP COLUMN whole_bytes;
