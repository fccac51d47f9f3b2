-- migrate:up
-- When its term is over the content of a file is removed; name, size and digest stay, which the decision rests on.
ALTER TABLE corrections.evidence
    ADD COLUMN removed_at timestamptz,
    ADD COLUMN removed_bytes integer,
    ADD CONSTRAINT evidence_removed CHECK (
        (content IS NULL) = (removed_at IS NOT NULL) AND (content IS NULL) = (removed_bytes IS NOT NULL)
    ) NOT VALID;
-- squawk-ignore ban-drop-not-null
ALTER TABLE corrections.evidence ALTER COLUMN content DROP NOT NULL;

-- The service itself may not change evidence. This removes that of applications which ended before a moment, and never that of one
-- which ended within half a year, whatever the service asks for.
CREATE FUNCTION corrections.remove_evidence(ended_before timestamptz) RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH removed AS (
        UPDATE corrections.evidence e
           SET content = NULL, removed_at = now(), removed_bytes = octet_length(e.content)
          FROM corrections.applications a
         WHERE a.application_id = e.application_id
           AND e.content IS NOT NULL
           AND a.closed_at < least(ended_before, now() - interval '180 days')
        RETURNING 1
    )
    SELECT count(*) FROM removed
$$;

REVOKE EXECUTE ON FUNCTION corrections.remove_evidence(timestamptz) FROM PUBLIC;

-- migrate:down
DROP FUNCTION corrections.remove_evidence(timestamptz);
DELETE FROM corrections.evidence WHERE content IS NULL;
-- squawk-ignore adding-not-nullable-field
ALTER TABLE corrections.evidence ALTER COLUMN content SET NOT NULL;
ALTER TABLE corrections.evidence DROP CONSTRAINT evidence_removed;
ALTER TABLE corrections.evidence DROP COLUMN removed_bytes, DROP COLUMN removed_at;
