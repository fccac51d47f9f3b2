-- migrate:up
-- What each version of the rules asks for before a release: of a board (kind ''), and of kinds that differ from it. `at_risk`: a
-- check of the item warns. A row never changes: the rules that releases were made under stand.
CREATE TABLE publisher.gate_steps (
    rules_version text NOT NULL,
    board text NOT NULL CHECK (board IN ('basic', 'major', 'analysis', 'warnings', 'penalties', 'other')),
    kind text NOT NULL,
    reviewers integer NOT NULL CHECK (reviewers >= 1),
    reviewers_at_risk integer NOT NULL CHECK (reviewers_at_risk >= reviewers),
    notice_workdays integer NOT NULL CHECK (notice_workdays >= 0),
    PRIMARY KEY (rules_version, board, kind)
);

-- The operator was told of this content before its first publication: how, with which receipt, and from when it may be released.
CREATE TABLE publisher.operator_notices (
    item_id text NOT NULL,
    version integer NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    served_on date NOT NULL,
    receipt text NOT NULL CHECK (receipt <> ''),
    workdays integer NOT NULL CHECK (workdays >= 0),
    release_from timestamptz NOT NULL,
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (item_id, version, digest),
    FOREIGN KEY (item_id, version) REFERENCES publisher.versions (item_id, version)
);

CREATE OR REPLACE FUNCTION publisher.guard_release() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    draft publisher.versions%ROWTYPE;
    wanted integer;
    reviewed integer;
    notice integer;
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
    END IF;
    IF draft.purpose = 'withdraw' THEN
        PERFORM FROM publisher.stops s
          WHERE (s.item_id, s.version, s.digest, s.stopped_by) = (NEW.item_id, NEW.version, draft.digest, NEW.released_by);
        IF FOUND THEN
            RETURN NEW;
        END IF;
    END IF;
    PERFORM FROM publisher.approvals a
      WHERE a.item_id = NEW.item_id AND a.version = NEW.version AND a.digest = draft.digest
        AND a.step = 'release' AND a.person = NEW.released_by AND a.person <> draft.drafted_by;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% lacks the approval of the gatekeeper', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    IF draft.purpose = 'withdraw'
       AND (draft.ruling_id IS NOT NULL OR EXISTS (SELECT FROM accounts.display_names(ARRAY[draft.drafted_by]))) THEN
        RETURN NEW;
    END IF;
    SELECT CASE WHEN draft.warning > 0 THEN s.reviewers_at_risk ELSE s.reviewers END, s.notice_workdays INTO wanted, notice
      FROM publisher.gate_steps s
      JOIN publisher.items i ON i.board = s.board AND s.kind IN (coalesce(i.kind, ''), '')
     WHERE i.item_id = NEW.item_id AND s.rules_version = NEW.rules_version
     ORDER BY s.kind DESC
     LIMIT 1;
    IF notice > 0 AND draft.purpose = 'publish' AND draft.form -> 'operator' <> 'null'::jsonb
       AND NOT EXISTS (SELECT FROM publisher.releases r WHERE r.item_id = NEW.item_id)
       AND NOT EXISTS (
           SELECT FROM publisher.operator_notices n
            WHERE (n.item_id, n.version, n.digest) = (NEW.item_id, NEW.version, draft.digest)
              AND n.workdays >= notice AND n.release_from <= NEW.released_at)
    THEN
        RAISE EXCEPTION 'the operator of % has not had its notice', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
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
    END IF;
    IF draft.purpose = 'withdraw' THEN
        PERFORM FROM publisher.stops s
          WHERE (s.item_id, s.version, s.digest, s.stopped_by) = (NEW.item_id, NEW.version, draft.digest, NEW.released_by);
        IF FOUND THEN
            RETURN NEW;
        END IF;
    END IF;
    PERFORM FROM publisher.approvals a
      WHERE a.item_id = NEW.item_id AND a.version = NEW.version AND a.digest = draft.digest
        AND a.step = 'release' AND a.person = NEW.released_by AND a.person <> draft.drafted_by;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% lacks the approval of the gatekeeper', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    IF draft.purpose = 'withdraw'
       AND (draft.ruling_id IS NOT NULL OR EXISTS (SELECT FROM accounts.display_names(ARRAY[draft.drafted_by]))) THEN
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
DROP TABLE publisher.operator_notices;
DROP TABLE publisher.gate_steps;
