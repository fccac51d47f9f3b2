-- migrate:up
-- Who approves is the person of a live session with the role, by the token that came with the request (`gongshi.session`, set
-- for the transaction): the column `person` alone proves nothing. The service has no rights to the tables of accounts.
CREATE OR REPLACE FUNCTION publisher.guard_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    draft publisher.versions%ROWTYPE;
    approver text;
BEGIN
    SELECT * INTO draft FROM publisher.versions WHERE item_id = NEW.item_id AND version = NEW.version FOR SHARE;
    IF draft.digest IS DISTINCT FROM NEW.digest THEN
        RAISE EXCEPTION 'the content of % has changed since it was read', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    IF draft.state <> (CASE NEW.step WHEN 'review' THEN 'draft' ELSE 'approved' END) THEN
        RAISE EXCEPTION '% is %: no step % now', NEW.item_id, draft.state, NEW.step USING ERRCODE = 'check_violation';
    END IF;
    IF draft.failing > 0 THEN
        RAISE EXCEPTION '% fails a check', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    IF draft.drafted_by = NEW.person THEN
        RAISE EXCEPTION '% was drafted by the same person', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    SELECT p.name INTO approver
      FROM accounts.person_of_session(decode(current_setting('gongshi.session', true), 'hex')) p
     WHERE p.role = CASE NEW.step WHEN 'review' THEN 'reviewer' ELSE 'gatekeeper' END;
    IF approver IS DISTINCT FROM NEW.person THEN
        RAISE EXCEPTION 'step % is not for this person', NEW.step USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

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
    IF draft.purpose = 'withdraw' AND EXISTS (SELECT FROM accounts.display_names(ARRAY[draft.drafted_by])) THEN
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
SELECT 1;
