-- migrate:up
-- A screen proves by a secret that it is the one that was registered; only the hash of the secret is here. What staff have read off an
-- unpaired screen stands in `pairing_code` until the player with that code comes back.
ALTER TABLE publisher.screens
    ADD COLUMN orientation text CHECK (orientation IN ('landscape', 'portrait')),
    ADD COLUMN is_open boolean NOT NULL DEFAULT false,
    ADD COLUMN secret_hash bytea CHECK (octet_length(secret_hash) = 32),
    ADD COLUMN paired_at timestamptz,
    ADD COLUMN pairing_code text,
    ADD COLUMN pairing_until timestamptz,
    ADD COLUMN removed_at timestamptz;
-- What proves nothing has no secret.
ALTER TABLE publisher.screens ADD CONSTRAINT screens_open_without_secret CHECK (NOT is_open OR secret_hash IS NULL) NOT VALID;
ALTER TABLE publisher.screens VALIDATE CONSTRAINT screens_open_without_secret;

-- Until now anybody could send these, of versions to come as well: they prove nothing.
DELETE FROM publisher.acknowledgements;
-- A screen shows what was released, and nothing else.
ALTER TABLE publisher.acknowledgements ADD CONSTRAINT acknowledgements_of_releases
    FOREIGN KEY (item_id, version) REFERENCES publisher.releases (item_id, version) NOT VALID;
ALTER TABLE publisher.acknowledgements VALIDATE CONSTRAINT acknowledgements_of_releases;

-- migrate:down
ALTER TABLE publisher.acknowledgements DROP CONSTRAINT acknowledgements_of_releases;
ALTER TABLE publisher.screens DROP CONSTRAINT screens_open_without_secret;
-- squawk-ignore ban-drop-column
ALTER TABLE publisher.screens
    DROP COLUMN orientation,
    DROP COLUMN is_open,
    DROP COLUMN secret_hash,
    DROP COLUMN paired_at,
    DROP COLUMN pairing_code,
    DROP COLUMN pairing_until,
    DROP COLUMN removed_at;
