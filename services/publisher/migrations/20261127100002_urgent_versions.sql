-- migrate:up
-- The newest revision of the complaint that an item of the major board was decided on.
ALTER TABLE publisher.items ADD COLUMN source_revision integer;
UPDATE publisher.items i
   SET source_revision = v.revision
  FROM (SELECT item_id, max((facts ->> 'complaint_revision')::integer) AS revision FROM publisher.versions GROUP BY item_id) v
 WHERE v.item_id = i.item_id
   AND v.revision IS NOT NULL;

-- What is public is not true any more: the desk shows these versions first.
ALTER TABLE publisher.versions ADD COLUMN urgent boolean NOT NULL DEFAULT false;
UPDATE publisher.versions SET urgent = true WHERE purpose = 'withdraw' AND state IN ('draft', 'returned', 'approved');
CREATE INDEX versions_urgent ON publisher.versions (state) WHERE urgent AND state IN ('draft', 'returned', 'approved');

-- A withdrawal that a person proposes is released by another; one that the service drafts is reviewed like new content.
CREATE OR REPLACE FUNCTION publisher.guard_release() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    draft publisher.versions%ROWTYPE;
    wanted integer;
    reviewed integer;
BEGIN
    SELECT * INTO draft FROM publisher.versions WHERE item_id = NEW.item_id AND version = NEW.version FOR SHARE;
    IF NOT FOUND OR draft.state <> 'approved' OR draft.failing > 0 THEN
        RAISE EXCEPTION '% is not approved for release', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM jsonb_each(draft.form) f WHERE NEW.body -> f.key IS DISTINCT FROM f.value) THEN
        RAISE EXCEPTION 'the public form of % is not what was approved', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    IF (draft.purpose = 'withdraw') <> (NEW.kind = 'withdrawn') THEN
        RAISE EXCEPTION 'the purpose of % is to %', NEW.item_id, draft.purpose USING ERRCODE = 'check_violation';
    END IF;
    NEW.digest := sha256(convert_to(NEW.body::text, 'UTF8'));
    IF draft.ruling_id IS NOT NULL THEN
        PERFORM FROM publisher.rulings r
          WHERE r.ruling_id = draft.ruling_id AND r.item_id = NEW.item_id AND r.decision = 'withdrawn';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no ruling withdraws %', NEW.item_id USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    PERFORM FROM publisher.approvals a
      WHERE a.item_id = NEW.item_id AND a.version = NEW.version AND a.digest = draft.digest
        AND a.step = 'release' AND a.person = NEW.released_by AND a.person <> draft.drafted_by;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% lacks the approval of the gatekeeper', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    IF draft.purpose = 'withdraw' AND EXISTS (SELECT FROM accounts.people WHERE name = draft.drafted_by) THEN
        RETURN NEW;
    END IF;
    SELECT g.reviewers INTO wanted
      FROM publisher.gate g
      JOIN publisher.items i ON i.board = g.board
     WHERE i.item_id = NEW.item_id AND g.rules_version = NEW.rules_version;
    SELECT count(*) INTO reviewed
      FROM publisher.approvals a
     WHERE a.item_id = NEW.item_id AND a.version = NEW.version AND a.digest = draft.digest
       AND a.step = 'review' AND a.person NOT IN (NEW.released_by, draft.drafted_by);
    IF wanted IS NULL OR reviewed < wanted THEN
        RAISE EXCEPTION '% has % of % reviews', NEW.item_id, reviewed, wanted USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- migrate:down
DROP INDEX publisher.versions_urgent;
ALTER TABLE publisher.versions DROP COLUMN urgent;
ALTER TABLE publisher.items DROP COLUMN source_revision;
