-- migrate:up
-- For which reasons one person is enough to take an item off public view, by version of the rules; NULL is every reason.
CREATE TABLE publisher.gate_stops (
    rules_version text NOT NULL,
    board text NOT NULL,
    codes text[],
    PRIMARY KEY (rules_version, board)
);

-- What was taken off public view by one person: by a ruling of an officer, or at the desk.
CREATE TABLE publisher.stops (
    item_id text NOT NULL,
    version integer NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    code text NOT NULL,
    stopped_by text NOT NULL,
    stopped_at timestamptz NOT NULL,
    ruling_id uuid REFERENCES publisher.rulings (ruling_id),
    rules_version text NOT NULL,
    PRIMARY KEY (item_id, version),
    FOREIGN KEY (item_id, version) REFERENCES publisher.versions (item_id, version)
);

-- What a second person said of it. `earlier`: withdrawn by a ruling before a second person was asked.
CREATE TABLE publisher.stop_decisions (
    item_id text NOT NULL,
    version integer NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('confirmed', 'reversed', 'earlier')),
    decided_by text,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (item_id, version),
    FOREIGN KEY (item_id, version) REFERENCES publisher.stops (item_id, version),
    CHECK ((decided_by IS NULL) = (outcome = 'earlier'))
);

CREATE INDEX stops_by_time ON publisher.stops (stopped_at DESC, item_id DESC);

INSERT INTO publisher.stops (item_id, version, digest, code, stopped_by, stopped_at, ruling_id, rules_version)
SELECT r.item_id, r.version, v.digest, u.reason_code, r.released_by, r.released_at, u.ruling_id, r.rules_version
  FROM publisher.releases r
  JOIN publisher.versions v USING (item_id, version)
  JOIN publisher.rulings u ON u.ruling_id = v.ruling_id;
INSERT INTO publisher.stop_decisions (item_id, version, outcome, decided_at)
SELECT item_id, version, 'earlier', now() FROM publisher.stops;

-- A stop is of a version that withdraws, for a reason for which the rules let one person act: that of a ruling, or the person of
-- the session.
CREATE FUNCTION publisher.guard_stop() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    draft publisher.versions%ROWTYPE;
    acting text;
BEGIN
    SELECT * INTO draft FROM publisher.versions WHERE item_id = NEW.item_id AND version = NEW.version FOR SHARE;
    IF NOT FOUND OR draft.purpose <> 'withdraw' OR draft.state <> 'approved' OR draft.digest <> NEW.digest
       OR draft.form ->> 'reason_code' <> NEW.code OR draft.ruling_id IS DISTINCT FROM NEW.ruling_id THEN
        RAISE EXCEPTION 'nothing withdraws % like this', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    PERFORM FROM publisher.gate_stops g
       JOIN publisher.items i ON i.board = g.board
      WHERE i.item_id = NEW.item_id AND g.rules_version = NEW.rules_version
        AND (g.codes IS NULL OR NEW.code = ANY (g.codes));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'one person is not enough to withdraw % for %', NEW.item_id, NEW.code USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.ruling_id IS NOT NULL THEN
        PERFORM FROM publisher.rulings r
          WHERE r.ruling_id = NEW.ruling_id AND r.item_id = NEW.item_id AND r.decision = 'withdrawn';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no ruling withdraws %', NEW.item_id USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    SELECT p.name INTO acting
      FROM accounts.person_of_session(decode(current_setting('gongshi.session', true), 'hex')) p
     WHERE p.role IN ('reviewer', 'gatekeeper');
    IF acting IS DISTINCT FROM NEW.stopped_by OR draft.drafted_by <> NEW.stopped_by THEN
        RAISE EXCEPTION 'to stop % is not for this person', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_stop BEFORE INSERT ON publisher.stops
   FOR EACH ROW EXECUTE FUNCTION publisher.guard_stop();

CREATE FUNCTION publisher.guard_stop_decision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    acting text;
    stopper text;
BEGIN
    SELECT p.name INTO acting
      FROM accounts.person_of_session(decode(current_setting('gongshi.session', true), 'hex')) p
     WHERE p.role IN ('reviewer', 'gatekeeper');
    IF acting IS NULL OR NEW.decided_by IS DISTINCT FROM acting THEN
        RAISE EXCEPTION 'the stop of % is not for this person to decide', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    SELECT s.stopped_by INTO stopper FROM publisher.stops s WHERE (s.item_id, s.version) = (NEW.item_id, NEW.version);
    IF stopper = NEW.decided_by OR accounts.is_same_person(stopper, NEW.decided_by) THEN
        RAISE EXCEPTION '% was stopped by the same person', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_stop_decision BEFORE INSERT ON publisher.stop_decisions
   FOR EACH ROW EXECUTE FUNCTION publisher.guard_stop_decision();

-- A ruling's withdrawal is released as a stop, where the rules let one person act, or by the gatekeeper like any other.
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

-- migrate:down
SELECT 1;
